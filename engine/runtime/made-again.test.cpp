// What has to be kept, on small plans.
#include "engine/runtime/made-again.h"

#include <doctest/doctest.h>

namespace weir::runtime {
namespace {

Plan chain(const std::vector<bool>& durable) {
  Plan plan;
  plan.nodes.resize(durable.size() + 1);
  for (std::size_t i = 0; i < durable.size(); ++i) {
    PlannedEdge edge;
    edge.source = static_cast<std::int32_t>(i);
    edge.target = static_cast<std::int32_t>(i + 1);
    edge.durable = durable[i];
    plan.edges.push_back(std::move(edge));
  }
  return plan;
}

using Bools = std::vector<bool>;

}  // namespace

TEST_CASE("what a source sends again is not journalled anywhere") {
  const auto plan = chain({true, false, true});
  CHECK(madeAgain(plan, {false, false, false, false}).journal == Bools{false, false, false});
}

TEST_CASE("the first durable edge behind a source that forgets keeps its rows; those behind it are made again") {
  CHECK(madeAgain(chain({true, false, true}), {true, false, false, false}).journal == Bools{true, false, false});
  const auto late = madeAgain(chain({false, true, true}), {true, false, false, false});
  CHECK(late.journal == Bools{false, true, false});
  CHECK(late.nodes == Bools{false, false, true, true});
}

TEST_CASE("where a source that forgets and one that does not meet, what they make is kept") {
  Plan plan = chain({false, true});
  plan.nodes.resize(4);
  PlannedEdge other;
  other.source = 3;
  other.target = 1;
  plan.edges.push_back(other);
  CHECK(madeAgain(plan, {false, false, false, true}).journal == Bools{false, true, false});
  CHECK(madeAgain(plan, {true, false, false, false}).journal == Bools{false, true, false});
  CHECK(madeAgain(plan, {false, false, false, false}).journal == Bools{false, false, false});
}

}  // namespace weir::runtime
