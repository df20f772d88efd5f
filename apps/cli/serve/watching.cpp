// Puts together what watches a server.
#include "apps/cli/serve/watching.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "hosts/native/vault/vault-http.h"

namespace weir::cli {

struct Watching::Private {};

Watching::Watching(const Private&, Clock& clock, LogLevel least, logs::LogFormat format, native::Secrets secrets)
    : clock_(clock),
      secrets_(std::move(secrets)),
      flows_(clock),
      process_(clock),
      stream_(stderr, format),
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
  made->alertStore_ = std::make_unique<store::sql::SqlAlerts>(database);
  made->notifier_ =
      std::make_unique<alerts::Notifier>(made->network_->http(), made->mail_.get(), clock, made->registry_);
  made->book_ = std::make_unique<alerts::AlertBook>(made->registry_, *made->notifier_, *made->alertStore_, clock);
  WEIR_ASSIGN(auto all, store::sql::waitFor(made->alertStore_->load(alerts::AlertBook::kMostKept, Waker())));
  WEIR_TRY(made->book_->open(std::move(all)));
  return made;
}

int Watching::work() {
  if (loki_ != nullptr) loki_->tick(clock_.steadyNanos());
  const auto next = static_cast<int>(book_->tick());
  return loki_ != nullptr ? std::min(next, 200) : next;
}

void Watching::finish() {
  if (loki_ == nullptr) return;
  loki_->hurry();
  for (int i = 0; i < 40 && !loki_->idle(); ++i) {
    loki_->tick(clock_.steadyNanos());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace weir::cli
