// Looking up, slicing and selecting envelope rows.
#include "engine/data/envelope.h"

#include <algorithm>

namespace weir {
namespace {

/// The run that holds `row`; runs are not empty and start at row 0.
std::size_t runIndex(const std::vector<EnvelopeRun>& runs, std::int64_t row) noexcept {
  const auto at = std::ranges::upper_bound(runs, row, {}, &EnvelopeRun::firstRow);
  return at == runs.begin() ? 0 : static_cast<std::size_t>(at - runs.begin() - 1);
}

bool sameValues(const EnvelopeRun& a, const EnvelopeRun& b) noexcept {
  return a.timestampMicros == b.timestampMicros && a.priority == b.priority && a.trace == b.trace;
}

void appendRun(std::vector<EnvelopeRun>& runs, EnvelopeRun run, std::int64_t firstRow) {
  if (!runs.empty() && sameValues(runs.back(), run)) return;
  run.firstRow = firstRow;
  runs.push_back(run);
}

/// Moves what `detail` says into the inline fields where that says it all.
void settle(Envelope& envelope, Envelope::Detail detail) {
  auto& offsets = detail.offsets;
  if (!offsets.empty()) {
    bool consecutive = true;
    for (std::size_t i = 1; consecutive && i < offsets.size(); ++i) consecutive = offsets[i] == offsets[i - 1] + 1;
    if (consecutive) {
      envelope.firstSequence += offsets.front();
      offsets.clear();
    }
  }
  if (detail.runs.size() == 1 && detail.runs[0].trace == TraceId{}) {
    envelope.timestampMicros = detail.runs[0].timestampMicros;
    envelope.priority = detail.runs[0].priority;
    detail.runs.clear();
  }
  envelope.detail = nullptr;
  if (!offsets.empty() || !detail.runs.empty()) {
    envelope.detail = std::make_shared<const Envelope::Detail>(std::move(detail));
  }
}

}  // namespace

std::uint64_t Envelope::sequence(std::int64_t row) const noexcept {
  if (detail != nullptr && !detail->offsets.empty())
    return firstSequence + detail->offsets[static_cast<std::size_t>(row)];
  return firstSequence + static_cast<std::uint64_t>(row);
}

EnvelopeRun Envelope::at(std::int64_t row) const noexcept {
  if (detail == nullptr || detail->runs.empty())
    return {.firstRow = 0, .timestampMicros = timestampMicros, .priority = priority};
  return detail->runs[runIndex(detail->runs, row)];
}

Envelope Envelope::slice(std::int64_t from, std::int64_t rows) const {
  auto part = *this;
  if (detail == nullptr) {
    part.firstSequence += static_cast<std::uint64_t>(from);
    return part;
  }
  Detail kept;
  if (detail->offsets.empty()) {
    part.firstSequence += static_cast<std::uint64_t>(from);
  } else {
    const auto at = detail->offsets.begin() + static_cast<std::ptrdiff_t>(from);
    kept.offsets.assign(at, at + static_cast<std::ptrdiff_t>(rows));
  }
  if (!detail->runs.empty() && rows > 0) {
    const auto first = runIndex(detail->runs, from);
    for (std::size_t i = first; i < detail->runs.size() && detail->runs[i].firstRow < from + rows; ++i)
      appendRun(kept.runs, detail->runs[i], i == first ? 0 : detail->runs[i].firstRow - from);
  }
  settle(part, std::move(kept));
  return part;
}

Envelope Envelope::select(const std::uint32_t* indices, std::int64_t count) const {
  auto part = *this;
  if (count == 0) {
    part.detail = nullptr;
    return part;
  }
  const auto n = static_cast<std::size_t>(count);
  Detail kept;
  kept.offsets.resize(n);
  const bool mapped = detail != nullptr && !detail->offsets.empty();
  for (std::size_t i = 0; i < n; ++i) kept.offsets[i] = mapped ? detail->offsets[indices[i]] : indices[i];
  if (detail != nullptr && !detail->runs.empty()) {
    const auto& runs = detail->runs;
    std::size_t run = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const std::int64_t row = indices[i];
      const bool inside = runs[run].firstRow <= row && (run + 1 == runs.size() || runs[run + 1].firstRow > row);
      if (!inside) run = runIndex(runs, row);
      appendRun(kept.runs, runs[run], static_cast<std::int64_t>(i));
    }
  }
  settle(part, std::move(kept));
  return part;
}

void EnvelopeJoin::addOffsets(const Envelope& envelope, std::int64_t rows) {
  const bool consecutive = envelope.detail == nullptr || envelope.detail->offsets.empty();
  if (consecutive && offsets_.empty() &&
      envelope.firstSequence == joined_.firstSequence + static_cast<std::uint64_t>(rows_))
    return;
  if (offsets_.empty())
    for (std::int64_t i = 0; i < rows_; ++i) offsets_.push_back(static_cast<std::uint32_t>(i));
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto offset = envelope.sequence(i) - joined_.firstSequence;
    if (offset > 0xffffffffu) {
      numbered_ = true;
      offsets_.clear();
      return;
    }
    offsets_.push_back(static_cast<std::uint32_t>(offset));
  }
}

void EnvelopeJoin::add(const Envelope& envelope, std::int64_t rows) {
  if (rows == 0) return;
  if (rows_ == 0) {
    joined_ = envelope;
    joined_.detail = nullptr;
  }
  numbered_ = numbered_ || envelope.origin != joined_.origin || envelope.partition != joined_.partition;
  if (numbered_) {
    offsets_.clear();
  } else {
    addOffsets(envelope, rows);
  }
  if (envelope.detail == nullptr || envelope.detail->runs.empty()) {
    appendRun(runs_, envelope.at(0), rows_);
  } else {
    for (const auto& run : envelope.detail->runs) appendRun(runs_, run, rows_ + run.firstRow);
  }
  rows_ += rows;
}

Envelope EnvelopeJoin::finish() && {
  auto made = joined_;
  if (offsets_.empty() && runs_.size() <= 1 && (runs_.empty() || runs_[0].trace == TraceId{})) return made;
  settle(made, {.offsets = std::move(offsets_), .runs = std::move(runs_)});
  return made;
}

}  // namespace weir
