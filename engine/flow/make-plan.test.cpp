// Tests of the plan: fields, filters, spill, bounds; and of the pictures.
#include "engine/flow/make-plan.h"

#include <doctest/doctest.h>

#include "engine/flow/graph.h"
#include "engine/flow/sample-catalogue.test.h"

namespace weir::flow {
namespace {

Plan planned(const std::string& text, const PlanOptions& options = {}) {
  const auto catalogue = std::make_shared<Catalogue>(sampleCatalogue());
  static std::vector<std::shared_ptr<Catalogue>> kept;  // plans point into it
  kept.push_back(catalogue);
  auto plan = makePlan(parsedFlow(text), *catalogue, options);
  if (!plan) FAIL(describe(*plan.error().begin()));
  return std::move(*plan);
}

std::string names(const FieldSet& fields) {
  if (fields.all) return "*";
  std::string out;
  for (const auto& name : fields.names) out += (out.empty() ? "" : " ") + name;
  return out;
}

std::string revenue() {
  const auto group = R"#({"keys": ["region", {"name": "year", "of": "row.time.getFullYear()"}],
                          "measures": [{"name": "revenue", "function": "sum", "of": "row.quantity * row.price"}]})#";
  return flowText(kSource + "," + nodeText("paid", "logic/filter", R"({"condition": "row.status == 'paid'"})") + "," +
                      nodeText("sum", "aggregate/group", group) + "," + kSink,
                  edgeText("e1", "s.rows", "paid.rows") + "," +
                      edgeText("e2", "paid.match", "sum.rows", R"(, "filter": "row.kind == 1")") + "," +
                      edgeText("e3", "sum.rows", "w.rows"));
}

TEST_CASE("a source is asked for the fields that somebody reads") {
  const auto plan = planned(revenue());
  CHECK(names(plan.nodes[0].needed[0]) == "kind price quantity region status time");
  CHECK(names(plan.nodes[1].needed[0]) == "kind price quantity region time");
  CHECK(names(plan.nodes[1].needed[1]).empty());
  CHECK(names(plan.nodes[2].needed[0]) == "*");
  CHECK(plan.nodes[3].depth == 3);
  CHECK(plan.deterministic);
}

TEST_CASE("a map asks for what it keeps, renames and computes with") {
  const auto needs = [](std::string_view settings) {
    const auto plan = planned(flowText(kSource + "," + nodeText("m", "logic/map", settings) + "," +
                                           nodeText("g", "aggregate/group", R"({"keys": ["k", "made"]})") + "," + kSink,
                                       edgeText("e1", "s.rows", "m.rows") + "," + edgeText("e2", "m.rows", "g.rows") +
                                           "," + edgeText("e3", "g.rows", "w.rows")));
    return names(plan.nodes[0].needed[0]);
  };
  CHECK(needs(R"({"set": {"made": "row.a + 1"}})") == "a k");
  CHECK(needs(R"({"rename": {"old": "made"}})") == "k made old");
  CHECK(needs(R"({"keep": ["k", "made"], "set": {"z": "row.y"}})") == "k made y");
  CHECK(needs(R"({"drop": ["x"]})") == "k made x");
}

TEST_CASE("an edge's transform, a bypass and an error output decide what is read") {
  const auto through =
      planned(flowText(kSource + "," + kSink,
                       edgeText("e", "s.rows", "w.rows", R"(, "transform": "{'a': row.b}", "filter": "row.c == 1")")));
  CHECK(names(through.nodes[0].needed[0]) == "b c");
  const auto bypass = planned(
      flowText(kSource + "," + nodeText("c", "logic/filter", R"({"condition": "row.x > 1"})", R"(, "bypass": true)") +
                   "," + nodeText("g", "aggregate/group", R"({"keys": ["k"]})") + "," + kSink,
               edgeText("e1", "s.rows", "c.rows") + "," + edgeText("e2", "c.match", "g.rows") + "," +
                   edgeText("e3", "g.rows", "w.rows")));
  CHECK(names(bypass.nodes[0].needed[0]) == "k");
  const auto error =
      planned(flowText(kSource + "," + nodeText("g", "aggregate/group", R"({"keys": ["k"]})") + "," + kSink,
                       edgeText("e1", "s.rows", "g.rows") + "," + edgeText("e3", "g.error", "w.rows")));
  CHECK(names(error.nodes[0].needed[0]) == "*");
}

TEST_CASE("a join asks its rows for what passes and its lookup for what is added") {
  const auto needs = [](std::string_view settings) {
    const auto plan =
        planned(flowText(kSource + "," + nodeText("l", "test/source", R"({"path": "b.csv"})") + "," +
                             nodeText("j", "data/join", settings) + "," +
                             nodeText("g", "aggregate/group", R"({"keys": ["k", "l_n"]})") + "," + kSink,
                         edgeText("e1", "s.rows", "j.rows") + "," + edgeText("e2", "l.rows", "j.lookup") + "," +
                             edgeText("e3", "j.rows", "g.rows") + "," + edgeText("e4", "g.rows", "w.rows")));
    return names(plan.nodes[0].needed[0]) + " | " + names(plan.nodes[1].needed[0]);
  };
  CHECK(needs(R"({"keys": [{"field": "a", "lookup": "b"}], "prefix": "l_"})") == "a k l_n | b n");
  CHECK(needs(R"({"keys": [{"field": "a"}]})") == "a k l_n | a k l_n");
  CHECK(needs(R"({"keys": [{"field": "a"}], "select": ["c"]})") == "a k l_n | a c");
}

TEST_CASE("a source takes over the filter behind it if nobody else sees its rows") {
  const auto nodes = kSource + "," + nodeText("g", "text/grep", R"({"pattern": "a"})") + "," + kSink;
  const auto accepted = [&](std::string_view rest, std::string_view more) {
    return planned(flowText(nodes, edgeText("e1", "s.rows", "g.rows", rest) + "," +
                                       edgeText("e2", "g.match", "w.rows") + std::string(more)))
        .nodes[0]
        .acceptedFilter[0];
  };
  CHECK(accepted("", "") == 1);
  CHECK(accepted(R"(, "filter": "row.a == 1")", "") == -1);
  CHECK(accepted("", "," + edgeText("e3", "g.rest", "w.rows")) == -1);
  CHECK(accepted("", "," + edgeText("e3", "s.rows", "w.rows")) == -1);
}

TEST_CASE("edges that could wait for each other spill") {
  const auto join = planned(flowText(kSource + "," + nodeText("j", "data/join") + "," + kSink,
                                     edgeText("a", "s.rows", "j.rows") + "," + edgeText("b", "s.rows", "j.lookup") +
                                         "," + edgeText("c", "j.rows", "w.rows")));
  CHECK(join.edges[0].spill);
  CHECK(!join.edges[1].spill);
  const auto apart = planned(flowText(kSource + "," + nodeText("s2", "test/source", R"({"path": "y"})") + "," +
                                          nodeText("j", "data/join") + "," + kSink,
                                      edgeText("a", "s.rows", "j.rows") + "," + edgeText("b", "s2.rows", "j.lookup") +
                                          "," + edgeText("c", "j.rows", "w.rows")));
  CHECK(!apart.edges[0].spill);
  const auto merge = [&](std::string_view order) {
    const auto plan = planned(flowText(
        kSource + "," + nodeText("m", "flow/merge", R"({"order": ")" + std::string(order) + "\"}") + "," + kSink,
        edgeText("a", "s.rows", "m.first") + "," + edgeText("b", "s.rows", "m.second") + "," +
            edgeText("c", "m.rows", "w.rows")));
    return std::string(plan.edges[0].spill ? "1" : "0") + (plan.edges[1].spill ? "1" : "0");
  };
  CHECK(merge("arrival") == "00");
  CHECK(merge("inputs") == "01");
  CHECK(merge("timestamp") == "11");
}

TEST_CASE("bounds, presets, limits, retries and parameters reach the plan") {
  PlanOptions options;
  options.parameters["n"] = "7";
  const auto plan = planned(
      flowText(
          nodeText("s", "test/source", R"({"path": "${folder}/$${a}", "count": "${n}"})",
                   R"(, "retry": {"attempts": 4}, "timeoutMs": 9)") +
              "," + kSink,
          edgeText("e", "s.rows", "w.rows",
                   R"(, "preset": "lowLatency", "buffer": {"rows": 9}, "whenFull": {"rule": "dropNewest"})"),
          R"(, "config": {"maxErrors": 5, "limits": {"memoryBytes": 1000, "threads": 2}}, "parameters": [{"name": "folder", "type": "string", "default": "data"}, {"name": "n", "type": "integer"}])"),
      options);
  CHECK(*plan.nodes[0].settings.find("path")->asString() == "data/${a}");
  CHECK(*plan.nodes[0].settings.find("count")->asInt64() == 7);
  CHECK(plan.nodes[0].retry.attempts == 4);
  CHECK(plan.nodes[0].timeoutMs == 9);
  CHECK(plan.edges[0].bufferRows == 9);
  CHECK(plan.edges[0].batchMaxRows == 20);
  CHECK(plan.edges[0].dropThreshold == 0.95);
  CHECK(plan.edges[0].whenFull == FullRule::dropNewest);
  CHECK(plan.maxErrors == 5);
  CHECK(plan.limits.memoryBytes == 1000);
  CHECK(plan.limits.threads == 2);
  CHECK(planned(flowText(kSource + "," + kSink, edgeText("e", "s.rows", "w.rows"))).nodes[0].settings.find("count") !=
        nullptr);
}

TEST_CASE("a flow that is not valid has no plan") {
  const auto plan = makePlan(parsedFlow(flowText(kSink, "")), sampleCatalogue());
  REQUIRE(!plan);
  CHECK(plan.error().failed());
}

TEST_CASE("pictures show nodes, edges and the plan") {
  const auto flow = parsedFlow(revenue());
  const auto picture = textGraph(flow);
  CHECK(picture.find("│ s           ├───▶│ paid") != std::string::npos);
  CHECK(picture.find("paid.match → sum.rows  if row.kind == 1") != std::string::npos);
  CHECK(mermaidGraph(flow).find("n0 -->|\"rows\"| n1") != std::string::npos);
  CHECK(dotGraph(flow).find("\"s\" -> \"paid\"") != std::string::npos);
  CHECK(dotGraph(flow).find("match: row.kind == 1") != std::string::npos);
  const auto plan = describePlan(planned(revenue()));
  CHECK(plan.find("rows gives: kind, price, quantity, region, status, time") != std::string::npos);
  CHECK(plan.find("holds 65536 rows") != std::string::npos);
  CHECK(textGraph(parsedFlow(flowText(kSource, edgeText("e", "s.rows", "s.rows")))).find("test/source") !=
        std::string::npos);
}

}  // namespace
}  // namespace weir::flow
