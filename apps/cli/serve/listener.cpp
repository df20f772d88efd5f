// Checks the settings of the listener.
#include "apps/cli/serve/listener.h"

#include <sys/stat.h>

#include <memory>
#include <utility>

#include "hosts/native/server/self-signed.h"

namespace weir::cli {

Result<native::HttpServerOptions> listenerOptions(const Config& config) {
  native::HttpServerOptions options;
  options.listen = config.text("listen");
  options.limits.mostConnections = config.number("max-connections");
  options.certificateFile = config.text("tls-cert");
  options.keyFile = config.text("tls-key");
  WEIR_ASSIGN(auto inherited, native::takeInherited());
  if (inherited) {
    options.listen = inherited->address;
    options.inherited = std::make_shared<native::Listener>(std::move(*inherited));
  }
  WEIR_ASSIGN(const auto address, native::parseListenAddress(options.listen));
  const bool selfSigned = config.flag("tls-self-signed"), behindProxy = config.flag("behind-tls-proxy");
  if (options.certificateFile.empty() != options.keyFile.empty())
    return fail("settings.invalid", "--tls-cert and --tls-key go together: give both, or neither");
  if (selfSigned && !options.certificateFile.empty())
    return fail("settings.invalid",
                "--tls-self-signed makes a certificate, and --tls-cert names one: give one of them");
  for (const auto& text : config.list("trusted-proxy")) {
    const auto range = native::parseRange(text);
    if (!range)
      return fail("settings.invalid", "--trusted-proxy '" + text + "' is no address or range, such as 10.0.0.0/8");
    options.trustedProxies.push_back(*range);
  }
  if (behindProxy && options.trustedProxies.empty())
    return fail("settings.invalid",
                "--behind-tls-proxy needs --trusted-proxy RANGE: whose word counts about who the client is");
  const bool tls = selfSigned || !options.certificateFile.empty();
  if (!tls && !behindProxy && !address.isLoopback())
    return fail("server.plaintext",
                "'" + options.listen +
                    "' can be reached from other machines, and passwords would cross the network unencrypted; give "
                    "--tls-cert and --tls-key, or --tls-self-signed, or say --behind-tls-proxy with --trusted-proxy "
                    "where a proxy does TLS; or listen at 127.0.0.1");
  // Not where somebody tries it: localhost serves other programs too, on other ports and without TLS.
  options.strictTransport = !selfSigned && !address.isLoopback();
  return options;
}

Result<Unit> certify(native::HttpServerOptions& options, const Config& config, const std::string& dataFolder) {
  if (!config.flag("tls-self-signed")) return Unit{};
  WEIR_ASSIGN(const auto address, native::parseListenAddress(options.listen));
  const auto folder = dataFolder + "/tls";
  WEIR_TRY(native::makeSelfSigned(folder, address.host));
  options.certificateFile = folder + "/self-signed.crt";
  options.keyFile = folder + "/self-signed.key";
  return Unit{};
}

CertificateWatch::CertificateWatch(std::string certificateFile, std::string keyFile)
    : certificateFile_(std::move(certificateFile)), keyFile_(std::move(keyFile)), last_(state()) {}

bool CertificateWatch::changed() {
  auto now = state();
  return std::exchange(last_, now) != now;
}

std::string CertificateWatch::state() const {
  std::string out;
  for (const auto* path : {&certificateFile_, &keyFile_}) {
    struct stat found{};
    if (path->empty() || ::stat(path->c_str(), &found) != 0) continue;
    for (const auto part :
         {static_cast<std::int64_t>(found.st_ino), static_cast<std::int64_t>(found.st_size),
          static_cast<std::int64_t>(found.st_mtim.tv_sec), static_cast<std::int64_t>(found.st_mtim.tv_nsec)}) {
      out += std::to_string(part) + " ";
    }
  }
  return out;
}

}  // namespace weir::cli
