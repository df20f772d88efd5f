// Tests of reading, migrating and formatting flow documents, and of their published schema.
#include "engine/flow/document.h"

#include <doctest/doctest.h>

#include <cstdio>

#include "engine/flow/flow-schema.h"
#include "engine/flow/flow-test.h"
#include "engine/flow/format.h"
#include "engine/flow/migrate.h"
#include "engine/flow/sample-catalogue.test.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

std::string readFile(const char* path) {
  std::string text;
  if (auto* file = std::fopen(path, "rb")) {
    char buffer[4096];
    for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, got);
    std::fclose(file);
  }
  return text;
}

struct Bad {
  const char* what;
  std::string text;
  const char* codes;
  const char* pointer;
};

TEST_CASE("a document that is not of the form says what, where, and all at once") {
  const std::string head = R"({"id": "f", "version": "1.0.0", )";
  const Bad cases[] = {
      {"no JSON", "{", "json.syntax", ""},
      {"no object", "[]", "flow.type", ""},
      {"keys missing", R"({"id": "f", "version": "1.0.0"})", "flow.missing_key flow.missing_key", ""},
      {"an unknown key", head + R"("nodes": [], "edges": [], "paramters": []})", "flow.unknown_key", "/paramters"},
      {"an unknown key of a node",
       head + R"("nodes": [{"id": "a", "typeId": "t", "version": "1", "setings": {}}], "edges": []})",
       "flow.unknown_key", "/nodes/0/setings"},
      {"a wrong kind", head + R"("nodes": {}, "edges": []})", "flow.type", "/nodes"},
      {"a wrong value", head + R"("nodes": [], "edges": [], "config": {"stateStorage": "disk"}})", "flow.value",
       "/config/stateStorage"},
      {"a number out of range", head + R"("nodes": [], "edges": [], "config": {"maxErrors": -1}})", "flow.range",
       "/config/maxErrors"},
      {"several", head + R"("nodes": [1], "edges": [{}], "tags": 1})",
       "flow.type flow.missing_key flow.missing_key flow.missing_key flow.unknown_key", "/nodes/0"},
      {"no version", R"({"id": "f", "version": "new", "nodes": [], "edges": []})", "flow.version", "/version"},
      {"a newer one", R"({"id": "f", "version": "1.1.0", "nodes": [], "edges": []})", "flow.newer", "/version"},
      {"an unknown older one", R"({"id": "f", "version": "0.5.0", "nodes": [], "edges": []})", "flow.no_migration",
       "/version"},
  };
  for (const auto& bad : cases) {
    CAPTURE(bad.what);
    const auto flow = parseFlow(bad.text);
    REQUIRE(!flow);
    if (bad.text != "{") CHECK(codesOf(flow.error()) == bad.codes);
    CHECK(flow.error().begin()->pointer == bad.pointer);
    CHECK(flow.error().begin()->line == 1);
  }
}

TEST_CASE("an unknown key comes with the nearest one, its line and its column") {
  const auto flow =
      parseFlow("{\"id\": \"f\", \"version\": \"1.0.0\",\n \"nodes\": [], \"edges\": [],\n \"paramters\": []}");
  REQUIRE(!flow);
  const auto& problem = *flow.error().begin();
  CHECK(problem.suggestion == "Did you mean 'parameters'?");
  CHECK(problem.line == 3);
  CHECK(describe(problem, "f.json").starts_with("f.json:3:"));
  CHECK(*toJson(problem).find("code")->asString() == "flow.unknown_key");
  CHECK(toError(flow.error()).code == "flow.invalid");
}

TEST_CASE("the graph of the original specification is read") {
  const auto flow = parsedFlow(R"({"id": "g", "version": "1.0.0",
    "metadata": {"author": "a", "createdAt": 1750000000000, "description": "d", "tags": ["t"]},
    "config": {"maxConcurrency": 4, "stateStorage": "memory"},
    "nodes": [{"id": "n", "typeId": "http-request", "version": "1.0.0", "settings": {"url": "http://a"}, "position": {"x": 1, "y": 2}}], "edges": []})");
  CHECK(flow.nodes[0].box.x == 1.0);
  CHECK(flow.config.maxConcurrency == 4);
}

TEST_CASE("a document of format 0.9 becomes one of 1.0.0") {
  const auto flow = parsedFlow(R"({"id": "old", "version": "0.9", "nodes": [
    {"id": "a", "type": "test/source", "version": "1.0.0", "options": {"path": "x"}, "x": 1, "y": 2},
    {"id": "b", "type": "test/sink", "version": "1.0.0"}], "links": [{"id": "e", "from": "a.rows", "to": "b"}]})");
  CHECK(flow.migratedFrom == "0.9");
  CHECK(flow.version == "1.0.0");
  CHECK(flow.nodes[0].typeId == "test/source");
  CHECK(flow.nodes[0].settings.find("path") != nullptr);
  CHECK(flow.nodes[0].box.y == 2.0);
  CHECK(flow.edges[0].source.node == "a");
  CHECK(flow.edges[0].target.port == "rows");
}

TEST_CASE("settings of nodes are migrated along a chain of steps") {
  auto flow = parsedFlow(flowText(kSource, ""));
  const SettingsMigration steps[] = {{"test/source", "1.0.0", "1.5.0",
                                      [](const json::Value& settings) {
                                        auto made = settings;
                                        made.set("count", 5);
                                        return made;
                                      }},
                                     {"test/source", "1.5.0", "2.0.0", [](const json::Value& settings) {
                                        auto made = settings;
                                        made.remove("path");
                                        return made;
                                      }}};
  CHECK(migrateNodes(flow.source.root(), steps) == 1);
  const auto* node = flow.source.root().findPointer("/nodes/0");
  CHECK(*node->find("version")->asString() == "2.0.0");
  CHECK(node->findPointer("/settings/path") == nullptr);
  CHECK(node->findPointer("/settings/count") != nullptr);
  CHECK(migrateNodes(flow.source.root(), steps) == 0);
}

TEST_CASE("formatting is canonical and idempotent, keeps x- keys, and puts positions last") {
  const auto text = flowText(
      nodeText("s", "test/source", R"({"path": "a.csv", "x": 1.50, "big": 123456789012345678901234567890})",
               R"(, "position": {"y": 2, "x": 1}, "x-mine": [1])"),
      edgeText("e", "s.rows", "s.rows", R"(, "transform": null, "preset": "lowLatency", "batch": {"maxRows": 7})"),
      R"(, "x-own": {"b": 1, "a": 2})");
  const auto once = formatFlow(parsedFlow(text));
  CHECK(formatFlow(parsedFlow(once)) == once);
  CHECK(once.find("\"x-mine\": [1]") != std::string::npos);
  CHECK(once.find("123456789012345678901234567890") != std::string::npos);
  CHECK(once.find("position") == std::string::npos);
  CHECK(once.find("preset") == std::string::npos);
  CHECK(once.find("\"batch\": { \"maxRows\": 7, \"maxWaitMs\": 4 }") != std::string::npos);
  CHECK(once.find("\"layout\": {\n    \"nodes\": {\n      \"s\": { \"x\": 1, \"y\": 2 }") != std::string::npos);
  CHECK(parsedFlow(once).nodes[0].box.x == 1.0);
  CHECK(parsedFlow(once).hash() == parsedFlow(formatFlow(parsedFlow(once))).hash());
}

TEST_CASE("the hash is that of what runs") {
  const auto base = parsedFlow(flowText(kSource, "")).hash();
  CHECK(base == parsedFlow(flowText(kSource, "",
                                    R"(, "notes": [{"id": "n", "text": "t"}], "layout": {"nodes": {"s": {"x": 1}}})"))
                    .hash());
  CHECK(base != parsedFlow(flowText(nodeText("s", "test/source", R"({"path": "b.csv"})"), "")).hash());
}

TEST_CASE("the published schema is that of the tables") {
  CHECK(readFile("docs/schemas/flow.schema.json") == json::write(flowSchema(), json::Layout::pretty) + "\n");
}

TEST_CASE("tests of flows are read strictly") {
  const auto tests = parseFlowTests(
      R"([{"name": "a", "parameters": {"p": 1}, "clock": "2026-01-01T00:00:00Z", "seed": 7, "in": {"s": [{"id": 1}]}, "out": {"w": []}, "deadLetters": 1}])");
  REQUIRE(tests.has_value());
  CHECK(tests->front().seed == 7);
  CHECK(tests->front().in.at("s").size() == 1);
  CHECK(tests->front().out.at("w").empty());
  CHECK(tests->front().deadLetters == 1);
  CHECK(parseFlowTests(R"({"tests": []})").has_value());
  const auto bad = parseFlowTests(R"([{"name": "a", "input": {}, "out": {"w": [1, {}]}, "in": {"s": 1}}])");
  REQUIRE(!bad);
  CHECK(codesOf(bad.error()) == "flow.unknown_key flow.type flow.type");
  CHECK(!parseFlowTests("nothing"));
}

}  // namespace
}  // namespace weir::flow
