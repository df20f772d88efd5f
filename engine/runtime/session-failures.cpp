// Rows that fail during a step: who they are, in which order they leave, and where to; and who the rows are that a node
// makes.
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/data/batch-in-place.h"
#include "engine/data/hash.h"
#include "engine/runtime/node-state.h"
#include "engine/runtime/session.h"

namespace weir::runtime {
namespace {

/// Envelopes are kept by physical row.
std::int64_t physicalRow(const Batch& batch, std::uint32_t row) {
  return batch.hasSelection() ? std::int64_t{batch.selection()[row]} : std::int64_t{row};
}

constexpr std::int64_t kMadeOfOneTicket = 1 << 24;

}  // namespace

std::uint32_t Session::origin() const { return static_cast<std::uint32_t>(node_.index) + 1; }

void Session::placeRows(Batch& batch) {
  if (!node_.plan->inputs.empty()) {
    const auto& from = subject();
    const bool rowByRow = node_.plan->type->cardinality == Cardinality::one && from && from.rows() == batch.rows();
    if (rowByRow && !from.hasSelection() && !batch.hasSelection()) return batch.setEnvelope(from.envelope());
  }
  // Rows of a fold, or of a source that does not number them: in the order in which they leave.
  const auto& envelope = batch.envelope();
  auto firstSequence = envelope.firstSequence;
  if (!envelope.detail && envelope.partition == 0 && firstSequence == 0) {
    const auto first = countsMade_ ? made_ : std::max<std::int64_t>(0, ordinal_) * kMadeOfOneTicket + made_;
    firstSequence = static_cast<std::uint64_t>(first);
  }
  made_ += batch.rows();
  setOrigin(batch, origin(), firstSequence);
}

void Session::noteSequence(const Batch& batch) {
  const auto last = physicalRow(batch, static_cast<std::uint32_t>(batch.rows() - 1));
  const auto place = batch.envelope().place(last);
  const auto sequence = static_cast<std::int64_t>(place.sequence);
  const auto known = std::ranges::find(accepted_, place.partition, &Accepted::partition);
  if (known == accepted_.end()) {
    accepted_.push_back({place.partition, sequence});
  } else {
    known->sequence = std::max(known->sequence, sequence);
  }
}

void Session::failWith(ErrorPacket packet, std::int64_t ordinal) {
  packet.nodeId = node_.plan->id;
  const auto& sensitive = node_.run->sensitive;
  if (!sensitive.empty()) packet.message = withoutSensitive(packet.message, packet.row, sensitive);
  // What an inner stage fails came by its own input, not by one of the node's.
  if (countsIn_) packet.input = subjectPort();
  // Of a source: behind what it has given since it published last.
  if (!node_.plan->inputs.empty()) {
    packet.position = ordinal;
  } else if (countsOut_) {
    packet.position = outRows_[0];
  }
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
    packet.traceId = traceIdFor(node_.run->runHash, batch.envelope(), physicalRow(batch, row));
    packet.row = batch.row(row);
    packet.tries = tries_;
    if (traces_ != nullptr) traceFailed(batch.envelope(), physicalRow(batch, row));
    failWith(std::move(packet), ordinal_ + row);
  }
}

void Session::failOf(const Batch& batch, std::uint32_t row, Error error, std::int64_t tries) {
  ++failedRows_;
  ErrorPacket packet;
  packet.code = error.code;
  packet.message = std::move(error.message);
  packet.recoverable = error.recoverable;
  packet.traceId = traceIdFor(node_.run->runHash, batch.envelope(), physicalRow(batch, row));
  packet.row = batch.row(row);
  packet.tries = tries;
  if (traces_ != nullptr) traceFailed(batch.envelope(), physicalRow(batch, row));
  failWith(std::move(packet), ordinal_);
}

void Session::failValue(Value row, Error error) {
  ++failedRows_;
  ErrorPacket packet;
  packet.code = error.code;
  packet.message = std::move(error.message);
  packet.recoverable = error.recoverable;
  packet.row = std::move(row);
  packet.tries = tries_;
  auto again = said_++;
  if (!countsMade_) again = saidAlready_[traceOfFailure(0, 0, packet, 0).low]++;
  packet.traceId = traceText(traceOfFailure(node_.run->runHash, origin(), packet, again));
  failWith(std::move(packet), next_ != nullptr ? next_->offeredRows() + outputs_[0].rows - 1 : ordinal_);
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
  if (ordersFailures_ || next_ != nullptr) return {};
  failureOrdinals_.clear();
  return route(failures_);
}

void Session::holdFailures() {
  for (std::size_t i = 0; i < failures_.size(); ++i) {
    node_.heldFailures.push_back(HeldFailure{failureOrdinals_[i], next_ != nullptr, std::move(failures_[i])});
  }
  failures_.clear();
  failureOrdinals_.clear();
}

Result<void> Session::releaseHeldFailures() {
  auto& held = node_.heldFailures;
  if (held.empty()) return {};
  auto before = next_ != nullptr ? next_->settledBefore() : INT64_MAX;
  if (next_ == nullptr) {
    for (const auto* link : inputLinks_[0]) before = std::min(before, link->settledBefore());
  }
  std::ranges::stable_sort(held, [](const HeldFailure& a, const HeldFailure& b) {
    return a.ordinal != b.ordinal ? a.ordinal < b.ordinal : a.behind < b.behind;
  });
  std::vector<ErrorPacket> free;
  const auto end = std::ranges::find_if(held, [before](const auto& failure) { return failure.ordinal >= before; });
  for (auto it = held.begin(); it != end; ++it) free.push_back(std::move(it->packet));
  held.erase(held.begin(), end);
  return route(free);
}

/// What the stage before had to say about rows before those that are to be published goes first.
Result<void> Session::releaseFailuresBefore() {
  if (!releasesFailures_ || node_.heldFailures.empty()) return {};
  auto staged = std::exchange(staged_, {});
  auto letters = std::exchange(deadLetters_, {});
  WEIR_TRY(releaseHeldFailures());
  for (auto& own : staged) std::ranges::move(own.entries, std::back_inserter(stagedFor(*own.link)));
  std::ranges::move(letters, std::back_inserter(deadLetters_));
  return {};
}

}  // namespace weir::runtime
