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
  std::int64_t position = 0;  // how many rows its node had dealt with before it; does not travel
  std::uint8_t input = 0;     // port of the node by which the row had come; travels with dead letters only
};

/// hash(run, origin, partition, sequence).
[[nodiscard]] TraceId traceAt(std::uint64_t runHash, const EnvelopePlace& place) noexcept;
/// Of a row that has no place (a source could not make a row of it): hash(run, origin, what the error packet says). The
/// `again`-th that says the same of one origin gets another one.
[[nodiscard]] TraceId traceOfFailure(std::uint64_t runHash, std::uint32_t origin, const ErrorPacket& packet,
                                     std::int64_t again);
/// The stored trace id if there is one, else the derived one.
[[nodiscard]] inline TraceId traceAt(std::uint64_t runHash, const EnvelopePlace& place, TraceId stored) noexcept {
  return stored == TraceId{} ? traceAt(runHash, place) : stored;
}
/// 32 hex digits.
[[nodiscard]] std::string traceText(TraceId trace);
/// Of row `row` of the envelope (physical), as 32 hex digits.
[[nodiscard]] std::string traceIdFor(std::uint64_t runHash, const Envelope& envelope, std::int64_t row);

/// The schema that error packets travel in: code, message, nodeId, traceId, recoverable, tries, row (any).
[[nodiscard]] const SchemaRef& errorSchema();
/// The rows keep the trace ids of their packets. Error `memory.limit`.
[[nodiscard]] Result<Batch> errorBatch(std::span<const ErrorPacket> packets, MemoryAccount& account);
/// Row `row` of a batch in errorSchema.
[[nodiscard]] ErrorPacket errorPacketOf(const Batch& batch, std::int64_t row);

}  // namespace weir
