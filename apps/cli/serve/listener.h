// The listener of a server: its address, its certificate, and the proxies before it.
#pragma once

#include <string>

#include "apps/cli/serve/config.h"
#include "hosts/native/server/http-server.h"

namespace weir::cli {

/// From the settings alone; asked once. `server.plaintext`: others could read along; `settings.invalid`: settings that
/// do not go together.
[[nodiscard]] Result<native::HttpServerOptions> listenerOptions(const Config& config);
/// Makes the certificate of --tls-self-signed in the data folder, if there is to be one.
[[nodiscard]] Result<Unit> certify(native::HttpServerOptions& options, const Config& config,
                                   const std::string& dataFolder);

/// Tells when a certificate has been replaced on the disk.
class CertificateWatch {
 public:
  CertificateWatch(std::string certificateFile, std::string keyFile);
  /// Since the last call.
  [[nodiscard]] bool changed();

 private:
  [[nodiscard]] std::string state() const;
  std::string certificateFile_, keyFile_, last_;
};

}  // namespace weir::cli
