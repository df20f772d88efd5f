// Type names, interning, JSON Schema both ways, and what breaks when a schema changes.
#include "engine/data/schema.h"

#include <doctest/doctest.h>

#include "engine/data/compatibility.h"
#include "engine/data/json-schema.h"
#include "engine/data/random-rows.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"

using namespace weir;

namespace {

SchemaRef schemaNamed(std::string_view type, std::string version = {}) {
  const auto parsed = parseTypeName("map" + std::string(type));
  REQUIRE(parsed);
  return Schema::of(parsed->fields, std::move(version));
}

SchemaRef fromText(std::string_view text) {
  const auto document = json::parse(text);
  REQUIRE(document);
  const auto schema = schemaFromJsonSchema(document->root());
  REQUIRE_MESSAGE(schema, schema.error().message);
  return *schema;
}

}  // namespace

TEST_CASE("type names read back as they were written") {
  for (const std::string_view text : {"int", "list<list<string>>", "map{a: int, b: string?}", "timestamp[ns]",
                                      "duration", "tensor[2, 3]", "map{}", "map{\"a b\": any, c: blob?}", "tensor[]"}) {
    const auto type = parseTypeName(text);
    REQUIRE(type);
    CHECK(typeName(*type) == text);
  }
  for (const std::string_view text : {"", "integer", "list<", "list<int>>", "map{a}", "map{a: int, a: int}",
                                      "tensor[0]", "tensor[9999999,9999999]", "timestamp[ms]", "int int"})
    CHECK_FALSE(parseTypeName(text));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "list<";
  CHECK_FALSE(parseTypeName(deep));
}

TEST_CASE("equal schemas are one object, others are not") {
  const auto a = schemaNamed("{a: int, b: list<string>?}");
  CHECK(a == schemaNamed("{a: int, b: list<string>?}"));
  CHECK(a != schemaNamed("{a: int, b: list<string>}"));
  CHECK(a != schemaNamed("{a: int, b: list<string>?}", "1"));
  CHECK(a->indexOf("b") == 1);
  CHECK(a->indexOf("c") == -1);
  CHECK(a->describe() == "{a: int, b: list<string>?}");
  std::vector<Field> many;
  for (int i = 0; i < 50; ++i) many.push_back({.name = "f" + std::to_string(i), .type = Type::int64()});
  const auto wide = Schema::of(many);
  for (int i = 0; i < 50; ++i) CHECK(wide->indexOf("f" + std::to_string(i)) == i);
}

TEST_CASE("every schema survives JSON Schema") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    testing::Dice dice(seed);
    const auto schema = testing::randomSchema(dice);
    const auto text = json::write(toJsonSchema(*schema));
    const auto back = schemaFromJsonSchema(json::parse(text)->root());
    REQUIRE_MESSAGE(back, back.error().message << " in " << text);
    CHECK_MESSAGE(*back == schema, (*back)->describe() << " from " << text);
  }
}

TEST_CASE("foreign JSON Schemas become columns where they can") {
  CHECK(fromText(R"({"type":"object","required":["id","kind"],"properties":{
    "id":{"type":"integer","minimum":1},"kind":{"enum":["a","b"]},"at":{"type":"string","format":"date-time"},
    "price":{"anyOf":[{"type":"number"},{"type":"null"}]},"mixed":{"type":["string","integer"]},
    "tags":{"type":"array","items":{"$ref":"#/$defs/tag"}},"extra":{"type":"object"}},
    "$defs":{"tag":{"type":"string"}}})")
            ->describe() ==
        "{id: int, kind: string, at: timestamp?, price: double?, mixed: any?, tags: list<string>?, extra: any?}");
  CHECK(fromText(R"({"allOf":[{"properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"b":true}}]})")
            ->describe() == "{a: int, b: any?}");
  for (const std::string_view text :
       {R"({"type":"object","properties":{"a":{"$ref":"#"}}})", R"({"type":"string"})", R"({"type":"thing"})",
        R"({"properties":{"a":{"$ref":"http://x/y"}}})", R"({"properties":3})", "[]"}) {
    const auto outcome = schemaFromJsonSchema(json::parse(text)->root());
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code.starts_with("jsonschema."));
  }
}

TEST_CASE("a change of schema is breaking or not, with the reason") {
  const auto compare = [](std::string_view before, std::string_view after) {
    return compareSchemas(*schemaNamed(before), *schemaNamed(after));
  };
  CHECK(compare("{a: int}", "{a: int}").changes.empty());
  CHECK(compare("{a: double, b: any?}", "{b: string, a: int, c: int}").compatible);
  CHECK(compare("{a: timestamp}", "{a: timestamp[ns]}").compatible);
  CHECK_FALSE(compare("{a: timestamp[ns]}", "{a: timestamp}").compatible);
  CHECK_FALSE(compare("{a: int}", "{a: double}").compatible);
  CHECK_FALSE(compare("{a: int}", "{a: int?}").compatible);
  const auto nested = compare("{o: map{items: list<map{price: int}>}}", "{o: map{items: list<map{price: string}>}}");
  CHECK_FALSE(nested.compatible);
  REQUIRE(nested.changes.size() == 1);
  CHECK(nested.changes[0].field == "o.items[].price");
  CHECK(nested.changes[0].what == "type changed from int to string");
  const auto removed = compare("{a: int, b: int}", "{a: int}");
  CHECK_FALSE(removed.compatible);
  CHECK(removed.changes[0].what == "removed");
}
