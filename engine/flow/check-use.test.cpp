// Tests of what validation says of the run to come: parameters' types, code, files, rules, counts, circles.
#include <doctest/doctest.h>

#include "engine/flow/graph.h"
#include "engine/flow/sample-catalogue.test.h"

namespace weir::flow {
namespace {

const std::string kPair = kSource + "," + kSink;

/// The first problem, as it is printed.
std::string said(const FlowDocument& document, const ValidateOptions& options = {}) {
  const auto found = validate(document, sampleCatalogue(), options);
  return found.problems.empty() ? std::string() : describe(*found.problems.begin());
}

TEST_CASE("the plan says what an edge sheds, and that such a flow is not deterministic") {
  const auto flow = [](std::string_view rest) {
    return parsedFlow(flowText(kPair, edgeText("e", "s.rows", "w.rows", rest)));
  };
  const auto& catalogue = sampleCatalogue();  // the plan points into it
  const auto told = [&](std::string_view rest) {
    const auto plan = makePlan(flow(rest), catalogue);
    REQUIRE(plan);
    return describePlan(*plan);
  };
  const auto drops = told(R"(, "whenFull": {"rule": "dropOldest", "maxWaitMs": 20})");
  CHECK_MESSAGE(drops.contains("when full: dropOldest from 0.9, after 20 ms down to 0.8"), drops);
  CHECK(drops.contains("the edge 'e' sheds rows when it is full (dropOldest)"));
  const auto rest = told(R"(, "buffer": {"ageMs": 5, "order": "newest", "threshold": "adaptive"})");
  CHECK_MESSAGE(rest.contains("block; thresholds follow lag and load; the newest first; rows go after 5 ms"), rest);
  CHECK(rest.contains("deterministic: no"));
  CHECK(told(R"(, "preset": "lowLatency")").contains("joining waits up to 4 ms"));
  CHECK(told(R"(, "whenFull": {"rule": "block"})").contains("deterministic: yes"));
  CHECK(said(flow(R"(, "whenFull": {"rule": "dropOldest"})")).empty());
  CHECK(said(flow(R"(, "buffer": {"dropThreshold": 0})")).contains("above 0"));
}

TEST_CASE("of the two thresholds the one that is given draws the other with it") {
  const auto& catalogue = sampleCatalogue();
  const auto edge = [&](std::string_view buffer) {
    const auto plan = makePlan(parsedFlow(flowText(kPair, edgeText("e", "s.rows", "w.rows", buffer))), catalogue);
    REQUIRE(plan);
    return std::pair(plan->edges[0].threshold, plan->edges[0].dropThreshold);
  };
  CHECK(edge(R"(, "buffer": {"dropThreshold": 0.5})") == std::pair(0.5, 0.5));
  CHECK(edge(R"(, "buffer": {"threshold": 0.95})") == std::pair(0.95, 0.95));
  CHECK(edge(R"(, "preset": "lowLatency")") == std::pair(0.9, 0.95));
}

TEST_CASE("a setting that another makes useless is a warning, and one with its default is not") {
  auto catalogue = sampleCatalogue();
  addType(
      catalogue,
      typeText(
          "test/modes", "1.0.0",
          R"("kind": "source", "cardinality": "source", "touches": "nothing", "ports": {"inputs": [], "outputs": [{"name": "rows", "type": "rows"}]}, "settings": [)"
          R"({"name": "by", "type": "enum", "options": ["time", "count"], "default": "time"},)"
          R"({"name": "rows", "type": "integer", "default": 100, "visibleWhen": "settings.by == 'count'"}])"));
  const auto warned = [&](std::string_view settings) {
    const auto flow =
        parsedFlow(flowText(nodeText("s", "test/modes", settings) + "," + kSink, edgeText("e", "s.rows", "w.rows")));
    ValidateOptions options;
    options.needsCode = false;
    const auto found = validate(flow, catalogue, options);
    CHECK(!found.problems.failed());
    return found.problems.empty() ? std::string() : describe(*found.problems.begin());
  };
  const auto text = warned(R"({"rows": 2})");
  CHECK_MESSAGE(
      text.contains(
          "warning: /nodes/0/settings/rows: 'rows' has no effect here: it is used when settings.by == 'count'."),
      text);
  CHECK(warned(R"({"rows": 2, "by": "count"})").empty());
  CHECK(warned(R"({"rows": 100})").empty());
}

TEST_CASE("two alerts of one name are an error, and so are their expressions about fields that are not there") {
  const auto flow = [](std::string_view alerts) {
    auto text = flowText(nodeText("s", "test/typed") + "," + kSink, edgeText("e", "s.rows", "w.rows"));
    text.insert(text.rfind('}'), R"(, "config": {"alerts": [)" + std::string(alerts) + "]}");
    return parsedFlow(text);
  };
  constexpr std::string_view kOne = R"({"name": "h", "metric": "e.rows", "over": 1})";
  const auto twice = said(flow(std::string(kOne) + "," + std::string(kOne)));
  CHECK_MESSAGE(twice.contains("alert.duplicate"), twice);
  const auto unknown = said(flow(R"({"name": "h", "metric": "e.rows", "over": 1, "where": "row.idd > 1"})"));
  CHECK_MESSAGE(unknown.contains("/config/alerts/0/where"), unknown);
  CHECK(
      said(flow(R"({"name": "h", "metric": "e.rows", "over": 1, "where": "row.id > 1", "key": "row.name"})")).empty());
}

TEST_CASE("a durable edge behind one that keeps nothing is a warning") {
  const auto filter = nodeText("c", "logic/filter", R"({"condition": "row.a > 1"})");
  const auto flow = [&](std::string_view first, std::string_view second) {
    return parsedFlow(flowText(kSource + "," + filter + "," + kSink, edgeText("e", "s.rows", "c.rows", first) + "," +
                                                                         edgeText("f", "c.match", "w.rows", second)));
  };
  constexpr std::string_view kDurable = R"(, "guarantee": "durable")";
  const auto text = said(flow("", kDurable));
  CHECK_MESSAGE(text.contains("warning: /edges/1/guarantee: rows come to this durable edge over 'e'"), text);
  CHECK(said(flow(kDurable, kDurable)).empty());
  CHECK(said(flow(kDurable, "")).empty());
}

TEST_CASE("two nodes that write one file are told before the run, by both places") {
  const auto both = [](std::string_view first, std::string_view second) {
    return parsedFlow(flowText(kSource + "," +
                                   nodeText("a", "test/sink", R"({"path": ")" + std::string(first) + "\"}") + "," +
                                   nodeText("b", "test/sink", R"({"path": ")" + std::string(second) + "\"}"),
                               edgeText("e", "s.rows", "a.rows") + "," + edgeText("f", "s.rows", "b.rows")));
  };
  const auto same = said(both("o.csv", "o.csv"));
  CHECK_MESSAGE(same.contains("/nodes/2/settings/path: 'o.csv' is written by /nodes/1/settings/path too"), same);
  CHECK(same.contains("[files.same_target]"));
  CHECK(said(both("project:o.csv", "./o.csv")).contains("files.same_target"));
  CHECK(said(both("o.csv", "p.csv")).empty());
  CHECK(said(both("/dev/null", "/dev/null")).empty());
}

TEST_CASE("a type without code is an error where the flow is to run") {
  ValidateOptions options;
  options.needsCode = true;
  const auto flow = parsedFlow(flowText(kPair, edgeText("e", "s.rows", "w.rows")));
  const auto found = validate(flow, sampleCatalogue(), options);
  CHECK(codesOf(found.problems) == "node.no_code node.no_code");
  CHECK(found.problems.begin()->pointer == "/nodes/0/typeId");
}

FlowDocument withParameter(std::string_view type, std::string_view condition, std::string_view rest = "") {
  const auto filter = nodeText("c", "logic/filter", R"({"condition": ")" + std::string(condition) + "\"}");
  return parsedFlow(
      flowText(kSource + "," + filter + "," + kSink,
               edgeText("e1", "s.rows", "c.rows") + "," + edgeText("e2", "c.match", "w.rows"),
               R"(, "parameters": [{"name": "most", "type": ")" + std::string(type) + "\"" + std::string(rest) + "}]"));
}

TEST_CASE("a parameter without a value has its declared name and type in expressions") {
  ValidateOptions open;
  open.parametersOpen = true;
  CHECK(said(withParameter("integer", "row.a > params.most"), open).empty());
  const auto unknown = said(withParameter("integer", "row.a > params.mots"), open);
  CHECK_MESSAGE(unknown.contains("cel.unknown_field"), unknown);
  CHECK_MESSAGE(unknown.contains("Did you mean \"most\"?"), unknown);
  CHECK(said(withParameter("duration", "row.at + params.most > row.end"), open).empty());
  CHECK(said(withParameter("duration", "params.most + 1 > 2"), open).contains("cel."));
  CHECK(said(withParameter("integer", "params.most.startsWith('a')"), open).contains("cel."));
}

TEST_CASE("a parameter with a value has its declared type in expressions") {
  const auto fiveSeconds = R"(, "default": "5s")";
  const auto longer = withParameter("duration", "params.most > duration('4s')", fiveSeconds);
  CHECK_MESSAGE(said(longer).empty(), said(longer));
  CHECK(said(withParameter("bytesize", "params.most > 4", R"(, "default": "4MiB")")).empty());
  CHECK(said(withParameter("number", "math.round(params.most) > 2.0", R"(, "default": 3)")).empty());
  const auto soon = said(withParameter("duration", "params.most > duration('4s')", R"(, "default": "soon")"));
  CHECK_MESSAGE(soon.contains("flow.parameter_value"), soon);
  const auto plan = makePlan(longer, sampleCatalogue());
  REQUIRE(plan);
  REQUIRE(plan->params.find("most") != nullptr);
  CHECK(plan->params.find("most")->kind() == ValueKind::duration);
}

TEST_CASE("counts that must be at least one") {
  for (const std::string_view rest :
       {R"("nodes": [{"id": "a", "typeId": "t", "version": "1.0.0", "retry": {"attempts": 0}}], "edges": [])",
        R"("nodes": [], "edges": [], "config": {"limits": {"threads": 0}})"}) {
    const auto document = parseFlow(R"({"id": "f", "version": "1.0.0", )" + std::string(rest) + "}");
    REQUIRE(!document);
    CHECK(codesOf(document.error()) == "flow.range");
    CHECK(describe(*document.error().begin()).contains("must be from 1 to"));
  }
}

TEST_CASE("a circle is told instead of drawn, also between types that nobody knows") {
  const auto told = [](const std::string& edges) {
    Problems problems;
    const auto nodes = nodeText("s", "no/type") + "," + nodeText("a", "no/type") + "," + nodeText("b", "no/type");
    checkDrawable(parsedFlow(flowText(nodes, edges)), problems);
    return problems.empty() ? std::string() : describe(*problems.begin());
  };
  const auto straight = edgeText("e1", "s.rows", "a.rows") + "," + edgeText("e2", "a.rows", "b.rows");
  CHECK(told(straight).empty());
  const auto round = told(straight + "," + edgeText("e3", "b.rows", "a.rows"));
  CHECK_MESSAGE(round.contains("a > b > a"), round);
  CHECK(told(edgeText("e1", "a.rows", "a.rows")).contains("a > a"));
}

TEST_CASE("a sentence ends before its suggestion begins") {
  const auto filter = nodeText("c", "logic/filter", R"({"conditon": "true"})");
  const auto found = validate(parsedFlow(flowText(filter, "")), sampleCatalogue());
  bool ended = false;
  for (const auto& problem : found.problems)
    ended = ended || describe(problem).contains("'conditon'. Did you mean 'condition'?");
  CHECK(ended);
}

}  // namespace
}  // namespace weir::flow
