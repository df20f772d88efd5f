// Rows as packets, failures as rows.
#include "engine/data/packet.h"

#include <array>
#include <utility>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/hash.h"
#include "engine/data/trace-context.h"
#include "engine/data/value-json.h"

namespace weir {

TraceId traceAt(std::uint64_t runHash, const EnvelopePlace& place) noexcept {
  const auto high = hash::combine(runHash, (std::uint64_t{place.origin} << 32U) | place.partition);
  return {high, hash::combine(high, place.sequence)};
}

TraceId traceOfFailure(std::uint64_t runHash, std::uint32_t origin, const ErrorPacket& packet, std::int64_t again) {
  // Not the message: it may tell of the place where the run took place.
  std::string row;
  appendJson(row, packet.row);
  const auto high = hash::combine(runHash, hash::combine(std::uint64_t{origin}, hash::ofBytes(packet.code)));
  return {high, hash::combine(hash::combine(high, hash::ofBytes(row)), static_cast<std::uint64_t>(again))};
}

std::string traceText(TraceId trace) {
  std::string text;
  text.reserve(32);
  appendHex(text, trace.high);
  appendHex(text, trace.low);
  return text;
}

std::string traceIdFor(std::uint64_t runHash, const Envelope& envelope, std::int64_t row) {
  return traceText(traceAt(runHash, envelope.place(row), envelope.at(row).trace));
}

const SchemaRef& errorSchema() {
  static const SchemaRef schema = Schema::of({{"code", Type::string(), false},
                                              {"message", Type::string(), false},
                                              {"nodeId", Type::string(), false},
                                              {"traceId", Type::string(), false},
                                              {"recoverable", Type::boolean(), false},
                                              {"tries", Type::int64(), false},
                                              {"row", Type::any(), true}});
  return schema;
}

Result<Batch> errorBatch(std::span<const ErrorPacket> packets, MemoryAccount& account) {
  BatchBuilder builder(errorSchema(), account);
  EnvelopeJoin envelope;
  for (const auto& packet : packets) {
    const std::array<Value, 7> values{Value::string(packet.code),
                                      Value::string(packet.message),
                                      Value::string(packet.nodeId),
                                      Value::string(packet.traceId),
                                      Value::boolean(packet.recoverable),
                                      Value::int64(packet.tries),
                                      packet.row};
    WEIR_TRY(builder.append(values));
    EnvelopeRun run;
    run.trace = parseTraceId(packet.traceId).value_or(TraceId{});
    envelope.add(EnvelopePlace{}, run);
  }
  return builder.finish(std::move(envelope).finish());
}

ErrorPacket errorPacketOf(const Batch& batch, std::int64_t row) {
  ErrorPacket packet;
  packet.code = batch.column(0).text(row);
  packet.message = batch.column(1).text(row);
  packet.nodeId = batch.column(2).text(row);
  packet.traceId = batch.column(3).text(row);
  packet.recoverable = batch.column(4).boolean(row);
  packet.tries = batch.column(5).ints()[static_cast<std::size_t>(row)];
  packet.row = batch.value(row, 6);
  return packet;
}

}  // namespace weir
