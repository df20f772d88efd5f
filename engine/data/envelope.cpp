// Looking up, slicing, selecting and joining envelope rows.
#include "engine/data/envelope.h"

#include <algorithm>

namespace weir {
namespace {

/// The run (or place) that holds `row`; they are not empty and start at row 0.
template <class Run>
std::size_t runIndex(const std::vector<Run>& runs, std::int64_t row) noexcept {
  const auto at = std::ranges::upper_bound(runs, row, {}, &Run::firstRow);
  return at == runs.begin() ? 0 : static_cast<std::size_t>(at - runs.begin() - 1);
}

/// The same for rows that mostly come in order: `near` is where the last one was.
template <class Run>
const Run& runNear(const std::vector<Run>& runs, std::int64_t row, std::size_t& near) noexcept {
  while (near + 1 < runs.size() && runs[near + 1].firstRow <= row && runs[near].firstRow <= row) ++near;
  if (runs[near].firstRow > row) near = runIndex(runs, row);
  return runs[near];
}

bool sameValues(const EnvelopeRun& a, const EnvelopeRun& b) noexcept {
  return a.timestampMicros == b.timestampMicros && a.priority == b.priority && a.trace == b.trace;
}

/// The value of a plain column, or the one that holds for all rows.
template <class T>
T plainOr(const std::vector<T>& column, std::int64_t row, T inlined) noexcept {
  return column.empty() ? inlined : column[static_cast<std::size_t>(row)];
}

bool plainRuns(const Envelope::Detail& detail) noexcept {
  return !detail.timestamps.empty() || !detail.priorities.empty() || !detail.traces.empty();
}

bool plainPlaces(const Envelope::Detail& detail) noexcept {
  return !detail.origins.empty() || !detail.partitions.empty() || !detail.sequences.empty();
}

/// Only offsets, if anything: what rows of one source and one moment look like behind a filter.
bool onlyOffsets(const Envelope::Detail* detail) noexcept {
  return detail == nullptr ||
         (detail->runs.empty() && detail->places.empty() && !plainRuns(*detail) && !plainPlaces(*detail));
}

void storeOffsets(Envelope& envelope, std::vector<std::uint32_t> offsets) {
  bool consecutive = true;
  for (std::size_t i = 1; consecutive && i < offsets.size(); ++i) consecutive = offsets[i] == offsets[i - 1] + 1;
  envelope.detail = nullptr;
  if (consecutive) {
    if (!offsets.empty()) envelope.firstSequence += offsets.front();
    return;
  }
  Envelope::Detail detail;
  detail.offsets = std::move(offsets);
  envelope.detail = std::make_shared<const Envelope::Detail>(std::move(detail));
}

/// A plain column of what differs; empty if nothing does.
template <class T, class Run, class Get>
std::vector<T> spread(const std::vector<Run>& runs, std::int64_t rows, T inlined, Get get) {
  if (std::ranges::all_of(runs, [&](const Run& run) { return get(run) == inlined; })) return {};
  std::vector<T> column(static_cast<std::size_t>(rows));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto end = i + 1 < runs.size() ? runs[i + 1].firstRow : rows;
    for (auto row = runs[i].firstRow; row < end; ++row) column[static_cast<std::size_t>(row)] = get(runs[i]);
  }
  return column;
}

}  // namespace

std::uint64_t Envelope::sequence(std::int64_t row) const noexcept { return place(row).sequence; }

EnvelopePlace Envelope::place(std::int64_t row) const noexcept {
  const auto at = static_cast<std::uint64_t>(row);
  if (detail == nullptr) return {row, origin, partition, firstSequence + at};
  if (!detail->places.empty()) {
    auto found = detail->places[runIndex(detail->places, row)];
    found.sequence += static_cast<std::uint64_t>(row - found.firstRow);
    found.firstRow = row;
    return found;
  }
  const auto i = static_cast<std::size_t>(row);
  const auto counted = firstSequence + (detail->offsets.empty() ? at : detail->offsets[i]);
  return {row, plainOr(detail->origins, row, origin), plainOr(detail->partitions, row, partition),
          plainOr(detail->sequences, row, counted)};
}

EnvelopeRun Envelope::at(std::int64_t row) const noexcept {
  if (detail == nullptr) return {.firstRow = 0, .timestampMicros = timestampMicros, .priority = priority};
  if (!detail->runs.empty()) return detail->runs[runIndex(detail->runs, row)];
  return {.firstRow = 0,
          .timestampMicros = plainOr(detail->timestamps, row, timestampMicros),
          .priority = plainOr(detail->priorities, row, priority),
          .trace = plainOr(detail->traces, row, TraceId{})};
}

Envelope Envelope::slice(std::int64_t from, std::int64_t rows) const {
  auto part = *this;
  if (detail == nullptr) {
    part.firstSequence += static_cast<std::uint64_t>(from);
    return part;
  }
  if (onlyOffsets(detail.get())) {
    const auto at = detail->offsets.begin() + static_cast<std::ptrdiff_t>(from);
    storeOffsets(part, {at, at + static_cast<std::ptrdiff_t>(rows)});
    return part;
  }
  EnvelopeJoin join;
  join.add(*this, from, rows);
  return std::move(join).finish();
}

Envelope Envelope::select(const std::uint32_t* indices, std::int64_t count) const {
  auto part = *this;
  if (count == 0) {
    part.detail = nullptr;
    return part;
  }
  if (onlyOffsets(detail.get())) {
    std::vector<std::uint32_t> offsets(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < offsets.size(); ++i)
      offsets[i] = detail == nullptr ? indices[i] : detail->offsets[indices[i]];
    storeOffsets(part, std::move(offsets));
    return part;
  }
  EnvelopeJoin join;
  join.select(*this, indices, count);
  return std::move(join).finish();
}

void EnvelopeJoin::select(const Envelope& from, const std::uint32_t* indices, std::int64_t count) {
  const auto& detail = *from.detail;
  const auto n = static_cast<std::size_t>(count);
  rows_ = count;
  std::size_t near = 0, gaps = 0;
  for (std::size_t i = 0; i < n; ++i) {
    auto run = detail.runs.empty() ? from.at(indices[i]) : runNear(detail.runs, indices[i], near);
    run.firstRow = static_cast<std::int64_t>(i);
    addRun(run);
    gaps += i > 0 && indices[i] != indices[i - 1] + 1 ? 1 : 0;
  }
  near = 0;
  const auto placeOf = [&](std::size_t i) {
    const std::int64_t row = indices[i];
    if (detail.places.empty()) return from.place(row);
    auto place = runNear(detail.places, row, near);
    place.sequence += static_cast<std::uint64_t>(row - place.firstRow);
    return place;
  };
  if (!many(gaps)) {
    for (std::size_t i = 0; i < n; ++i) {
      auto place = placeOf(i);
      place.firstRow = static_cast<std::int64_t>(i);
      addPlace(place);
    }
    return;
  }
  // Every gap would be a place of its own.
  places_.push_back(placeOf(0));
  plain_.origins.resize(n);
  plain_.partitions.resize(n);
  plain_.sequences.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto place = placeOf(i);
    plain_.origins[i] = place.origin;
    plain_.partitions[i] = place.partition;
    plain_.sequences[i] = place.sequence;
  }
}

void EnvelopeJoin::addPlace(EnvelopePlace place) {
  if (!places_.empty()) {
    const auto& last = places_.back();
    const auto next = last.sequence + static_cast<std::uint64_t>(place.firstRow - last.firstRow);
    if (last.origin == place.origin && last.partition == place.partition && next == place.sequence) return;
  }
  places_.push_back(place);
}

void EnvelopeJoin::addRun(EnvelopeRun run) {
  if (runs_.empty() || !sameValues(runs_.back(), run)) runs_.push_back(run);
}

void EnvelopeJoin::addPlaces(const Envelope& envelope, std::int64_t from, std::int64_t rows) {
  const auto* detail = envelope.detail.get();
  const auto addAt = [&](std::int64_t row) {
    auto place = envelope.place(row);
    place.firstRow = rows_ + row - from;
    addPlace(place);
  };
  if (detail != nullptr && (!detail->offsets.empty() || plainPlaces(*detail))) {
    for (auto row = from; row < from + rows; ++row) addAt(row);
    return;
  }
  addAt(from);
  if (detail == nullptr) return;
  for (const auto& place : detail->places) {
    if (place.firstRow > from && place.firstRow < from + rows) addAt(place.firstRow);
  }
}

void EnvelopeJoin::addRuns(const Envelope& envelope, std::int64_t from, std::int64_t rows) {
  const auto* detail = envelope.detail.get();
  const auto addAt = [&](std::int64_t row) {
    auto run = envelope.at(row);
    run.firstRow = rows_ + row - from;
    addRun(run);
  };
  if (detail != nullptr && plainRuns(*detail)) {
    for (auto row = from; row < from + rows; ++row) addAt(row);
    return;
  }
  addAt(from);
  if (detail == nullptr) return;
  for (const auto& run : detail->runs) {
    if (run.firstRow > from && run.firstRow < from + rows) addAt(run.firstRow);
  }
}

void EnvelopeJoin::add(const Envelope& envelope, std::int64_t from, std::int64_t rows) {
  if (rows == 0) return;
  addPlaces(envelope, from, rows);
  addRuns(envelope, from, rows);
  rows_ += rows;
}

void EnvelopeJoin::add(const EnvelopePlace& place, const EnvelopeRun& run) {
  auto placed = place;
  auto valued = run;
  placed.firstRow = valued.firstRow = rows_;
  addPlace(placed);
  addRun(valued);
  ++rows_;
}

void EnvelopeJoin::storePlaces(Envelope& made, Envelope::Detail& detail) {
  made.origin = places_[0].origin;
  made.partition = places_[0].partition;
  made.firstSequence = places_[0].sequence;
  if (!plain_.sequences.empty()) {
    detail = std::move(plain_);
    const auto same = [](const auto& column, auto value) {
      return std::ranges::all_of(column, [value](auto each) { return each == value; });
    };
    if (same(detail.origins, made.origin)) detail.origins.clear();
    if (same(detail.partitions, made.partition)) detail.partitions.clear();
    return;
  }
  if (places_.size() == 1) return;
  bool near = true;  // one source, and close together
  for (const auto& place : places_) {
    near = near && place.origin == made.origin && place.partition == made.partition &&
           place.sequence >= made.firstSequence &&
           place.sequence - made.firstSequence + static_cast<std::uint64_t>(rows_) <= 0xffffffffu;
  }
  if (!many(places_.size())) {
    detail.places = std::move(places_);
    return;
  }
  const auto sequences = [&]<class T>(std::vector<T>& into, std::uint64_t first) {
    into.resize(static_cast<std::size_t>(rows_));
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const auto end = i + 1 < places_.size() ? places_[i + 1].firstRow : rows_;
      for (auto row = places_[i].firstRow; row < end; ++row) {
        const auto sequence = places_[i].sequence + static_cast<std::uint64_t>(row - places_[i].firstRow);
        into[static_cast<std::size_t>(row)] = static_cast<T>(sequence - first);
      }
    }
  };
  if (near) {
    sequences(detail.offsets, made.firstSequence);
    return;
  }
  detail.origins = spread(places_, rows_, made.origin, [](const auto& place) { return place.origin; });
  detail.partitions = spread(places_, rows_, made.partition, [](const auto& place) { return place.partition; });
  sequences(detail.sequences, 0);
}

void EnvelopeJoin::storeRuns(Envelope& made, Envelope::Detail& detail) {
  made.timestampMicros = runs_[0].timestampMicros;
  made.priority = runs_[0].priority;
  if (runs_.size() == 1 && runs_[0].trace == TraceId{}) return;
  if (!many(runs_.size())) {
    detail.runs = std::move(runs_);
    return;
  }
  detail.timestamps = spread(runs_, rows_, made.timestampMicros, [](const auto& run) { return run.timestampMicros; });
  detail.priorities = spread(runs_, rows_, made.priority, [](const auto& run) { return run.priority; });
  detail.traces = spread(runs_, rows_, TraceId{}, [](const auto& run) { return run.trace; });
}

Envelope EnvelopeJoin::finish() && {
  Envelope made;
  if (rows_ == 0) return made;
  Envelope::Detail detail;
  storePlaces(made, detail);
  storeRuns(made, detail);
  const bool plain = plainRuns(detail) || plainPlaces(detail);
  if (plain || !detail.offsets.empty() || !detail.runs.empty() || !detail.places.empty())
    made.detail = std::make_shared<const Envelope::Detail>(std::move(detail));
  return made;
}

}  // namespace weir
