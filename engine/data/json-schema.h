// JSON Schema 2020-12, in and out, for schemas of rows.
#pragma once

#include "engine/data/error.h"
#include "engine/data/schema.h"
#include "engine/json/value.h"

namespace weir {

/// An object schema: a property a field in order, `required` those that are not nullable, no other properties. What
/// JSON Schema cannot say is in annotations: `x-weir-type` (the type's name, where the JSON form does not tell it),
/// `x-weir-sensitive`, `x-weir-version`. A row written as JSON (value-json.h) is valid against it.
[[nodiscard]] json::Value toJsonSchema(const Schema& schema);
[[nodiscard]] json::Value toJsonSchema(const Type& type, bool nullable);

/// Reads what toJsonSchema writes as it was, and others' schemas as far as columns go: `$ref` within the document,
/// `allOf` of objects, `anyOf`/`oneOf`/`type` lists with null, `enum`, `const`, formats date-time, duration;
/// `prefixItems` and alternatives of several types become any; an object without properties is any. Constraints on
/// values (minimum, pattern …) are left to validation. Errors `jsonschema.invalid` (wrong form),
/// `jsonschema.unsupported`, each with the JSON pointer.
[[nodiscard]] Result<SchemaRef> schemaFromJsonSchema(const json::Value& document);
[[nodiscard]] Result<Field> fieldFromJsonSchema(std::string name, const json::Value& document);

}  // namespace weir
