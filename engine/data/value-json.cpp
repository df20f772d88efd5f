// Values as JSON and back.
#include "engine/data/value-json.h"

#include <cmath>

#include "engine/data/blob.h"
#include "engine/data/number-text.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/text/base64.h"
#include "engine/time/instant.h"

namespace weir {
namespace {

// Values that JSON can only hold as text; false for all others.
[[nodiscard]] bool textOf(const Value& value, std::string& out) {
  switch (value.kind()) {
    case ValueKind::string:
    case ValueKind::type:
      out = value.text();
      return true;
    case ValueKind::bytes:
      out = encodeBase64(value.text());
      return true;
    case ValueKind::timestamp:
      out = formatInstant({value.seconds(), value.nanos()});
      return true;
    case ValueKind::duration:
      out = formatSpan({value.seconds(), value.nanos()});
      return true;
    case ValueKind::opaque:
      out = encodeHex(value.text());
      return true;
    case ValueKind::float64:
      if (std::isfinite(value.float64())) return false;
      out = std::isnan(value.float64()) ? "NaN" : value.float64() > 0 ? "Infinity" : "-Infinity";
      return true;
    case ValueKind::null:
    case ValueKind::boolean:
    case ValueKind::int64:
    case ValueKind::uint64:
    case ValueKind::list:
    case ValueKind::map:
    case ValueKind::optional:
    case ValueKind::blob:
      return false;
  }
  return false;
}

[[nodiscard]] std::string keyOf(const Value& key) {
  std::string text;
  if (!textOf(key, text)) appendJson(text, key);
  return text;
}

void write(json::Writer& writer, const Value& value) {
  std::string text;
  if (textOf(value, text)) {
    writer.value(text);
    return;
  }
  switch (value.kind()) {
    case ValueKind::boolean:
      writer.value(value.boolean());
      return;
    case ValueKind::int64:
      writer.value(value.int64());
      return;
    case ValueKind::uint64:
      writer.value(value.uint64());
      return;
    case ValueKind::float64:
      writer.value(value.float64());
      return;
    case ValueKind::list:
      writer.beginArray();
      for (const auto& item : value.items()) write(writer, item);
      writer.endArray();
      return;
    case ValueKind::map:
      writer.beginObject();
      for (const auto& entry : value.entries()) {
        writer.key(keyOf(entry.key));
        write(writer, entry.value);
      }
      writer.endObject();
      return;
    case ValueKind::optional:
      if (const auto* held = value.optionalValue()) return write(writer, *held);
      writer.null();
      return;
    case ValueKind::blob:
      if (const auto blob = decodeBlob(value.text())) {
        writer.value(blobToJson(*blob));
      } else {
        writer.beginObject().key("$blob").value(encodeBase64(value.text())).endObject();
      }
      return;
    case ValueKind::null:
    case ValueKind::string:
    case ValueKind::bytes:
    case ValueKind::timestamp:
    case ValueKind::duration:
    case ValueKind::type:
    case ValueKind::opaque:
      writer.null();
      return;
  }
}

}  // namespace

void appendJson(std::string& out, const Value& value) {
  json::Writer writer(out);
  write(writer, value);
}

std::string toJson(const Value& value) {
  std::string text;
  appendJson(text, value);
  return text;
}

Value fromJson(const json::Value& json) {
  switch (json.kind()) {
    case json::ValueKind::null:
      return Value();
    case json::ValueKind::boolean:
      return Value::boolean(*json.asBool());
    case json::ValueKind::int64:
      return Value::int64(*json.asInt64());
    case json::ValueKind::uint64:
    case json::ValueKind::float64: {
      double number = 0;
      (void)json.toDouble(number);
      return Value::float64(number);
    }
    case json::ValueKind::string:
      return Value::string(*json.asString());
    case json::ValueKind::array: {
      std::vector<Value> items;
      items.reserve(json.asArray()->size());
      for (const auto& item : *json.asArray()) items.push_back(fromJson(item));
      return Value::list(std::move(items));
    }
    case json::ValueKind::object: {
      if (json.count() == 1 && json.find("$blob") != nullptr)
        if (const auto blob = blobFromJson(json)) return blobValue(*blob);
      MapBuilder builder;
      for (const auto& member : *json.asObject()) builder.set(Value::string(member.key), fromJson(member.value));
      return std::move(builder).build();
    }
  }
  return Value();
}

Result<Value> parseJsonValue(std::string_view text) {
  WEIR_ASSIGN(const auto document, json::parse(text));
  return fromJson(document.root());
}

}  // namespace weir
