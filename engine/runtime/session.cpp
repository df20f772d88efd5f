// One step as its node sees it: claiming, peeking, staging.
#include "engine/runtime/session.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/runtime/node-state.h"
#include "engine/runtime/unit.h"

namespace weir::runtime {
namespace {

/// From here on a ticket does not wait for memory.
constexpr std::int64_t kLittleMemory = 256 << 20;

/// How many entries from the first on are offered as one batch.
std::size_t joinable(std::span<const Entry> entries) {
  const auto& first = entries.front();
  const auto most = std::min<std::int64_t>(first.link != nullptr ? first.link->bounds().joinRows : 1, kMaxBatchRows);
  if (most <= 1) return 1;
  auto rows = first.batch.rows();
  // Copying big batches together costs more than it saves.
  if (rows * 4 > most || first.seen || first.batch.prefiltered()) return 1;
  std::size_t span = 1;
  for (; span < entries.size(); ++span) {
    const auto& next = entries[span];
    rows += next.batch.rows();
    if (next.link != first.link || next.batch.schema() != first.batch.schema() || next.seen ||
        next.batch.prefiltered() || rows > most)
      break;
  }
  return span;
}

}  // namespace

Session::Session(Unit& unit, Waker waker)
    : unit_(unit),
      node_(*unit.node),
      inputLinks_(unit.inputs),
      outputLinks_(unit.outputs),
      waker_(std::move(waker)),
      traces_(node_.run->traces.get()),
      ofSource_(node_.plan->inputs.empty()),
      keepsInputs_(node_.plan->retry.attempts > 1 || node_.run->account->limitBytes() < kLittleMemory) {
  inputs_.resize(std::max<std::size_t>(1, inputLinks_.size()));
  outputs_.resize(outputLinks_.size());
  outRows_.resize(outputLinks_.size());
  for (const auto& links : outputLinks_)
    for (const auto* link : links) mostStaged_ = std::max(mostStaged_, static_cast<std::int64_t>(link->stepEntries()));
  if (mostStaged_ == 0) mostStaged_ = INT64_MAX;
}

Result<void> Session::claim(std::int64_t rows, std::size_t entries, Ports withheld, MemoryAccount& account) {
  for (std::size_t port = 0; port < inputLinks_.size(); ++port) {
    auto& input = inputs_[port];
    const auto most = (withheld & portSet(static_cast<Port>(port))) != 0 ? 0 : entries;
    bool exhausted = most > 0;
    input.connected = !inputLinks_[port].empty();
    for (auto* link : inputLinks_[port]) {
      const auto before = input.entries.size();
      if (before < most) WEIR_TRY(link->takeUpTo(rows, most, input.entries, account));
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

RowsAt Session::rowsAt() const {
  for (const auto& input : inputs_) {
    RowsAt at;
    for (auto i = input.head; i < input.entries.size(); ++i) {
      const auto& entry = input.entries[i];
      const auto taken = i == input.head ? std::min(input.consumed, entry.rows) : 0;
      if (at.rows == 0 && entry.rows > taken) {
        const auto place = entry.batch.envelope().place(taken);
        at = {place.origin, place.partition, place.sequence, 0};
      }
      at.rows += entry.rows - taken;
    }
    if (at.rows > 0) return at;
  }
  return {};
}

void Session::assign(Room room) {
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
  input.span = joinable(std::span(input.entries).subspan(input.head));
  const auto* current = &first.batch;
  if (input.span > 1) {
    std::vector<Batch> joined;
    joined.reserve(input.span);
    for (std::size_t i = 0; i < input.span; ++i) joined.push_back(input.entries[input.head + i].batch);
    auto whole = concat(joined, *node_.account);
    // Where memory is short they come one by one.
    if (whole) {
      input.made = std::move(*whole);
      current = &input.made;
    } else {
      input.span = 1;
    }
  }
  if (current->hasSelection() && !node_.plan->type->acceptsSelection) {
    auto dense = current->dense();
    if (!dense) return breakWith(std::move(dense.error()));
    input.made = std::move(*dense);
    current = &input.made;
  }
  input.current = current;
}

const Batch* Session::peek(Port in) const {
  auto& input = inputs_[in];
  if (input.current == nullptr) {
    if (input.head >= input.entries.size() || broken_) return nullptr;
    compose(input);
    if (broken_) return nullptr;
  }
  peeked_ = in;
  if (in == 0) ordinal_ = input.entries[input.head].firstRow + input.consumed;
  return input.current;
}

Batch Session::take(Port in, std::int64_t maxRows) {
  const bool there = peek(in) != nullptr;
  if (broken_) return {};
  WEIR_CHECK(there);
  auto& input = inputs_[in];
  const auto rows = input.current->rows();
  if (maxRows >= rows) {
    passHead(in);
    return *taken_;
  }
  peeked_.reset();
  auto rest = input.current->slice(maxRows, rows - maxRows);
  takenOwn_ = input.current->slice(0, maxRows);
  taken_ = &takenOwn_;
  takenPort_ = in;
  input.made = std::move(rest);
  input.current = &input.made;
  input.consumed += takenOwn_.representedRows();
  rowsTaken_ += takenOwn_.representedRows();
  if (tracesTaken() && !traces_->passes(*taken_, takenGap_)) traceTaken();
  return takenOwn_;
}

void Session::passHead(Port in) {
  auto& input = inputs_[in];
  const bool untraced = input.span == 1 && input.entries[input.head].untraced;
  peeked_.reset();
  taken_ = &takenOwn_;
  takenPort_ = in;
  if (input.current == &input.made) {
    takenOwn_ = std::move(input.made);
  } else if (keepsInputs_) {
    taken_ = input.current;
  } else {
    takenOwn_ = std::move(input.entries[input.head].batch);
  }
  input.current = nullptr;
  input.head += input.span;
  input.consumed = 0;
  if (in == 0) cursor = 0;
  rowsTaken_ += taken_->representedRows();
  if (!untraced && tracesTaken() && !traces_->passes(*taken_, takenGap_)) traceTaken();
}

void Session::pass(Port in) {
  const bool there = peek(in) != nullptr;
  if (broken_) return;
  WEIR_CHECK(there);
  passHead(in);
}

const Batch& Session::subject() const {
  return peeked_ && inputs_[*peeked_].current != nullptr ? *inputs_[*peeked_].current : *taken_;
}

Port Session::subjectPort() const { return peeked_ && inputs_[*peeked_].current != nullptr ? *peeked_ : takenPort_; }

const Batch* Session::nextBatch() {
  if (peek(0) == nullptr) return nullptr;
  passHead(0);
  return taken_;
}

bool Session::ended(Port in) const {
  const auto& input = inputs_[in];
  return input.exhausted && input.current == nullptr && input.head >= input.entries.size();
}

bool Session::connected(Port in) const { return in < inputs_.size() && inputs_[in].connected; }

bool Session::wired(Port out) const {
  if (out >= outputLinks_.size()) return false;
  return std::ranges::any_of(outputLinks_[out], [](const Link* link) { return !link->closed(); });
}

bool Session::fresh(Port out) const {
  if (out >= outputLinks_.size()) return false;
  return std::ranges::any_of(outputLinks_[out], [](const Link* link) { return !link->begun() && !link->closed(); });
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
  if (stagedBytes_ >= StepBudget::kStageBytes || stagedBatches_ >= mostStaged_) return true;
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

std::vector<Entry>& Session::stagedFor(Link& link) {
  for (auto& staged : staged_)
    if (staged.link == &link) return staged.entries;
  return staged_.emplace_back(Staged{&link, {}}).entries;
}

std::int64_t Session::stage(Link& link, Batch batch) {
  const auto bytes = batch.logicalBytes();
  // A few rows would keep much more memory than they are charged for.
  if (!link.inner && batch.mayPin(StepBudget::kPinnedBytes) && batch.pinnedBytes() / 4 > bytes) {
    if (auto copied = batch.compact(*node_.account)) batch = std::move(*copied);
  }
  stagedBytes_ += bytes;
  ++stagedBatches_;
  const auto rows = batch.representedRows();
  stagedFor(link).emplace_back(std::move(batch), rows, bytes, std::int64_t{0}, std::int64_t{0}, &link, false, false,
                               false, givesUntraced_);
  return bytes;
}

void Session::countRows(const Link& link, const Batch& batch) {
  for (auto* counter : link.counters) {
    auto found = std::ranges::find(rowTallies_, counter, &std::pair<RowCounter*, RowTally>::first);
    if (found == rowTallies_.end()) found = rowTallies_.emplace(found, counter, RowTally{});
    counter->count(batch, found->second);
  }
}

std::int64_t Session::send(Link& link, Batch batch) {
  if (!link.filter && !link.transform) {
    if (!link.counters.empty()) countRows(link, batch);
    return stage(link, std::move(batch));
  }
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
    packet.traceId = traceText(traceAt(node_.run->runHash, failure.place, failure.trace));
    packet.row = std::move(failure.row);
    packet.tries = 1;
    const auto& sensitive = node_.run->sensitive;
    if (!sensitive.empty()) packet.message = withoutSensitive(packet.message, packet.row, sensitive);
    edgeFailures_.push_back(std::move(packet));
  }
  if (!sent->batch || (sent->batch.rows() == 0 && link.begun())) return 0;
  if (!link.counters.empty()) countRows(link, sent->batch);
  return stage(link, std::move(sent->batch));
}

void Session::sendEmpty(Link& link, const Batch& batch) {
  if (!link.inner && !link.begun() && !link.closed()) send(link, batch);
}

void Session::emit(Port out, Batch batch) {
  if (!batch) return;
  const auto rows = batch.representedRows();
  if (rows == 0) {
    for (auto* link : outputLinks_[out]) sendEmpty(*link, batch);
    return;
  }
  if (notesSequences_) noteSequence(batch);
  const bool unplaced = countsOut_ && batch.envelope().origin == 0;
  if (unplaced) placeRows(batch);
  givesUntraced_ =
      traces_ != nullptr && countsOut_ && (!mayTrace(batch, unplaced) || !traceGiven(out, batch, unplaced));
  outRows_[out] += rows;
  auto& output = outputs_[out];
  output.rows += rows;
  std::int64_t widest = 0;
  const auto& links = outputLinks_[out];
  for (std::size_t i = 0; i < links.size(); ++i)
    widest = std::max(widest, send(*links[i], i + 1 < links.size() ? batch : std::move(batch)));
  output.bytes += widest;
  bytesOut_ += widest;
}

void Session::holdWatermark(Timestamp until) {
  holds_.push_back(until);
  for (const auto& links : outputLinks_) {
    for (auto* link : links) stagedFor(*link).push_back(Entry{.link = link, .hold = true});
  }
}

void Session::addProgress(std::int64_t doneBytes, std::int64_t totalBytes) {
  progressDone_ += doneBytes;
  progressTotal_ += totalBytes;
}

}  // namespace weir::runtime
