// Texts of PostgreSQL: ISO dates, UTC, hexadecimal bytes.
#include "hosts/native/sql/postgres-values.h"

#include "engine/data/number-text.h"
#include "engine/data/value-json.h"
#include "engine/time/instant.h"

namespace weir::native {
namespace {

/// Of the server's table pg_type, where they never change.
enum Oid : std::uint32_t {
  kBool = 16,
  kBytea = 17,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kOid = 26,
  kJson = 114,
  kFloat4 = 700,
  kFloat8 = 701,
  kDate = 1082,
  kTimestamp = 1114,
  kTimestampTz = 1184,
  kNumeric = 1700,
  kJsonb = 3802
};

int digitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

Value bytesOf(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(digitOf(text[i]) * 16 + digitOf(text[i + 1]));
  }
  return Value::bytes(bytes);
}

/// `2024-02-29`, `2024-02-29 12:00:00.5`, `2024-02-29 12:00:00.5+00`
Value timeOf(std::string_view text) {
  std::string iso(text);
  if (iso.size() == 10) iso += "T00:00:00";
  if (iso.size() < 19) return Value::string(text);
  iso[10] = 'T';
  if (iso.ends_with("+00")) iso.resize(iso.size() - 3);
  const auto instant = tryParseInstant(iso + "Z");
  return instant ? Value::timestamp(instant->seconds, instant->nanos) : Value::string(text);
}

}  // namespace

TypeRef postgresType(std::uint32_t oid) {
  switch (oid) {
    case kBool:
      return Type::boolean();
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid:
      return Type::int64();
    case kFloat4:
    case kFloat8:
    case kNumeric:
      return Type::float64();
    case kBytea:
      return Type::bytes();
    case kDate:
    case kTimestamp:
    case kTimestampTz:
      return Type::timestamp();
    case kJson:
    case kJsonb:
      return Type::any();
    default:
      return Type::string();
  }
}

Value postgresValue(std::uint32_t oid, std::string_view text) {
  switch (oid) {
    case kBool:
      return Value::boolean(text == "t");
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid: {
      const auto number = parseInt64(text);
      return number.ok() ? Value::int64(number.value) : Value::string(text);
    }
    case kFloat4:
    case kFloat8:
    case kNumeric: {
      if (text == "NaN") return Value::float64(__builtin_nan(""));
      if (text == "Infinity") return Value::float64(__builtin_inf());
      if (text == "-Infinity") return Value::float64(-__builtin_inf());
      const auto number = parseDouble(text);
      return number.ok() ? Value::float64(number.value) : Value::string(text);
    }
    case kBytea:
      return bytesOf(text);
    case kDate:
    case kTimestamp:
    case kTimestampTz:
      return timeOf(text);
    case kJson:
    case kJsonb: {
      auto value = parseJsonValue(text);
      return value ? std::move(*value) : Value::string(text);
    }
    default:
      return Value::string(text);
  }
}

Result<std::optional<std::string>> postgresText(const Value& value) {
  switch (value.kind()) {
    case ValueKind::null:
      return std::nullopt;
    case ValueKind::boolean:
      return value.boolean() ? "t" : "f";
    case ValueKind::string:
      if (value.text().contains('\0')) {
        return fail("sql.type", "PostgreSQL keeps no texts with a NUL byte; take it out, or write bytes");
      }
      return std::string(value.text());
    case ValueKind::bytes: {
      static constexpr char kDigits[] = "0123456789abcdef";
      std::string text = "\\x";
      for (const char c : value.text()) {
        text += kDigits[static_cast<unsigned char>(c) >> 4];
        text += kDigits[static_cast<unsigned char>(c) & 15];
      }
      return text;
    }
    case ValueKind::timestamp:
      return formatInstant({value.seconds(), value.nanos()});
    case ValueKind::duration:
      return formatSpan({value.seconds(), value.nanos()});
    case ValueKind::float64: {
      const double number = value.float64();
      if (number != number) return "NaN";
      if (number > 1.7976931348623157e308) return "Infinity";
      if (number < -1.7976931348623157e308) return "-Infinity";
      return toJson(value);
    }
    case ValueKind::int64:
    case ValueKind::uint64:
    case ValueKind::list:
    case ValueKind::map:
    case ValueKind::type:
    case ValueKind::optional:
    case ValueKind::blob:
    case ValueKind::opaque: {
      auto text = toJson(value);
      return text;
    }
  }
  return std::nullopt;
}

}  // namespace weir::native
