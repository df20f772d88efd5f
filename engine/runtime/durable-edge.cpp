// What goes into the journal, and what has been there before.
#include "engine/runtime/durable-edge.h"

#include <algorithm>
#include <utility>

#include "engine/data/blob.h"
#include "engine/journal/little-endian.h"

namespace weir::runtime {
namespace {

/// What the journal adds to the rows of one batch, roughly.
constexpr std::int64_t kRecordBytes = 256;
constexpr std::size_t kLeastCutBytes = 16, kTopBytes = 12;

/// A stream of bytes ends with its run: nothing of it would be there after a failure.
Result<void> refuseStreams(const Batch& batch) {
  for (const auto& column : batch.columns()) {
    if (column.type->kind != Kind::blob) continue;
    for (std::int64_t row = 0; row < batch.physicalRows(); ++row) {
      if (column.isNull(column.offset + row)) continue;
      const auto blob = decodeBlob(column.text(column.offset + row));
      if (blob && blob->kind == BlobKind::stream)
        return fail("journal.stream_blob",
                    "a row with the stream of bytes '" + blob->uri +
                        "' came to a durable edge; streams end with their run. Store the bytes first, or leave the "
                        "edge's guarantee at memory");
    }
  }
  return {};
}

std::unexpected<Error> badCuts() {
  return fail("journal.corrupt", "a mark in the journal does not make sense; it was written by a faulty release");
}

}  // namespace

bool JournalCut::hides(std::uint64_t position, const EnvelopePlace& place) const {
  if (position >= before || place.origin != origin) return false;
  const auto top = tops.find(place.partition);
  return top == tops.end() || place.sequence > top->second;
}

std::string encodeCuts(const std::vector<JournalCut>& cuts) {
  std::string bytes;
  for (const auto& cut : cuts) {
    journal::put(bytes, cut.before);
    journal::put(bytes, cut.origin);
    journal::put(bytes, static_cast<std::uint32_t>(cut.tops.size()));
    for (const auto& [partition, sequence] : cut.tops) {
      journal::put(bytes, partition);
      journal::put(bytes, sequence);
    }
  }
  return bytes;
}

Result<std::vector<JournalCut>> decodeCuts(std::string_view bytes) {
  std::vector<JournalCut> cuts;
  journal::Taking from{.rest = bytes};
  while (!from.rest.empty()) {
    if (from.rest.size() < kLeastCutBytes) return badCuts();
    JournalCut cut;
    cut.before = from.number<std::uint64_t>();
    cut.origin = from.number<std::uint32_t>();
    const auto count = from.number<std::uint32_t>();
    if (count > from.rest.size() / kTopBytes) return badCuts();
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto partition = from.number<std::uint32_t>();
      cut.tops[partition] = from.number<std::uint64_t>();
    }
    cuts.push_back(std::move(cut));
  }
  return cuts;
}

Result<void> DurableEdge::resume(const journal::EdgeState& state, const Resume& how) {
  position_ = state.position;
  refillEnd_ = state.next;
  madeAgain_ = *how.madeAgain;
  const auto mark = std::ranges::find(state.marks, how.checkpoint, &journal::EdgeMark::checkpoint);
  if (mark != state.marks.end()) {
    position_ = std::max(position_, mark->position);
    WEIR_ASSIGN(cuts_, decodeCuts(mark->note));
  }
  if (how.told != 0 && refilling()) {
    JournalCut cut{.before = refillEnd_, .origin = how.told};
    for (const auto& [source, sequence] : *how.tops)
      if (source.first == how.told) cut.tops[source.second] = sequence;
    cuts_.push_back(std::move(cut));
  }
  std::erase_if(cuts_, [this](const JournalCut& each) { return each.before <= position_; });
  barriers_.push_back({how.checkpoint, position_});
  // Before the first row of the source: whoever finds that row finds the cut as well.
  if (!cuts_.empty()) journal_.mark(number_, static_cast<std::uint64_t>(how.checkpoint), position_, encodeCuts(cuts_));
  return {};
}

Result<Batch> DurableEdge::refilled(const JournalRows& rows) {
  const auto& batch = rows.batch;
  position_ = rows.sequence + static_cast<std::uint64_t>(batch.rows());
  std::vector<std::uint32_t> kept;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    const auto place = batch.envelope().place(row);
    const auto position = rows.sequence + static_cast<std::uint64_t>(row);
    if (place.origin < madeAgain_.size() && madeAgain_[place.origin]) continue;
    if (std::ranges::any_of(cuts_, [&](const JournalCut& cut) { return cut.hides(position, place); })) continue;
    kept.push_back(static_cast<std::uint32_t>(row));
  }
  if (static_cast<std::int64_t>(kept.size()) == batch.rows()) return batch;
  return batch.gather(kept);
}

Result<void> DurableEdge::admit(std::vector<Entry>& entries) {
  for (const auto& entry : entries) {
    if (entry.rows == 0) continue;
    WEIR_ASSIGN(auto dense, entry.batch.dense());
    WEIR_TRY(refuseStreams(dense));
    position_ += static_cast<std::uint64_t>(dense.rows());
    refillEnd_ = position_;
    roomBytes_ -= dense.logicalBytes() + kRecordBytes;
    journal_.append(number_, std::move(dense));
  }
  return {};
}

void DurableEdge::mark(CheckpointId checkpoint) {
  while (!barriers_.empty() && barriers_.back().checkpoint >= checkpoint) barriers_.pop_back();
  barriers_.push_back({checkpoint, position_});
  std::erase_if(cuts_, [this](const JournalCut& cut) { return cut.before <= position_; });
  journal_.mark(number_, static_cast<std::uint64_t>(checkpoint), position_, encodeCuts(cuts_));
}

void DurableEdge::completed(CheckpointId checkpoint) {
  while (!barriers_.empty() && barriers_.front().checkpoint < checkpoint) barriers_.pop_front();
  if (barriers_.empty() || barriers_.front().checkpoint != checkpoint) return;
  journal_.release(number_, barriers_.front().position, static_cast<std::uint64_t>(checkpoint));
}

}  // namespace weir::runtime
