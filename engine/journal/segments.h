// SegmentInfo: what is known in memory of a segment's file: which rows of which edges lie in it, and where.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/journal/edge-table.h"
#include "engine/journal/format.h"

namespace weir::journal {

/// The rows first..end-1 of an edge, as far as they are here.
struct EdgeSpan {
  std::uint64_t first = 0, end = 0;
  std::int64_t firstOffset = 0;  // of the record that begins with `first`
  std::int64_t bytes = 0;        // of all its records
};

struct SegmentInfo {
  SegmentHeader header;
  std::int64_t fileBytes = 0;   // what the file takes
  std::int64_t usedBytes = 0;   // where the next record goes
  std::uint32_t rewritten = 0;  // how often: places in it hold only as long as this stays
  std::map<std::uint32_t, EdgeSpan> edges{};
  std::vector<std::int64_t> schemas{};  // where they stand

  /// Takes note of a record that stands at `offset`.
  void note(const RecordHead& head, std::int64_t offset) {
    if (head.kind == RecordKind::schema) schemas.push_back(offset);
    if (head.kind != RecordKind::batch) return;
    const auto [found, isNew] = edges.try_emplace(head.edge);
    auto& span = found->second;
    if (isNew) {
      span.first = head.sequence;
      span.firstOffset = offset;
    }
    span.end = head.sequence + head.rows;
    span.bytes += recordBytes(head.payloadBytes);
  }
  /// No edge needs anything of it.
  [[nodiscard]] bool released(const EdgeTable& table) const {
    for (const auto& [edge, span] : edges)
      if (table.at(edge).position < span.end) return false;
    return true;
  }
};

}  // namespace weir::journal
