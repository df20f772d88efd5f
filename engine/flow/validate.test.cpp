// Tests of validation: every code at least once, and flows that are good.
#include "engine/flow/validate.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/flow/sample-catalogue.test.h"

namespace weir::flow {
namespace {

struct Case {
  const char* what;
  std::string text;
  const char* codes;      // of all problems, in order
  const char* says = "";  // in the first problem's message or suggestion
};

std::string filterNode(std::string_view condition) {
  return nodeText("c", "logic/filter", R"({"condition": ")" + std::string(condition) + "\"}");
}

void checkAll(std::span<const Case> cases, const ValidateOptions& options = {}) {
  const auto catalogue = sampleCatalogue();
  for (const auto& each : cases) {
    CAPTURE(each.what);
    const auto found = validate(parsedFlow(each.text), catalogue, options);
    CHECK(codesOf(found.problems) == each.codes);
    if (found.problems.empty()) continue;
    const auto text = describe(*found.problems.begin());
    CHECK_MESSAGE(text.find(each.says) != std::string::npos, text);
    CHECK(found.problems.begin()->line > 0);
  }
}

const std::string kPair = kSource + "," + kSink;

TEST_CASE("nodes and types") {
  const auto edge = edgeText("e", "s.rows", "w.rows");
  const Case cases[] = {
      {"good", flowText(kPair, edge), ""},
      {"empty", flowText("", ""), "flow.empty"},
      {"an id twice", flowText(kPair + "," + kSink, edge), "flow.duplicate_id flow.unconnected flow.unreachable"},
      {"a bad id", flowText(nodeText("a/b", "test/source", R"({"path": "x"})"), ""), "flow.no_effect flow.bad_id"},
      {"an unknown type", flowText(nodeText("s", "test/sorce"), ""), "flow.unknown_type", "Did you mean 'test/source'"},
      {"a version that is not there", flowText(R"({"id": "s", "typeId": "test/source", "version": "3.0.0"})", ""),
       "flow.unknown_version", "1.0.0, 2.0.0"},
      {"an unknown group",
       flowText(nodeText("s", "test/source", R"({"path": "x"})", R"(, "parent": "g")") + "," + kSink, edge),
       "flow.unknown_group"},
      {"a source that is bypassed",
       flowText(nodeText("s", "test/source", R"({"path": "x"})", R"(, "bypass": true)") + "," + kSink, edge),
       "flow.cannot_bypass"},
      {"the specification's type",
       flowText(kSource + "," + nodeText("h", "http-request", R"({"url": "http://a", "method": "GET"})"),
                edgeText("e", "s.rows", "h.trigger")),
       ""},
      {"settings", flowText(nodeText("s", "test/source", R"({"pth": "x", "count": "many"})") + "," + kSink, edge),
       "settings.unknown settings.type settings.missing"},
  };
  const auto catalogue = sampleCatalogue();
  for (const auto& each : cases) {
    CAPTURE(each.what);
    const auto found = validate(parsedFlow(each.text), catalogue);
    auto got = codesOf(found.problems);
    std::string wanted = each.codes;
    CHECK_MESSAGE(got.size() == wanted.size(), got);
    for (const auto& problem : found.problems)
      CHECK_MESSAGE(wanted.find(problem.code) != std::string::npos, problem.code);
    if (each.says[0] != 0) CHECK(describe(*found.problems.begin()).find(each.says) != std::string::npos);
  }
}

TEST_CASE("edges and ports") {
  const auto nodes = kSource + "," + filterNode("row.a > 1") + "," + kSink;
  const auto first = edgeText("e1", "s.rows", "c.rows") + ",";
  const Case cases[] = {
      {"an unknown node",
       flowText(nodes, first + edgeText("e2", "cc.match", "w.rows") + "," + edgeText("e3", "c.match", "w.rows")),
       "flow.unknown_node", "Did you mean 'c'"},
      {"an unknown port",
       flowText(nodes, first + edgeText("e2", "c.mach", "w.rows") + "," + edgeText("e3", "c.match", "w.rows")),
       "flow.unknown_port", "Did you mean 'match'"},
      {"several edges into one port",
       flowText(nodes, first + edgeText("e2", "c.match", "w.rows") + "," + edgeText("e3", "c.rest", "w.rows")), ""},
      {"the error output", flowText(nodes, first + edgeText("e2", "c.error", "w.rows")), ""},
      {"an edge filter",
       flowText(kPair, edgeText("e", "s.rows", "w.rows", R"(, "filter": "row.a > 1", "transform": "{'b': row.a}")")),
       ""},
      {"a range", flowText(kPair, edgeText("e", "s.rows", "w.rows", R"(, "buffer": {"rows": 0})")), "flow.range"},
      {"durable and shedding",
       flowText(kPair, edgeText("e", "s.rows", "w.rows", R"(, "guarantee": "durable", "buffer": {"ageMs": 5})")),
       "flow.durable_age"},
      {"durable and dropping",
       flowText(kPair,
                edgeText("e", "s.rows", "w.rows", R"(, "guarantee": "durable", "whenFull": {"rule": "sample"})")),
       "flow.durable_sheds"},
      {"durable and not in order",
       flowText(kPair, edgeText("e", "s.rows", "w.rows", R"(, "guarantee": "durable", "buffer": {"order": "newest"})")),
       "flow.durable_order"},
      {"durable in memory",
       flowText(kPair, edgeText("e", "s.rows", "w.rows", R"(, "guarantee": "durable")"),
                R"(, "config": {"stateStorage": "memory"})"),
       "state.not_durable"},
      {"types that do not fit",
       flowText(kSource + "," + nodeText("n", "test/numbers"), edgeText("e", "s.rows", "n.value")), "flow.port_type",
       "takes number"},
      {"ports of a list",
       flowText(kSource + "," +
                    nodeText("x", "logic/switch", R"({"cases": [{"name": "big", "condition": "row.a > 1"}]})") + "," +
                    kSink,
                edgeText("e1", "s.rows", "x.rows") + "," + edgeText("e2", "x.big", "w.rows")),
       ""},
      {"a port that no case makes",
       flowText(kSource + "," +
                    nodeText("x", "logic/switch", R"({"cases": [{"name": "big", "condition": "row.a > 1"}]})") + "," +
                    kSink,
                edgeText("e1", "s.rows", "x.rows") + "," + edgeText("e3", "x.otherwise", "w.rows") + "," +
                    edgeText("e2", "x.bgi", "w.rows")),
       "flow.unknown_port", "'big'"},
  };
  checkAll(cases);
  for (const char* wrong : {R"(, "filter": "row.a +")", R"(, "filter": "1 + 1")", R"(, "transform": "1 + 1")"}) {
    CAPTURE(wrong);
    CHECK(validate(parsedFlow(flowText(kPair, edgeText("e", "s.rows", "w.rows", wrong))), sampleCatalogue()).failed());
  }
}

TEST_CASE("the shape of the flow") {
  const auto two = filterNode("true") + "," + nodeText("d", "logic/filter", R"({"condition": "true"})");
  const Case cases[] = {
      {"a required input", flowText(kSink, ""), "flow.unconnected flow.unreachable"},
      {"without effect", flowText(kSource, ""), "flow.no_effect"},
      {"a cycle", flowText(two, edgeText("e1", "c.match", "d.rows") + "," + edgeText("e2", "d.match", "c.rows")),
       "flow.cycle", "circle: "},
      {"a circle of one", flowText(filterNode("true"), edgeText("e1", "c.match", "c.rows")), "flow.cycle", "c > c"},
  };
  checkAll(cases);
  const auto found =
      validate(parsedFlow(flowText(
                   kPair + "," + nodeText("s2", "test/source", R"({"path": "y"})") + "," + nodeText("w2", "test/sink"),
                   edgeText("e", "s.rows", "w.rows") + "," + edgeText("f", "s2.rows", "w2.rows"))),
               sampleCatalogue());
  CHECK(found.branches.size() == 2);
  CHECK(found.deterministic);
}

TEST_CASE("parameters") {
  const auto flow = [](std::string_view settings, std::string_view parameters) {
    return flowText(nodeText("s", "test/source", settings) + "," + kSink, edgeText("e", "s.rows", "w.rows"),
                    R"(, "parameters": [)" + std::string(parameters) + "]");
  };
  const std::string folder = R"({"name": "folder", "type": "string", "default": "data"})";
  const Case cases[] = {
      {"in a text, and literal", flow(R"({"path": "${folder}/$${x}.csv"})", folder), ""},
      {"as a number", flow(R"({"path": "a", "count": "${n}"})", R"({"name": "n", "type": "integer", "default": 4})"),
       ""},
      {"unknown", flow(R"({"path": "${foldr}/a"})", folder), "flow.unknown_parameter", "Did you mean 'folder'"},
      {"without a value", flow(R"({"path": "${folder}"})", R"({"name": "folder", "type": "string"})"),
       "flow.missing_parameter", "--set folder"},
      {"a default of another type", flow(R"({"path": "a"})", R"({"name": "n", "type": "integer", "default": "x"})"),
       "flow.parameter_type"},
      {"out of range", flow(R"({"path": "a"})", R"({"name": "n", "type": "integer", "default": 9, "max": 5})"),
       "flow.parameter_value"},
      {"no option", flow(R"({"path": "a"})", R"({"name": "n", "type": "enum", "default": "c", "options": ["a", "b"]})"),
       "flow.parameter_value"},
      {"a secret where it may stand", flow(R"({"path": "a", "key": "${secret:KEY}"})", ""), ""},
      {"a secret elsewhere", flow(R"({"path": "${secret:KEY}"})", ""), "flow.secret_not_accepted"},
  };
  checkAll(cases);
  const auto inside = flowText(kSource + "," + filterNode("row.a > ${n}") + "," + kSink,
                               edgeText("e1", "s.rows", "c.rows") + "," + edgeText("e2", "c.match", "w.rows"),
                               R"(, "parameters": [{"name": "n", "type": "integer", "default": 1}])");
  const auto found = validate(parsedFlow(inside), sampleCatalogue());
  CHECK(codesOf(found.problems).starts_with("flow.parameter_in_expression"));
  ValidateOptions options;
  options.parameters["foldr"] = "x";
  CHECK(codesOf(validate(parsedFlow(flow(R"({"path": "a"})", folder)), sampleCatalogue(), options).problems) ==
        "flow.unknown_parameter");
}

TEST_CASE("what the place has") {
  ValidateOptions options;
  options.mounts = {{"data"}};
  options.hosts = {{"clock"}};
  const auto flow = [](std::string_view path) {
    return parsedFlow(flowText(nodeText("s", "test/source", R"({"path": ")" + std::string(path) + "\"}") + "," + kSink,
                               edgeText("e", "s.rows", "w.rows")));
  };
  CHECK(codesOf(validate(flow("data:a"), sampleCatalogue(), options).problems) == "host.missing");
  options.hosts->push_back("files");
  CHECK(codesOf(validate(flow("data:a"), sampleCatalogue(), options).problems).empty());
  CHECK(codesOf(validate(flow("lake:a"), sampleCatalogue(), options).problems) == "flow.mount_missing");
  CHECK(codesOf(validate(flow("project:a"), sampleCatalogue(), options).problems).empty());
}

TEST_CASE("subflows stand in their place, and never in themselves") {
  const auto inner =
      R"({"id": "in", "version": "1.0.0", "metadata": {"version": "1.0.0"}, "parameters": [{"name": "least", "type": "integer", "default": 1}],
    "ports": {"inputs": [{"name": "rows", "node": "c", "port": "rows"}], "outputs": [{"name": "good", "node": "c", "port": "match"}]},
    "nodes": [)" +
      filterNode("row.a > params.least") + R"(], "edges": []})";
  ValidateOptions options;
  options.loadFlow = [&](std::string_view id) -> Result<std::string> {
    if (id == "in") return inner;
    if (id == "self") return flowText(nodeText("x", "subflow/self"), "");
    return fail("file.not_found", "no such file");
  };
  const auto use = [&](std::string_view type, std::string_view port, std::string_view settings = "{}") {
    return parsedFlow(
        flowText(kPair + "," + nodeText("sub", type, settings),
                 edgeText("e1", "s.rows", "sub.rows") + "," + edgeText("e2", "sub." + std::string(port), "w.rows")));
  };
  const auto catalogue = sampleCatalogue();
  CHECK(codesOf(validate(use("subflow/in", "good"), catalogue, options).problems).empty());
  CHECK(codesOf(validate(parsedFlow(inner), catalogue, options).problems).empty());
  PlanOptions planning;
  planning.loadFlow = options.loadFlow;
  const auto plan = makePlan(use("subflow/in", "good", R"({"least": 5})"), catalogue, planning);
  REQUIRE(plan.has_value());
  CHECK(plan->nodes.back().id == "sub/c");
  CHECK(plan->edges.size() == 2);
  const auto codes = [&](const FlowDocument& document) {
    return codesOf(validate(document, catalogue, options).problems);
  };
  CHECK(codes(use("subflow/in", "godo")).find("flow.unknown_port") != std::string::npos);
  CHECK(codes(use("subflow/other", "good")).find("flow.unknown_subflow") != std::string::npos);
  CHECK(codes(use("subflow/self", "good")).find("flow.recursion") != std::string::npos);
}

TEST_CASE("a refused package is named where it is used") {
  auto catalogue = sampleCatalogue();
  auto text =
      typeText("test/new", "1.0.0", R"("kind": "pure", "ports": {"inputs": [], "outputs": []}, "settings": [])");
  text.replace(text.find("\"minRuntime\": \"1.0.0\""), 21, "\"minRuntime\": \"9.0.0\"");
  CHECK(!catalogue.addPackage(text, "packages/new"));
  const auto found = validate(parsedFlow(flowText(nodeText("n", "test/new"), "")), catalogue);
  CHECK(codesOf(found.problems) == "flow.refused_type");
  CHECK(describe(*found.problems.begin()).find("9.0.0") != std::string::npos);
}

TEST_CASE("a flow says why it is not deterministic") {
  const auto two = kPair + "," + nodeText("s2", "test/source", R"({"path": "y"})");
  const auto both = edgeText("e", "s.rows", "w.rows") + "," + edgeText("f", "s2.rows", "w.rows");
  const auto found = validate(parsedFlow(flowText(two, both)), sampleCatalogue());
  CHECK(!found.deterministic);
  CHECK(found.whyNotDeterministic.front().find("order of arrival") != std::string::npos);
  const auto merged = [&](std::string_view order) {
    return parsedFlow(flowText(two + "," + nodeText("m", "flow/merge", R"({"order": ")" + std::string(order) + "\"}"),
                               edgeText("e", "s.rows", "m.first") + "," + edgeText("f", "s2.rows", "m.second") + "," +
                                   edgeText("g", "m.rows", "w.rows")));
  };
  CHECK(!validate(merged("arrival"), sampleCatalogue()).deterministic);
  CHECK(validate(merged("inputs"), sampleCatalogue()).deterministic);
  const auto clock = parsedFlow(flowText(kPair, edgeText("e", "s.rows", "w.rows", R"(, "filter": "row.t < now")")));
  CHECK(!validate(clock, sampleCatalogue()).deterministic);
  ValidateOptions frozen;
  frozen.frozenClock = true;
  CHECK(validate(clock, sampleCatalogue(), frozen).deterministic);
  const auto started = [](std::string_view settings) {
    return parsedFlow(flowText(nodeText("s", "test/clock", settings) + "," + kSink, edgeText("e", "s.rows", "w.rows")));
  };
  CHECK(validate(started("{}"), sampleCatalogue()).whyNotDeterministic ==
        std::vector<std::string>{"'s' (test/clock) reads the clock; give it 'from'"});
  CHECK(validate(started("{}"), sampleCatalogue(), frozen).deterministic);
  CHECK(validate(started(R"({"from": "2025-01-01T00:00:00Z"})"), sampleCatalogue()).deterministic);
}

}  // namespace
}  // namespace weir::flow
