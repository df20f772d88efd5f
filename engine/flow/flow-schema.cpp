// Turns the shapes into JSON Schema.
#include "engine/flow/flow-schema.h"

#include <string>
#include <utility>

#include "engine/flow/shape.h"

namespace weir::flow {
namespace {

using json::Value;

Value objectSchema(const Shape& shape);

Value typed(std::string_view name) {
  auto out = Value::object();
  out.set("type", std::string(name));
  return out;
}

Value choices(std::string_view text) {
  auto list = Value::array();
  while (!text.empty()) {
    const auto bar = text.find('|');
    list.push(std::string(text.substr(0, bar)));
    text = bar == std::string_view::npos ? std::string_view{} : text.substr(bar + 1);
  }
  auto out = Value::object();
  out.set("enum", std::move(list));
  return out;
}

Value either(Value a, Value b) {
  auto list = Value::array();
  list.push(std::move(a));
  list.push(std::move(b));
  auto out = Value::object();
  out.set("anyOf", std::move(list));
  return out;
}

Value numberSchema(const Key& key) {
  auto out = typed(key.form == Form::integer ? "integer" : "number");
  if (key.form == Form::integer || key.most < 1e18) out.set("minimum", key.least);
  if (key.most < 1e18) out.set("maximum", static_cast<std::int64_t>(key.most));
  return key.choices.empty() ? out : either(std::move(out), choices(key.choices));
}

Value plainSchema(const Key& key) {
  switch (key.form) {
    case Form::any:
      return Value::object();
    case Form::string:
      return key.choices.empty() ? typed("string") : choices(key.choices);
    case Form::integer:
    case Form::number:
      return numberSchema(key);
    case Form::boolean:
      return typed("boolean");
    case Form::map:
      return typed("object");
    case Form::object:
      return objectSchema(*key.shape);
    case Form::list:
    case Form::strings: {
      auto out = typed("array");
      out.set("items", key.form == Form::list ? objectSchema(*key.shape) : typed("string"));
      return out;
    }
    case Form::objects: {
      auto out = typed("object");
      out.set("additionalProperties", objectSchema(*key.shape));
      return out;
    }
  }
  return Value::object();
}

Value objectSchema(const Shape& shape) {
  auto out = typed("object");
  auto properties = Value::object();
  auto required = Value::array();
  for (const auto& key : shape.keys) {
    auto schema = plainSchema(key);
    if (key.nullable && key.form != Form::any) schema = either(std::move(schema), typed("null"));
    properties.set(std::string(key.name), std::move(schema));
    if (key.required) required.push(std::string(key.name));
  }
  out.set("properties", std::move(properties));
  if (required.count() > 0) out.set("required", std::move(required));
  auto own = Value::object();
  own.set("^x-", Value::object());
  out.set("patternProperties", std::move(own));
  out.set("additionalProperties", false);
  return out;
}

}  // namespace

json::Value schemaOf(const Shape& shape, std::string_view title) {
  auto out = Value::object();
  out.set("$schema", "https://json-schema.org/draft/2020-12/schema");
  out.set("title", std::string(title));
  const auto body = objectSchema(shape);
  for (const auto& member : *body.asObject()) out.set(member.key, member.value);
  return out;
}

json::Value flowSchema() { return schemaOf(flowShape(), "Weir flow document"); }

}  // namespace weir::flow
