// weir serve: flows for a team, over HTTP.
#include <sys/resource.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/serve/server-parts.h"
#include "apps/cli/serve/server-words.h"
#include "apps/cli/serve/stateless-server.h"
#include "service/live/live-sessions.h"
#include "service/resources/server.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kDrainLookMs = 50;     // between looks for a second signal
constexpr std::int64_t kLastWordsMs = 2'000;  // of a drain, for readers of what is cut short
constexpr time_t kCertificateSeconds = 5;     // between looks at its file

/// Each connection takes a descriptor.
void raiseDescriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65'536);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Those that end the program come to nobody but waitForEnd(): blocked before the first thread begins.
sigset_t blockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int one : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, one);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // OpenSSL writes to clients who have gone; that is an error of their connection, not the end of the server.
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

/// The connections of before keep what they agreed on, and a certificate that cannot be used replaces none.
void reloadTls(native::HttpServer& server) {
  if (auto done = server.reloadTls(); !done) {
    done.error().message += "; the certificate of before stays";
    sayError(done.error());
  }
}

/// The next of `signals`; 0: none came within `seconds`.
int nextSignal(const sigset_t& signals, time_t seconds) {
  const timespec most{.tv_sec = seconds, .tv_nsec = 0};
  siginfo_t info;
  return std::max(::sigtimedwait(&signals, &info, &most), 0);
}

Error serverEnds() {
  return {"server.ending", "the server ends, and what goes on here is cut short; execute it again when it is back",
          true};
}

/// Until a signal ends the server, and what is under way is finished, or a second one comes.
void waitForEnd(const sigset_t& signals, native::HttpServer& server, CertificateWatch& certificates,
                std::int64_t drainMs, api::Api& api) {
  for (int seen = 0; seen != SIGINT && seen != SIGTERM;) {
    seen = nextSignal(signals, kCertificateSeconds);
    if (certificates.changed() || seen == SIGHUP) reloadTls(server);
  }
  say(LogLevel::info, "finishing what is under way, for " + std::to_string((drainMs + 999) / 1000) +
                          " seconds at most; the same signal again ends at once");
  server.drain();
  server.post([&api] {
    const auto* kept = api.services().server;
    if (kept != nullptr && kept->live != nullptr) kept->live->serverEnds();
  });
  // Of what goes on even then the readers hear that it is over.
  const auto lastMs = drainMs - std::min(kLastWordsMs, drainMs / 2);
  bool told = false;
  for (std::int64_t waitedMs = 0; waitedMs < drainMs; waitedMs += kDrainLookMs) {
    if (waitedMs >= lastMs && !std::exchange(told, true)) {
      server.post([&api] { api.services().executions.endAll(serverEnds()); });
    }
    if (server.drained(kDrainLookMs)) return;
    const int again = nextSignal(signals, 0);
    if (again == SIGINT || again == SIGTERM) return;
  }
}

Result<int> serveStateless(Config config, const sigset_t& signals, Catalogue catalogue) {
  WEIR_ASSIGN(const auto server, startStateless(std::move(config), std::move(catalogue)));
  say(LogLevel::info, "listening at " + server->http->address(),
      "/execute, /executions, /health and /capabilities; nothing is kept on a disk");
  waitForEnd(signals, *server->http, *server->certificates, server->config.number("drain-timeout"), *server->api);
  server->http->stop();
  return kDone;
}

Result<int> serve(const GivenTexts& flags, const Shared& shared) {
  WEIR_ASSIGN(auto config, readConfig(serveSettings(), flags));
  sayAs(logs::formatNamed(config.text("log-format")).value_or(logs::LogFormat::text));
  sayAll(config.warnings());
  const auto signals = blockSignals();
  raiseDescriptors();
  const auto umask = ::umask(077);
  WEIR_ASSIGN(auto catalogue, loadCatalogue(shared));
  if (config.flag("stateless")) return serveStateless(std::move(config), signals, std::move(catalogue));
  if (config.given("token")) {
    return fail("settings.invalid", config.origin("token") +
                                        " is only used with --stateless; a server with accounts "
                                        "makes tokens of its own");
  }
  WEIR_ASSIGN(const auto parts, buildServer(std::move(config), std::move(catalogue), umask));
  WEIR_TRY(listen(*parts));
  say(LogLevel::info, "listening at " + parts->http->address(), "data in " + parts->data);
  waitForEnd(signals, *parts->http, *parts->certificates, parts->config.number("drain-timeout"), *parts->api);
  parts->http->stop();
  parts->watching->finish();
  if (parts->auditPush != nullptr) parts->auditPush->finish();
  return kDone;
}

}  // namespace

void addServe(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand("serve", "Serve flows to a team, over HTTP");
  auto flags = std::make_shared<GivenTexts>();
  addSettings(*command, serveSettings(), *flags);
  addFooter(*command,
            "0   it was told to end, and has finished what was under way\n"
            "1   something of the machine or the network failed\n"
            "2   a setting, the data folder or its key cannot be used; nothing was changed\n"
            "74  the database could not be brought to the disk; nothing of the last change was confirmed",
            "weir serve\n"
            "weir serve --listen 0.0.0.0:8443 --tls-self-signed --public-url https://weir.example.com:8443\n"
            "weir serve --project flows\n"
            "WEIR_DATABASE_URL=postgresql://weir@db.internal/weir weir serve");
  command->callback([flags, &shared, &exitCode] {
    const auto code = serve(*flags, shared);
    if (!code) sayError(code.error());
    exitCode = code ? *code : exitCodeOf(code.error());
  });
}

}  // namespace weir::cli
