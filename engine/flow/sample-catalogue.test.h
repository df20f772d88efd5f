// A small catalogue and flows for the tests of engine/flow.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "engine/data/check.h"
#include "engine/flow/make-plan.h"

namespace weir::flow {

inline std::string typeText(std::string_view id, std::string_view version, std::string_view rest) {
  return R"({"id": ")" + std::string(id) + R"(", "version": ")" + std::string(version) +
         R"(", "compatibility": {"minRuntime": "1.0.0"}, "category": "Test", "name": "Test", "description": "For tests", )" +
         std::string(rest) + "}";
}

inline void addType(Catalogue& catalogue, const std::string& text) {
  const auto added = catalogue.addPackage(text, "test");
  if (!added) std::fputs(added.error().message.c_str(), stderr);
  WEIR_CHECK(added.has_value());
}

/// The schema.json of the original specification, as it stands there.
inline void addSpecificationType(Catalogue& catalogue) {
  addType(catalogue,
          R"({"id": "http-request", "version": "1.0.0", "compatibility": {"minRuntime": "1.0.0"}, "category": "Network",
    "name": "HTTP Request", "description": "Performs an HTTP request", "ui": {"color": "#ff8800", "icon": "globe", "resizable": true},
    "execution": {"timeoutMs": 5000, "retry": 2, "recoverable": true},
    "ports": {"inputs": [{"name": "trigger", "type": "signal", "required": true}, {"name": "body", "type": "object", "required": false}],
              "outputs": [{"name": "response", "type": "any"}, {"name": "error", "type": "error_packet"}]},
    "settings": [{"name": "url", "type": "string", "label": "Target URL"}, {"name": "method", "type": "enum", "options": ["GET", "POST"]}]})");
}

/// A source that may read the clock, one whose fields are declared, and what takes lists apart.
inline void addTyped(Catalogue& catalogue, const std::string& in, const std::string& out) {
  addType(catalogue,
          typeText("test/clock", "1.0.0",
                   R"("kind": "source", "cardinality": "source", "touches": "nothing", "ports": {"inputs": [], )" +
                       out + R"(}, "settings": [{"name": "from", "type": "string", "format": "time-or-now"}])"));
  addType(
      catalogue,
      typeText(
          "test/typed", "1.0.0",
          R"("kind": "source", "cardinality": "source", "touches": "nothing", "ports": {"inputs": [], "outputs": [{"name": "rows", "type": "rows{id: int, name: string, tags: list<string>}"}]}, "settings": [{"name": "pattern", "type": "string", "format": "regex"}, {"name": "path", "type": "path", "format": "glob"}, {"name": "dates", "type": "list", "items": {"type": "string", "format": "date-pattern"}}])"));
  addType(
      catalogue,
      typeText(
          "flow/split", "1.0.0",
          R"("kind": "pure", "touches": "nothing", "cardinality": "expand", "ports": {)" + in + ", " + out +
              R"(}, "settings": [{"name": "field", "type": "string", "format": "field", "required": true}, {"name": "as", "type": "string"}, {"name": "index", "type": "string"}])"));
}

inline Catalogue sampleCatalogue() {
  Catalogue catalogue;
  const std::string in = R"("inputs": [{"name": "rows", "type": "rows", "required": true}])";
  const std::string out = R"("outputs": [{"name": "rows", "type": "rows"}])";
  const std::string pure = R"("kind": "pure", "touches": "nothing", )";
  const auto source =
      R"("kind": "source", "cardinality": "source", "touches": "reads", "acceptsFilter": ["text/grep"], "needs": ["files"], "ports": {"inputs": [], )" +
      out +
      R"(}, "settings": [{"name": "path", "type": "path", "required": true}, {"name": "count", "type": "integer", "default": 3}, {"name": "key", "type": "secret"}])";
  addType(catalogue, typeText("test/source", "1.0.0", source));
  addType(catalogue, typeText("test/source", "2.0.0", source));
  addType(
      catalogue,
      typeText(
          "logic/filter", "1.0.0",
          pure + R"("cardinality": "filter", "ports": {)" + in +
              R"(, "outputs": [{"name": "match", "type": "rows"}, {"name": "rest", "type": "rows"}]}, "settings": [{"name": "condition", "type": "expression", "gives": "bool", "required": true}])"));
  addType(
      catalogue,
      typeText(
          "text/grep", "1.0.0",
          pure + R"("cardinality": "filter", "ports": {)" + in +
              R"(, "outputs": [{"name": "match", "type": "rows"}, {"name": "rest", "type": "rows"}]}, "settings": [{"name": "pattern", "type": "string"}])"));
  addType(
      catalogue,
      typeText(
          "logic/map", "1.0.0",
          pure + R"("cardinality": "one", "ports": {)" + in + ", " + out +
              R"(}, "settings": [{"name": "set", "type": "map", "items": {"type": "expression"}}, {"name": "rename", "type": "map", "format": "field", "items": {"type": "string"}}, {"name": "drop", "type": "list", "items": {"type": "string", "format": "field"}}, {"name": "keep", "type": "list", "items": {"type": "string", "format": "field"}}])"));
  addType(
      catalogue,
      typeText(
          "logic/switch", "1.0.0",
          pure + R"("cardinality": "filter", "ports": {)" + in +
              R"(, "outputs": [{"name": "otherwise", "type": "rows"}, {"name": "case", "type": "rows", "from": "cases"}]}, "settings": [{"name": "cases", "type": "list", "required": true, "items": [{"name": "name", "type": "string", "required": true}, {"name": "condition", "type": "expression", "gives": "bool", "required": true}]}])"));
  addType(
      catalogue,
      typeText(
          "flow/merge", "1.0.0",
          R"("kind": "stateful", "touches": "nothing", "cardinality": "one", "ports": {"inputs": [{"name": "first", "type": "rows"}, {"name": "second", "type": "rows"}], )" +
              out +
              R"(}, "settings": [{"name": "order", "type": "enum", "options": ["arrival", "inputs", "timestamp"], "default": "arrival"}])"));
  addType(
      catalogue,
      typeText(
          "data/join", "1.0.0",
          R"("kind": "stateful", "touches": "nothing", "cardinality": "one", "ports": {"inputs": [{"name": "rows", "type": "rows", "required": true}, {"name": "lookup", "type": "rows", "required": true, "blocking": true}], )" +
              out +
              R"(}, "settings": [{"name": "keys", "type": "list", "items": [{"name": "field", "type": "string", "format": "field"}, {"name": "lookup", "type": "string", "format": "field:lookup"}]}, {"name": "select", "type": "list", "items": {"type": "string", "format": "field:lookup"}}, {"name": "prefix", "type": "string", "default": ""}])"));
  addType(
      catalogue,
      typeText(
          "aggregate/group", "1.0.0",
          R"("kind": "stateful", "touches": "nothing", "cardinality": "fold", "ports": {)" + in + ", " + out +
              R"(}, "settings": [{"name": "keys", "type": "list", "default": []}, {"name": "measures", "type": "list", "items": [{"name": "name", "type": "string", "required": true}, {"name": "function", "type": "string"}, {"name": "of", "type": "expression"}]}])"));
  addTyped(catalogue, in, out);
  addType(catalogue, typeText("test/sink", "1.0.0",
                              R"("kind": "io", "cardinality": "sink", "touches": "writes", "ports": {)" + in +
                                  R"(, "outputs": []}, "settings": [{"name": "path", "type": "path"}])"));
  addType(
      catalogue,
      typeText(
          "test/numbers", "1.0.0",
          R"("kind": "io", "cardinality": "sink", "touches": "writes", "ports": {"inputs": [{"name": "value", "type": "number"}], "outputs": [{"name": "text", "type": "string"}]}, "settings": [])"));
  addSpecificationType(catalogue);
  return catalogue;
}

inline std::string nodeText(std::string_view id, std::string_view type, std::string_view settings = "{}",
                            std::string_view rest = "") {
  return R"({"id": ")" + std::string(id) + R"(", "typeId": ")" + std::string(type) +
         R"(", "version": "1.0.0", "settings": )" + std::string(settings) + std::string(rest) + "}";
}

/// "a.rows b.rows" and what else the edge says.
inline std::string edgeText(std::string_view id, std::string_view from, std::string_view to,
                            std::string_view rest = "") {
  const auto end = [](std::string_view text) {
    const auto dot = text.rfind('.');
    return R"({"node": ")" + std::string(text.substr(0, dot)) + R"(", "port": ")" + std::string(text.substr(dot + 1)) +
           "\"}";
  };
  return R"({"id": ")" + std::string(id) + R"(", "source": )" + end(from) + R"(, "target": )" + end(to) +
         std::string(rest) + "}";
}

inline std::string flowText(std::string_view nodes, std::string_view edges, std::string_view rest = "") {
  return R"({"id": "f", "version": "1.0.0", "nodes": [)" + std::string(nodes) + R"(], "edges": [)" +
         std::string(edges) + "]" + std::string(rest) + "}";
}

inline const std::string kSource = nodeText("s", "test/source", R"({"path": "a.csv"})");
inline const std::string kSink = nodeText("w", "test/sink");

inline FlowDocument parsedFlow(const std::string& text) {
  auto flow = parseFlow(text);
  if (!flow) std::fputs(describe(*flow.error().begin()).c_str(), stderr);
  WEIR_CHECK(flow.has_value());
  return std::move(*flow);
}

inline std::string codesOf(const Problems& problems) {
  std::string out;
  for (const auto& problem : problems) out += (out.empty() ? "" : " ") + problem.code;
  return out;
}

}  // namespace weir::flow
