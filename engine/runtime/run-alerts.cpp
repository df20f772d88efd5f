// Alerts of a run: rules from the plan, counters on the links, looks from time to time.
#include <utility>

#include "engine/runtime/run-impl.h"
#include "engine/text/suggest.h"

namespace weir {

Result<void> Run::Impl::makeAlerts() {
  if (plan.alerts.empty()) return {};
  alerts_.emplace(plan);
  cel::ExpressionOptions expressions;
  expressions.params = &plan.params;
  expressions.origins = &origins;
  expressions.zones = zones;
  for (std::size_t place = 0; place < plan.alerts.size(); ++place) {
    const auto& rule = plan.alerts[place];
    const auto metric = flow::parseAlertMetric(rule.metric);
    if (!metric || (rule.where.empty() && rule.key.empty())) continue;
    for (auto* link : edgeLinks_) {
      if (link->id() != metric->subject) continue;
      auto counter = runtime::RowCounter::compile(rule.where, rule.key, expressions);
      if (!counter) {
        auto error = std::move(counter.error());
        error.message = "alert '" + rule.name + "': " + error.message;
        return std::unexpected(std::move(error));
      }
      link->counters.push_back(counter->get());
      rowCounters_[place] = std::move(*counter);
    }
  }
  return {};
}

void Run::Impl::lookAtAlerts() {
  if (!alerts_) return;
  const Locked own(alertsLock_);
  std::map<std::size_t, runtime::RowTally> rows;
  {
    const Locked locked(lock_);
    for (const auto& [place, counter] : rowCounters_) rows.emplace(place, counter->take());
  }
  const auto changes = alerts_->look(metrics(), clock->nowMicros(), std::move(rows));
  const Locked locked(lock_);
  for (const auto& change : changes) events.add(change);
}

Result<void> Run::Impl::muteAlert(std::string_view name, std::int64_t forMicros) {
  const Locked own(alertsLock_);
  const bool over = forMicros <= 0;
  if (alerts_ && alerts_->mute(name, over ? INT64_MIN : clock->nowMicros() + forMicros)) {
    const Locked locked(lock_);
    say(EventSeverity::info, over ? "alert.unmuted" : "alert.muted", std::string(name),
        over ? "it is raised again when it holds"
             : "it is not raised within the next " + std::to_string((forMicros + 999'999) / 1'000'000) + " s");
    return {};
  }
  std::vector<std::string> names;
  for (const auto& rule : plan.alerts) names.push_back(rule.name);
  return weir::fail("alert.unknown",
              "there is no alert '" + std::string(name) + "'." + didYouMean(name, std::span<const std::string>(names)));
}

std::vector<AlertView> Run::Impl::alerts() const {
  const Locked own(alertsLock_);
  return alerts_ ? alerts_->view() : std::vector<AlertView>();
}

}  // namespace weir
