// Schemas as JSON Schema.
#include "engine/data/column-copy.h"
#include "engine/data/json-schema.h"

namespace weir {
namespace {

constexpr std::string_view kDialect = "https://json-schema.org/draft/2020-12/schema";

json::Value objectOf(std::span<const Field> fields);

void setType(json::Value& to, std::string_view name, bool nullable) {
  if (!nullable) {
    to.set("type", name);
    return;
  }
  auto both = json::Value::array();
  both.push(name);
  both.push("null");
  to.set("type", std::move(both));
}

void setNumber(json::Value& to, const Type& type, bool nullable) {
  if (type.kind != Kind::float64) {
    setType(to, "integer", nullable);
    if (type.kind == Kind::uint64) to.set("minimum", 0);
    return;
  }
  // NaN and the infinities are texts in JSON.
  auto types = json::Value::array();
  types.push("number");
  types.push("string");
  if (nullable) types.push("null");
  to.set("type", std::move(types));
}

/// Nested lists, one level a dimension.
json::Value tensorOf(const Type& type, std::size_t dimension) {
  if (dimension == type.shape.size()) return toJsonSchema(*Type::float64(), true);
  auto to = json::Value::object();
  to.set("type", "array");
  to.set("items", tensorOf(type, dimension + 1));
  to.set("minItems", type.shape[dimension]);
  to.set("maxItems", type.shape[dimension]);
  return to;
}

json::Value objectOf(std::span<const Field> fields) {
  auto to = json::Value::object();
  to.set("type", "object");
  auto properties = json::Value::object();
  auto required = json::Value::array();
  for (const auto& field : fields) {
    auto property = toJsonSchema(*field.type, field.nullable);
    if (field.sensitive) property.set("x-weir-sensitive", true);
    properties.set(field.name, std::move(property));
    if (!field.nullable) required.push(field.name);
  }
  to.set("properties", std::move(properties));
  if (required.count() > 0) to.set("required", std::move(required));
  to.set("additionalProperties", false);
  return to;
}

void setNullableObject(json::Value& to) {
  auto both = json::Value::array();
  both.push("object");
  both.push("null");
  to.set("type", std::move(both));
}

}  // namespace

json::Value toJsonSchema(const Type& type, bool nullable) {
  auto to = json::Value::object();
  switch (type.kind) {
    case Kind::null:
      to.set("type", "null");
      break;
    case Kind::boolean:
      setType(to, "boolean", nullable);
      break;
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
      setNumber(to, type, nullable);
      if (type.kind != Kind::int64) to.set("x-weir-type", typeName(type));
      break;
    case Kind::string:
      setType(to, "string", nullable);
      break;
    case Kind::bytes:
      setType(to, "string", nullable);
      to.set("contentEncoding", "base64");
      break;
    case Kind::timestamp:
    case Kind::duration:
      setType(to, "string", nullable);
      if (type.kind == Kind::timestamp) to.set("format", "date-time");
      if (type.kind == Kind::duration || type.unit == TimeUnit::nanos) to.set("x-weir-type", typeName(type));
      break;
    case Kind::list:
      setType(to, "array", nullable);
      to.set("items", toJsonSchema(*type.element, true));
      break;
    case Kind::map:
      to = objectOf(type.fields);
      if (nullable) setNullableObject(to);
      break;
    case Kind::tensor:
      to = tensorOf(type, 0);
      if (!type.shape.empty()) setType(to, "array", nullable);
      to.set("x-weir-type", typeName(type));
      break;
    case Kind::blob:
      setNullableObject(to);
      if (!nullable) to.set("type", "object");
      to.set("x-weir-type", "blob");
      break;
    case Kind::any:
      if (!nullable) to.set("x-weir-type", "any");
      break;
  }
  return to;
}

json::Value toJsonSchema(const Schema& schema) {
  auto to = json::Value::object();
  to.set("$schema", kDialect);
  if (!schema.version().empty()) to.set("x-weir-version", schema.version());
  auto object = objectOf(schema.fields());
  for (auto& member : *object.asObject()) to.set(member.key, std::move(member.value));
  return to;
}

}  // namespace weir
