// What a rule makes of series that come, grow and go.
#include "service/alerts/rule-watch.h"

#include <doctest/doctest.h>

namespace {

using namespace weir;
using namespace weir::alerts;

constexpr std::int64_t kEvery = 5'000'000;

AlertRule restartRule() {
  for (auto& rule : firstRules()) {
    if (rule.id == "engine-restarts") return rule;
  }
  return {};
}

std::string restarts(const std::string& samples) {
  return "# HELP weir_engine_restarts_total x\n# TYPE weir_engine_restarts_total counter\n" + samples;
}

TEST_CASE("The first event of a counter is seen, also where its series comes with it") {
  RuleWatch watch(restartRule());
  CHECK(watch.look(restarts(""), kEvery).empty());
  const auto changes = watch.look(restarts("weir_engine_restarts_total{folder=\"team\"} 1\n"), 2 * kEvery);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].raised);
  CHECK(changes[0].labels.at("folder") == "team");
  CHECK(changes[0].value == doctest::Approx(0.2));
}

TEST_CASE("What a counter had before anybody looked is no event") {
  RuleWatch watch(restartRule());
  const auto text = restarts("weir_engine_restarts_total{folder=\"team\"} 7\n");
  CHECK(watch.look(text, kEvery).empty());
  CHECK(watch.look(text, 2 * kEvery).empty());
  const auto more = restarts("weir_engine_restarts_total{folder=\"team\"} 8\n");
  CHECK(watch.look(more, 3 * kEvery).size() == 1);
}

}  // namespace
