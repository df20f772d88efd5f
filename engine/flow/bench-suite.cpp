// Reading of suite documents, and the standard one.
#include "engine/flow/bench-suite.h"

#include <algorithm>
#include <utility>

#include "engine/flow/document.h"
#include "engine/flow/flow-schema.h"
#include "engine/flow/shape.h"
#include "engine/json/document.h"

namespace weir::flow {
namespace {

constexpr Key kConsumerKeys[] = {{"messagesPerSecond", Form::number, nullptr, true, {}, 1e9}};
constexpr Shape kConsumer{"a consumer", kConsumerKeys};
constexpr Key kExpectKeys[] = {
    {"p99Ms", Form::number}, {"errorRate", Form::number, nullptr, false, {}, 1}, {"messagesPerSecond", Form::number}};
constexpr Shape kExpect{"what is expected", kExpectKeys};
constexpr Key kScenarioKeys[] = {{"name", Form::string, nullptr, true},
                                 {"description", Form::string},
                                 {"durationMs", Form::integer, nullptr, false, {}, 86'400'000, false, 1},
                                 {"messagesPerSecond", Form::number, nullptr, false, {}, 1e9},
                                 {"connections", Form::integer, nullptr, false, {}, 5000, false, 1},
                                 {"messageBytes", Form::integer, nullptr, false, {}, 16 << 20},
                                 {"pattern", Form::string, nullptr, false, "sequential|random|sine|step|constant"},
                                 {"burstEveryMs", Form::integer, nullptr, false, {}, 3'600'000},
                                 {"consumer", Form::object, &kConsumer},
                                 {"edge", Form::map},
                                 {"expect", Form::object, &kExpect}};
constexpr Shape kScenario{"a scenario", kScenarioKeys};
constexpr Key kSuiteKeys[] = {
    {"name", Form::string, nullptr, true}, {"description", Form::string}, {"scenarios", Form::list, &kScenario, true}};
constexpr Shape kSuite{"a suite", kSuiteKeys};

std::string textAt(const json::Value& value, std::string_view key, std::string otherwise = {}) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : otherwise;
}

std::optional<double> numberAt(const json::Value* value, std::string_view key) {
  const auto* found = value != nullptr ? value->find(key) : nullptr;
  double number = 0;
  return found != nullptr && found->toDouble(number) ? std::optional(number) : std::nullopt;
}

std::int64_t countAt(const json::Value& value, std::string_view key, std::int64_t otherwise) {
  const auto* found = value.find(key);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : otherwise;
}

BenchScenario scenarioOf(const json::Value& value) {
  BenchScenario scenario;
  scenario.name = textAt(value, "name");
  scenario.description = textAt(value, "description");
  scenario.durationMs = countAt(value, "durationMs", scenario.durationMs);
  scenario.messagesPerSecond = numberAt(&value, "messagesPerSecond").value_or(scenario.messagesPerSecond);
  scenario.connections = countAt(value, "connections", scenario.connections);
  scenario.messageBytes = countAt(value, "messageBytes", scenario.messageBytes);
  scenario.pattern = textAt(value, "pattern", scenario.pattern);
  scenario.burstEveryMs = countAt(value, "burstEveryMs", 0);
  scenario.consumerMessagesPerSecond = numberAt(value.find("consumer"), "messagesPerSecond").value_or(0);
  if (const auto* edge = value.find("edge"); edge != nullptr) scenario.edge = *edge;
  const auto* expect = value.find("expect");
  scenario.expectP99Ms = numberAt(expect, "p99Ms");
  scenario.expectErrorRate = numberAt(expect, "errorRate");
  scenario.expectMessagesPerSecond = numberAt(expect, "messagesPerSecond");
  return scenario;
}

/// The edge's rules are read as those of a flow's edge are.
void checkEdge(const json::Value& edge, const std::string& pointer, Problems& problems) {
  const auto* keys = edge.asObject();
  if (keys == nullptr) return;
  auto whole = edge;
  for (const auto* own : {"id", "source", "target", "filter", "transform", "guarantee", "onRemove"}) {
    if (edge.find(own) == nullptr) continue;
    problems.error("flow.unknown_key", pointer + "/" + own, std::string("'") + own + "' is not for a suite's edge.",
                   "It takes preset, buffer, batch and whenFull.");
    whole.remove(own);
  }
  auto end = json::Value::object();
  end.set("node", "a");
  end.set("port", "rows");
  whole.set("id", "e");
  whole.set("source", end);
  whole.set("target", end);
  const auto* shape = flowShape().find("edges")->shape;
  checkShape(whole, *shape, pointer, problems);
}

void checkMeaning(const BenchScenario& scenario, const std::string& pointer, Problems& problems) {
  if (scenario.messagesPerSecond < 0) {
    problems.error("flow.range", pointer + "/messagesPerSecond", "a rate is 0 or more.", "0 is as fast as possible.");
  }
  if (scenario.burstEveryMs > 0 && scenario.messagesPerSecond == 0) {
    problems.error("flow.range", pointer + "/burstEveryMs", "bursts need a rate.", "Give messagesPerSecond.");
  }
  if (scenario.messagesPerSecond * static_cast<double>(scenario.durationMs) / 1000 > 1e12) {
    problems.error("flow.range", pointer, "these are more than 10^12 messages.", "Shorten it, or lower the rate.");
  }
}

}  // namespace

std::expected<BenchSuite, Problems> parseBenchSuite(std::string_view text) {
  Problems problems;
  auto document = json::parse(text);
  if (!document) {
    problems.error(document.error().code, {}, document.error().message);
    return std::unexpected(std::move(problems));
  }
  const auto& root = document->root();
  checkShape(root, kSuite, {}, problems);
  BenchSuite suite;
  const auto* list = root.find("scenarios");
  const auto* scenarios = list != nullptr ? list->asArray() : nullptr;
  if (root.isObject()) suite.name = textAt(root, "name");
  for (std::size_t i = 0; scenarios != nullptr && i < scenarios->size(); ++i) {
    const auto& given = (*scenarios)[i];
    if (!given.isObject()) continue;
    const auto pointer = "/scenarios/" + std::to_string(i);
    auto scenario = scenarioOf(given);
    if (const auto* edge = given.find("edge"); edge != nullptr) checkEdge(*edge, pointer + "/edge", problems);
    checkMeaning(scenario, pointer, problems);
    if (std::ranges::contains(suite.scenarios, scenario.name, &BenchScenario::name)) {
      problems.error("flow.duplicate_id", pointer + "/name", "there are two scenarios '" + scenario.name + "'.",
                     "Rename one of them.");
    }
    suite.scenarios.push_back(std::move(scenario));
  }
  if (scenarios != nullptr && scenarios->empty()) {
    problems.error("flow.empty", "/scenarios", "the suite has no scenarios.", "Add one.");
  }
  problems.locate(*document);
  if (problems.failed()) return std::unexpected(std::move(problems));
  return suite;
}

std::string_view standardBenchSuite() {
  return R"({
  "name": "standard",
  "scenarios": [
    { "name": "low latency", "description": "A message every 10 ms from one connection",
      "durationMs": 10000, "messagesPerSecond": 100, "pattern": "sine", "expect": { "errorRate": 0 } },
    { "name": "high volume", "description": "1,000 messages a second over 10 connections for two minutes",
      "durationMs": 120000, "messagesPerSecond": 1000, "connections": 10, "pattern": "random",
      "expect": { "p99Ms": 1, "errorRate": 0 } },
    { "name": "unlimited", "description": "10 connections, as fast as the flow takes their messages",
      "durationMs": 10000, "messagesPerSecond": 0, "connections": 10,
      "expect": { "messagesPerSecond": 1032000, "errorRate": 0 } },
    { "name": "bursts", "description": "10,000 messages at once, every second",
      "durationMs": 10000, "messagesPerSecond": 10000, "connections": 10, "burstEveryMs": 1000, "pattern": "step",
      "expect": { "errorRate": 0 } },
    { "name": "slow consumer", "description": "5,000 messages a second for a consumer of 1,000, the oldest are dropped",
      "durationMs": 10000, "messagesPerSecond": 5000, "connections": 10, "consumer": { "messagesPerSecond": 1000 },
      "edge": { "buffer": { "rows": 2000 }, "whenFull": { "rule": "dropOldest" } }, "expect": { "errorRate": 0 } },
    { "name": "large messages", "description": "100 messages of 1 MiB a second",
      "durationMs": 10000, "messagesPerSecond": 100, "connections": 4, "messageBytes": 1048576,
      "expect": { "errorRate": 0 } },
    { "name": "many connections", "description": "1,000 connections with 2 messages a second each",
      "durationMs": 10000, "messagesPerSecond": 2000, "connections": 1000, "pattern": "constant",
      "expect": { "errorRate": 0 } }
  ]
})";
}

json::Value benchSuiteSchema() { return schemaOf(kSuite, "Weir benchmark suite"); }

}  // namespace weir::flow
