// Reads tests of flows.
#include "engine/flow/flow-test.h"

#include <utility>

#include "engine/flow/shape.h"

namespace weir::flow {
namespace {

constexpr Key kTestKeys[] = {{"name", Form::string, nullptr, true},
                             {"parameters", Form::map},
                             {"clock", Form::string},
                             {"seed", Form::integer},
                             {"in", Form::map},
                             {"out", Form::map, nullptr, true},
                             {"anyOrder", Form::boolean},
                             {"deadLetters", Form::integer},
                             {"exitCode", Form::integer, nullptr, false, {}, 255}};
constexpr Shape kTest{"a test", kTestKeys};
constexpr Key kFileKeys[] = {{"$schema", Form::string}, {"tests", Form::list, &kTest, true}};
constexpr Shape kFile{"a file of tests", kFileKeys};

void readRows(const json::Value& test, std::string_view key, const std::string& pointer, TestRows& rows,
              Problems& problems) {
  const auto* sides = test.find(key);
  if (sides == nullptr || !sides->isObject()) return;
  for (const auto& member : *sides->asObject()) {
    const auto at = below(below(pointer, key), member.key);
    if (!member.value.isArray()) {
      problems.error("flow.type", at,
                     "expected a list of rows, found " + std::string(json::nameOf(member.value.kind())) + ".");
      continue;
    }
    auto& list = rows[member.key];
    std::size_t index = 0;
    for (const auto& row : *member.value.asArray()) {
      if (!row.isObject()) problems.error("flow.type", below(at, index), "a row is an object.");
      ++index;
      list.push_back(row);
    }
  }
}

FlowTest readTest(const json::Value& value, const std::string& pointer, Problems& problems) {
  FlowTest test;
  const auto text = [&](std::string_view key) {
    return value.find(key) != nullptr ? value.find(key)->asString() : nullptr;
  };
  const auto count = [&](std::string_view key) {
    return value.find(key) != nullptr ? value.find(key)->asInt64() : nullptr;
  };
  if (const auto* name = text("name")) test.name = *name;
  if (const auto* clock = text("clock")) test.clock = *clock;
  if (const auto* seed = count("seed")) test.seed = static_cast<std::uint64_t>(*seed);
  if (const auto* letters = count("deadLetters")) test.deadLetters = *letters;
  if (const auto* code = count("exitCode")) test.exitCode = *code;
  if (const auto* any = value.find("anyOrder"); any != nullptr && any->asBool() != nullptr)
    test.anyOrder = *any->asBool();
  if (const auto* parameters = value.find("parameters"); parameters != nullptr && parameters->isObject()) {
    for (const auto& member : *parameters->asObject()) test.parameters[member.key] = member.value;
  }
  readRows(value, "in", pointer, test.in, problems);
  readRows(value, "out", pointer, test.out, problems);
  return test;
}

}  // namespace

std::expected<std::vector<FlowTest>, Problems> parseFlowTests(std::string_view text) {
  Problems problems;
  auto parsed = json::parse(text);
  if (!parsed) {
    problems.error(parsed.error().code, "", parsed.error().message);
    return std::unexpected(std::move(problems));
  }
  const auto& root = parsed->root();
  std::vector<FlowTest> tests;
  std::string base;
  const auto* list = root.asArray();
  if (list != nullptr) {
    std::size_t index = 0;
    for (const auto& test : *list) checkShape(test, kTest, below("", index++), problems);
  } else {
    checkShape(root, kFile, "", problems);
    base = "/tests";
    const auto* inside = root.find("tests");
    list = inside == nullptr ? nullptr : inside->asArray();
  }
  std::size_t index = 0;
  if (list != nullptr) {
    for (const auto& test : *list) tests.push_back(readTest(test, below(base, index++), problems));
  }
  problems.locate(*parsed);
  if (problems.failed()) return std::unexpected(std::move(problems));
  return tests;
}

}  // namespace weir::flow
