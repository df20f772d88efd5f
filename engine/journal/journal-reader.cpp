// Reading back: from segment to segment, on the disk's thread.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "engine/journal/journal-impl.h"
#include "engine/journal/segment-copy.h"

namespace weir {

struct Journal::Reader::State {
  std::shared_ptr<Impl> journal;
  std::uint32_t edge = 0;
  std::uint64_t next = 0, to = 0;
  MemoryAccount* account = nullptr;

  // The segment that is read.
  std::unique_ptr<journal::SegmentScan> scan{};
  std::uint64_t segment = 0;
  std::uint32_t rewritten = 0;
  std::int64_t usedBytes = 0, offset = 0;
  std::map<std::uint32_t, journal::RowDecoder> decoders{};

  Result<std::optional<JournalRows>> read();
  Result<void> enter(const journal::SegmentInfo& info);
  Result<std::optional<JournalRows>> decode(const journal::FoundRecord& found);
};

const journal::SegmentInfo* Journal::Impl::segmentWith(std::uint32_t edge, std::uint64_t sequence) const {
  const auto has = [&](const journal::SegmentInfo& info) {
    const auto found = info.edges.find(edge);
    return found != info.edges.end() && found->second.end > sequence;
  };
  const auto found = std::ranges::find_if(closed_, has);
  if (found != closed_.end()) return &*found;
  return writer_.isOpen() && has(writer_.info()) ? &writer_.info() : nullptr;
}

Result<void> Journal::Reader::State::enter(const journal::SegmentInfo& info) {
  const bool same = segment == info.header.id && rewritten == info.rewritten;
  if (same && scan && usedBytes == info.usedBytes) return {};
  WEIR_ASSIGN(const auto file, journal->disk().open(journal::segmentName(info.header.id)));
  scan =
      std::make_unique<journal::SegmentScan>(journal->disk(), file, info.usedBytes, info.header.id, info.header.epoch);
  if (!same) offset = info.edges.at(edge).firstOffset;
  segment = info.header.id;
  rewritten = info.rewritten;
  usedBytes = info.usedBytes;
  decoders.clear();
  std::string opened;
  for (const auto at : info.schemas) {
    journal::FoundRecord found;
    WEIR_ASSIGN(const auto what, scan->look(at, found));
    if (what != journal::SegmentScan::At::record || found.head.edge != edge) continue;
    WEIR_ASSIGN(const auto plain, journal::plainPayload(journal->sealer(), scan->place(at), found, opened));
    WEIR_ASSIGN(auto decoder, journal::RowDecoder::make(plain, *account));
    decoders.insert_or_assign(found.head.stream, std::move(decoder));
  }
  return {};
}

Result<std::optional<JournalRows>> Journal::Reader::State::decode(const journal::FoundRecord& found) {
  const auto decoder = decoders.find(found.head.stream);
  if (decoder == decoders.end())
    return fail("journal.corrupt", "the schema of rows in the journal's segment '" + journal::segmentName(segment) +
                                       "' is damaged, so that they cannot be read");
  std::string opened;
  WEIR_ASSIGN(const auto plain, journal::plainPayload(journal->sealer(), scan->place(found.offset), found, opened));
  WEIR_ASSIGN(auto batch, decoder->second.rows(found.head, plain));
  auto first = found.head.sequence;
  const auto end = std::min(to, first + found.head.rows);
  const auto from = std::max(next, first);
  if (from > first || end < first + found.head.rows) {
    batch = batch.slice(static_cast<std::int64_t>(from - first), static_cast<std::int64_t>(end - from));
    first = from;
  }
  next = end;
  return JournalRows{.batch = std::move(batch), .sequence = first};
}

Result<std::optional<JournalRows>> Journal::Reader::State::read() {
  while (next < to) {
    const auto* info = journal->segmentWith(edge, next);
    if (info == nullptr) break;
    WEIR_TRY(enter(*info));
    journal::FoundRecord found;
    for (; offset < usedBytes; offset = found.end) {
      WEIR_ASSIGN(const auto what, scan->look(offset, found));
      if (what != journal::SegmentScan::At::record) {
        WEIR_ASSIGN(const auto another, scan->find(offset, found));
        if (!another) break;
      }
      const auto& head = found.head;
      if (head.kind != journal::RecordKind::batch || head.edge != edge || head.sequence + head.rows <= next) continue;
      if (head.sequence >= to) {
        next = to;
        return std::optional<JournalRows>();
      }
      auto rows = decode(found);
      offset = found.end;
      return rows;
    }
    next = std::max(next, info->edges.at(edge).end);
  }
  scan.reset();
  return std::optional<JournalRows>();
}

Operation<std::optional<JournalRows>> Journal::Reader::next(Waker waker) {
  Completion<std::optional<JournalRows>> completion(std::move(waker));
  auto operation = completion.operation();
  state_->journal->disk().post([state = state_, done = std::move(completion)]() mutable {
    if (!done.cancelled()) done.complete(state->read());
  });
  return operation;
}

Journal::Reader Journal::read(std::uint32_t edge, std::uint64_t from, std::uint64_t to, MemoryAccount& account) {
  auto state = std::make_shared<Reader::State>();
  state->journal = impl_;
  state->edge = edge;
  state->next = from;
  state->to = to;
  state->account = &account;
  return Reader(std::move(state));
}

}  // namespace weir
