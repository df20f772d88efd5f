// What grep keeps, row by row and with context, and how a source takes its work over.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "engine/flow/make-plan.h"
#include "nodes/aggregate/node-trial.test.h"
#include "nodes/catalogue.gen.h"
#include "nodes/text/grep/grep.gen.h"

namespace weir::testing {
namespace {

constexpr std::size_t kMatch = 0, kRest = 1, kErrors = 2;

std::vector<Value> linesOf(std::initializer_list<const char*> texts) {
  std::vector<Value> rows;
  for (const auto* text : texts) rows.push_back(json(R"({"line": ")" + std::string(text) + "\"}"));
  return rows;
}

Trial grepped(std::string_view settings, const std::vector<Value>& rows, std::size_t each = 2,
              TrialOptions options = {}) {
  return tryNode(nodes::grep::makeFromJson, settings, {batchesOf(rows, each)}, 2, options);
}

/// What a run over log files left behind, and what the reader gave.
struct LogRun {
  std::string text;
  NodeMetrics reader, grep;
};

LogRun overLogs(const std::string& edgeFilter, const char* pattern, bool invert) {
  const auto catalogue = Catalogue::make(builtinNodes());
  REQUIRE(catalogue.has_value());
  const auto text =
      R"({"id": "f", "version": "1.0.0", "nodes": [
        {"id": "r", "typeId": "files/text-read", "version": "1.0.0", "settings": {"path": "logs/*.log"}},
        {"id": "g", "typeId": "text/grep", "version": "1.0.0", "settings": {"pattern": ")" +
      std::string(pattern) + R"(", "invert": )" + (invert ? "true" : "false") + R"(}},
        {"id": "w", "typeId": "files/text-write", "version": "1.0.0", "settings": {"path": "out.txt"}}],
        "edges": [
        {"id": "a", "source": {"node": "r", "port": "rows"}, "target": {"node": "g", "port": "rows"})" +
      edgeFilter + R"(},
        {"id": "b", "source": {"node": "g", "port": "match"}, "target": {"node": "w", "port": "rows"}}]})";
  const auto document = flow::parseFlow(text);
  REQUIRE(document.has_value());
  auto plan = flow::makePlan(*document, *catalogue, {});
  REQUIRE(plan.has_value());
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  for (const auto* name : {"logs/a.log", "logs/b.log"}) {
    std::string lines;
    for (int i = 0; i < 20'000; ++i) lines += (i % 10 == 0 ? "ERROR " : "INFO ") + std::to_string(i) + "\n";
    files.put(name, lines + "ERROR without an end");
  }
  simulation::SimulatedWorkers pool(2, 1, clock, &files);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  auto run = Run::make(std::move(*plan), RunOptions{}, hosts, pool);
  REQUIRE(run.has_value());
  CHECK((*run)->drive().exitCode() == 0);
  const auto metrics = (*run)->metrics();
  return {*files.contents().at("out.txt"), metrics.nodes[0], metrics.nodes[1]};
}

}  // namespace

TEST_CASE("grep keeps the same rows however they are cut into batches and whoever does the work") {
  std::vector<Value> rows;
  std::string match, rest;
  for (int i = 0; i < 500; ++i) {
    const auto text = R"({"line":")" + std::string(i % 7 == 3 ? "ERROR " : "fine ") + std::to_string(i) + "\"}";
    rows.push_back(json(text));
    (i % 7 == 3 ? match : rest) += text + "\n";
  }
  for (const std::size_t each : {1U, 3U, 64U, 500U}) {
    for (const int workers : {1, 2, 7}) {
      const auto got = grepped(R"({"pattern": "ERR"})", rows, each, {.workers = workers, .seed = each});
      CHECK(got.text(kMatch) == match);
      CHECK(got.text(kRest) == rest);
      CHECK(got.metrics.rowsIn == 500);
    }
  }
}

TEST_CASE("null never matches, inverted or not") {
  auto rows = linesOf({"a", "b"});
  rows.push_back(json(R"({"line": null})"));
  CHECK(grepped(R"({"pattern": "a"})", rows).text(kMatch) == "{\"line\":\"a\"}\n");
  CHECK(grepped(R"({"pattern": "a", "invert": true})", rows).text(kMatch) == "{\"line\":\"b\"}\n");
}

TEST_CASE("a field that is no text is an error row that says what to do") {
  const auto got = grepped(R"({"pattern": "1"})", {json(R"({"line": 1})")});
  CHECK(got.outputs[kMatch].empty());
  REQUIRE(got.outputs[kErrors].size() == 1);
  CHECK(got.text(kErrors).find("text.not_text") != std::string::npos);
  CHECK(got.text(kErrors).find("string(row.line)") != std::string::npos);
}

TEST_CASE("context stays within a file and its groups do not depend on how rows are cut") {
  std::vector<Value> rows;
  for (const auto* each : {"a 1", "a 2", "a !", "b 3", "b 4", "b 5", "b !", "b 6"}) {
    const std::string text(each);
    rows.push_back(json(R"({"line": ")" + text.substr(2) + R"(", "file": ")" + text.substr(0, 1) + "\"}"));
  }
  const auto* const settings = R"({"pattern": "!", "contextBefore": 2, "contextAfter": 2})";
  const auto expected = grepped(settings, rows, 8);
  CHECK(expected.text(kMatch) ==
        "{\"line\":\"1\",\"file\":\"a\",\"group\":1}\n{\"line\":\"2\",\"file\":\"a\",\"group\":1}\n"
        "{\"line\":\"!\",\"file\":\"a\",\"group\":1}\n{\"line\":\"4\",\"file\":\"b\",\"group\":2}\n"
        "{\"line\":\"5\",\"file\":\"b\",\"group\":2}\n{\"line\":\"!\",\"file\":\"b\",\"group\":2}\n"
        "{\"line\":\"6\",\"file\":\"b\",\"group\":2}\n");
  CHECK(expected.text(kRest) == "{\"line\":\"3\",\"file\":\"b\"}\n");
  for (const std::size_t each : {1U, 2U, 3U, 5U}) {
    const auto got = grepped(settings, rows, each);
    CHECK(got.text(kMatch) == expected.text(kMatch));
    CHECK(got.text(kRest) == expected.text(kRest));
  }
}

TEST_CASE("a source that takes the pattern over gives only the lines that match, and the file at the end is the same") {
  for (const bool invert : {false, true}) {
    const auto handed = overLogs("", "ERROR", invert);
    // An expression on the edge keeps the source from matching for grep.
    const auto alone = overLogs(R"x(, "filter": "row.line != 'no such line'")x", "ERROR", invert);
    CHECK(handed.text == alone.text);
    CHECK(handed.text.find(invert ? "INFO 1\n" : "ERROR without an end\n") != std::string::npos);
    // The counters tell what the document says ...
    CHECK(handed.reader.rowsOut == 40'002);
    CHECK(alone.reader.rowsOut == 40'002);
    CHECK(handed.grep.rowsIn == 40'002);
    CHECK(handed.grep.rowsOut == alone.grep.rowsOut);
    CHECK(handed.grep.rowsOut == (invert ? 36'000 : 4'002));
    // ... the bytes what really went over the edge.
    CHECK(handed.reader.bytesOut <= handed.grep.bytesOut + 4096);
    CHECK(handed.reader.bytesOut < alone.reader.bytesOut);
  }
}

}  // namespace weir::testing
