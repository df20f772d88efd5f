// Rows as packets, failures as rows.
#include "engine/data/packet.h"

#include <array>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/hash.h"

namespace weir {
namespace {

void appendHex(std::string& text, std::uint64_t bits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(bits >> static_cast<unsigned>(shift)) & 15U];
}

}  // namespace

std::string traceIdFor(std::uint64_t runHash, const Envelope& envelope, std::uint64_t sequence) {
  TraceId trace;
  if (envelope.detail) {
    for (const auto& run : envelope.detail->runs) {
      if (run.trace != TraceId{}) trace = run.trace;
    }
  }
  if (trace == TraceId{}) {
    const auto place = (std::uint64_t{envelope.origin} << 32U) | envelope.partition;
    trace.high = hash::combine(runHash, place);
    trace.low = hash::combine(trace.high, sequence);
  }
  std::string text;
  text.reserve(32);
  appendHex(text, trace.high);
  appendHex(text, trace.low);
  return text;
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
  for (const auto& packet : packets) {
    const std::array<Value, 7> values{Value::string(packet.code),
                                      Value::string(packet.message),
                                      Value::string(packet.nodeId),
                                      Value::string(packet.traceId),
                                      Value::boolean(packet.recoverable),
                                      Value::int64(packet.tries),
                                      packet.row};
    WEIR_TRY(builder.append(values));
  }
  return builder.finish();
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
