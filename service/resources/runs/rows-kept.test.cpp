// What a run is asked to keep of its rows.
#include "service/resources/runs/rows-kept.h"

#include <doctest/doctest.h>

#include "engine/json/document.h"

namespace weir::api {
namespace {

Expected<RowsKept> asked(std::string_view text) { return RowsKept::asked(json::parse(text)->root()); }

}  // namespace

TEST_CASE("what a run keeps of its rows is read, written and read again") {
  const auto kept = asked(R"({"record": {"edge": "paid", "bytes": 1048576, "ageMs": 60000, "sensitive": true},
                              "trace": {"rows": 100}})");
  REQUIRE(kept);
  const auto again = RowsKept::of(json::parse(kept->json())->root());
  CHECK(again.edge == "paid");
  CHECK(again.recordBytes == 1 << 20);
  CHECK(again.recordAgeMs == 60'000);
  CHECK(again.sensitive);
  CHECK(again.traceEvery == 100);
  CHECK(again.traceBytes == 64 << 20);
  CHECK(asked("{}")->json().empty());
  CHECK_FALSE(asked(R"({"record": {"edge": "paid"}})")->sensitive);
}

TEST_CASE("what is no such wish is named") {
  for (const auto& [text, member] : {
           std::pair(R"({"record": true})", "'record'"),
           std::pair(R"({"record": {}})", "'record.edge'"),
           std::pair(R"({"record": {"edge": ""}})", "'record.edge'"),
           std::pair(R"({"record": {"edge": "a", "bytes": 1}})", "'record.bytes'"),
           std::pair(R"({"record": {"edge": "a", "bytes": 99999999999999}})", "'record.bytes'"),
           std::pair(R"({"record": {"edge": "a", "ageMs": "1h"}})", "'record.ageMs'"),
           std::pair(R"({"record": {"edge": "a", "sensitive": 1}})", "'record.sensitive'"),
           std::pair(R"({"record": {"edge": "a", "reveal": true}})", "reveal"),
           std::pair(R"({"trace": 10})", "'trace'"),
           std::pair(R"({"trace": {}})", "'trace.rows'"),
           std::pair(R"({"trace": {"rows": 0}})", "'trace.rows'"),
           std::pair(R"({"trace": {"rows": 1.5}})", "'trace.rows'"),
       }) {
    CAPTURE(text);
    const auto found = asked(text);
    REQUIRE_FALSE(found);
    CHECK(found.error().status == 400);
    CHECK(found.error().detail.contains(member));
  }
}

}  // namespace weir::api
