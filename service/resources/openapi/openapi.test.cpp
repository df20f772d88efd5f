// The description of the API: every route is in it, every shape that is named is there, and it is sound JSON.
#include "service/resources/openapi/openapi.h"

#include <doctest/doctest.h>

#include <set>

#include "service/api/fake-place.test.h"
#include "service/resources/openapi/docs-files.h"
#include "service/resources/openapi/shapes.h"
#include "service/resources/server-routes.h"

using namespace weir;
using namespace weir::api;

namespace {

json::Document described() {
  auto document = json::parse(openApiOf(serverRoutes(), "1.2.3"));
  REQUIRE(document);
  return std::move(*document);
}

std::string pointerOf(std::string path) {
  std::string pointer = "/paths";
  json::appendPointer(pointer, path);
  return pointer;
}

/// Every "$ref" below a value.
void collect(const json::Value& value, std::set<std::string>& references) {
  if (const auto* members = value.asObject()) {
    for (const auto& member : *members) {
      if (member.key == "$ref" && member.value.isString()) references.insert(*member.value.asString());
      collect(member.value, references);
    }
  }
  if (const auto* elements = value.asArray()) {
    for (const auto& element : *elements) collect(element, references);
  }
}

}  // namespace

TEST_CASE("Every shape that a route names has a schema, and every schema is one") {
  std::set<std::string_view> names;
  for (const auto& group : shapeGroups()) {
    for (const auto& shape : group) {
      CAPTURE(shape.name);
      CHECK(names.insert(shape.name).second);
      const auto schema = json::parse(shape.schema);
      INFO((schema ? "" : schema.error().message));
      REQUIRE(schema);
      CHECK(schema->root().isObject());
    }
  }
  for (const auto* route : serverRoutes().all()) {
    for (const auto shape : {route->takes, route->gives}) {
      INFO("route ", route->operation, " names the shape '", shape, "'; describe it in a group of shapes in ",
           "service/resources/openapi/shape-table.cpp");
      CHECK((shape.empty() || shapeOf(shape) != nullptr));
    }
  }
}

TEST_CASE("Each route is described once, with all that it takes and answers, and every reference leads somewhere") {
  const auto document = described();
  const auto& root = document.root();
  CHECK(*root.find("openapi")->asString() == "3.1.0");
  CHECK(*root.findPointer("/info/version")->asString() == "1.2.3");
  std::set<std::string> operations;
  std::int64_t count = 0;
  for (const auto& path : *root.find("paths")->asObject()) {
    for (const auto& method : *path.value.asObject()) {
      ++count;
      CAPTURE(path.key);
      CHECK(operations.insert(*method.value.find("operationId")->asString()).second);
      CHECK(method.value.find("responses")->count() > 3);
    }
  }
  std::int64_t wanted = 0;
  for (const auto* route : serverRoutes().all()) wanted += route->atRoot ? 2 : 1;
  CHECK(count == wanted);
  std::set<std::string> references;
  collect(root, references);
  for (const auto& reference : references) {
    CAPTURE(reference);
    CHECK(root.findPointer(reference.substr(1)) != nullptr);
  }
}

TEST_CASE("No parameter of a route is there twice, and what must be sent is said to be") {
  const auto document = described();
  for (const auto& path : *document.root().find("paths")->asObject()) {
    for (const auto& method : *path.value.asObject()) {
      CAPTURE(path.key + " " + method.key);
      std::set<std::string> seen;
      const auto* parameters = method.value.find("parameters");
      for (const auto& one : parameters == nullptr ? json::Value::Array() : *parameters->asArray()) {
        CHECK(seen.insert(*one.find("in")->asString() + " " + *one.find("name")->asString()).second);
      }
    }
  }
  const auto& root = document.root();
  const auto at = [&root](std::string path, const std::string& rest) {
    const auto* found = root.findPointer(pointerOf(std::move(path)) + rest);
    return found == nullptr ? std::string("(nothing)") : json::write(*found);
  };
  CHECK(at("/api/v1/flows/{flow}", "/patch/parameters").contains("If-Match"));
  CHECK(at("/api/v1/flows/{flow}", "/patch/requestBody").contains("application/json-patch+json"));
  CHECK(at("/api/v1/flows/{flow}", "/patch/requestBody/required") == "true");
  CHECK(at("/api/v1/apply", "/post/requestBody/required") == "true");
  CHECK(at("/api/v1/flows/{flow}/runs", "/post/requestBody/required") == "false");
  const auto* schemes = root.findPointer("/components/securitySchemes");
  CHECK(json::write(*schemes).contains("weir-local"));
}

TEST_CASE("Parameters, bodies, conditions and refusals of a route are described") {
  const auto document = described();
  const auto& root = document.root();
  const auto at = [&root](std::string path, const std::string& rest) {
    const auto* found = root.findPointer(pointerOf(std::move(path)) + rest);
    return found == nullptr ? std::string("(nothing)") : json::write(*found);
  };
  const auto parameters = at("/api/v1/flows", "/get/parameters");
  CHECK(parameters.contains(R"("name":"limit","in":"query")"));
  CHECK(parameters.contains(R"("schema":{"type":"integer","minimum":1,"maximum":500})"));
  CHECK(at("/api/v1/flows/{flow}", "/put/parameters").contains(R"("name":"If-Match","in":"header")"));
  CHECK(at("/api/v1/flows/{flow}", "/put/responses/201").contains("FlowHead"));
  CHECK(at("/api/v1/flows/{flow}", "/put/responses/412") == R"({"$ref":"#/components/responses/Refusal412"})");
  CHECK(at("/api/v1/flows/{flow}", "/get/responses/304") != "(nothing)");
  CHECK(at("/api/v1/flows/{flow}", "/put/requestBody/required") == "true");
  CHECK(at("/api/v1/flows/{flow}/versions", "/post/requestBody/required") == "false");
  CHECK(at("/api/v1/nodes/{node}", "/get/parameters/0/in") == "\"path\"");
  CHECK(at("/api/v1/flows", "/post/parameters").contains("Idempotency-Key"));
  CHECK_FALSE(at("/execute", "/post/parameters").contains("Idempotency-Key"));
  CHECK(at("/execute", "/post/operationId") == "\"executeAtRoot\"");
  CHECK(at("/api/v1/health", "/get/security/0") == "{}");
}

TEST_CASE("The document and its pages are answered, without anything that the policy of the pages forbids") {
  FakePlace place;
  SetClock clock;
  Api api(FakePlace::placeOf(1 << 20), {}, clock, place.catalogue, place.store, place.runner, {},
          {.routes = &serverRoutes(), .gate = nullptr, .server = nullptr});
  const auto get = [&api](std::string path) {
    const auto exchange = api.begin({"GET", std::move(path), "", {}});
    return answerOf(*exchange);
  };
  CHECK(get("/api/v1/openapi.json").at("/openapi") == "3.1.0");
  const auto page = get("/docs");
  CHECK(page.status == 200);
  CHECK(page.header("content-type") == "text/html; charset=utf-8");
  CHECK(page.header("content-security-policy").contains("script-src 'self';"));
  CHECK_FALSE(page.text.contains("style="));
  CHECK_FALSE(page.text.contains("<script>"));
  for (auto at = page.text.find("\"docs/"); at != std::string::npos; at = page.text.find("\"docs/", at + 1)) {
    const auto name = page.text.substr(at + 1, page.text.find('"', at + 1) - at - 1);
    CAPTURE(name);
    CHECK(get("/" + name).status == 200);
  }
  CHECK(get("/docs/swagger-ui-bundle.js").header("content-encoding") == "gzip");
  CHECK(get("/docs/swagger-ui-bundle.js").text.starts_with("\x1f\x8b"));
  CHECK(get("/docs/no.js").status == 404);
}
