// Twice through the old segment: first to know how large the new one is.
#include "engine/journal/segment-copy.h"

#include <utility>

#include "engine/journal/segment-writer.h"

namespace weir::journal {
namespace {

constexpr std::int64_t kGroupBytes = 4 << 20;
/// More than any sealer adds to a record.
constexpr std::int64_t kSealBytes = 64;

/// Calls `each` with every sound record but the end.
template <class Each>
Result<void> walk(SegmentScan& scan, const SegmentInfo& info, const Each& each) {
  FoundRecord found;
  for (auto at = kHeaderBytes; at < info.usedBytes; at = found.end) {
    WEIR_ASSIGN(const auto what, scan.look(at, found));
    if (what != SegmentScan::At::record) {
      WEIR_ASSIGN(const auto another, scan.find(at, found));
      if (!another || found.offset >= info.usedBytes) break;
    }
    if (found.head.kind == RecordKind::end) break;
    WEIR_TRY(each(found));
  }
  return {};
}

}  // namespace

Result<std::string_view> plainPayload(Sealer* sealer, const SealPlace& place, const FoundRecord& found,
                                      std::string& opened) {
  if (sealer == nullptr || found.head.kind == RecordKind::end) return found.payload;
  opened.clear();
  WEIR_TRY(sealer->open(place, found.payload, opened));
  return std::string_view(opened);
}

Result<SegmentInfo> copySegment(JournalDisk& disk, Sealer* sealer, SegmentScan& from, const SegmentInfo& info,
                                const std::function<bool(const RecordHead&)>& wanted) {
  const auto stays = [&](const RecordHead& head) { return head.kind != RecordKind::batch || wanted(head); };
  auto bytes = kHeaderBytes + kHeadBytes;
  WEIR_TRY(walk(from, info, [&](const FoundRecord& found) -> Result<void> {
    if (stays(found.head)) bytes += recordBytes(found.head.payloadBytes + kSealBytes);
    return {};
  }));
  // One that was begun and never finished.
  static_cast<void>(disk.remove(segmentName(info.header.id, "making")));
  WEIR_ASSIGN(const auto file, createSegment(disk, info.header, bytes, "making"));
  SegmentWriter writer(disk, sealer);
  writer.open(file, SegmentInfo{.header = info.header, .fileBytes = bytes, .usedBytes = kHeaderBytes});
  std::string opened;
  WEIR_TRY(walk(from, info, [&](const FoundRecord& found) -> Result<void> {
    if (!stays(found.head)) return {};
    WEIR_ASSIGN(const auto plain, plainPayload(sealer, from.place(found.offset), found, opened));
    WEIR_ASSIGN(const auto fits, writer.addCopy(found.head, plain));
    if (!fits) return fail("journal.corrupt", "a segment of the journal changed while it was copied");
    return writer.groupBytes() < kGroupBytes ? Result<void>() : writer.flush();
  }));
  writer.addEnd();
  WEIR_TRY(writer.flush());
  auto made = writer.close();
  made.rewritten = info.rewritten + 1;
  return made;
}

}  // namespace weir::journal
