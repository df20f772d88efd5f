// Values that are written another way than their type has them.
#include "engine/data/fitted-value.h"

#include "engine/time/instant.h"

namespace weir {
namespace {

constexpr std::int64_t kMicros = 1'000'000;

Value ofMicros(std::int64_t micros, bool isTime) {
  auto seconds = micros / kMicros;
  auto rest = micros % kMicros;
  if (rest < 0) {
    rest += kMicros;
    --seconds;
  }
  const auto nanos = static_cast<std::int32_t>(rest * 1000);
  return isTime ? Value::timestamp(seconds, nanos) : Value::duration(seconds, nanos);
}

}  // namespace

Value fittedValue(const Value& value, const Type& type) {
  const bool isText = value.kind() == ValueKind::string;
  const bool isWhole = value.kind() == ValueKind::int64;
  if (type.kind == Kind::uint64 && isWhole && value.int64() >= 0) {
    return Value::uint64(static_cast<std::uint64_t>(value.int64()));
  }
  if (type.kind == Kind::timestamp && isText) {
    if (const auto instant = parseInstant(value.text())) return Value::timestamp(instant->seconds, instant->nanos);
  }
  if (type.kind == Kind::duration && isText) {
    if (const auto span = parseSpan(value.text())) return Value::duration(span->seconds, span->nanos);
  }
  if ((type.kind == Kind::timestamp || type.kind == Kind::duration) && isWhole) {
    return ofMicros(value.int64(), type.kind == Kind::timestamp);
  }
  if (type.kind == Kind::bytes && isText) return Value::bytes(value.text());
  return value;
}

}  // namespace weir
