// The contract that every built-in node keeps, checked for each by itself.
#include <doctest/doctest.h>

#include <cstdlib>

#include "engine/flow/trial.h"
#include "engine/node/settings-check.h"
#include "nodes/catalogue.gen.h"
#include "tests/contract/harness.h"

namespace weir::contract {
namespace {

Catalogue builtins() {
  auto catalogue = Catalogue::make(builtinNodes());
  if (!catalogue) FAIL(catalogue.error().message);
  return std::move(*catalogue);
}

json::Value casesOf(const Catalogue& catalogue, const NodeType& type) {
  const auto cases = json::parse(catalogue.casesOf(type));
  if (!cases) FAIL(cases.error().message);
  return cases->root();
}

std::string named(const NodeType& type, const json::Value& one) {
  const auto* name = one.find("name");
  return type.id + " " + type.version + ": " + (name != nullptr && name->asString() ? *name->asString() : "?");
}

std::vector<Shape> shapesOf(const json::Value& one) {
  std::vector<Shape> shapes;
  for (const int workers : {1, 2, 7}) {
    for (const std::uint64_t seed : {0U, 1U, 2U}) {
      for (const std::int64_t cut : {0, -1}) shapes.push_back({cut, workers, seed, cut == 0});
    }
  }
  for (std::int64_t cut = 1; cut < rowsOf(one); ++cut) shapes.push_back({cut, 2, 3, false});
  return shapes;
}

bool needsSettings(const NodeType& type) {
  for (const auto& spec : type.settings) {
    if (spec.required && spec.defaultValue == nullptr) return true;
  }
  return false;
}

/// Nothing outside of the flow keeps what the first run did, and its input is still there for the second.
bool comesBack(const NodeType& type) {
  for (const std::string_view category : {"aggregate/", "data/", "flow/", "generate/", "logic/", "text/"}) {
    if (type.id.starts_with(category)) return true;
  }
  return type.id.starts_with("files/") && type.id.ends_with("-read");
}

}  // namespace

TEST_CASE("one built-in has two versions side by side") {
  const auto catalogue = builtins();
  REQUIRE(catalogue.versionsOf("flow/limit").size() == 2);
  CHECK(catalogue.find("flow/limit", "1.0.0")->settings.size() == 1);
  CHECK(catalogue.find("flow/limit", "2.0.0")->settings.size() == 2);
}

TEST_CASE(
    "every node has cases, and they come out the same however rows are "
    "cut and on any number of workers") {
  const auto catalogue = builtins();
  for (const auto* type : catalogue.all()) {
    const auto cases = casesOf(catalogue, *type);
    CHECK_MESSAGE(cases.count() > 0, type->id);
    if (!cases.isArray()) continue;
    for (const auto& one : *cases.asArray()) {
      for (const auto& shape : shapesOf(one)) {
        const auto outcome = runCase(*type, one, shape);
        const auto wrong = mismatch(one, outcome);
        CHECK_MESSAGE(wrong.empty(), named(*type, one), " (", shape.describe(), "): ", wrong);
        if (!wrong.empty()) break;
      }
    }
  }
}

TEST_CASE("the same seed gives the same output") {
  const auto catalogue = builtins();
  for (const auto* type : catalogue.all()) {
    const auto cases = casesOf(catalogue, *type);
    if (!cases.isArray()) continue;
    for (const auto& one : *cases.asArray()) {
      const Shape shape{.cut = -1, .workers = 7, .seed = 5, .joining = false};
      CHECK_MESSAGE(dump(runCase(*type, one, shape)) == dump(runCase(*type, one, shape)), named(*type, one));
    }
  }
}

TEST_CASE("a node that requires no settings is made from its defaults") {
  const auto catalogue = builtins();
  for (const auto* type : catalogue.all()) {
    if (needsSettings(*type)) continue;
    if (type->unbounded) {
      // It would run for ever.
      const auto settings = completed(type->settings, json::Value::object());
      const auto problem = flow::trySettings(*type, settings, "/settings", Value::map({}));
      CHECK_MESSAGE(!problem, type->id, ": ", problem ? problem->message : "");
      continue;
    }
    const auto outcome = runCase(*type, json::Value::object(), {.cancelAfter = 0});
    CHECK_MESSAGE(outcome.problems.empty(), type->id);
    CHECK_MESSAGE(!outcome.refused, type->id, ": ", outcome.refused ? outcome.refused->message : "");
  }
}

TEST_CASE(
    "a run that is stopped and goes on from its last checkpoint gives "
    "what an undisturbed run gives") {
  const auto catalogue = builtins();
  for (const auto* type : catalogue.all()) {
    const auto cases = casesOf(catalogue, *type);
    if (!cases.isArray() || !comesBack(*type)) continue;
    for (const auto& one : *cases.asArray()) {
      if (one.find("refused") != nullptr) continue;
      for (std::int64_t stop = 4; stop < 60; stop += 3) {
        const Shape shape{
            .cut = -1, .workers = 2, .seed = static_cast<std::uint64_t>(stop % 4), .joining = false, .stopAt = stop};
        const auto outcome = runCase(*type, one, shape);
        const auto wrong = mismatch(one, outcome);
        CHECK_MESSAGE(wrong.empty(), named(*type, one), " (", shape.describe(), "): ", wrong);
        if (!wrong.empty()) break;
      }
    }
  }
}

TEST_CASE("an unknown setting is refused, by the check and by the node itself") {
  const auto catalogue = builtins();
  for (const auto* type : catalogue.all()) {
    auto settings = json::Value::object();
    settings.set("noSuchSetting", 1);
    auto one = json::Value::object();
    one.set("settings", settings);
    const auto outcome = runCase(*type, one, {});
    REQUIRE_MESSAGE(!outcome.problems.empty(), type->id);
    CHECK_MESSAGE(outcome.problems[0].code == "settings.unknown", type->id);
    CHECK_MESSAGE(outcome.problems[0].pointer == "/settings/noSuchSetting", type->id);
  }
}

TEST_CASE("a cancel in the middle is honoured") {
  const auto catalogue = builtins();
  for (const auto* type : catalogue.all()) {
    const auto cases = casesOf(catalogue, *type);
    if (!cases.isArray()) continue;
    for (const auto& one : *cases.asArray()) {
      if (rowsOf(one) < 2 || one.find("refused") != nullptr) continue;
      const auto outcome =
          runCase(*type, one, {.cut = -1, .workers = 2, .seed = 3, .joining = false, .cancelAfter = 0});
      CHECK_MESSAGE(
          (outcome.result.outcome == weir::Outcome::cancelled || outcome.result.outcome == weir::Outcome::done),
          named(*type, one));
    }
  }
}

TEST_CASE("the reference pages are current") {
  CHECK(std::system("python3 tools/gen-nodes/gen_nodes.py --nodes nodes --docs "
                    "docs/reference/nodes --check") == 0);
}

}  // namespace weir::contract
