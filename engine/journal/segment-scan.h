// SegmentScan: the records of one segment, looked at one by one, none believed before its checksums are right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/host/journal-disk.h"
#include "engine/journal/format.h"

namespace weir::journal {

struct FoundRecord {
  RecordHead head;
  std::int64_t offset = 0, end = 0;
  std::string_view payload;  // as stored; valid until the next look
};

class SegmentScan {
 public:
  enum class At : std::uint8_t { record, zeros, damage };

  /// Closes the file in the end.
  SegmentScan(JournalDisk& disk, JournalFileId file, std::int64_t fileBytes, std::uint64_t id, std::uint64_t epoch)
      : disk_(disk), file_(file), fileBytes_(fileBytes), id_(id), epoch_(epoch) {}
  ~SegmentScan() { disk_.close(file_); }
  SegmentScan(const SegmentScan&) = delete;
  SegmentScan& operator=(const SegmentScan&) = delete;

  /// Opens the segment's file; `fileBytes` as listed.
  [[nodiscard]] std::int64_t fileBytes() const { return fileBytes_; }
  [[nodiscard]] SealPlace place(std::int64_t offset) const { return {id_, epoch_, offset}; }
  /// What stands at `offset`. Errors are the disk's.
  [[nodiscard]] Result<At> look(std::int64_t offset, FoundRecord& found);
  /// The first record at or behind `offset`.
  [[nodiscard]] Result<bool> find(std::int64_t offset, FoundRecord& found);
  /// Behind the last byte from `offset` on that is not 0; `offset` if there is none.
  [[nodiscard]] Result<std::int64_t> behindLastByte(std::int64_t offset);

 private:
  /// Less only at the end of the file.
  [[nodiscard]] Result<std::string_view> bytes(std::int64_t offset, std::int64_t count);

  static constexpr std::int64_t kWindowBytes = 256 << 10;
  JournalDisk& disk_;
  JournalFileId file_;
  std::int64_t fileBytes_;
  std::uint64_t id_, epoch_;
  std::string window_;
  std::int64_t windowAt_ = 0;
};

}  // namespace weir::journal
