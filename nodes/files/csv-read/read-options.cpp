// Settings of csv-read that are more than one word.
#include "nodes/files/csv-read/read-options.h"

#include <optional>

#include "engine/data/type.h"

namespace weir::nodes::csv_read {
namespace {

Result<csv::ColumnType> columnTypeOf(const TypeRef& type, std::string_view name, std::string_view shown) {
  if (type) {
    switch (type->kind) {
      case Kind::boolean:
        return csv::ColumnType::boolean;
      case Kind::int64:
        return csv::ColumnType::integer;
      case Kind::float64:
        return csv::ColumnType::number;
      case Kind::string:
        return csv::ColumnType::text;
      case Kind::timestamp:
        return csv::ColumnType::timestamp;
      default:
        break;
    }
  }
  return fail("settings.invalid", "schema: column '" + std::string(name) + "' has the type '" + std::string(shown) +
                                      "'; expected bool, int, double, string or timestamp");
}

Result<NamedType> namedType(const std::string& name, const json::Value* type) {
  const auto* text = type != nullptr ? type->asString() : nullptr;
  if (text == nullptr) {
    return fail("settings.invalid", "schema: column '" + name + "' has no type; write \"type\": \"string\"");
  }
  auto shown = std::string_view(*text);
  if (shown.ends_with('?')) shown.remove_suffix(1);
  WEIR_ASSIGN(const auto column, columnTypeOf(parseTypeName(shown), name, *text));
  return NamedType{name, column};
}

Result<std::vector<NamedType>> schemaOfText(const std::string& text) {
  if (text.empty()) return std::vector<NamedType>{};
  const auto type = parseTypeName(text.starts_with('{') ? "map" + text : text);
  if (!type || type->kind != Kind::map) {
    return fail("settings.invalid", "schema: '" + text + "' is no list of columns; write {id: int, price: double}");
  }
  std::vector<NamedType> columns;
  for (const auto& field : type->fields) {
    WEIR_ASSIGN(const auto column, columnTypeOf(field.type, field.name, typeName(*field.type)));
    columns.push_back({field.name, column});
  }
  return columns;
}

}  // namespace

Result<char> oneSign(std::string_view text, std::string_view setting) {
  if (text.empty()) return '\0';
  if (text == "tab" || text == "\\t") return '\t';
  const auto sign = text.front();
  if (text.size() == 1 && static_cast<unsigned char>(sign) < 0x80 && sign != '\0') return sign;
  return fail("settings.invalid", std::string(setting) + ": '" + std::string(text) +
                                      "' is not one ASCII character; the word tab stands for a tab");
}

Result<std::vector<NamedType>> schemaOf(const json::Value& setting) {
  std::vector<NamedType> columns;
  if (setting.isNull()) return columns;
  if (const auto* text = setting.asString()) return schemaOfText(*text);
  if (const auto* object = setting.asObject()) {
    for (const auto& member : *object) {
      WEIR_ASSIGN(auto column, namedType(member.key, &member.value));
      columns.push_back(std::move(column));
    }
    return columns;
  }
  if (const auto* list = setting.asArray()) {
    for (const auto& element : *list) {
      const auto* name = element.find("name");
      const auto* text = name != nullptr ? name->asString() : nullptr;
      if (text == nullptr) return fail("settings.invalid", "schema: each column is an object with name and type");
      WEIR_ASSIGN(auto column, namedType(*text, element.find("type")));
      columns.push_back(std::move(column));
    }
    return columns;
  }
  return fail("settings.invalid", "schema: expected a list of {name, type}, or a text");
}

}  // namespace weir::nodes::csv_read
