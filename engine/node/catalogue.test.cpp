// The catalogue: what it takes in, what it refuses, and what it says then; versions; settings.
#include "engine/node/catalogue.h"

#include <doctest/doctest.h>

#include "engine/json/writer.h"
#include "engine/node/parse-node-type.h"
#include "engine/node/settings-check.h"
#include "engine/node/version.h"

namespace weir {
namespace {

// The first specification's own schema.json, word for word.
constexpr std::string_view kHttpRequest = R"({
  "id": "http-request", "version": "1.0.0", "compatibility": { "minRuntime": "1.0.0" },
  "category": "Network", "name": "HTTP Request", "description": "Performs an HTTP request",
  "ui": { "color": "#ff8800", "icon": "globe", "resizable": true },
  "execution": { "timeoutMs": 5000, "retry": 2, "recoverable": true },
  "ports": {
    "inputs": [ { "name": "trigger", "type": "signal", "required": true },
                { "name": "body", "type": "object", "required": false } ],
    "outputs": [ { "name": "response", "type": "any" }, { "name": "error", "type": "error_packet" } ] },
  "settings": [ { "name": "url", "type": "string", "label": "Target URL" },
                { "name": "method", "type": "enum", "options": ["GET", "POST"] } ] })";

std::string nodeNamed(std::string_view id, std::string_view version, std::string_view more = "") {
  return R"({"id":")" + std::string(id) + R"(","version":")" + std::string(version) +
         R"(","name":"N","description":"D","ports":{"inputs":[{"name":"rows","type":"rows"}]})" + std::string(more) +
         "}";
}

Problems problemsOf(std::string_view settings, std::string_view given) {
  const auto parsed = parseNodeType(nodeNamed("a/b", "1.0.0", std::string(R"(,"settings":)") + std::string(settings)));
  REQUIRE(parsed.problems.empty());
  const auto document = json::parse(given);
  REQUIRE(document.has_value());
  return checkSettings(parsed.type.settings, document->root());
}

std::string codesOf(const Problems& problems) {
  std::string text;
  for (const auto& problem : problems) text += problem.pointer + " " + std::string(problem.code) + "\n";
  return text;
}

}  // namespace

TEST_CASE("the first specification's http-request is a valid package as it stands") {
  const auto parsed = parseNodeType(kHttpRequest);
  REQUIRE(parsed.problems.empty());
  const auto& type = parsed.type;
  CHECK(type.kind == NodeKind::io);
  CHECK(type.attempts == 3);
  CHECK(type.timeoutMs == 5000);
  CHECK(type.inputNamed("trigger") == Port{0});
  CHECK(type.inputNamed("body") == Port{0});
  CHECK(type.inputNamed("rows") == Port{0});
  CHECK(type.outputNamed("response") == Port{0});
  CHECK(type.errorPort() == 1);
}

TEST_CASE("the output error is last, declared or not") {
  const auto parsed = parseNodeType(
      R"({"id":"a/b","version":"1.0.0","name":"N","description":"D","ports":{"outputs":[{"name":"error","type":"error_packet"},{"name":"rows","type":"rows{id: int}"}]}})");
  REQUIRE(parsed.problems.empty());
  CHECK(parsed.type.outputs.size() == 2);
  CHECK(parsed.type.outputs[0].name == "rows");
  CHECK(parsed.type.outputs[0].fields.size() == 1);
  CHECK(parsed.type.outputs[1].name == "error");
}

TEST_CASE("everything wrong in a schema.json is told at once, with pointer and suggestion") {
  const auto parsed = parseNodeType(
      R"({"id":"A B","version":"1","name":"N","ports":{"inputs":[{"name":"rows","type":"row"}]},"setings":[],"kind":"purr"})");
  CHECK(codesOf(parsed.problems) ==
        "/setings node.schema\n node.schema\n/id node.schema\n/version node.schema\n/kind node.schema\n"
        "/ports/inputs/0/type node.schema\n");
  CHECK(parsed.problems[0].suggestion == "settings");
  CHECK(parsed.problems[4].suggestion == "pure");
}

TEST_CASE("several versions of a node stand side by side, by id and by alias") {
  Catalogue catalogue;
  REQUIRE(catalogue.addPackage(nodeNamed("a/b", "1.10.0", R"(,"aliases":["old-b"])"), "one").has_value());
  REQUIRE(catalogue.addPackage(nodeNamed("a/b", "1.9.0"), "two").has_value());
  CHECK(catalogue.versionsOf("a/b").size() == 2);
  CHECK(catalogue.newestOf("a/b")->version == "1.10.0");
  CHECK(catalogue.find("a/b", "1.9.0")->version == "1.9.0");
  CHECK(catalogue.find("old-b", "1.10.0") == catalogue.find("a/b", "1.10.0"));
  CHECK(catalogue.find("a/b", "2.0.0") == nullptr);
  CHECK(catalogue.nearest("a/bb") == "a/b");
}

TEST_CASE("a package whose id and version are taken is refused, naming both") {
  Catalogue catalogue;
  REQUIRE(catalogue.addPackage(nodeNamed("a/b", "1.0.0"), "first").has_value());
  const auto second = catalogue.addPackage(nodeNamed("a/b", "1.0.0"), "second");
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == "node.taken");
  CHECK(second.error().message.contains("second"));
  CHECK(second.error().message.contains("first"));
  CHECK(catalogue.refusals().size() == 1);
}

TEST_CASE("a package that needs a newer engine is refused, naming both versions") {
  Catalogue catalogue;
  const auto added = catalogue.addPackage(nodeNamed("a/b", "1.0.0", R"(,"compatibility":{"minRuntime":"9.0.0"})"), "p");
  REQUIRE_FALSE(added.has_value());
  CHECK(added.error().code == "node.min_runtime");
  CHECK(added.error().message.contains("9.0.0"));
  CHECK(added.error().message.contains(kEngineVersion));
}

TEST_CASE("versions compare as semver says") {
  const auto version = [](std::string_view text) { return Version::parse(text).value(); };
  CHECK(version("1.2.3") < version("1.10.0"));
  CHECK(version("1.0.0-alpha") < version("1.0.0"));
  CHECK(version("1.0.0-alpha.2") < version("1.0.0-alpha.10"));
  CHECK(version("1.0.0-alpha") < version("1.0.0-alpha.1"));
  CHECK_FALSE(Version::parse("1.0").has_value());
  CHECK_FALSE(Version::parse("01.0.0").has_value());
}

TEST_CASE("every problem of a settings object is told") {
  const auto problems = problemsOf(
      R"([{"name":"count","type":"integer","min":1,"max":9},{"name":"path","type":"path","required":true},
          {"name":"mode","type":"enum","options":["fast","slow"]},{"name":"wait","type":"duration"},
          {"name":"rules","type":"list","items":[{"name":"name","type":"string","required":true}]}])",
      R"({"count":10,"mode":"fats","wait":"soon","rules":[{"name":"a"},{"nam":"b"}],"cuont":1})");
  CHECK(codesOf(problems) ==
        "/settings/cuont settings.unknown\n/settings/count settings.range\n/settings/path settings.missing\n"
        "/settings/mode settings.option\n/settings/wait settings.type\n/settings/rules/1/nam settings.unknown\n"
        "/settings/rules/1/name settings.missing\n");
  CHECK(problems[0].suggestion == "count");
  CHECK(problems[3].suggestion == "fast");
}

TEST_CASE("an expression that does not compile is a problem at its pointer") {
  const auto problems = problemsOf(R"([{"name":"when","type":"expression","gives":"bool"}])", R"({"when":"row.a >"})");
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].pointer == "/settings/when");
  CHECK(problems[0].code.starts_with("cel."));
  CHECK(problems[0].message.contains("^"));
}

TEST_CASE("defaults are filled in, inside lists too") {
  const auto parsed =
      parseNodeType(nodeNamed("a/b", "1.0.0", R"(,"settings":[{"name":"count","type":"integer","default":3},
      {"name":"keys","type":"list","items":[{"name":"order","type":"string","default":"up"}]}])"));
  REQUIRE(parsed.problems.empty());
  const auto given = json::parse(R"({"keys":[{},{"order":"down"}]})");
  CHECK(json::write(completed(parsed.type.settings, given->root())) ==
        R"({"count":3,"keys":[{"order":"up"},{"order":"down"}]})");
}

TEST_CASE("ports that follow a list setting are made for each element, error stays last") {
  const auto parsed = parseNodeType(
      R"({"id":"a/b","version":"1.0.0","name":"N","description":"D","ports":{"outputs":[{"name":"case","type":"rows","from":"cases"}]},
          "settings":[{"name":"cases","type":"list","items":[{"name":"name","type":"string"}]}]})");
  REQUIRE(parsed.problems.empty());
  const auto given = json::parse(R"({"cases":[{"name":"big"},{"name":"small"}]})");
  const auto ports = instancePorts(parsed.type.outputs, given->root());
  REQUIRE(ports.size() == 3);
  CHECK(ports[0].name == "big");
  CHECK(ports[1].name == "small");
  CHECK(ports[2].name == "error");
}

}  // namespace weir
