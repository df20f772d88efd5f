// JSON Schema as schemas.
#include <algorithm>
#include <optional>

#include "engine/data/batch-builder.h"
#include "engine/data/json-schema.h"

namespace weir {
namespace {

constexpr int kMaxDepth = 64;
/// Schemas that refer to themselves would go on for ever, and wide ones that refer to each other nearly so.
constexpr std::int64_t kMaxVisits = 20'000;

/// What a JSON Schema says about one place.
struct Shape {
  TypeRef type;
  bool nullable = false;
  bool sensitive = false;
};

class SchemaReader {
 public:
  explicit SchemaReader(const json::Value& document) : document_(document) {}

  Result<Shape> read(const json::Value& schema, const std::string& pointer, int depth) {
    if (depth > kMaxDepth || ++visits_ > kMaxVisits)
      return unsupported(pointer, "it refers to itself, or nests too deep; columns need a finite type");
    if (const auto* always = schema.asBool()) {
      if (*always) return Shape{.type = Type::any(), .nullable = true};
      return Shape{.type = Type::null(), .nullable = true};
    }
    if (!schema.isObject()) return invalid(pointer, "an object or a boolean");
    WEIR_ASSIGN(auto shape, readUnnamed(schema, pointer, depth));
    if (const auto* name = schema.find("x-weir-type")) {
      auto named = name->isString() ? parseTypeName(*name->asString()) : TypeRef();
      if (!named) return invalid(pointer + "/x-weir-type", "the name of a type");
      shape.type = std::move(named);
      if (shape.type->kind == Kind::any) shape.nullable = false;
    }
    if (const auto* sensitive = schema.find("x-weir-sensitive"))
      shape.sensitive = sensitive->asBool() != nullptr && *sensitive->asBool();
    return shape;
  }

 private:
  std::unexpected<Error> invalid(const std::string& pointer, const std::string& expected) const {
    return fail("jsonschema.invalid", "The JSON Schema is wrong at `" + pointer + "`: expected " + expected + ".");
  }
  std::unexpected<Error> unsupported(const std::string& pointer, const std::string& why) const {
    return fail("jsonschema.unsupported", "The JSON Schema cannot become columns at `" + pointer + "`: " + why + ".");
  }

  Result<Shape> readUnnamed(const json::Value& schema, const std::string& pointer, int depth) {
    if (const auto* reference = schema.find("$ref")) {
      if (!reference->isString()) return invalid(pointer + "/$ref", "text");
      const auto& target = *reference->asString();
      if (target.empty() || target.front() != '#')
        return unsupported(pointer + "/$ref", "`" + target + "` is in another document; put it into this one's $defs");
      const auto* found = document_.findPointer(std::string_view(target).substr(1));
      if (found == nullptr) return invalid(pointer + "/$ref", "a pointer to something in this document");
      return read(*found, target.substr(1), depth + 1);
    }
    for (const auto* key : {"anyOf", "oneOf"})
      if (const auto* choices = schema.find(key)) return readChoices(*choices, pointer + "/" + key, depth);
    if (const auto* parts = schema.find("allOf")) return readAll(schema, *parts, pointer, depth);
    if (const auto* values = schema.find("enum"); values != nullptr && schema.find("type") == nullptr)
      return readEnum(*values, pointer + "/enum");
    if (const auto* value = schema.find("const"); value != nullptr && schema.find("type") == nullptr)
      return shapeOfValue(*value);
    return readTyped(schema, pointer, depth);
  }

  static Shape common(const Shape& a, const Shape& b) {
    const bool null = a.type->kind == Kind::null || b.type->kind == Kind::null;
    return {.type = commonType(a.type, b.type),
            .nullable = a.nullable || b.nullable || null,
            .sensitive = a.sensitive || b.sensitive};
  }

  Result<Shape> readChoices(const json::Value& choices, const std::string& pointer, int depth) {
    if (choices.asArray() == nullptr || choices.count() == 0) return invalid(pointer, "a list of schemas");
    std::optional<Shape> shape;
    std::int64_t index = 0;
    for (const auto& choice : *choices.asArray()) {
      WEIR_ASSIGN(auto one, read(choice, pointer + "/" + std::to_string(index++), depth + 1));
      shape = shape ? common(*shape, one) : std::move(one);
    }
    return *shape;
  }

  /// Objects are merged, in order; of other types the last one that says more than "any" counts.
  Result<Shape> readAll(const json::Value& schema, const json::Value& parts, const std::string& pointer, int depth) {
    if (parts.asArray() == nullptr) return invalid(pointer + "/allOf", "a list of schemas");
    Shape merged{.type = Type::any(), .nullable = true};
    std::int64_t index = 0;
    for (const auto& part : *parts.asArray()) {
      WEIR_ASSIGN(const auto one, read(part, pointer + "/allOf/" + std::to_string(index++), depth + 1));
      add(merged, one);
    }
    if (schema.find("type") != nullptr || schema.find("properties") != nullptr) {
      WEIR_ASSIGN(const auto own, readTyped(schema, pointer, depth));
      add(merged, own);
    }
    return merged;
  }

  static void add(Shape& merged, const Shape& part) {
    if (part.type->kind == Kind::any) return;
    merged.nullable = merged.nullable && part.nullable;
    if (merged.type->kind != Kind::map || part.type->kind != Kind::map) {
      merged.type = part.type;
      return;
    }
    auto fields = merged.type->fields;
    for (const auto& field : part.type->fields) {
      const auto known = std::ranges::find(fields, field.name, &Field::name);
      if (known == fields.end()) {
        fields.push_back(field);
      } else {
        *known = field;
      }
    }
    merged.type = Type::map(std::move(fields));
  }

  static Shape shapeOfValue(const json::Value& value) {
    switch (value.kind()) {
      case json::ValueKind::null:
        return {.type = Type::null(), .nullable = true};
      case json::ValueKind::boolean:
        return {.type = Type::boolean()};
      case json::ValueKind::int64:
        return {.type = Type::int64()};
      case json::ValueKind::uint64:
      case json::ValueKind::float64:
        return {.type = Type::float64()};
      case json::ValueKind::string:
        return {.type = Type::string()};
      case json::ValueKind::array:
      case json::ValueKind::object:
        return {.type = Type::any()};
    }
    return {.type = Type::any()};
  }

  Result<Shape> readEnum(const json::Value& values, const std::string& pointer) {
    if (values.asArray() == nullptr || values.count() == 0) return invalid(pointer, "a list of values");
    auto shape = shapeOfValue(values.asArray()->front());
    for (const auto& value : *values.asArray()) shape = common(shape, shapeOfValue(value));
    return shape;
  }

  Result<Shape> readTyped(const json::Value& schema, const std::string& pointer, int depth) {
    const auto* type = schema.find("type");
    if (type == nullptr) {
      if (schema.find("properties") != nullptr) return readObject(schema, pointer, depth);
      if (schema.find("items") != nullptr) return readArray(schema, pointer, depth);
      return Shape{.type = Type::any(), .nullable = true};
    }
    if (type->isString()) return readNamed(*type->asString(), schema, pointer, depth);
    if (type->asArray() == nullptr || type->count() == 0) return invalid(pointer + "/type", "text or a list of texts");
    std::optional<Shape> shape;
    for (const auto& each : *type->asArray()) {
      if (!each.isString()) return invalid(pointer + "/type", "text or a list of texts");
      WEIR_ASSIGN(auto one, readNamed(*each.asString(), schema, pointer, depth));
      shape = shape ? common(*shape, one) : std::move(one);
    }
    return *shape;
  }

  Result<Shape> readNamed(const std::string& name, const json::Value& schema, const std::string& pointer, int depth) {
    if (name == "null") return Shape{.type = Type::null(), .nullable = true};
    if (name == "boolean") return Shape{.type = Type::boolean()};
    if (name == "integer") return Shape{.type = Type::int64()};
    if (name == "number") return Shape{.type = Type::float64()};
    if (name == "string") return readString(schema);
    if (name == "array") return readArray(schema, pointer, depth);
    if (name == "object") return readObject(schema, pointer, depth);
    return invalid(pointer + "/type", "null, boolean, integer, number, string, array or object");
  }

  static Shape readString(const json::Value& schema) {
    const auto is = [&](std::string_view key, std::string_view expected) {
      const auto* found = schema.find(key);
      return found != nullptr && found->isString() && *found->asString() == expected;
    };
    if (is("format", "date-time")) return {.type = Type::timestamp()};
    if (is("contentEncoding", "base64")) return {.type = Type::bytes()};
    return {.type = Type::string()};
  }

  Result<Shape> readArray(const json::Value& schema, const std::string& pointer, int depth) {
    const auto* items = schema.find("items");
    if (items == nullptr || schema.find("prefixItems") != nullptr) return Shape{.type = Type::list(Type::any())};
    WEIR_ASSIGN(auto element, read(*items, pointer + "/items", depth + 1));
    return Shape{.type = Type::list(std::move(element.type))};
  }

  Result<Shape> readObject(const json::Value& schema, const std::string& pointer, int depth) {
    const auto* properties = schema.find("properties");
    if (properties == nullptr) {
      const auto* others = schema.find("additionalProperties");
      const bool closed = others != nullptr && others->asBool() != nullptr && !*others->asBool();
      return Shape{.type = closed ? Type::map({}) : Type::any()};
    }
    if (!properties->isObject()) return invalid(pointer + "/properties", "an object");
    std::vector<std::string_view> required;
    if (const auto* names = schema.find("required")) {
      if (names->asArray() == nullptr) return invalid(pointer + "/required", "a list of texts");
      for (const auto& name : *names->asArray())
        if (name.isString()) required.push_back(*name.asString());
    }
    std::ranges::sort(required);
    std::vector<Field> fields;
    for (const auto& member : *properties->asObject()) {
      auto at = pointer + "/properties";
      json::appendPointer(at, member.key);
      WEIR_ASSIGN(auto shape, read(member.value, at, depth + 1));
      const bool absent = !std::ranges::binary_search(required, std::string_view(member.key));
      fields.push_back({.name = member.key,
                        .type = std::move(shape.type),
                        .nullable = absent || shape.nullable,
                        .sensitive = shape.sensitive});
    }
    return Shape{.type = Type::map(std::move(fields))};
  }

  const json::Value& document_;
  std::int64_t visits_ = 0;
};

}  // namespace

Result<Field> fieldFromJsonSchema(std::string name, const json::Value& document) {
  WEIR_ASSIGN(auto shape, SchemaReader(document).read(document, "", 0));
  return Field{
      .name = std::move(name), .type = std::move(shape.type), .nullable = shape.nullable, .sensitive = shape.sensitive};
}

Result<SchemaRef> schemaFromJsonSchema(const json::Value& document) {
  WEIR_ASSIGN(const auto root, fieldFromJsonSchema("", document));
  if (root.type->kind != Kind::map)
    return fail("jsonschema.unsupported",
                "The JSON Schema describes " + typeName(*root.type) + "; rows need an object with `properties`.");
  std::string version;
  if (const auto* found = document.find("x-weir-version"); found != nullptr && found->isString())
    version = *found->asString();
  return Schema::of(root.type->fields, std::move(version));
}

}  // namespace weir
