// Finds sampled rows in batches, and keeps what happened to them.
#include "engine/runtime/row-traces.h"

#include <algorithm>
#include <utility>

#include "engine/data/hash.h"
#include "engine/data/packet.h"
#include "engine/data/trace-context.h"

namespace weir {
namespace {

std::int64_t bytesOf(const TraceStep& step) {
  const auto ids = step.taken.size() + step.failed.size() + step.made.size() + step.parents.size();
  return static_cast<std::int64_t>(sizeof(TraceStep) + ids * sizeof(TraceId) +
                                   step.given.size() * sizeof(TraceStep::Given));
}

/// Envelopes are kept by physical row.
std::int64_t physicalRow(const Batch& batch, std::int64_t row) {
  return batch.hasSelection() ? std::int64_t{batch.selection()[static_cast<std::size_t>(row)]} : row;
}

/// Rows of one place after the other, all with derived trace ids: nothing that would have to be looked at row by row.
bool inRanges(const Envelope::Detail* detail) {
  return detail == nullptr ||
         (detail->offsets.empty() && detail->runs.empty() && detail->timestamps.empty() && detail->priorities.empty() &&
          detail->traces.empty() && detail->origins.empty() && detail->partitions.empty() && detail->sequences.empty());
}

}  // namespace

RowTraces::RowTraces(std::int64_t every, std::uint64_t runHash, std::int64_t boundBytes)
    : least_(static_cast<std::uint64_t>(std::max<std::int64_t>(1, every))),
      every_(least_),
      runHash_(runHash),
      boundBytes_(boundBytes) {}

bool RowTraces::findGap(const Envelope& envelope, std::uint64_t end, TraceGap& gap) const {
  const auto generation = generation_.load(std::memory_order_acquire);
  if (followsAny(envelope.origin)) return false;
  const auto every = every_.load(std::memory_order_relaxed);
  const auto phase = phaseOf(envelope.origin, envelope.partition, every);
  const auto first = envelope.firstSequence;
  const auto next = first + (phase + every - first % every) % every;
  gap = {generation, next >= every ? next - every + 1 : 0, next, envelope.origin, envelope.partition};
  return end <= next;
}

bool RowTraces::spend(std::int64_t rows, std::int64_t nowNanos) {
  if (least_ == 1) return false;
  const auto passed = spentNanos_ < 0 ? 0 : std::max<std::int64_t>(0, nowNanos - spentNanos_);
  spentNanos_ = nowNanos;
  rowsLeft_ += static_cast<double>(passed) / 1e9 * kRowsPerSecond - static_cast<double>(rows);
  const auto every = every_.load(std::memory_order_relaxed);
  constexpr std::uint64_t kMostEvery = std::uint64_t{1} << 50U;
  if (rowsLeft_ < 0 && every < kMostEvery) {
    rowsLeft_ = kBurstRows / 4.0;
    every_.store(every * 4, std::memory_order_relaxed);
    generation_.fetch_add(1, std::memory_order_release);
    return true;
  }
  if (rowsLeft_ <= kBurstRows) return false;
  rowsLeft_ = kBurstRows;
  if (every == least_) return false;
  // Half as many as may be: it does not go to and fro. The second half comes when that is still too few.
  every_.store(every / 2, std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  rowsLeft_ = kBurstRows / 4.0;
  return true;
}

std::uint64_t RowTraces::phaseOf(std::uint32_t origin, std::uint32_t partition, std::uint64_t every) const {
  return hash::combine(runHash_, (std::uint64_t{origin} << 32U) | partition) % every;
}

TraceId RowTraces::idOf(const EnvelopePlace& place) const { return traceAt(runHash_, place); }

bool RowTraces::followed(const EnvelopePlace& place) const {
  if (!followsAny(place.origin)) return false;
  const Locked locked(lock_);
  const auto found = followed_.find({place.origin, place.partition});
  return found != followed_.end() && std::ranges::binary_search(found->second, place.sequence);
}

bool RowTraces::sampled(const EnvelopePlace& place, TraceId stored) const {
  const auto every = every_.load(std::memory_order_relaxed);
  if (stored != TraceId{}) {
    if (traceSampled(stored, every)) return true;
    const Locked locked(lock_);
    return followedIds_.contains({stored.high, stored.low});
  }
  return place.sequence % every == phaseOf(place.origin, place.partition, every) || followed(place);
}

void RowTraces::collectRange(const EnvelopePlace& first, std::int64_t rows, const Batch& batch,
                             std::vector<TraceId>& into) const {
  const auto there = [&batch](std::int64_t physical) {
    return !batch.hasSelection() || std::ranges::binary_search(batch.selection(), static_cast<std::uint32_t>(physical));
  };
  const auto count = static_cast<std::uint64_t>(rows);
  const auto every = every_.load(std::memory_order_relaxed);
  const auto phase = phaseOf(first.origin, first.partition, every);
  auto step = (phase + every - first.sequence % every) % every;
  for (; step < count; step += every) {
    if (!there(first.firstRow + static_cast<std::int64_t>(step))) continue;
    auto place = first;
    place.sequence += step;
    into.push_back(idOf(place));
  }
  if (!followsAny(first.origin) || every == 1) return;
  const Locked locked(lock_);
  const auto found = followed_.find({first.origin, first.partition});
  if (found == followed_.end()) return;
  for (auto at = std::ranges::lower_bound(found->second, first.sequence);
       at != found->second.end() && *at < first.sequence + count; ++at) {
    auto place = first;
    place.sequence = *at;
    const bool already = *at % every == phase;
    if (!already && there(first.firstRow + static_cast<std::int64_t>(*at - first.sequence)))
      into.push_back(idOf(place));
  }
}

void RowTraces::collect(const Batch& batch, std::vector<TraceId>& into) const {
  const auto& envelope = batch.envelope();
  if (batch.rows() == 0) return;
  if (inRanges(envelope.detail.get())) {
    // Envelopes are kept by physical row.
    const std::int64_t physical = batch.hasSelection() ? std::int64_t{batch.selection().back()} + 1 : batch.rows();
    if (envelope.detail == nullptr || envelope.detail->places.empty())
      return collectRange(envelope.place(0), physical, batch, into);
    const auto& places = envelope.detail->places;
    for (std::size_t i = 0; i < places.size() && places[i].firstRow < physical; ++i) {
      const auto end = i + 1 < places.size() ? std::min(places[i + 1].firstRow, physical) : physical;
      collectRange(places[i], end - places[i].firstRow, batch, into);
    }
    return;
  }
  // What stands behind a filter: nearly always rows of one source.
  const auto& detail = *envelope.detail;
  const bool onlyOffsets = !detail.offsets.empty() && detail.runs.empty() && detail.traces.empty() &&
                           detail.timestamps.empty() && detail.priorities.empty() && detail.places.empty() &&
                           detail.origins.empty() && detail.partitions.empty() && detail.sequences.empty() &&
                           !followsAny(envelope.origin);
  const auto every = every_.load(std::memory_order_relaxed);
  const auto phase = phaseOf(envelope.origin, envelope.partition, every);
  const auto shift = (envelope.firstSequence % every + every - phase) % every;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    const auto physical = physicalRow(batch, row);
    if (onlyOffsets && (detail.offsets[static_cast<std::size_t>(physical)] + shift) % every != 0) continue;
    const auto place = envelope.place(physical);
    const auto stored = envelope.at(physical).trace;
    if (onlyOffsets || sampled(place, stored)) into.push_back(traceAt(runHash_, place, stored));
  }
}

std::vector<TraceId> RowTraces::follow(std::int32_t node, const Batch& batch, bool tookSome) {
  std::vector<TraceId> made;
  const Locked locked(lock_);
  const auto parents = parents_.find(node);
  if (!tookSome && (parents == parents_.end() || parents->second.rows.empty())) return made;
  const auto rows = std::min<std::int64_t>(batch.rows(), kChildren);
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto physical = physicalRow(batch, row);
    const auto place = batch.envelope().place(physical);
    made.push_back(traceAt(runHash_, place, batch.envelope().at(physical).trace));
    if (followedCount_ >= kFollowed) continue;
    auto& sequences = followed_[{place.origin, place.partition}];
    const auto at = std::ranges::lower_bound(sequences, place.sequence);
    if (at != sequences.end() && *at == place.sequence) continue;
    sequences.insert(at, place.sequence);
    ++followedCount_;
    const auto bit = std::uint64_t{1} << (place.origin & 63U);
    if ((followedOrigins_.fetch_or(bit, std::memory_order_relaxed) & bit) == 0) {
      generation_.fetch_add(1, std::memory_order_release);
    }
  }
  return made;
}

void RowTraces::followFailed(TraceId row) {
  const Locked locked(lock_);
  if (followedIds_.size() < kFollowed) followedIds_.insert({row.high, row.low});
}

bool RowTraces::add(TraceStep step, bool ofSource) {
  const bool changed = ofSource && spend(static_cast<std::int64_t>(step.given.size()), step.endNanos);
  {
    const Locked locked(lock_);
    auto& parents = parents_[step.node];
    const auto went = [&step](TraceId row) {
      return std::ranges::contains(step.failed, row) ||
             std::ranges::any_of(step.given, [row](const TraceStep::Given& given) { return given.row == row; });
    };
    // What left under its own name is no parent of others; at 1 in 1 not even the question may cost much.
    if (step.given.empty()) {
      for (const auto row : step.taken) {
        if (!step.failed.empty() && went(row)) continue;
        parents.rows.push_back(row);
        if (parents.rows.size() <= kParents) continue;
        parents.rows.pop_front();
        ++parents.beyond;
      }
    }
    if (!step.made.empty()) {
      step.parents.assign(parents.rows.begin(), parents.rows.end());
      step.parentsBeyond = parents.beyond;
      parents = Parents{};
    }
  }
  bytes_ += bytesOf(step);
  steps_.push_back(std::move(step));
  while (bytes_ > boundBytes_ && steps_.size() > 1) {
    bytes_ -= bytesOf(steps_.front());
    steps_.pop_front();
    ++forgotten_;
  }
  return changed;
}

void RowTraces::noteCaller(const TraceContext& caller) {
  if (!traceSampled(caller.trace, least_)) return;
  const std::pair key(caller.trace.high, caller.trace.low);
  const Locked locked(lock_);
  if (!callers_.insert_or_assign(key, caller.parent).second) return;
  callersInOrder_.push_back(key);
  if (callersInOrder_.size() <= kFollowed) return;
  callers_.erase(callersInOrder_.front());
  callersInOrder_.pop_front();
}

TracedRun RowTraces::all() const { return from(0, SIZE_MAX); }

TracedRun RowTraces::from(std::int64_t step, std::size_t most) const {
  TracedRun run;
  run.forgotten = std::max(step, forgotten_);
  const auto skipped = std::min(static_cast<std::size_t>(run.forgotten - forgotten_), steps_.size());
  const auto first = steps_.begin() + static_cast<std::ptrdiff_t>(skipped);
  run.steps.assign(first, first + static_cast<std::ptrdiff_t>(std::min(most, steps_.size() - skipped)));
  const Locked locked(lock_);
  run.callers = callers_;
  return run;
}

}  // namespace weir
