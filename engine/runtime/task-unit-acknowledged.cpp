// A source whose rows go into the journal: what it gave, and when that is on the disk.
#include <algorithm>
#include <utility>

#include "engine/runtime/scheduler.h"
#include "engine/runtime/task-unit.h"

namespace weir::runtime {

bool TaskUnit::toldByJournal() const {
  if (node->run->durable == nullptr || !source || !lastStage || !task_->wantsAcknowledgements()) return false;
  bool any = false;
  // The last output is `error`: what goes there was not taken on.
  for (std::size_t port = 0; port + 1 < outputs.size(); ++port) {
    for (const auto* link : outputs[port]) {
      any = true;
      if (link->durable == nullptr) return false;
    }
  }
  return any;
}

void TaskUnit::goesOnInEpoch(std::uint64_t epoch) {
  // What it numbered behind the checkpoint comes out of the journal, and what comes now are other rows.
  if (task_->sendsAgain() && !task_->wantsAcknowledgements()) return;
  constexpr int kRowsOfAnEpoch = 32;
  const auto first = static_cast<std::int64_t>(epoch << kRowsOfAnEpoch);
  session_->goOnCounting(std::max(session_->made(), first), session_->said());
}

void TaskUnit::owe() {
  const auto origin = static_cast<std::uint32_t>(node->index) + 1;
  for (const auto& each : session_->accepted()) {
    const auto ticket = node->run->durable->reached(origin, each.partition, static_cast<std::uint64_t>(each.sequence));
    onDisk_.push_back({.ticket = ticket, .partition = each.partition, .sequence = each.sequence});
  }
}

void TaskUnit::collectDue() {
  const auto durable = node->run->durable->durable();
  for (; !onDisk_.empty() && onDisk_.front().ticket <= durable; onDisk_.pop_front())
    acknowledge(onDisk_.front().partition, onDisk_.front().sequence);
}

}  // namespace weir::runtime
