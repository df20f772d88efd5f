// Tests of what a new version of a flow changes.
#include "engine/flow/plan-diff.h"

#include <doctest/doctest.h>

#include <memory>

#include "engine/flow/sample-catalogue.test.h"

namespace weir::flow {
namespace {

Plan planned(const std::string& text, const PlanOptions& options = {}) {
  static const auto catalogue = std::make_unique<Catalogue>(sampleCatalogue());  // plans point into it
  auto plan = makePlan(parsedFlow(text), *catalogue, options);
  if (!plan) FAIL(describe(*plan.error().begin()));
  return std::move(*plan);
}

const std::string kPaid = nodeText("paid", "logic/filter", R"({"condition": "row.status == 'paid'"})");
const std::string kEdges = edgeText("e1", "s.rows", "paid.rows") + "," + edgeText("e2", "paid.match", "w.rows");

std::string changes(const std::string& before, const std::string& after) {
  const auto old = planned(before);
  const auto now = planned(after);
  return describe(diffPlans(old, now), old, now);
}

TEST_CASE("positions, names, notes and the order in the document change nothing of a run") {
  const auto before = flowText(kSource + "," + kPaid + "," + kSink, kEdges);
  const auto moved = nodeText("paid", "logic/filter", R"({"condition": "row.status == 'paid'"})",
                              R"(, "name": "Paid", "note": "only these", "position": {"x": 9, "y": 9})");
  CHECK(changes(before, flowText(kSink + "," + moved + "," + kSource, kEdges)) == "nothing changes");
}

TEST_CASE("a node with other settings is rebuilt and keeps its queues") {
  const auto before = flowText(kSource + "," + kPaid + "," + kSink, kEdges);
  const auto other = nodeText("paid", "logic/filter", R"({"condition": "row.status == 'open'"})");
  CHECK(changes(before, flowText(kSource + "," + other + "," + kSink, kEdges)) == "1 nodes changed ('paid')");
  const auto patient = nodeText("w", "test/sink", "{}", R"(, "timeoutMs": 7)");
  CHECK(changes(before, flowText(kSource + "," + kPaid + "," + patient, kEdges)) == "1 nodes changed ('w')");
}

TEST_CASE("another type or version under the same id replaces the node") {
  const auto grep = nodeText("paid", "text/grep", R"({"pattern": "paid"})");
  const auto before = flowText(kSource + "," + kPaid + "," + kSink, kEdges);
  // The source matches for the grep behind it, so it is made anew too.
  CHECK(changes(before, flowText(kSource + "," + grep + "," + kSink, kEdges)) ==
        "1 nodes changed ('s'), 1 nodes replaced ('paid')");
}

TEST_CASE("nodes and edges come and go; an edge with other ends is another edge") {
  const auto before = flowText(kSource + "," + kPaid + "," + kSink, kEdges);
  const auto without = flowText(kSource + "," + kSink, edgeText("e1", "s.rows", "w.rows"));
  CHECK(changes(before, without) == "1 nodes removed ('paid'), 1 edges added ('e1'), 2 edges removed ('e1', 'e2')");
  CHECK(changes(without, before) == "1 nodes added ('paid'), 2 edges added ('e1', 'e2'), 1 edges removed ('e1')");
}

TEST_CASE("an edge with another bound, rule or filter keeps its rows") {
  const auto edge = [](std::string_view rest) {
    return flowText(kSource + "," + kSink, edgeText("e", "s.rows", "w.rows", rest));
  };
  CHECK(changes(edge(""), edge(R"(, "buffer": {"rows": 7})")) == "1 edges changed ('e')");
  CHECK(changes(edge(""), edge(R"(, "whenFull": {"rule": "dropOldest"})")) == "1 edges changed ('e')");
  CHECK(changes(edge(""), edge(R"(, "filter": "row.a > 1")")) == "1 edges changed ('e')");
  CHECK(changes(edge(""), edge(R"(, "guarantee": "durable")")) == "1 edges added ('e'), 1 edges removed ('e')");
}

TEST_CASE("a node that must give more fields than before is rebuilt, one that may give fewer is not") {
  const auto flow = [](const std::string& keys) {
    return flowText(kSource + "," + nodeText("g", "aggregate/group", R"({"keys": )" + keys + "}") + "," + kSink,
                    edgeText("e1", "s.rows", "g.rows") + "," + edgeText("e2", "g.rows", "w.rows"));
  };
  CHECK(changes(flow(R"(["a"])"), flow(R"(["a", "b"])")) == "2 nodes changed ('s', 'g')");
  CHECK(changes(flow(R"(["a", "b"])"), flow(R"(["a"])")) == "1 nodes changed ('g')");
}

}  // namespace
}  // namespace weir::flow
