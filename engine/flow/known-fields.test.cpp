// Tests of what validation knows of rows before a run: names of fields, types in expressions.
#include "engine/flow/known-fields.h"

#include <doctest/doctest.h>

#include "engine/flow/sample-catalogue.test.h"

namespace weir::flow {
namespace {

/// A source with the fields id, name and tags, then `nodes` in a row, each by its first output, then a sink.
std::string chainText(std::initializer_list<std::pair<const char*, const char*>> nodes, std::string_view rest = "") {
  std::string text = nodeText("s", "test/typed");
  std::string edges, from = "s.rows";
  int count = 0;
  for (const auto& [type, settings] : nodes) {
    const auto id = "n" + std::to_string(++count);
    text += "," + nodeText(id, type, settings);
    edges += edgeText("e" + std::to_string(count), from, id + ".rows", count == 1 ? rest : "") + ",";
    from = id + (std::string_view(type) == "logic/filter" ? ".match" : ".rows");
  }
  return flowText(text + "," + kSink, edges + edgeText("last", from, "w.rows", nodes.size() == 0 ? rest : ""));
}

std::string saidOf(const std::string& text) {
  std::string said;
  for (const auto& problem : validate(parsedFlow(text), sampleCatalogue()).problems) {
    said += (said.empty() ? "" : " ") + problem.code + " " + problem.pointer;
    if (!problem.suggestion.empty()) said += " " + problem.suggestion;
  }
  return said;
}

TEST_CASE("fields that settings name must be there where it is known what comes") {
  CHECK(saidOf(chainText({{"logic/map", R"({"drop": ["nam"], "keep": ["id"], "rename": {"tag": "x"}})"}})) ==
        "rows.unknown_field /nodes/1/settings/drop/0 Did you mean 'name'? "
        "rows.unknown_field /nodes/1/settings/rename/tag Did you mean 'tags'?");
  CHECK(saidOf(chainText({{"logic/map", R"({"rename": {"id": "name"}})"}})) ==
        "settings.duplicate /nodes/1/settings/rename/id Choose another name, or drop or rename that field.");
  CHECK(saidOf(chainText({{"logic/map", R"({"rename": {"id": "name"}, "drop": ["name"]})"}})) == "");
  CHECK(saidOf(chainText({{"logic/map", R"({"rename": {"id": "name", "name": "id"}})"}})) == "");
  CHECK(saidOf(chainText({{"flow/split", R"({"field": "tags", "as": "id"})"}})) ==
        "settings.duplicate /nodes/1/settings/as Choose another name.");
  CHECK(saidOf(chainText({{"aggregate/group", R"({"keys": ["nme", {"name": "n", "of": "row.idd"}]})"}})) ==
        "rows.unknown_field /nodes/1/settings/keys/0 Did you mean 'name'? "
        "cel.unknown_field /nodes/1/settings/keys/1/of Did you mean \"id\"?");
  CHECK(saidOf(chainText({{"flow/split", R"({"field": "tag"})"}})) ==
        "rows.unknown_field /nodes/1/settings/field Did you mean 'tags'?");
  CHECK(saidOf(chainText({{"flow/split", R"({"field": "tags", "as": "tag", "index": "at"})"},
                          {"logic/map", R"({"drop": ["tag", "at", "tags"]})"}})) ==
        "rows.unknown_field /nodes/2/settings/drop/2 Did you mean 'tag'?");
}

TEST_CASE("what a node makes of rows is known behind it") {
  CHECK(saidOf(chainText({{"logic/map", R"({"set": {"big": "row.id > 3"}, "rename": {"id": "number"}})"},
                          {"logic/filter", R"({"condition": "row.big && row.number > 1"})"}})) == "");
  CHECK(saidOf(chainText({{"logic/map", R"({"set": {"big": "row.id > 3"}})"},
                          {"logic/filter", R"({"condition": "row.big > 1"})"}})) ==
        "cel.type /nodes/2/settings/condition");
  CHECK(
      saidOf(chainText({{"aggregate/group", R"({"keys": ["name"], "measures": [{"name": "n", "function": "count"}]})"},
                        {"logic/filter", R"({"condition": "row.id > 1 && row.n > 0"})"}})) ==
      "cel.unknown_field /nodes/2/settings/condition");
  // Of a source that only a run knows, what a map keeps is known all the same.
  const auto open = [](std::string_view condition) {
    return flowText(kSource + "," + nodeText("m", "logic/map", R"({"keep": ["a"]})") + "," +
                        nodeText("f", "logic/filter", R"({"condition": ")" + std::string(condition) + "\"}") + "," +
                        kSink,
                    edgeText("e1", "s.rows", "m.rows") + "," + edgeText("e2", "m.rows", "f.rows") + "," +
                        edgeText("e3", "f.match", "w.rows"));
  };
  CHECK(saidOf(open("row.a > 1")) == "");
  CHECK(saidOf(open("row.other > 1")) == "cel.unknown_field /nodes/2/settings/condition");
}

TEST_CASE("expressions of edges are checked against the rows that the source gives") {
  CHECK(saidOf(chainText({}, R"(, "filter": "row.nam == 'a'")")) ==
        "cel.unknown_field /edges/0/filter Did you mean \"name\"?");
  CHECK(saidOf(chainText({}, R"(, "filter": "row.name > 1")")) == "cel.type /edges/0/filter");
  CHECK(saidOf(chainText({}, R"x(, "filter": "!has(row.other)")x")) == "");
}

TEST_CASE("both inputs of a join are known by themselves") {
  const auto joined = [](std::string_view settings) {
    return flowText(nodeText("s", "test/typed") + "," + nodeText("l", "test/typed") + "," +
                        nodeText("j", "data/join", settings) + "," + kSink,
                    edgeText("e1", "s.rows", "j.rows") + "," + edgeText("e2", "l.rows", "j.lookup") + "," +
                        edgeText("e3", "j.rows", "w.rows", R"(, "filter": "row.id == 1 && row.l_name == 'a'")"));
  };
  CHECK(saidOf(joined(R"({"keys": [{"field": "id"}], "prefix": "l_"})")) == "");
  CHECK(saidOf(joined(R"({"keys": [{"field": "id", "lookup": "idd"}], "select": ["name", "nix"], "prefix": "l_"})")) ==
        "rows.unknown_field /nodes/2/settings/keys/0/lookup Did you mean 'id'? "
        "rows.unknown_field /nodes/2/settings/select/1");
  CHECK(saidOf(joined(R"({"keys": [{"field": "no"}], "prefix": "l_"})")) ==
        "rows.unknown_field /nodes/2/settings/keys/0/field "
        "rows.unknown_field /nodes/2/settings/keys/0/field");
}

TEST_CASE("texts in a language of their own are compiled before a run, all of them") {
  CHECK(saidOf(flowText(
            nodeText("s", "test/typed", R"({"pattern": "(a", "path": "x/[a", "dates": ["yyyy", "qq"]})") + "," + kSink,
            edgeText("e", "s.rows", "w.rows"))) ==
        "regex.syntax /nodes/0/settings/pattern glob.syntax /nodes/0/settings/path "
        "date.pattern /nodes/0/settings/dates/1");
  const auto open =
      flowText(nodeText("s", "test/typed", R"({"path": "x/${part}["})") + "," + kSink,
               edgeText("e", "s.rows", "w.rows"), R"(, "parameters": [{"name": "part", "type": "string"}])");
  ValidateOptions options;
  options.parametersOpen = true;
  CHECK(codesOf(validate(parsedFlow(open), sampleCatalogue(), options).problems) == "");
  options.parametersOpen = false;
  options.parameters["part"] = "a";
  CHECK(codesOf(validate(parsedFlow(open), sampleCatalogue(), options).problems) == "glob.syntax");
}

TEST_CASE("a parameter that is there twice is said once for each repetition, with a value or without") {
  const auto edge = edgeText("e", "s.rows", "w.rows");
  ValidateOptions open;
  open.parametersOpen = true;
  const auto text = flowText(kSource + "," + kSink, edge,
                             R"(, "parameters": [{"name": "p", "type": "string"}, {"name": "p", "type": "string"}])");
  CHECK(codesOf(validate(parsedFlow(text), sampleCatalogue(), open).problems) == "flow.duplicate_id");
}

}  // namespace
}  // namespace weir::flow
