// Groups of records: encoded in memory, then written and synced as one.
#include "engine/journal/segment-writer.h"

#include <utility>

#include "engine/journal/crc32c.h"
#include "engine/journal/little-endian.h"

namespace weir::journal {

Result<JournalFileId> createSegment(JournalDisk& disk, const SegmentHeader& header, std::int64_t bytes,
                                    std::string_view ending) {
  const auto name = segmentName(header.id, ending);
  WEIR_ASSIGN(const auto file, disk.create(name, bytes));
  auto made = disk.write(file, 0, encodeHeader(header));
  if (made) made = disk.sync(file);
  if (made) made = disk.syncFolder();
  if (made) return file;
  disk.close(file);
  if (made.error().code != "files.sync_failed") static_cast<void>(disk.remove(name));
  return std::unexpected(std::move(made.error()));
}

void SegmentWriter::open(JournalFileId file, SegmentInfo info) {
  close();
  open_ = true;
  file_ = file;
  info_ = std::move(info);
}

SegmentInfo SegmentWriter::close() {
  if (std::exchange(open_, false)) disk_.close(file_);
  group_.clear();
  added_.clear();
  streams_.clear();
  return std::exchange(info_, {});
}

template <class Encode>
Result<bool> SegmentWriter::add(RecordHead head, const Encode& encode) {
  const auto at = group_.size();
  const auto offset = info_.usedBytes + groupBytes();
  const auto bodyAt = at + static_cast<std::size_t>(kHeadBytes);
  group_.resize(bodyAt);
  const SealPlace place{.segment = info_.header.id, .epoch = info_.header.epoch, .offset = offset};
  Result<void> encoded;
  if (sealer_ == nullptr || head.kind == RecordKind::end) {
    encoded = encode(group_);
  } else {
    plain_.clear();
    encoded = encode(plain_);
    if (encoded) encoded = sealer_->seal(place, plain_, group_);
  }
  const auto payload = std::string_view(group_).substr(bodyAt);
  const auto end = offset + recordBytes(static_cast<std::int64_t>(payload.size()));
  // The end of the segment always has room.
  if (!encoded || end + kHeadBytes > info_.fileBytes || payload.size() > UINT32_MAX) {
    group_.resize(at);
    if (!encoded) return std::unexpected(std::move(encoded.error()));
    return false;
  }
  head.payloadBytes = static_cast<std::uint32_t>(payload.size());
  head.payloadCrc = crc32c(payload);
  head.group = static_cast<std::uint32_t>(info_.usedBytes / kAlignment);
  group_.resize(static_cast<std::size_t>(end - info_.usedBytes), '\0');
  encodeHead(head, place, group_.data() + at);
  added_.emplace_back(head, offset);
  return true;
}

Result<bool> SegmentWriter::addEdges(const EdgeTable& table) {
  return add(RecordHead{.kind = RecordKind::edges}, [&](std::string& to) -> Result<void> {
    table.encode(to);
    return {};
  });
}

Result<SegmentWriter::Stream*> SegmentWriter::streamFor(std::uint32_t edge, const Batch& batch) {
  const bool whole = RowEncoder::needsWholeEnvelope(batch);
  const std::tuple key{edge, batch.schema().get(), whole};
  if (const auto known = streams_.find(key); known != streams_.end()) return &known->second;
  if (static_cast<std::int64_t>(streams_.size()) >= kMostStreams) return nullptr;
  Stream stream{.schema = batch.schema(),
                .number = static_cast<std::uint32_t>(streams_.size()) + 1,
                .encoder = RowEncoder(batch.schema(), whole)};
  const RecordHead head{.kind = RecordKind::schema, .edge = edge, .stream = stream.number};
  WEIR_ASSIGN(const auto fits, add(head, [&](std::string& to) { return stream.encoder.schema(to); }));
  if (!fits) return nullptr;
  return &streams_.emplace(key, std::move(stream)).first->second;
}

Result<bool> SegmentWriter::addRows(std::uint32_t edge, std::uint64_t sequence, const Batch& batch) {
  WEIR_ASSIGN(const auto* stream, streamFor(edge, batch));
  if (stream == nullptr) return false;
  RecordHead head{.kind = RecordKind::batch, .edge = edge, .stream = stream->number, .sequence = sequence};
  head.rows = static_cast<std::uint32_t>(batch.rows());
  if (RowEncoder::needsWholeEnvelope(batch)) head.flags |= kWholeEnvelope;
  return add(head, [&](std::string& to) { return stream->encoder.rows(batch, to); });
}

Result<bool> SegmentWriter::addMark(std::uint32_t edge, const EdgeMark& mark) {
  const RecordHead head{.kind = RecordKind::mark, .edge = edge, .sequence = mark.position};
  return add(head, [&](std::string& to) -> Result<void> {
    put(to, mark.checkpoint);
    to += mark.note;
    return {};
  });
}

Result<bool> SegmentWriter::addTop(std::uint32_t origin, std::uint32_t partition, std::uint64_t sequence) {
  const RecordHead head{.kind = RecordKind::top, .edge = origin, .stream = partition, .sequence = sequence};
  return add(head, [](std::string&) -> Result<void> { return {}; });
}

void SegmentWriter::addEnd() {
  info_.fileBytes += kHeadBytes;  // the room that was kept for it
  static_cast<void>(add(RecordHead{.kind = RecordKind::end}, [](std::string&) -> Result<void> { return {}; }));
  info_.fileBytes -= kHeadBytes;
}

Result<bool> SegmentWriter::addCopy(RecordHead head, std::string_view plain) {
  return add(head, [&](std::string& to) -> Result<void> {
    to += plain;
    return {};
  });
}

Result<void> SegmentWriter::flush() {
  if (group_.empty()) return {};
  WEIR_TRY(disk_.write(file_, info_.usedBytes, group_));
  WEIR_TRY(disk_.sync(file_));
  for (const auto& [head, offset] : added_) info_.note(head, offset);
  info_.usedBytes += groupBytes();
  group_.clear();
  added_.clear();
  return {};
}

}  // namespace weir::journal
