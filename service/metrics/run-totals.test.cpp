// The figures of a run in a list.
#include "service/metrics/run-totals.h"

#include <doctest/doctest.h>

using weir::metrics::RunTotals;
using weir::metrics::runTotalsOf;

TEST_CASE("a run's totals are what its sources gave, what its ends took, and what went wrong") {
  const auto totals = runTotalsOf(R"({"elapsedMicros": 2000, "errors": 3, "deadLetters": 2, "nodes": [
      {"id": "read", "rowsIn": 0, "rowsOut": 600, "progressDone": 70, "progressTotal": 100},
      {"id": "also", "rowsOut": 40, "progressDone": 900, "progressTotal": 10},
      {"id": "join", "rowsIn": 640, "rowsOut": 600},
      {"id": "write", "rowsIn": 590, "rowsOut": 0}, {"id": "show", "rowsIn": 9}], "edges": [
      {"source": "read", "target": "join"}, {"source": "also", "target": "join"},
      {"source": "join", "target": "write"}, {"source": "join", "target": "show"}]})",
                                  R"({"elapsedMicros": 2500, "deadLetters": 4})");
  CHECK(totals == RunTotals{.rowsIn = 640,
                            .rowsOut = 599,
                            .errors = 3,
                            .setAside = 4,
                            .elapsedMicros = 2500,
                            .progressDone = 80,
                            .progressTotal = 110});
}

TEST_CASE("of a run that has told nothing, or nothing that can be read, there are no totals") {
  CHECK(!runTotalsOf("", ""));
  CHECK(!runTotalsOf("no JSON", "[]"));
  CHECK(runTotalsOf("", R"({"deadLetters": 1})")->setAside == 1);
  CHECK(runTotalsOf(R"({"nodes": [{"id": 7}, "x", {}], "edges": "none", "errors": -5})", "") == RunTotals{});
  CHECK(runTotalsOf(R"({"nodes": [{"id": "a", "rowsOut": "many"}], "edges": [{"source": 1}]})", "")->rowsIn == 0);
}
