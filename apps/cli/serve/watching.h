// Watching: metrics, the log and alerts of a server, put together.
#pragma once

#include <memory>
#include <string>

#include "apps/cli/serve/config.h"
#include "apps/cli/serve/run-watch.h"
#include "engine/host/clock.h"
#include "hosts/native/mail/native-mail.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/network/native-network.h"
#include "service/alerts/alert-book.h"
#include "service/logs/loki-push.h"
#include "service/logs/request-log.h"
#include "service/metrics/flow-metrics.h"
#include "service/metrics/http-metrics.h"
#include "service/metrics/process-metrics.h"
#include "service/store/sql/alert-table.h"
#include "service/telemetry/otlp-push.h"

namespace weir::cli {

/// What its operator has set may be reached wherever it is; channels are set by administrators of the server.
class Watching {
 public:
  /// Both outlive it. Errors: of settings, `url.invalid`, and of the store.
  [[nodiscard]] static Result<std::unique_ptr<Watching>> make(const Config& config, Clock& clock,
                                                              store::sql::Database& database);

  /// On the server's thread, again and again; gives the milliseconds until it wants to be called again.
  int work();
  /// The server has ended: what waits for Loki and the collector is sent, for two seconds at most.
  void finish();

  [[nodiscard]] api::Observer& observer() { return observers_; }
  /// For what the operator has configured.
  [[nodiscard]] Http& http() { return network_->http(); }
  [[nodiscard]] logs::ServerLog& log() { return log_; }
  [[nodiscard]] metrics::Registry& registry() { return registry_; }
  [[nodiscard]] metrics::FlowMetrics& flows() { return flows_; }
  [[nodiscard]] alerts::AlertBook& alerts() { return *book_; }
  /// Told of what runs do.
  [[nodiscard]] RunWatch& runs() { return *runs_; }
  /// Where runs' log lines are kept and what they send is counted, from now on; both outlive the runs.
  void keepLogs(store::RunLogs& logs, FolderDisk& sent);

  struct Private;
  Watching(const Private&, Clock& clock, LogLevel least, logs::LogFormat format, native::Secrets secrets);

 private:
  void tickTelemetry();
  void keepsLogs(store::RunLogs* logs, FolderDisk* sent);

  Clock& clock_;
  native::Secrets secrets_;
  native::NativeRandom random_;
  metrics::Registry registry_;
  metrics::HttpMetrics http_{registry_};
  metrics::FlowMetrics flows_;
  metrics::ProcessMetrics process_;
  logs::StreamTarget stream_;
  logs::ServerLog log_;
  logs::RequestLog requests_{log_, random_};
  logs::Observers observers_{{&http_, &requests_}};
  native::NetworkSettings networkSettings_;
  std::unique_ptr<native::NativeNetwork> network_;
  std::unique_ptr<native::NativeMail> mail_;
  std::unique_ptr<logs::LokiPush> loki_;            // null: there is none
  std::unique_ptr<telemetry::OtlpPush> telemetry_;  // null: there is none
  std::unique_ptr<store::AlertStore> alertStore_;
  std::unique_ptr<alerts::Notifier> notifier_;
  std::unique_ptr<alerts::AlertBook> book_;
  std::unique_ptr<RunWatch> runs_;
  std::string problem_;  // of the collector, as it was said
};

}  // namespace weir::cli
