// A server that only executes: nothing is kept, nobody has an account.
#pragma once

#include <memory>
#include <optional>

#include "apps/cli/serve/api-turns.h"
#include "apps/cli/serve/config.h"
#include "apps/cli/serve/listener.h"
#include "apps/cli/serve/pooled.h"
#include "engine/node/catalogue.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/server/http-server.h"
#include "service/api/api.h"
#include "service/auth/token-gate.h"
#include "service/engines/engines.h"
#include "service/logs/request-log.h"
#include "service/logs/server-log.h"
#include "service/metrics/registry.h"
#include "service/store/memory/memory-store.h"

namespace weir::cli {

/// `/execute`, `/health` and `/capabilities`, at the root and below /api/v1, and there /executions. No folder,
/// database, secret or mount; what a flow keeps is in the memory of its engine process, what the last executions told
/// in ours.
struct StatelessServer {
  explicit StatelessServer(Config given) : config(std::move(given)) {}

  Config config;
  native::NativeClock clock;
  Catalogue catalogue;
  store::MemoryStore store{clock};  // which nothing fills
  native::NativeRandom random;
  metrics::Registry registry;
  std::optional<logs::StreamTarget> stream;
  std::optional<logs::ServerLog> log;
  std::optional<logs::RequestLog> requests;
  std::unique_ptr<auth::TokenGate> gate;
  std::unique_ptr<engines::Engines> engines;
  std::unique_ptr<api::Runner> runner;
  std::unique_ptr<api::Api> api;
  std::unique_ptr<ApiTurns> turns;
  Pooled pooled;  // what it is given to do reads what is above
  std::unique_ptr<native::HttpServer> http;
  std::unique_ptr<CertificateWatch> certificates;
};

/// Answers requests from here on. `settings.invalid` for settings of what it does not keep; `server.token`: others can
/// reach it and there is no token.
[[nodiscard]] Result<std::unique_ptr<StatelessServer>> startStateless(Config config, Catalogue catalogue);

}  // namespace weir::cli
