// Puts JSON in the place of typed values.
#include "apps/cli/edited-row.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/value-json.h"
#include "engine/text/base64.h"
#include "engine/time/instant.h"

namespace weir::cli {
namespace {

std::unexpected<Error> wrongField(const std::string& where, std::string_view expected, const Value& found) {
  return fail("dead_letters.edit",
              where + ": expected " + std::string(expected) + ", found " + toJson(found).substr(0, 100));
}

Result<Value> retyped(const Value& old, Value fresh, const std::string& where);

Result<Value> retypedMap(const Value& old, const Value& fresh, const std::string& where) {
  std::vector<MapEntry> entries;
  for (const auto& entry : fresh.entries()) {
    const auto name = std::string(entry.key.text());
    const auto* before = old.find(name);
    if (before == nullptr) {
      entries.push_back(entry);
      continue;
    }
    WEIR_ASSIGN(auto value, retyped(*before, entry.value, where.empty() ? name : where + "." + name));
    entries.push_back({entry.key, std::move(value)});
  }
  return Value::map(std::move(entries));
}

Result<Value> retypedText(const Value& old, const Value& fresh, const std::string& where) {
  const std::string text(fresh.text());
  if (old.kind() == ValueKind::timestamp) {
    const auto instant = parseInstant(text);
    if (!instant) return wrongField(where, "a time such as 2026-01-31T10:00:00Z", fresh);
    return Value::timestamp(instant->seconds, instant->nanos);
  }
  if (old.kind() == ValueKind::duration) {
    const auto span = parseSpan(text);
    if (!span) return wrongField(where, "a duration such as 3.5s", fresh);
    return Value::duration(span->seconds, span->nanos);
  }
  if (old.kind() == ValueKind::bytes) {
    const auto bytes = decodeBase64(text);
    if (!bytes) return wrongField(where, "bytes as base64", fresh);
    return Value::bytes(*bytes);
  }
  if (old.kind() == ValueKind::float64) {
    if (text == "NaN") return Value::float64(std::numeric_limits<double>::quiet_NaN());
    if (text == "Infinity") return Value::float64(std::numeric_limits<double>::infinity());
    if (text == "-Infinity") return Value::float64(-std::numeric_limits<double>::infinity());
  }
  return fresh;
}

Result<Value> retyped(const Value& old, Value fresh, const std::string& where) {
  if (toJson(old) == toJson(fresh)) return old;
  if (old.kind() == ValueKind::map && fresh.kind() == ValueKind::map) return retypedMap(old, fresh, where);
  if (fresh.kind() == ValueKind::string) return retypedText(old, fresh, where);
  if (old.kind() == ValueKind::float64 && fresh.kind() == ValueKind::int64)
    return Value::float64(static_cast<double>(fresh.int64()));
  return fresh;
}

}  // namespace

Result<Value> editedRow(const Value& old, const json::Value& fresh) {
  auto value = fromJson(fresh);
  if (value.kind() != ValueKind::map) return wrongField("row", "a row: an object with the fields", value);
  return retyped(old, std::move(value), {});
}

}  // namespace weir::cli
