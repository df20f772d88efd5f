// The bytes of a segment: its header, and the heads of its records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "engine/journal/sealer.h"

/// A segment is a header of 256 bytes, then records, each beginning at a multiple of 8 with a head of 40 bytes; behind
/// the last stand zeros, or the record `end` once nothing more will come. docs/reference/journal-format.md has it all.
namespace weir::journal {

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::int64_t kHeaderBytes = 256, kHeadBytes = 40, kAlignment = 8;
inline constexpr std::size_t kMostKeyId = 32, kMostRun = 128;

struct SegmentHeader {
  std::uint64_t id = 0;     // counts up; the name of the file says it too
  std::uint64_t epoch = 0;  // of the owner that wrote it
  std::string keyId{};      // empty: not sealed
  std::string run{};        // longer ones are cut
};

[[nodiscard]] std::string encodeHeader(const SegmentHeader& header);
/// `id` is what the name says. Errors `journal.newer_version` and `journal.corrupt`, which name the segment.
[[nodiscard]] Result<SegmentHeader> decodeHeader(std::string_view bytes, std::uint64_t id);

/// `00000000000000c5.segment`; what is being made ends in `.making`, what was set aside in `.quarantined`.
[[nodiscard]] std::string segmentName(std::uint64_t id, std::string_view ending = "segment");
/// 0 if the name is not that of a segment with this ending.
[[nodiscard]] std::uint64_t segmentOfName(std::string_view name, std::string_view ending = "segment");

enum class RecordKind : std::uint16_t {
  edges = 1,   // the table of edges as it is here; the first record of each segment
  schema = 2,  // an Arrow schema message; batches of `stream` have it
  batch = 3,   // rows of an edge: a short envelope unless kWholeEnvelope, then an Arrow batch message
  end = 4,     // nothing follows
  mark = 5,    // a checkpoint's barrier on an edge, before its row `sequence`: the checkpoint's number, then a note
  top = 6      // all rows of origin `edge` and partition `stream` up to `sequence` are here, on all their edges
};

/// The Arrow message has the field `weir.envelope`, and no short envelope stands before it.
inline constexpr std::uint16_t kWholeEnvelope = 1;

struct RecordHead {
  std::uint32_t payloadBytes = 0;  // as stored: sealed
  RecordKind kind = RecordKind::end;
  std::uint16_t flags = 0;
  std::uint32_t edge = 0;      // its number in the table of edges
  std::uint32_t stream = 0;    // counts up from 1 in each segment
  std::uint64_t sequence = 0;  // of its first row among all rows of the edge
  std::uint32_t rows = 0;
  std::uint32_t group = 0;  // where the group begins that was written and synced as one; in units of 8 bytes
  std::uint32_t payloadCrc = 0;
};

/// Where a record ends whose payload has so many bytes.
[[nodiscard]] constexpr std::int64_t recordBytes(std::int64_t payloadBytes) {
  return (kHeadBytes + payloadBytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// Writes the 40 bytes. The segment's id, its owner's epoch and the record's place are part of the checksum: a record
/// that stands anywhere else does not count.
void encodeHead(const RecordHead& head, const SealPlace& place, char* to);
/// False if it is no head, or not one of this place.
[[nodiscard]] bool decodeHead(std::string_view bytes, const SealPlace& place, RecordHead& head);

}  // namespace weir::journal
