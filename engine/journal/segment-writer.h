// SegmentWriter: puts records behind each other into the file of one segment, a group at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "engine/host/journal-disk.h"
#include "engine/journal/row-codec.h"
#include "engine/journal/segments.h"

namespace weir::journal {

/// Makes the file, with its header on the disk and its name in the folder, and no record in it.
[[nodiscard]] Result<JournalFileId> createSegment(JournalDisk& disk, const SegmentHeader& header, std::int64_t bytes,
                                                  std::string_view ending = "segment");

class SegmentWriter {
 public:
  SegmentWriter(JournalDisk& disk, Sealer* sealer) : disk_(disk), sealer_(sealer) {}
  ~SegmentWriter() { close(); }
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;

  [[nodiscard]] bool isOpen() const { return open_; }
  /// Goes on behind info.usedBytes.
  void open(JournalFileId file, SegmentInfo info);
  /// The file is closed; what the segment holds is returned.
  SegmentInfo close();
  [[nodiscard]] const SegmentInfo& info() const { return info_; }
  /// Bytes for further records, before the group is written.
  [[nodiscard]] std::int64_t room() const { return info_.fileBytes - info_.usedBytes - groupBytes() - kHeadBytes; }
  [[nodiscard]] std::int64_t groupBytes() const { return static_cast<std::int64_t>(group_.size()); }

  /// Adds to the group; false if the segment has no room for it.
  [[nodiscard]] Result<bool> addEdges(const EdgeTable& table);
  /// A dense batch, with its schema where this segment does not have it yet.
  [[nodiscard]] Result<bool> addRows(std::uint32_t edge, std::uint64_t sequence, const Batch& batch);
  /// Before the row `position` of the edge.
  [[nodiscard]] Result<bool> addMark(std::uint32_t edge, const EdgeMark& mark);
  [[nodiscard]] Result<bool> addTop(std::uint32_t origin, std::uint32_t partition, std::uint64_t sequence);
  void addEnd();
  /// A record of another segment, its payload opened; it keeps its stream, so its schema is copied, too.
  [[nodiscard]] Result<bool> addCopy(RecordHead head, std::string_view plain);
  /// Writes and syncs the group. If the disk was full while writing, nothing has happened and the group stays.
  [[nodiscard]] Result<void> flush();

 private:
  struct Stream {
    SchemaRef schema;
    std::uint32_t number = 0;
    RowEncoder encoder;
  };
  static constexpr std::int64_t kMostStreams = 4096;
  template <class Encode>
  [[nodiscard]] Result<bool> add(RecordHead head, const Encode& encode);
  [[nodiscard]] Result<Stream*> streamFor(std::uint32_t edge, const Batch& batch);

  JournalDisk& disk_;
  Sealer* sealer_;
  bool open_ = false;
  JournalFileId file_ = 0;
  SegmentInfo info_;
  std::string group_, plain_;
  std::vector<std::pair<RecordHead, std::int64_t>> added_;  // by the group, with their offsets
  std::map<std::tuple<std::uint32_t, const Schema*, bool>, Stream> streams_;
};

}  // namespace weir::journal
