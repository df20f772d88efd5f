// Segment by segment.
#include "engine/journal/reseal.h"

#include <string>
#include <utility>

#include "engine/journal/format.h"
#include "engine/journal/segment-copy.h"
#include "engine/journal/segment-scan.h"

namespace weir {
namespace {

using namespace journal;

/// Opens as the old one did, seals as the new one does.
class Between final : public Sealer {
 public:
  Between(Sealer* from, Sealer& to) : from_(from), to_(to) {}
  [[nodiscard]] std::string_view keyId() const override { return to_.keyId(); }
  [[nodiscard]] Result<void> seal(const SealPlace& place, std::string_view plain, std::string& out) override {
    return to_.seal(place, plain, out);
  }
  [[nodiscard]] Result<void> open(const SealPlace& place, std::string_view sealed, std::string& out) override {
    if (from_ != nullptr) return from_->open(place, sealed, out);
    out += sealed;
    return {};
  }

 private:
  Sealer* from_;
  Sealer& to_;
};

struct Walked {
  std::int64_t usedBytes = kHeaderBytes;
  bool whole = false;
};

/// Where its records end, if nothing but zeros stands behind them.
Result<Walked> walk(SegmentScan& scan) {
  Walked walked;
  FoundRecord found;
  for (;;) {
    WEIR_ASSIGN(const auto what, scan.look(walked.usedBytes, found));
    if (what != SegmentScan::At::record) {
      WEIR_ASSIGN(const auto behind, scan.behindLastByte(walked.usedBytes));
      walked.whole = behind <= walked.usedBytes;
      return walked;
    }
    walked.usedBytes = found.end;
    if (found.head.kind != RecordKind::end) continue;
    walked.whole = true;
    return walked;
  }
}

}  // namespace

Result<ResealReport> resealJournal(JournalDisk& disk, journal::Sealer* from, journal::Sealer& to) {
  ResealReport report;
  WEIR_ASSIGN(const auto files, disk.list());
  // Half of a replacement by recovery: that has to be finished first.
  for (const auto& file : files) {
    if (segmentOfName(file.name, "making") == 0) continue;
    bool there = false;
    for (const auto& other : files) there = there || other.name == segmentName(segmentOfName(file.name, "making"));
    if (!there) ++report.left;
  }
  if (report.left > 0) return report;
  for (const auto& file : files) {
    const auto id = segmentOfName(file.name);
    if (id == 0) continue;
    WEIR_ASSIGN(const auto opened, disk.open(file.name));
    std::string bytes(static_cast<std::size_t>(kHeaderBytes), '\0');
    auto read = disk.read(opened, 0, bytes);
    bytes.resize(read ? static_cast<std::size_t>(*read) : 0);
    auto header = decodeHeader(bytes, id);
    SegmentScan scan(disk, opened, file.bytes, id, header ? header->epoch : 0);
    if (!header) {
      ++report.left;
      continue;
    }
    if (header->keyId != (from == nullptr ? std::string_view() : from->keyId())) continue;
    WEIR_ASSIGN(const auto walked, walk(scan));
    if (!walked.whole) {
      ++report.left;
      continue;
    }
    SegmentInfo info;
    info.header = std::move(*header);
    info.header.keyId = to.keyId();
    info.fileBytes = file.bytes;
    info.usedBytes = walked.usedBytes;
    Between between(from, to);
    WEIR_TRY(copySegment(disk, &between, scan, info, [](const RecordHead&) { return true; }));
    WEIR_TRY(disk.rename(segmentName(id, "making"), file.name));
    WEIR_TRY(disk.syncFolder());
    ++report.written;
  }
  return report;
}

}  // namespace weir
