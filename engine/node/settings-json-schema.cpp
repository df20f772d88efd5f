// Writes a type's settings as JSON Schema.
#include "engine/node/parse-node-type.h"
#include "engine/node/settings-check.h"

namespace weir {
namespace {

json::Value objectSchema(std::span<const SettingSpec> specs);

void addBounds(const SettingSpec& spec, json::Value& schema, const char* least, const char* most) {
  if (spec.min) schema.set(least, *spec.min);
  if (spec.max) schema.set(most, *spec.max);
}

json::Value alternatives(const char* kind, const char* pattern) {
  auto number = json::Value::object();
  number.set("type", kind);
  auto text = json::Value::object();
  text.set("type", "string");
  text.set("pattern", pattern);
  auto result = json::Value::array();
  result.push(std::move(number));
  result.push(std::move(text));
  return result;
}

void addType(const SettingSpec& spec, json::Value& schema);

json::Value itemSchema(const SettingSpec& spec) {
  if (spec.items.empty()) return json::Value(true);
  if (!spec.items[0].name.empty()) return objectSchema(spec.items);
  auto schema = json::Value::object();
  addType(spec.items[0], schema);
  return schema;
}

void addText(const SettingSpec& spec, json::Value& schema) {
  schema.set("type", "string");
  addBounds(spec, schema, "minLength", "maxLength");
  if (!spec.pattern.empty()) schema.set("pattern", spec.pattern);
  if (!spec.format.empty()) schema.set("format", spec.format);
}

void addType(const SettingSpec& spec, json::Value& schema) {
  switch (spec.type) {
    case SettingType::string:
    case SettingType::text:
    case SettingType::path:
    case SettingType::secret:
    case SettingType::code:
      return addText(spec, schema);
    case SettingType::expression:
      schema.set("type", "string");
      schema.set("contentMediaType", "text/x-cel");
      return;
    case SettingType::integer:
      schema.set("type", "integer");
      return addBounds(spec, schema, "minimum", "maximum");
    case SettingType::number:
      schema.set("type", "number");
      return addBounds(spec, schema, "minimum", "maximum");
    case SettingType::boolean:
      schema.set("type", "boolean");
      return;
    case SettingType::enumeration: {
      auto options = json::Value::array();
      for (const auto& option : spec.options) options.push(option);
      schema.set("enum", std::move(options));
      return;
    }
    case SettingType::duration:
      schema.set("anyOf", alternatives("number", "^([0-9.]+(ns|us|ms|s|m|h))+$"));
      return;
    case SettingType::bytesize:
      schema.set("anyOf", alternatives("number", "^[0-9.]+ ?([kKMGTP]?i?B)?$"));
      return;
    case SettingType::schema: {
      auto types = json::Value::array();
      for (const auto* name : {"object", "array", "string"}) types.push(name);
      schema.set("type", std::move(types));
      return;
    }
    case SettingType::list:
      schema.set("type", "array");
      schema.set("items", itemSchema(spec));
      return addBounds(spec, schema, "minItems", "maxItems");
    case SettingType::map:
      schema.set("type", "object");
      schema.set("additionalProperties", itemSchema(spec));
      return;
  }
}

json::Value objectSchema(std::span<const SettingSpec> specs) {
  auto schema = json::Value::object();
  auto properties = json::Value::object();
  auto required = json::Value::array();
  for (const auto& spec : specs) {
    auto one = json::Value::object();
    if (!spec.label.empty()) one.set("title", spec.label);
    if (!spec.help.empty()) one.set("description", spec.help);
    addType(spec, one);
    if (spec.defaultValue != nullptr) one.set("default", *spec.defaultValue);
    properties.set(spec.name, std::move(one));
    if (spec.required && spec.defaultValue == nullptr) required.push(spec.name);
  }
  schema.set("type", "object");
  schema.set("properties", std::move(properties));
  if (required.count() > 0) schema.set("required", std::move(required));
  auto extensions = json::Value::object();
  extensions.set("^x-", true);
  schema.set("patternProperties", std::move(extensions));
  schema.set("additionalProperties", false);
  return schema;
}

}  // namespace

json::Value settingsJsonSchema(const NodeType& type) {
  auto body = objectSchema(type.settings);
  auto schema = json::Value::object();
  schema.set("$schema", "https://json-schema.org/draft/2020-12/schema");
  schema.set("title", type.name + " (" + type.id + " " + type.version + ")");
  for (auto& member : *body.asObject()) schema.set(member.key, std::move(member.value));
  return schema;
}

}  // namespace weir
