// Dead letters to columns and back.
#include "engine/runtime/dead-letter.h"

#include <array>

#include "engine/data/batch-builder.h"
#include "engine/time/instant.h"

namespace weir {

const SchemaRef& deadLetterSchema() {
  static const SchemaRef schema = [] {
    std::vector<Field> fields(errorSchema()->fields().begin(), errorSchema()->fields().end());
    fields.push_back({"time", Type::timestamp(), true});
    fields.push_back({"input", Type::int64(), false});
    fields.push_back({"edited", Type::boolean(), false});
    return Schema::of(std::move(fields));
  }();
  return schema;
}

Result<Batch> deadLetterBatch(std::span<const DeadLetter> letters, MemoryAccount& account) {
  BatchBuilder builder(deadLetterSchema(), account);
  for (const auto& letter : letters) {
    const auto& packet = letter.packet;
    const auto time = instantFromMicros(letter.timeMicros);
    const std::array<Value, 10> values{
        Value::string(packet.code),
        Value::string(packet.message),
        Value::string(packet.nodeId),
        Value::string(packet.traceId),
        Value::boolean(packet.recoverable),
        Value::int64(packet.tries),
        packet.row,
        letter.timeMicros != 0 && time ? Value::timestamp(time->seconds, time->nanos) : Value(),
        Value::int64(packet.input),
        Value::boolean(letter.edited)};
    WEIR_TRY(builder.append(values));
  }
  return builder.finish();
}

bool holdsDeadLetters(const SchemaRef& schema) {
  const auto& wanted = errorSchema()->fields();
  if (schema->fields().size() < wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& field = schema->fields()[i];
    if (field.name != wanted[i].name || field.type->kind != wanted[i].type->kind) return false;
  }
  return true;
}

DeadLetter deadLetterOf(const Batch& batch, std::int64_t row) {
  DeadLetter letter;
  letter.packet = errorPacketOf(batch, row);
  const auto& fields = batch.schema()->fields();
  for (std::size_t i = errorSchema()->fields().size(); i < fields.size(); ++i) {
    const auto value = batch.value(row, static_cast<std::int64_t>(i));
    if (fields[i].name == "time" && value.kind() == ValueKind::timestamp) {
      letter.timeMicros = toMicros(Instant{value.seconds(), value.nanos()});
    } else if (fields[i].name == "input" && value.kind() == ValueKind::int64) {
      letter.packet.input = static_cast<std::uint8_t>(value.int64() & 63);
    } else if (fields[i].name == "edited" && value.kind() == ValueKind::boolean) {
      letter.edited = value.boolean();
    }
  }
  return letter;
}

}  // namespace weir
