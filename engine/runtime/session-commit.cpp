// The end of a step: publishing what was staged, or putting everything back.
#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "engine/runtime/node-state.h"
#include "engine/runtime/session.h"
#include "engine/runtime/unit.h"

namespace weir::runtime {
namespace {

/// The entries at the beginning that come from one link.
std::span<Entry> sameLink(std::span<Entry> entries) {
  const auto* link = entries.front().link;
  const auto end = std::ranges::find_if(entries, [link](const Entry& entry) { return entry.link != link; });
  return entries.first(static_cast<std::size_t>(end - entries.begin()));
}

}  // namespace

void Session::keepRest(Input& input, std::int64_t nowNanos) {
  // What is left of a head that was partly taken, or that a step has seen, goes back as one entry: the next step sees
  // the same rows.
  const auto& first = input.entries[input.head];
  Entry rest;
  rest.batch = *input.current;
  rest.rows = rest.batch.representedRows();
  rest.bytes = rest.batch.logicalBytes();
  rest.firstRow = first.firstRow + input.consumed;
  rest.sinceNanos = first.sinceNanos;
  rest.link = first.link;
  rest.seen = true;
  rest.fixed = headFixed_;
  rest.link->settlePart(std::span(input.entries).subspan(input.head, input.span), rest, nowNanos);
  input.head += input.span - 1;
  input.entries[input.head] = std::move(rest);
}

void Session::settle(std::size_t port, std::int64_t nowNanos) {
  auto& input = inputs_[port];
  if (input.entries.empty()) return;
  const std::span<Entry> entries = input.entries;
  for (auto taken = entries.first(input.head); !taken.empty();) {
    const auto run = sameLink(taken);
    run.front().link->settle(run, nowNanos);
    taken = taken.subspan(run.size());
  }
  if (input.current != nullptr) keepRest(input, nowNanos);
  for (auto left = entries.subspan(input.head); !left.empty();) {
    const auto run = sameLink(left);
    run.front().link->giveBack(run);
    left = left.subspan(run.size());
  }
  input.entries.clear();
  for (auto* link : inputLinks_[port]) node_.run->linkDrained(*link);
}

Result<void> Session::pushStaged(std::int64_t nowNanos) {
  for (auto& staged : staged_) {
    if (staged.entries.empty()) continue;
    WEIR_TRY(staged.link->push(staged.entries, nowNanos, node_.run->files, *node_.run->account));
    node_.run->linkFilled(*staged.link);
  }
  return {};
}

Result<void> Session::pushBeforeHold(std::int64_t nowNanos) {
  std::vector<Entry> before;
  for (auto& staged : staged_) {
    auto& entries = staged.entries;
    const auto hold = std::ranges::find_if(entries, [](const Entry& entry) { return entry.hold; });
    before.assign(std::make_move_iterator(entries.begin()), std::make_move_iterator(hold));
    entries.erase(entries.begin(), hold == entries.end() ? hold : hold + 1);
    if (before.empty()) continue;
    WEIR_TRY(staged.link->push(before, nowNanos, node_.run->files, *node_.run->account));
    node_.run->linkFilled(*staged.link);
  }
  return {};
}

Result<void> Session::publish(std::int64_t nowNanos) {
  WEIR_TRY(releaseFailuresBefore());
  for (const auto& count : edgeCounts_) {
    count.link->countFiltered(count.filtered, count.nulls);
    count.link->countFailed(count.failed);
  }
  edgeCounts_.clear();
  for (const auto& [counter, tally] : rowTallies_) counter->add(tally);
  rowTallies_.clear();
  for (const auto until : holds_) {
    WEIR_TRY(pushBeforeHold(nowNanos));
    unit_.marks->passOn(unit_, until);
  }
  holds_.clear();
  WEIR_TRY(pushStaged(nowNanos));
  if (stagedBatches_ > 0 || rowsTaken_ > 0) ++node_.run->moves;
  auto& metrics = node_.metrics;
  if (node_.plan->inputs.empty()) {
    for (auto& letter : deadLetters_) letter.position += metrics.rowsOut;
  }
  for (std::size_t port = 0; port < outRows_.size(); ++port) {
    if (countsOut_) metrics.rowsOut += outRows_[port];
    if (countsOut_ && node_.plan->inputs.empty()) node_.run->sourceRows += outRows_[port];
    if (countsOut_ && outRows_[port] != 0 && port < metrics.outPerPort.size())
      metrics.outPerPort[port] += outRows_[port];
    outRows_[port] = 0;
  }
  if (countsOut_) metrics.bytesOut += bytesOut_;
  bytesOut_ = 0;
  metrics.progressDone += std::exchange(progressDone_, 0);
  metrics.progressTotal += std::exchange(progressTotal_, 0);
  metrics.failed += std::exchange(failedRows_, 0);
  std::ranges::move(edgeFailures_, std::back_inserter(deadLetters_));
  edgeFailures_.clear();
  if (!deadLetters_.empty()) node_.run->deadLetter(deadLetters_);
  deadLetters_.clear();
  for (auto& output : outputs_) output.rows = output.bytes = 0;
  stagedBytes_ = stagedBatches_ = 0;
  return {};
}

Result<void> Session::commit(std::int64_t nowNanos) {
  WEIR_TRY(publish(nowNanos));
  if (countsIn_) node_.metrics.rowsIn += rowsTaken_;
  for (std::size_t port = 0; port < inputs_.size(); ++port) settle(port, nowNanos);
  if (ordersFailures_ || next_ != nullptr) holdFailures();
  if (ordersFailures_ || next_ != nullptr || releasesFailures_) {
    WEIR_TRY(releaseHeldFailures());
    WEIR_TRY(publish(nowNanos));
  }
  if (traces_ != nullptr) recordTraces(nowNanos);
  reset();
  return {};
}

void Session::restart() {
  auto inputs = std::move(inputs_);
  inputs_ = {};
  inputs_.resize(inputs.size());
  reset();
  for (std::size_t port = 0; port < inputs.size(); ++port) {
    inputs_[port].entries = std::move(inputs[port].entries);
    inputs_[port].connected = true;
    inputs_[port].watermark = inputs[port].watermark;
  }
  cursor = 0;
}

void Session::rollback() {
  for (std::size_t port = 0; port < inputs_.size(); ++port) {
    inputs_[port].head = 0;
    inputs_[port].consumed = 0;
    inputs_[port].current = nullptr;
    settle(port, 0);
  }
  reset();
  cursor = cursorBefore_;
  made_ = madeBefore_;
  said_ = saidBefore_;
}

void Session::reset() {
  for (auto& input : inputs_) {
    input.entries.clear();
    input.head = 0;
    input.span = 0;
    input.consumed = 0;
    input.current = nullptr;
    input.made = Batch{};
    input.exhausted = false;
  }
  for (auto& output : outputs_) output = Output{};
  std::ranges::fill(outRows_, 0);
  for (auto& staged : staged_) staged.entries.clear();
  holds_.clear();
  edgeCounts_.clear();
  rowTallies_.clear();
  failures_.clear();
  failureOrdinals_.clear();
  edgeFailures_.clear();
  deadLetters_.clear();
  peeked_.reset();
  taken_ = &takenOwn_;
  takenOwn_ = Batch{};
  stagedBytes_ = stagedBatches_ = rowsTaken_ = failedRows_ = 0;
  progressDone_ = progressTotal_ = bytesOut_ = 0;
  broken_.reset();
  if (!countsMade_) made_ = 0;
  saidAlready_.clear();
  if (traces_ != nullptr) traced_ = TraceStep{};
}

}  // namespace weir::runtime
