// The questions about formulas, over the API.
#include <doctest/doctest.h>

#include "service/api/fake-place.test.h"

using namespace weir::api;

TEST_CASE("A formula is checked and computed, and what is no question is refused") {
  FakePlace place;
  const auto good = ask(place, "POST", "/api/v1/formulas/check", R"({"text": "row.n + 1", "rows": [{"n": 1}]})");
  CHECK(good.status == 200);
  CHECK(good.at("/type") == "dyn");
  CHECK(good.at("/results/0/value") == "2");
  const auto wrong = ask(place, "POST", "/api/v1/formulas/check", R"({"text": "row.n +"})");
  CHECK(wrong.status == 200);
  CHECK(wrong.at("/problems/0/code") == "cel.syntax");
  for (const auto* body : {"{}", R"({"text": "1", "row": {}})", R"({"text": "1", "fields": "none"})"}) {
    const auto refused = ask(place, "POST", "/api/v1/formulas/check", body);
    CAPTURE(refused.text);
    CHECK(refused.status == 400);
    CHECK(refused.at("/code") == "api.body");
  }
  // The time of the place.
  CHECK(ask(place, "POST", "/api/v1/formulas/check", R"j({"text": "int(now)", "rows": [{"n": 1}]})j")
            .at("/results/0/value") == "1700000000");
}

TEST_CASE("The functions of formulas are listed") {
  FakePlace place;
  const auto found = ask(place, "GET", "/api/v1/formulas/functions");
  CHECK(found.status == 200);
  CHECK(found.text.contains(R"({"name":"contains","signature":"string.(string): bool"})"));
}
