// A link whose edge is changed while rows wait on it.
#include <algorithm>
#include <utility>

#include "engine/runtime/link.h"
#include "engine/runtime/node-state.h"

namespace weir::runtime {

std::vector<Entry> Link::takeWaiting() {
  std::vector<Entry> waiting;
  if (policy_) {
    policy_->waiting().each([&](const Entry& entry) { waiting.push_back(entry); });
    policy_->waiting().clear();
  } else {
    queue_.drainInto(waiting);
  }
  const auto stays = std::ranges::stable_partition(waiting, [](const Entry& entry) { return !entry.fixed; });
  std::vector<Entry> fixed(std::make_move_iterator(stays.begin()), std::make_move_iterator(stays.end()));
  waiting.erase(stays.begin(), stays.end());
  if (policy_ && !fixed.empty()) policy_->waiting().giveBack(fixed);
  if (!policy_ && !fixed.empty()) queue_.pushFront(fixed);
  for (const auto& entry : waiting) {
    rows_ -= entry.rows;
    bytes_ -= entry.bytes;
  }
  return waiting;
}

Result<void> Link::adjust(const LinkBounds& bounds, const EdgeRules& rules, RunShared& run) {
  auto waiting = takeWaiting();
  std::ranges::sort(waiting, {}, &Entry::firstRow);
  if (policy_) droppedBefore_.add(policy_->dropped());
  // What lies in its file is read back first.
  const bool spills = spilled();
  bounds_ = bounds;
  bounds_.spill = bounds.spill || spills;
  policy_.reset();
  sheds_ = false;
  pressureRows_ = pressureBytes_ = INT64_MAX;
  govern(rules, run);
  const auto now = policy_ ? ruleNanos() : run.clock->steadyNanos();
  for (auto& entry : waiting) {
    entry.sinceNanos = now;
    rows_ += entry.rows;
    bytes_ += entry.bytes;
    if (policy_) {
      WEIR_TRY(policy_->waiting().push(std::move(entry)));
    } else {
      queue_.push(std::move(entry));
    }
  }
  return {};
}

}  // namespace weir::runtime
