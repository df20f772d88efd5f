// The JSON form of cel.expr.Value.
#include "engine/cel/expr-value.h"

#include <cmath>
#include <limits>

#include "engine/cel/text-form.h"
#include "engine/data/number-text.h"
#include "engine/text/base64.h"
#include "engine/time/instant.h"

namespace weir::cel {
namespace {

[[nodiscard]] std::unexpected<Error> unreadable(std::string_view what) {
  return fail("cel.conformance_case", "The case holds no readable " + std::string(what) + ".");
}

[[nodiscard]] Result<std::int64_t> integer(const json::Value* json) {
  if (json == nullptr) return 0;
  if (const auto* number = json->asInt64()) return *number;
  if (const auto* text = json->asString())
    if (const auto parsed = parseInt64(*text); parsed.ok()) return parsed.value;
  return unreadable("integer");
}

[[nodiscard]] Result<Value> real(const json::Value& json) {
  double number = 0;
  if (json.toDouble(number)) return Value::float64(number);
  const auto* text = json.asString();
  if (text == nullptr) return unreadable("double");
  if (*text == "NaN") return Value::float64(std::numeric_limits<double>::quiet_NaN());
  if (*text == "Infinity") return Value::float64(std::numeric_limits<double>::infinity());
  if (*text == "-Infinity") return Value::float64(-std::numeric_limits<double>::infinity());
  const auto parsed = parseDouble(*text);
  if (!parsed.ok()) return unreadable("double");
  return Value::float64(parsed.value);
}

[[nodiscard]] Result<Value> list(const json::Value& json) {
  std::vector<Value> items;
  if (const auto* values = json.find("values"); values != nullptr && values->asArray() != nullptr) {
    for (const auto& item : *values->asArray()) {
      WEIR_ASSIGN(auto value, fromExprValue(item));
      items.push_back(std::move(value));
    }
  }
  return Value::list(std::move(items));
}

[[nodiscard]] Result<Value> map(const json::Value& json) {
  MapBuilder builder;
  if (const auto* entries = json.find("entries"); entries != nullptr && entries->asArray() != nullptr) {
    for (const auto& entry : *entries->asArray()) {
      const auto* key = entry.find("key");
      const auto* value = entry.find("value");
      if (key == nullptr || value == nullptr) return unreadable("map entry");
      WEIR_ASSIGN(auto keyValue, fromExprValue(*key));
      WEIR_ASSIGN(auto entryValue, fromExprValue(*value));
      builder.set(std::move(keyValue), std::move(entryValue));
    }
  }
  return std::move(builder).build();
}

// Timestamps and durations come as {seconds, nanos} or as {value: text}.
[[nodiscard]] Result<Value> timeOf(const json::Value& json, bool instant) {
  if (const auto* text = json.find("value"); text != nullptr && text->asString() != nullptr) {
    if (instant) {
      WEIR_ASSIGN(const auto parsed, parseInstant(*text->asString()));
      return Value::timestamp(parsed.seconds, parsed.nanos);
    }
    WEIR_ASSIGN(const auto parsed, parseSpan(*text->asString()));
    return Value::duration(parsed.seconds, parsed.nanos);
  }
  WEIR_ASSIGN(const auto seconds, integer(json.find("seconds")));
  WEIR_ASSIGN(const auto nanos, integer(json.find("nanos")));
  if (instant) {
    const auto made = makeInstant(seconds, nanos);
    if (!made) return unreadable("timestamp");
    return Value::timestamp(made->seconds, made->nanos);
  }
  const auto made = makeSpan(seconds, nanos);
  if (!made) return unreadable("duration");
  return Value::duration(made->seconds, made->nanos);
}

[[nodiscard]] Result<Value> object(const json::Value& json) {
  const auto* type = json.find("@type");
  if (type == nullptr || type->asString() == nullptr) return unreadable("@type");
  if (type->asString()->ends_with("google.protobuf.Timestamp")) return timeOf(json, true);
  if (type->asString()->ends_with("google.protobuf.Duration")) return timeOf(json, false);
  return fail("cel.unsupported", "The case needs the protobuf message " + *type->asString() + ".");
}

[[nodiscard]] json::Value listToJson(const Value& value) {
  auto values = json::Value::array();
  for (const auto& item : value.items()) values.push(toExprValue(item));
  auto list = json::Value::object();
  list.set("values", std::move(values));
  return list;
}

[[nodiscard]] json::Value mapToJson(const Value& value) {
  auto entries = json::Value::array();
  for (const auto& entry : value.entries()) {
    auto pair = json::Value::object();
    pair.set("key", toExprValue(entry.key));
    pair.set("value", toExprValue(entry.value));
    entries.push(std::move(pair));
  }
  auto map = json::Value::object();
  map.set("entries", std::move(entries));
  return map;
}

[[nodiscard]] json::Value objectToJson(std::string type, std::string text) {
  auto object = json::Value::object();
  object.set("@type", "type.googleapis.com/" + std::move(type));
  object.set("value", std::move(text));
  return object;
}

[[nodiscard]] std::string integerText(const Value& value) {
  std::string text;
  (void)appendText(text, value);
  return text;
}

}  // namespace

Result<Value> fromExprValue(const json::Value& json) {
  const auto* members = json.asObject();
  if (members == nullptr || members->size() != 1) return unreadable("value");
  const auto& [kind, held, offset] = members->front();
  const auto* text = held.asString();
  if (kind == "nullValue") return Value::null();
  if (kind == "boolValue" && held.asBool() != nullptr) return Value::boolean(*held.asBool());
  if (kind == "int64Value") {
    WEIR_ASSIGN(const auto number, integer(&held));
    return Value::int64(number);
  }
  if (kind == "uint64Value") {
    std::uint64_t number = 0;
    if (held.toUint64(number)) return Value::uint64(number);
    if (text == nullptr || !parseUint64(*text).ok()) return unreadable("uint");
    return Value::uint64(parseUint64(*text).value);
  }
  if (kind == "doubleValue") return real(held);
  if (kind == "stringValue" && text != nullptr) return Value::string(*text);
  if (kind == "bytesValue" && text != nullptr) {
    WEIR_ASSIGN(const auto bytes, decodeBase64(*text));
    return Value::bytes(bytes);
  }
  if (kind == "typeValue" && text != nullptr) return Value::type(*text);
  if (kind == "listValue") return list(held);
  if (kind == "mapValue") return map(held);
  if (kind == "objectValue") return object(held);
  return fail("cel.unsupported", "The case needs a value of the kind " + kind + ".");
}

json::Value toExprValue(const Value& value) {
  auto json = json::Value::object();
  switch (value.kind()) {
    case ValueKind::null:
      json.set("nullValue", nullptr);
      break;
    case ValueKind::boolean:
      json.set("boolValue", value.boolean());
      break;
    case ValueKind::int64:
      json.set("int64Value", integerText(value));
      break;
    case ValueKind::uint64:
      json.set("uint64Value", integerText(value));
      break;
    case ValueKind::float64: {
      const double number = value.float64();
      const bool finite = std::isfinite(number);
      json.set("doubleValue", finite ? json::Value(number) : json::Value(doubleText(number)));
      break;
    }
    case ValueKind::string:
      json.set("stringValue", std::string(value.text()));
      break;
    case ValueKind::bytes:
    case ValueKind::blob:
      json.set("bytesValue", encodeBase64(value.text()));
      break;
    case ValueKind::type:
      json.set("typeValue", std::string(value.text()));
      break;
    case ValueKind::list:
      json.set("listValue", listToJson(value));
      break;
    case ValueKind::map:
      json.set("mapValue", mapToJson(value));
      break;
    case ValueKind::timestamp:
      json.set("objectValue", objectToJson("google.protobuf.Timestamp", timestampText(value)));
      break;
    case ValueKind::duration:
      json.set("objectValue", objectToJson("google.protobuf.Duration", durationText(value)));
      break;
    case ValueKind::opaque:
      json.set("objectValue", objectToJson(std::string(value.typeText()), opaqueText(value)));
      break;
    case ValueKind::optional: {
      auto held = json::Value::object();
      held.set("@type", "type.googleapis.com/optional_type");
      if (value.optionalValue() != nullptr) held.set("value", toExprValue(*value.optionalValue()));
      json.set("objectValue", std::move(held));
      break;
    }
  }
  return json;
}

}  // namespace weir::cel
