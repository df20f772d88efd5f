// An edge with rules: what it sheds, when its rows are ready, and what it says of the pressure on it.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/host/load.h"
#include "engine/runtime/link.h"
#include "engine/runtime/unit.h"

namespace weir::runtime {
namespace {

constexpr std::int64_t kNanosPerMicro = 1000;
/// One step takes no more of an edge with rules than this part of it: what is in the consumer's hands is neither shed
/// nor put in order.
constexpr std::int64_t kPartsTaken = 4;

std::string firstNode(const std::vector<Unit*>& units) { return units.empty() ? "nobody" : units[0]->node->plan->id; }

std::string_view ruleName(FullRule rule) {
  switch (rule) {
    case FullRule::block:
      return "too old";
    case FullRule::dropOldest:
      return "dropOldest";
    case FullRule::dropNewest:
      return "dropNewest";
    case FullRule::dropLowestPriority:
      return "dropLowestPriority";
    case FullRule::sample:
      return "sample";
  }
  return {};
}

}  // namespace

void Link::govern(const EdgeRules& rules, RunShared& run) {
  run_ = &run;
  threshold_ = rules.threshold;
  if (bounds_.spill) return;  // its file takes what is too much
  pressureRows_ = shareOf(rules.rows, rules.threshold);
  pressureBytes_ = shareOf(rules.bytes, rules.threshold);
  if (!rules.any()) return;
  policy_ = std::make_unique<EdgePolicy>(rules);
  sheds_ = rules.sheds();
}

std::int64_t Link::ruleNanos() const { return run_->clock->nowMicros() * kNanosPerMicro; }

bool Link::waitingByRules() const {
  const auto& waiting = policy_->waiting();
  // What stands before a mark is all that will ever be joined.
  if (!marks_.empty()) {
    const auto* mark = markAtHead();
    if (mark != nullptr && mark->kind == Mark::Kind::watermark) return true;
    return !waiting.empty() && waiting.firstRow() < marks_.firstBarrier();
  }
  if (waiting.empty()) return false;
  const bool waits = policy_->rules().batchWaitMicros > 0;
  return policy_->ready(waits ? ruleNanos() : 0, producersLeft_ == 0);
}

Result<void> Link::pushByRules(std::vector<Entry>& entries) {
  const auto now = ruleNanos();
  for (auto& entry : entries) {
    entry.sinceNanos = now;
    WEIR_TRY(policy_->waiting().push(std::move(entry)));
  }
  entries.clear();
  auto& adaptive = policy_->adaptive();
  if (policy_->rules().adaptive && adaptive.due(now / kNanosPerMicro)) {
    const auto limit = static_cast<double>(std::max<std::int64_t>(1, run_->account->limitBytes()));
    adaptive.look(now / kNanosPerMicro, run_->load, static_cast<double>(run_->account->usedBytes()) / limit);
  }
  // What comes at a full edge is pressure, though it is shed at once.
  notePressure();
  shed(now);
  metrics_.highWaterRows = std::max(metrics_.highWaterRows, rows_);
  return {};
}

void Link::takeByRules(std::int64_t rows, std::size_t entries, std::vector<Entry>& into) {
  if (!waitingByRules()) return;
  const auto fence = marks_.firstBarrier();
  auto left = std::min(rows, std::max<std::int64_t>(1, bounds_.rows / kPartsTaken));
  while (left > 0 && into.size() < entries) {
    auto entry = policy_->waiting().take(fence, left);
    if (!entry) break;
    left -= entry->rows;
    into.push_back(std::move(*entry));
    ++outstanding_;
    if (watched()) heldFirst_.push_back(into.back().firstRow);
  }
}

void Link::shed(std::int64_t nowNanos) {
  const auto waiting = policy_->waiting().amount();
  const auto went = policy_->shed(nowNanos, {rows_ - waiting.rows, bytes_ - waiting.bytes});
  rows_ -= went.rows;
  bytes_ -= went.bytes;
  metrics_.dropped += went.rows;
  if (went.rows > 0 && !std::exchange(saidShedding_, true)) {
    run_->say(EventSeverity::warning, "edge.shedding", id(),
              "'" + id() + "' sheds rows (" + std::string(ruleName(policy_->rules().rule)) + "): '" +
                  firstNode(consumers) + "' does not keep up with '" + firstNode(producers) + "'");
  }
  if (const auto next = policy_->nextNanos(nowNanos)) askAgain((*next + kNanosPerMicro - 1) / kNanosPerMicro);
}

void Link::review() {
  const auto now = run_->clock->nowMicros();
  if (askedMicros_ <= now) askedMicros_ = 0;
  if (policy_ && !closed()) shed(now * kNanosPerMicro);
  if (gauge_.raised() || rows_ >= pressureRows_ || bytes_ >= pressureBytes_) notePressure();
}

void Link::notePressure() {
  const auto threshold = policy_ ? policy_->thresholds().slow : threshold_;
  const auto share = [](std::int64_t part, std::int64_t whole) {
    return static_cast<double>(part) / static_cast<double>(std::max<std::int64_t>(1, whole));
  };
  const auto fill = std::max(share(rows_, bounds_.rows), share(bytes_, bounds_.bytes));
  if (gauge_.raised() ? fill > threshold / 2 : fill < threshold) return;
  const auto change = gauge_.note(fill, threshold, run_->clock->nowMicros());
  if (change == PressureGauge::Change::later) askAgain(gauge_.againMicros());
  sayPressure(change);
}

void Link::sayPressure(PressureGauge::Change change) {
  switch (change) {
    case PressureGauge::Change::none:
    case PressureGauge::Change::later:
      return;
    case PressureGauge::Change::raised:
      return run_->say(sheds_ ? EventSeverity::warning : EventSeverity::info, "edge.pressure", id(),
                       "'" + id() + "' holds " + std::to_string(rows_) + " of " + std::to_string(bounds_.rows) +
                           " rows: '" + firstNode(consumers) + "' takes them more slowly than '" +
                           firstNode(producers) + "' gives them");
    case PressureGauge::Change::cleared:
      saidShedding_ = false;
      return run_->say(EventSeverity::info, "edge.pressure_over", id(), "'" + id() + "' has room again");
  }
}

void Link::askAgain(std::int64_t atMicros) {
  if (askedMicros_ != 0 && askedMicros_ <= atMicros) return;
  askedMicros_ = atMicros;
  run_->setLinkTimer(atMicros, *this);
}

}  // namespace weir::runtime
