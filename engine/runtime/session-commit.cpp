// The end of a step: publishing what was staged, or putting everything back.
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/runtime/node-state.h"
#include "engine/runtime/session.h"

namespace weir::runtime {

void Session::settle(Input& input, std::int64_t nowNanos) {
  const auto consumedEntries = input.head;
  for (std::size_t i = 0; i < consumedEntries; ++i) {
    auto& entry = input.entries[i];
    if (entry.link != nullptr) entry.link->settle(entry.rows, entry.bytes, 1, nowNanos, entry.sinceNanos);
  }
  if (input.consumed > 0 && input.current) {
    // What is left of a partly consumed head goes back as one entry.
    Entry rest;
    const auto& first = input.entries[input.head];
    rest.batch = input.current;
    rest.rows = input.current.representedRows();
    rest.bytes = input.current.logicalBytes();
    rest.firstRow = first.firstRow + input.consumed;
    rest.sinceNanos = first.sinceNanos;
    rest.link = first.link;
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    for (std::size_t i = 0; i < input.span; ++i) {
      rows += input.entries[input.head + i].rows;
      bytes += input.entries[input.head + i].bytes;
    }
    if (rest.link != nullptr) {
      rest.link->settle(rows - rest.rows, bytes - rest.bytes, static_cast<std::int64_t>(input.span) - 1, nowNanos,
                        rest.sinceNanos);
    }
    input.head += input.span - 1;
    input.entries[input.head] = std::move(rest);
  }
  std::vector<Link*> touched;
  for (const auto& entry : input.entries) {
    if (entry.link != nullptr && (touched.empty() || touched.back() != entry.link)) touched.push_back(entry.link);
  }
  while (input.entries.size() > input.head) {
    std::vector<Entry> last;
    last.push_back(std::move(input.entries.back()));
    input.entries.pop_back();
    if (last[0].link != nullptr) {
      auto* link = last[0].link;
      link->giveBack(last, 0);
    }
  }
  for (auto* link : touched) node_.run->linkDrained(*link);
}

Result<void> Session::publish(std::int64_t nowNanos) {
  for (const auto& count : edgeCounts_) {
    count.link->countFiltered(count.filtered, count.nulls);
    count.link->countFailed(count.failed);
  }
  edgeCounts_.clear();
  for (auto& staged : staged_) {
    staged.entry.sinceNanos = nowNanos;
    WEIR_TRY(staged.link->push(std::move(staged.entry), node_.run->files, *node_.run->account));
    node_.run->linkFilled(*staged.link);
  }
  staged_.clear();
  auto& metrics = node_.metrics;
  for (std::size_t port = 0; port < outRows_.size(); ++port) {
    if (countsOut_) metrics.rowsOut += outRows_[port];
    if (countsOut_ && outRows_[port] != 0 && port < metrics.outPerPort.size()) metrics.outPerPort[port] += outRows_[port];
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
  for (auto& input : inputs_) settle(input, nowNanos);
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
  }
  cursor = 0;
}

void Session::rollback() {
  for (auto& input : inputs_) {
    input.head = 0;
    input.consumed = 0;
    input.current = Batch{};
    settle(input, 0);
  }
  reset();
}

void Session::reset() {
  for (auto& input : inputs_) {
    input.entries.clear();
    input.head = 0;
    input.span = 0;
    input.consumed = 0;
    input.current = Batch{};
    input.exhausted = false;
  }
  for (auto& output : outputs_) output = Output{};
  std::ranges::fill(outRows_, 0);
  staged_.clear();
  edgeCounts_.clear();
  failures_.clear();
  edgeFailures_.clear();
  deadLetters_.clear();
  subject_ = Batch{};
  stagedBytes_ = stagedBatches_ = rowsTaken_ = failedRows_ = 0;
  progressDone_ = progressTotal_ = bytesOut_ = 0;
  broken_.reset();
}

}  // namespace weir::runtime
