// One step as its node sees it: claiming, peeking, staging.
#include "engine/runtime/session.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/runtime/node-state.h"

namespace weir::runtime {
namespace {

/// Envelopes are kept by physical row.
std::int64_t physicalRow(const Batch& batch, std::uint32_t row) {
  return batch.hasSelection() ? std::int64_t{batch.selection()[row]} : std::int64_t{row};
}

}  // namespace

Session::Session(NodeState& node, std::vector<std::vector<Link*>>& inputs, std::vector<std::vector<Link*>>& outputs,
                 Waker waker)
    : node_(node), inputLinks_(inputs), outputLinks_(outputs), waker_(std::move(waker)) {
  inputs_.resize(std::max<std::size_t>(1, inputs.size()));
  outputs_.resize(outputs.size());
  outRows_.resize(outputs.size());
}

Result<void> Session::claim(std::int64_t rows, std::size_t entries, MemoryAccount& account) {
  for (std::size_t port = 0; port < inputLinks_.size(); ++port) {
    auto& input = inputs_[port];
    bool exhausted = true;
    input.connected = !inputLinks_[port].empty();
    for (auto* link : inputLinks_[port]) {
      const auto before = input.entries.size();
      if (before < entries) WEIR_TRY(link->takeUpTo(rows, entries, input.entries, account));
      if (!link->exhausted(static_cast<std::int64_t>(input.entries.size() - before))) exhausted = false;
    }
    input.exhausted = exhausted;
  }
  for (std::size_t port = 0; port < outputs_.size(); ++port) {
    Room least{INT64_MAX / 4, INT64_MAX / 4};
    for (const auto* link : outputLinks_[port]) {
      const auto room = link->room();
      least = {std::min(least.rows, room.rows), std::min(least.bytes, room.bytes)};
    }
    outputs_[port].room = least;
  }
  return {};
}

void Session::assign(Entry entry, Room room) {
  inputs_[0].entries.push_back(std::move(entry));
  inputs_[0].connected = true;
  setRoom(room);
}

void Session::assign(std::vector<Entry> entries, Room room) {
  inputs_[0].entries = std::move(entries);
  inputs_[0].connected = true;
  setRoom(room);
}

void Session::setRoom(Room room) {
  for (auto& output : outputs_) output.room = room;
}

void Session::breakWith(Error error) const {
  if (!broken_) broken_ = std::move(error);
}

void Session::compose(Input& input) const {
  const auto& first = input.entries[input.head];
  input.current = first.batch;
  input.span = 1;
  const auto most = std::min<std::int64_t>(first.link != nullptr ? first.link->bounds().joinRows : 1, kMaxBatchRows);
  auto rows = first.batch.rows();
  // Copying big batches together costs more than it saves.
  if (rows * 4 <= most && !first.seen && !first.batch.prefiltered()) {
    std::vector<Batch> joined{first.batch};
    while (input.head + input.span < input.entries.size()) {
      const auto& next = input.entries[input.head + input.span];
      if (next.link != first.link || next.batch.schema() != first.batch.schema() || next.seen ||
          next.batch.prefiltered() || rows + next.batch.rows() > most) {
        break;
      }
      rows += next.batch.rows();
      joined.push_back(next.batch);
      ++input.span;
    }
    if (joined.size() > 1) {
      auto whole = concat(joined, *node_.account);
      if (!whole) return breakWith(std::move(whole.error()));
      input.current = std::move(*whole);
    }
  }
  if (input.current.hasSelection() && !node_.plan->type->acceptsSelection) {
    auto dense = input.current.dense();
    if (!dense) return breakWith(std::move(dense.error()));
    input.current = std::move(*dense);
  }
}

const Batch* Session::peek(Port in) const {
  auto& input = inputs_[in];
  if (!input.current) {
    if (input.head >= input.entries.size() || broken_) return nullptr;
    compose(input);
    if (broken_) return nullptr;
  }
  peeked_ = in;
  if (in == 0) ordinal_ = input.entries[input.head].firstRow + input.consumed;
  return &input.current;
}

Batch Session::take(Port in, std::int64_t maxRows) {
  const bool there = peek(in) != nullptr;
  if (broken_) return {};
  WEIR_CHECK(there);
  auto& input = inputs_[in];
  const auto rows = input.current.rows();
  peeked_.reset();
  if (maxRows >= rows) {
    taken_ = std::exchange(input.current, Batch{});
    input.head += input.span;
    input.consumed = 0;
    if (in == 0) cursor = 0;
  } else {
    taken_ = input.current.slice(0, maxRows);
    input.current = input.current.slice(maxRows, rows - maxRows);
    input.consumed += taken_.representedRows();
  }
  rowsTaken_ += taken_.representedRows();
  return taken_;
}

const Batch& Session::subject() const {
  return peeked_ && inputs_[*peeked_].current ? inputs_[*peeked_].current : taken_;
}

Batch Session::nextBatch() {
  if (peek(0) == nullptr) return {};
  return take(0, INT64_MAX);
}

bool Session::ended(Port in) const {
  const auto& input = inputs_[in];
  return input.exhausted && !input.current && input.head >= input.entries.size();
}

bool Session::connected(Port in) const { return in < inputs_.size() && inputs_[in].connected; }

bool Session::wired(Port out) const {
  if (out >= outputLinks_.size()) return false;
  return std::ranges::any_of(outputLinks_[out], [](const Link* link) { return !link->closed(); });
}

Room Session::room(Port out) const {
  const auto& output = outputs_[out];
  return {output.room.rows - output.rows, output.room.bytes - output.bytes};
}

bool Session::outputsExhausted() const {
  return std::ranges::any_of(outputs_, [](const Output& output) {
    return output.rows >= output.room.rows || output.bytes >= output.room.bytes;
  });
}

bool Session::budgetSpent() const {
  if (stagedBytes_ >= StepBudget::kStageBytes || stagedBatches_ >= StepBudget::kStageBatches) return true;
  if (outputsExhausted()) return true;
  // Where little happens between two looks at the clock, most of them are left out.
  ++looks_;
  if (--looksToSkip_ > 0) return false;
  const auto now = node_.run->clock->steadyNanos();
  looksToSkip_ = now - lookedNanos_ < looks_ * StepBudget::kShortNanos ? StepBudget::kLooksToSkip : 0;
  lookedNanos_ = now;
  looks_ = 0;
  return now - startedNanos_ > StepBudget::kNanos;
}

std::int64_t Session::stage(Link& link, Batch batch) {
  Entry entry;
  entry.rows = batch.representedRows();
  entry.bytes = batch.logicalBytes();
  // A few rows would keep much more memory than they are charged for.
  const auto pinned = link.inner ? 0 : batch.pinnedBytes();
  if (pinned > StepBudget::kPinnedBytes && pinned / 4 > entry.bytes) {
    auto copied = batch.compact(*node_.account);
    if (!copied) {
      breakWith(std::move(copied.error()));
      return 0;
    }
    batch = std::move(*copied);
  }
  stagedBytes_ += entry.bytes;
  ++stagedBatches_;
  entry.batch = std::move(batch);
  const auto bytes = entry.bytes;
  staged_.push_back(Staged{&link, std::move(entry)});
  return bytes;
}

std::int64_t Session::send(Link& link, const Batch& batch) {
  if (!link.filter && !link.transform) return stage(link, batch);
  auto sent = sendThrough(link, batch, *node_.account);
  if (!sent) {
    breakWith(std::move(sent.error()));
    return 0;
  }
  const auto failed = static_cast<std::int64_t>(sent->failures.size());
  if (sent->filtered > 0 || failed > 0) {
    edgeCounts_.push_back(EdgeCount{&link, sent->filtered, sent->filteredNull, failed});
  }
  for (auto& failure : sent->failures) {
    ErrorPacket packet;
    packet.code = failure.error.code;
    packet.message = std::move(failure.error.message);
    packet.nodeId = link.id();
    packet.traceId = traceIdFor(node_.run->runHash, batch.envelope(), failure.sequence);
    packet.row = std::move(failure.row);
    packet.tries = 1;
    edgeFailures_.push_back(std::move(packet));
  }
  return sent->batch && sent->batch.rows() > 0 ? stage(link, std::move(sent->batch)) : 0;
}

void Session::emit(Port out, Batch batch) {
  if (!batch) return;
  const auto rows = batch.representedRows();
  if (rows == 0) return;
  outRows_[out] += rows;
  auto& output = outputs_[out];
  output.rows += rows;
  std::int64_t widest = 0;
  for (auto* link : outputLinks_[out]) widest = std::max(widest, send(*link, batch));
  output.bytes += widest;
  bytesOut_ += widest;
}

void Session::failWith(ErrorPacket packet, std::int64_t ordinal) {
  packet.nodeId = node_.plan->id;
  packet.tries = 1;
  failures_.push_back(std::move(packet));
  failureOrdinals_.push_back(ordinal);
}

void Session::fail(std::span<const std::uint32_t> rows, Error error) {
  failedRows_ += static_cast<std::int64_t>(rows.size());
  const auto& batch = subject();
  for (const auto row : rows) {
    ErrorPacket packet;
    packet.code = error.code;
    packet.message = error.message;
    packet.recoverable = error.recoverable;
    packet.traceId =
        traceIdFor(node_.run->runHash, batch.envelope(), batch.envelope().sequence(physicalRow(batch, row)));
    packet.row = batch.row(row);
    failWith(std::move(packet), ordinal_ + row);
  }
}

void Session::failValue(Value row, Error error) {
  ++failedRows_;
  const auto& batch = subject();
  ErrorPacket packet;
  packet.code = error.code;
  packet.message = std::move(error.message);
  packet.recoverable = error.recoverable;
  packet.traceId = traceIdFor(node_.run->runHash, batch ? batch.envelope() : Envelope{}, 0);
  packet.row = std::move(row);
  failWith(std::move(packet), ordinal_);
}

void Session::addProgress(std::int64_t doneBytes, std::int64_t totalBytes) {
  progressDone_ += doneBytes;
  progressTotal_ += totalBytes;
}

Result<void> Session::route(std::vector<ErrorPacket>& failures) {
  if (failures.empty()) return {};
  const bool routed = std::ranges::any_of(node_.errorLinks, [](const Link* link) { return !link->closed(); });
  if (!routed) {
    std::ranges::move(failures, std::back_inserter(deadLetters_));
  } else {
    WEIR_ASSIGN(const auto batch, errorBatch(failures, *node_.account));
    for (auto* link : node_.errorLinks) send(*link, batch);
  }
  failures.clear();
  if (broken_) return std::unexpected(*broken_);
  return {};
}

Result<void> Session::seal() {
  if (broken_) return std::unexpected(*broken_);
  if (ordersFailures_) return {};
  failureOrdinals_.clear();
  return route(failures_);
}

}  // namespace weir::runtime
