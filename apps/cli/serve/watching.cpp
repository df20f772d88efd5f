// Puts together what watches a server.
#include "apps/cli/serve/watching.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "apps/cli/serve/log-stream.h"
#include "engine/node/version.h"
#include "hosts/native/vault/vault-http.h"

namespace weir::cli {

namespace {

Result<telemetry::OtlpTarget> otlpTargetOf(const Config& config) {
  telemetry::OtlpTarget target;
  target.url = config.text("otlp-url");
  target.metricsEveryMs = config.number("otlp-interval");
  WEIR_ASSIGN(const auto headers, telemetry::namedValues(config.text("otlp-headers"), "otlp-headers"));
  for (const auto& [name, value] : headers) target.headers.push_back({name, value});
  WEIR_ASSIGN(auto resource, telemetry::namedValues(config.text("otlp-resource"), "otlp-resource"));
  std::erase_if(resource, [](const auto& one) { return one.first == "service.name"; });
  resource.emplace(resource.begin(), "service.name", config.text("otlp-service"));
  resource.emplace_back("service.version", kEngineVersion);
  target.resource = telemetry::resourceJson(resource);
  return target;
}

}  // namespace

struct Watching::Private {};

Watching::Watching(const Private&, Clock& clock, LogLevel least, logs::LogFormat format, native::Secrets secrets)
    : clock_(clock),
      secrets_(std::move(secrets)),
      flows_(clock),
      process_(clock),
      stream_(logStream(format), format),
      log_(clock, least, registry_, [this](std::string_view text) { return secrets_.redact(text); }) {
  registry_.add(flows_);
  registry_.add(process_);
  log_.add(stream_);
  networkSettings_.secrets = &secrets_;
}

Result<std::unique_ptr<Watching>> Watching::make(const Config& config, Clock& clock, store::sql::Database& database) {
  WEIR_ASSIGN(auto secrets, native::Secrets::load(""));
  auto made = std::make_unique<Watching>(
      Private{}, clock, logs::levelNamed(config.text("log-level")).value_or(LogLevel::info),
      logs::formatNamed(config.text("log-format")).value_or(logs::LogFormat::text), std::move(secrets));
  WEIR_ASSIGN(made->networkSettings_.proxies, native::ProxySettings::fromEnvironment());
  made->network_ = std::make_unique<native::NativeNetwork>(made->networkSettings_, native::IngressOptions{});
  made->mail_ = std::make_unique<native::NativeMail>(made->networkSettings_);
  if (const auto url = config.text("loki-url"); !url.empty()) {
    logs::LokiTarget target;
    target.url = url;
    WEIR_TRY(native::checkTransport(url, "loki-url", config.flag("insecure-transport")));
    WEIR_ASSIGN(made->loki_, logs::LokiPush::make(made->network_->http(), std::move(target), made->registry_));
    made->log_.add(*made->loki_);
  }
  if (const auto url = config.text("otlp-url"); !url.empty()) {
    WEIR_TRY(native::checkTransport(url, "otlp-url", config.flag("insecure-transport")));
    WEIR_ASSIGN(auto target, otlpTargetOf(config));
    WEIR_ASSIGN(made->telemetry_,
                telemetry::OtlpPush::make(made->network_->http(), std::move(target), clock, made->registry_));
    made->log_.add(*made->telemetry_);
    made->requests_.tell(*made->telemetry_);
  }
  made->alertStore_ = std::make_unique<store::sql::SqlAlerts>(database);
  made->notifier_ =
      std::make_unique<alerts::Notifier>(made->network_->http(), made->mail_.get(), clock, made->registry_);
  if (config.flag("insecure-transport")) made->notifier_->allowInsecureTransport();
  made->book_ = std::make_unique<alerts::AlertBook>(made->registry_, *made->notifier_, *made->alertStore_, clock);
  WEIR_ASSIGN(auto all, store::sql::waitFor(made->alertStore_->load(alerts::AlertBook::kMostKept, Waker())));
  WEIR_TRY(made->book_->open(std::move(all)));
  made->keepsLogs(nullptr, nullptr);
  return made;
}

int Watching::work() {
  if (loki_ != nullptr) loki_->tick(clock_.steadyNanos());
  if (telemetry_ != nullptr) tickTelemetry();
  const auto next = std::min(static_cast<int>(book_->tick()), runs_->work());
  return loki_ != nullptr || telemetry_ != nullptr ? std::min(next, 200) : next;
}

void Watching::tickTelemetry() {
  telemetry_->tick();
  auto problem = telemetry_->problem();
  if (problem.empty() == problem_.empty()) return;
  problem_ = std::move(problem);
  log_.write(LogLevel::warning, "",
             problem_.empty() ? "the collector takes what is told again" : "the collector takes nothing: " + problem_);
}

void Watching::finish() {
  runs_->finish();
  if (loki_ != nullptr) loki_->hurry();
  if (telemetry_ != nullptr) telemetry_->hurry();
  const auto idle = [this] {
    return (loki_ == nullptr || loki_->idle()) && (telemetry_ == nullptr || telemetry_->idle());
  };
  for (int i = 0; i < 40 && !idle(); ++i) {
    if (loki_ != nullptr) loki_->tick(clock_.steadyNanos());
    if (telemetry_ != nullptr) telemetry_->tick();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void Watching::keepLogs(store::RunLogs& logs, FolderDisk& sent) { keepsLogs(&logs, &sent); }

void Watching::keepsLogs(store::RunLogs* logs, FolderDisk* sent) {
  runs_ = std::make_unique<RunWatch>(WatchedBy{flows_, log_, *book_, clock_, random_, telemetry_.get(), logs, sent});
}

}  // namespace weir::cli
