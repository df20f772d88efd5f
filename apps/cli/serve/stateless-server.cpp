// Puts a server together that keeps nothing.
#include "apps/cli/serve/stateless-server.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/cli/serve/execution-limits.h"
#include "apps/cli/serve/log-stream.h"
#include "apps/cli/serve/server-words.h"
#include "engine/node/version.h"
#include "hosts/native/server/listen-address.h"
#include "service/engines/process-runner.h"

namespace weir::cli {
namespace {

constexpr std::size_t kShortestToken = 16;

// What such a server heeds; whoever gives another setting expects something that it does not do.
constexpr std::array<std::string_view, 11> kHeeded{
    "stateless",     "token",           "listen",        "tls-cert",   "tls-key",  "behind-tls-proxy",
    "trusted-proxy", "max-connections", "drain-timeout", "log-format", "log-level"};

Result<Unit> checkSettings(const Config& config) {
  for (const auto& setting : serveSettings()) {
    if (!config.given(setting.name) || std::ranges::contains(kHeeded, setting.name)) continue;
    if (config.byAlias(setting.name)) {
      say(LogLevel::info, "the variable " + config.origin(setting.name) +
                              " is passed over: a server that keeps nothing has no use for it");
      continue;
    }
    return fail("settings.invalid", config.origin(setting.name) +
                                        " has no meaning with --stateless, which keeps nothing "
                                        "and knows nobody; leave one of them out");
  }
  const auto& token = config.text("token");
  if (!token.empty() && token.size() < kShortestToken) {
    return fail("settings.invalid", config.origin("token") + " is shorter than 16 characters, and could be guessed");
  }
  WEIR_ASSIGN(const auto address, native::parseListenAddress(config.text("listen")));
  if (token.empty() && !address.isLoopback()) {
    return fail("server.token", "'" + config.text("listen") +
                                    "' can be reached from other machines, and anybody could run flows here; give a "
                                    "token as WEIR_TOKEN, or listen at 127.0.0.1");
  }
  return Unit{};
}

const api::RouteTable& routes() {
  static const std::vector<api::Route> kOnly = [] {
    std::vector<api::Route> only;
    for (const auto& route : api::commonRoutes()) {
      if (route.atRoot || route.pattern.starts_with("/executions")) only.push_back(route);
    }
    return only;
  }();
  static const api::RouteTable kTable{kOnly};
  return kTable;
}

}  // namespace

Result<std::unique_ptr<StatelessServer>> startStateless(Config config, Catalogue catalogue) {
  WEIR_TRY(checkSettings(config));
  auto made = std::make_unique<StatelessServer>(std::move(config));
  auto& server = *made;
  server.catalogue = std::move(catalogue);
  server.gate = std::make_unique<auth::TokenGate>(server.config.text("token"));
  // The processes of engines inherit variables.
  ::unsetenv("WEIR_TOKEN");
  WEIR_ASSIGN(auto http, listenerOptions(server.config));
  WEIR_TRY(certify(http, server.config, {}));
  server.engines = std::make_unique<engines::Engines>(engines::EnginesOptions{});
  server.turns = std::make_unique<ApiTurns>();
  const auto format = logs::formatNamed(server.config.text("log-format")).value_or(logs::LogFormat::text);
  server.stream.emplace(logStream(format), format);
  server.log.emplace(server.clock, logs::levelNamed(server.config.text("log-level")).value_or(LogLevel::info),
                     server.registry);
  server.log->add(*server.stream);
  server.requests.emplace(*server.log, server.random);
  server.certificates = std::make_unique<CertificateWatch>(http.certificateFile, http.keyFile);
  server.http = std::make_unique<native::HttpServer>(std::move(http), *server.turns);
  server.runner = std::make_unique<engines::ProcessRunner>(
      *server.engines, server.catalogue, server.clock, server.http->waker(), server.config.number("execution-memory"));
  api::Place place;
  place.host = "native";
  place.application = kEngineVersion;
  place.offers = engines::engineHosts();
  const auto executions = executionLimitsOf(server.config, 16);
  server.api = std::make_unique<api::Api>(
      std::move(place), executions, server.clock, server.catalogue, server.store, *server.runner, server.http->waker(),
      api::ApiExtras{
          .routes = &routes(), .gate = server.gate.get(), .observer = &*server.requests, .elsewhere = &server.pooled});
  server.turns->serve(*server.api);
  WEIR_TRY(server.http->start());
  return made;
}

}  // namespace weir::cli
