// The setting `schema` of json-read.
#include "nodes/files/json-read/read-options.h"

#include <algorithm>

namespace weir::nodes::json_read {
namespace {

Result<Field> fieldOf(const std::string& name, const json::Value* type) {
  const auto* text = type != nullptr ? type->asString() : nullptr;
  if (text == nullptr) {
    return fail("settings.invalid", "schema: column '" + name + "' has no type; write \"type\": \"string\"");
  }
  auto shown = std::string_view(*text);
  if (shown.ends_with('?')) shown.remove_suffix(1);
  auto parsed = parseTypeName(shown);
  if (!parsed) {
    return fail("settings.invalid",
                "schema: column '" + name + "' has the type '" + *text +
                    "'; expected one such as int, double, bool, string, timestamp, list<int> or any");
  }
  return Field{name, std::move(parsed)};
}

Result<std::vector<Field>> unique(std::vector<Field> fields) {
  for (auto at = fields.begin(); at != fields.end(); ++at) {
    if (std::find_if(fields.begin(), at, [&](const Field& other) { return other.name == at->name; }) != at) {
      return fail("settings.invalid", "schema: column '" + at->name + "' is there twice");
    }
  }
  return fields;
}

Result<std::vector<Field>> fieldsOfText(const std::string& text) {
  if (text.empty()) return std::vector<Field>{};
  const auto type = parseTypeName(text.starts_with('{') ? "map" + text : text);
  if (!type || type->kind != Kind::map) {
    return fail("settings.invalid", "schema: '" + text + "' is no list of columns; write {id: int, price: double}");
  }
  auto fields = type->fields;
  for (auto& field : fields) field.nullable = true;
  return unique(std::move(fields));
}

}  // namespace

Result<std::vector<Field>> schemaOf(const json::Value& setting) {
  std::vector<Field> fields;
  if (setting.isNull()) return fields;
  if (const auto* text = setting.asString()) return fieldsOfText(*text);
  if (const auto* object = setting.asObject()) {
    for (const auto& member : *object) {
      WEIR_ASSIGN(auto field, fieldOf(member.key, &member.value));
      fields.push_back(std::move(field));
    }
    return unique(std::move(fields));
  }
  if (const auto* list = setting.asArray()) {
    for (const auto& element : *list) {
      const auto* name = element.find("name");
      const auto* text = name != nullptr ? name->asString() : nullptr;
      if (text == nullptr) return fail("settings.invalid", "schema: each column is an object with name and type");
      WEIR_ASSIGN(auto field, fieldOf(*text, element.find("type")));
      fields.push_back(std::move(field));
    }
    return unique(std::move(fields));
  }
  return fail("settings.invalid", "schema: expected a list of {name, type}, or a text");
}

}  // namespace weir::nodes::json_read
