// How many rows are sampled, and that all who ask agree.
#include "engine/runtime/row-traces.h"

#include <doctest/doctest.h>

#include "engine/data/batch-builder.h"

namespace weir {
namespace {

Batch batchAt(std::uint64_t sequence, std::int64_t rows) {
  static const auto schema = Schema::of({Field{"n", Type::int64(), false, false}});
  auto column = constantColumn(Type::int64(), Value::int64(1), rows, MemoryAccount::unlimited());
  REQUIRE(column.has_value());
  Envelope envelope;
  envelope.origin = 1;
  envelope.firstSequence = sequence;
  auto batch = Batch::of(schema, {std::move(*column)}, rows, envelope, MemoryAccount::unlimited());
  REQUIRE(batch.has_value());
  return *batch;
}

TEST_CASE("a look that remembers where no row is sampled says the same as one that asks anew") {
  const RowTraces traces(1000, 42, 1 << 20);
  TraceGap gap;
  std::size_t found = 0;
  for (std::uint64_t at = 1; at < 20'000; at += 1 + at % 7) {
    const auto batch = batchAt(at, static_cast<std::int64_t>(1 + at % 5));
    std::vector<TraceId> ids;
    traces.collect(batch, ids);
    // Going back is not quick, but right.
    if (at % 1001 == 0) CHECK(traces.passes(batchAt(1, 1), gap) == !traces.sampled({0, 1, 0, 1}, {}));
    REQUIRE(traces.passes(batch, gap) == ids.empty());
    found += ids.size();
  }
  CHECK(found > 5);
}

/// So many sampled rows come from a source in each of so many milliseconds.
std::int64_t spend(RowTraces& traces, std::int64_t& nowNanos, std::int64_t millis, std::int64_t rowsEachMilli) {
  std::int64_t sampled = 0;
  for (std::int64_t i = 0; i < millis; ++i) {
    nowNanos += 1'000'000;
    TraceStep step;
    step.endNanos = nowNanos;
    step.given.resize(static_cast<std::size_t>(rowsEachMilli / traces.every()));
    sampled += std::ssize(step.given);
    traces.add(std::move(step), true);
  }
  return sampled;
}

TEST_CASE("where very many rows would be sampled fewer are, and when there are few again all of them") {
  RowTraces traces(1000, 42, 1 << 20);
  std::int64_t now = 0;
  spend(traces, now, 5000, 1000);
  CHECK(traces.every() == 1000);
  spend(traces, now, 3000, 400'000);
  const auto thinned = traces.every();
  CHECK(thinned > 100'000);
  CHECK(thinned % 1000 == 0);
  CHECK(spend(traces, now, 10'000, 400'000) < 25'000);
  spend(traces, now, 100'000, 1000);
  CHECK(traces.every() == 1000);
}

TEST_CASE("at 1 in 1 every row is sampled, however many there are") {
  RowTraces traces(1, 42, 1 << 20);
  std::int64_t now = 0;
  spend(traces, now, 100, 20'000);
  CHECK(traces.every() == 1);
}

}  // namespace
}  // namespace weir
