// Alerts of a run: rules from the plan, counters on the links, looks from time to time.
#include <utility>

#include "engine/runtime/run-impl.h"
#include "engine/text/suggest.h"

namespace weir {

Result<runtime::AlertSetup> Run::Impl::prepareAlerts(const runtime::WiredPlan& of) const {
  runtime::AlertSetup setup;
  if (of.plan.alerts.empty()) return setup;
  setup.alerts.emplace(of.plan);
  cel::ExpressionOptions expressions;
  expressions.params = &of.plan.params;
  expressions.origins = &origins;
  expressions.zones = zones;
  for (std::size_t place = 0; place < of.plan.alerts.size(); ++place) {
    const auto& rule = of.plan.alerts[place];
    const auto metric = flow::parseAlertMetric(rule.metric);
    if (!metric || (rule.where.empty() && rule.key.empty())) continue;
    for (auto* link : of.links) {
      if (link->id() != metric->subject) continue;
      auto counter = runtime::RowCounter::compile(rule.where, rule.key, expressions);
      if (!counter) {
        auto error = std::move(counter.error());
        error.message = "alert '" + rule.name + "': " + error.message;
        return std::unexpected(std::move(error));
      }
      setup.at.emplace_back(link, counter->get());
      setup.counters[place] = std::move(*counter);
    }
  }
  return setup;
}

void Run::Impl::setAlerts(runtime::AlertSetup setup) {
  for (auto* link : edgeLinks_) link->counters.clear();
  for (const auto& [link, counter] : setup.at) link->counters.push_back(counter);
  // Sessions may still name the counters of before.
  for (auto& [place, counter] : rowCounters_) pastCounters_.push_back(std::move(counter));
  rowCounters_ = std::move(setup.counters);
  nextAlerts_ = std::move(setup.alerts);
  alertsFollow_ = true;
}

/// With both locks.
void Run::Impl::followAlerts() {
  if (!std::exchange(alertsFollow_, false)) return;
  if (alerts_ && nextAlerts_) nextAlerts_->goOnFrom(*alerts_);
  alerts_ = std::exchange(nextAlerts_, std::nullopt);
}

void Run::Impl::lookAtAlerts() {
  const Locked own(alertsLock_);
  std::map<std::size_t, runtime::RowTally> rows;
  {
    const Locked locked(lock_);
    followAlerts();
    if (!alerts_) return;
    for (const auto& [place, counter] : rowCounters_) rows.emplace(place, counter->take());
  }
  const auto changes = alerts_->look(metrics(), clock->nowMicros(), std::move(rows));
  const Locked locked(lock_);
  for (const auto& change : changes) events.add(change);
}

Result<void> Run::Impl::muteAlert(std::string_view name, std::int64_t forMicros) {
  const Locked own(alertsLock_);
  const bool over = forMicros <= 0;
  {
    const Locked locked(lock_);
    followAlerts();
  }
  if (alerts_ && alerts_->mute(name, over ? INT64_MIN : clock->nowMicros() + forMicros)) {
    const Locked locked(lock_);
    say(EventSeverity::info, over ? "alert.unmuted" : "alert.muted", std::string(name),
        over ? "it is raised again when it holds"
             : "it is not raised within the next " + std::to_string((forMicros + 999'999) / 1'000'000) + " s");
    return {};
  }
  std::vector<std::string> names;
  for (const auto& rule : current().alerts) names.push_back(rule.name);
  return weir::fail("alert.unknown", "there is no alert '" + std::string(name) + "'." +
                                         didYouMean(name, std::span<const std::string>(names)));
}

std::vector<AlertView> Run::Impl::alerts() {
  const Locked own(alertsLock_);
  {
    const Locked locked(lock_);
    followAlerts();
  }
  return alerts_ ? alerts_->view() : std::vector<AlertView>();
}

}  // namespace weir
