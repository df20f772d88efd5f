// Packet and ErrorPacket: a row as people and per-row code see it, and a row that failed.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/data/batch.h"
#include "engine/data/value.h"

namespace weir {

/// `{schemaVersion, value, binaryValue?, traceId, originNode, timestamp}`.
struct Packet {
  std::string schemaVersion;
  Value value;
  Value binaryValue;  // null: none
  std::string traceId;
  std::string originNode;
  std::int64_t timestampMicros = 0;
};

/// `{code, message, nodeId, traceId, recoverable}`, plus the row that caused it and the number of tries.
struct ErrorPacket {
  std::string code;  // from the closed list in error-codes.tsv
  std::string message;
  std::string nodeId;   // or the id of the edge whose expression failed
  std::string traceId;  // 32 hex digits
  bool recoverable = false;
  Value row;  // as far as it could be read; null if nothing could
  std::int64_t tries = 1;
};

/// hash(run, origin, partition, sequence) as 32 hex digits; a trace id that came from outside goes first.
[[nodiscard]] std::string traceIdFor(std::uint64_t runHash, const Envelope& envelope, std::uint64_t sequence);

/// The schema that error packets travel in: code, message, nodeId, traceId, recoverable, tries, row (any).
[[nodiscard]] const SchemaRef& errorSchema();
/// Error `memory.limit`.
[[nodiscard]] Result<Batch> errorBatch(std::span<const ErrorPacket> packets, MemoryAccount& account);
/// Row `row` of a batch in errorSchema.
[[nodiscard]] ErrorPacket errorPacketOf(const Batch& batch, std::int64_t row);

}  // namespace weir
