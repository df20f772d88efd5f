// Exactly once: what is written when a sink is stopped at any moment and restored from its last checkpoint.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/value-json.h"
#include "engine/host/clock.h"
#include "engine/node/node-context.h"
#include "hosts/simulation/simulated-sql.h"
#include "nodes/sql/write/write.gen.h"

namespace weir::nodes::sql_write {
namespace {

class CountingRandom final : public Random {
 public:
  [[nodiscard]] std::uint64_t next() override { return ++count_; }

 private:
  std::uint64_t count_ = 0;
};

class Context final : public NodeContext {
 public:
  Context(simulation::SimulatedSql& sql, Random& random) : sql_(sql), random_(random) {}
  [[nodiscard]] std::string_view nodeId() const override { return "out"; }
  [[nodiscard]] std::uint64_t random() override { return 1; }
  [[nodiscard]] const FieldSet& needed(Port) const override {
    static const FieldSet all = FieldSet::everything();
    return all;
  }
  [[nodiscard]] const AcceptedFilter* acceptedFilter(Port) const override { return nullptr; }
  [[nodiscard]] bool outputWired(Port) const override { return false; }
  [[nodiscard]] MemoryAccount& account() override { return account_; }
  [[nodiscard]] Result<Buffer> allocate(std::int64_t bytes) override { return Buffer::allocate(bytes, account_); }
  [[nodiscard]] const Value& params() const override { return params_; }
  [[nodiscard]] std::int64_t nowMicros() override { return 0; }
  [[nodiscard]] int workers() const override { return 1; }
  void log(LogLevel, std::string_view) override {}

 protected:
  [[nodiscard]] void* findHost(std::string_view name) override {
    if (name == Sql::kName) return static_cast<Sql*>(&sql_);
    return name == Random::kName ? &random_ : nullptr;
  }

 private:
  MemoryAccount account_;
  Value params_;
  simulation::SimulatedSql& sql_;
  Random& random_;
};

/// One input: a batch, or its end.
class Io final : public StepIo {
 public:
  [[nodiscard]] Room room(Port) const override { return {1000, 1 << 20}; }
  void emit(Port, Batch) override {}
  void fail(std::span<const std::uint32_t> rows, Error) override { failed += static_cast<int>(rows.size()); }
  void failValue(Value, Error) override { ++failed; }
  void failOf(const Batch&, std::uint32_t, Error, std::int64_t) override { ++failed; }
  void holdWatermark(Timestamp) override {}
  [[nodiscard]] bool wired(Port) const override { return false; }
  [[nodiscard]] const Batch* peek(Port) const override { return head ? &head : nullptr; }
  [[nodiscard]] Batch take(Port, std::int64_t) override { return std::exchange(head, Batch()); }
  [[nodiscard]] bool ended(Port) const override { return over && !head; }
  [[nodiscard]] bool connected(Port) const override { return true; }
  [[nodiscard]] Timestamp watermark(Port) const override { return kNoWatermark; }
  [[nodiscard]] bool budgetSpent() const override { return false; }
  [[nodiscard]] std::int64_t ordinal() const override { return 0; }
  [[nodiscard]] Waker waker() override { return {}; }
  void addProgress(std::int64_t, std::int64_t) override {}

  Batch head;
  bool over = false;
  int failed = 0;
};

class Saved final : public StateWriter, public StateReader {
 public:
  Result<Poll> write(const Value& value) override {
    values.push_back(value.owned());
    return Poll::ready;
  }
  Result<Value> readValue() override {
    if (next == values.size()) return fail("state.mismatch", "the end");
    return values[next++];
  }
  std::vector<Value> values;
  std::size_t next = 0;
};

/// A sink of one run, until it is killed (destroyed).
struct Sink {
  Sink(simulation::SimulatedSql& sql, Random& random) : context(sql, random) {
    auto settings = json::Value::object();
    settings.set("file", "x.db");
    settings.set("table", "t");
    settings.set("exactlyOnce", true);
    node = *makeFromJson(settings, context);
    task = *node->stages[0].makeTask();
  }
  void give(std::int64_t from, std::int64_t to) {
    std::vector<Value> rows;
    for (auto i = from; i < to; ++i) {
      MapBuilder row;
      row.set(Value::string("n"), Value::int64(i));
      rows.push_back(std::move(row).build());
    }
    io.head = *batchOfRows(rows, context.account());
    REQUIRE(task->step(io));
  }
  Saved checkpoint(CheckpointId id) {
    Saved saved;
    REQUIRE(task->snapshot(id, saved));
    return saved;
  }
  void restore(Saved saved) { REQUIRE(task->restore(saved)); }
  void finish() {
    io.over = true;
    const auto progress = task->step(io);
    REQUIRE(progress);
    CHECK(progress->next == Progress::Next::done);
  }
  Context context;
  Io io;
  NodePtr node;
  std::unique_ptr<Task> task;
};

std::string written(simulation::SimulatedSql& sql) {
  std::string text;
  for (const auto& row : sql.rowsOf("t")) text += toJson(*row.find("n")) + " ";
  return text;
}

struct World {
  World() { sql.makeTable("t", {}); }  // without a key: a row written twice is there twice
  simulation::SimulatedSql sql;
  CountingRandom random;
};

}  // namespace

TEST_CASE("rows are written when their checkpoint is complete, and not before") {
  World world;
  Sink sink(world.sql, world.random);
  sink.give(0, 3);
  CHECK(written(world.sql).empty());
  static_cast<void>(sink.checkpoint(1));
  sink.give(3, 5);
  CHECK(written(world.sql).empty());
  CHECK(sink.task->committed(1));
  CHECK(written(world.sql) == "0 1 2 ");
  CHECK(sink.task->committed(1));
  CHECK(written(world.sql) == "0 1 2 ");
  sink.finish();
  CHECK(written(world.sql) == "0 1 2 3 4 ");
}

TEST_CASE("R1: a sink that is killed between a checkpoint and its commit writes its rows on resume, once") {
  for (const bool beforeCommit : {true, false}) {
    World world;
    Saved saved;
    {
      Sink first(world.sql, world.random);
      first.give(0, 2);
      saved = first.checkpoint(1);
      if (!beforeCommit) CHECK(first.task->committed(1));
      first.give(2, 4);  // lost with the run; the source gives them again
    }
    for (int resumes = 0; resumes < 3; ++resumes) {
      Sink again(world.sql, world.random);
      again.restore(saved);
      CHECK(again.task->committed(1));
      again.io.head = *emptyBatch(Schema::of({{"n", Type::int64()}}), again.context.account());
      REQUIRE(again.task->step(again.io));
      CHECK(written(world.sql) == "0 1 ");
    }
    Sink last(world.sql, world.random);
    last.restore(saved);
    CHECK(last.task->committed(1));
    last.give(2, 4);
    last.finish();
    CHECK(written(world.sql) == "0 1 2 3 ");
  }
}

TEST_CASE("R1: a run that is killed after its last row was written writes none again on resume") {
  World world;
  Saved saved;
  {
    Sink first(world.sql, world.random);
    first.give(0, 2);
    saved = first.checkpoint(1);
    CHECK(first.task->committed(1));
    first.give(2, 4);
    first.finish();
  }
  Sink again(world.sql, world.random);
  again.restore(saved);
  CHECK(again.task->committed(1));
  again.give(2, 4);
  again.finish();
  CHECK(written(world.sql) == "0 1 2 3 ");
}

TEST_CASE("a checkpoint that came to nothing is written with the next one") {
  World world;
  Sink sink(world.sql, world.random);
  sink.give(0, 1);
  static_cast<void>(sink.checkpoint(1));
  sink.give(1, 2);
  static_cast<void>(sink.checkpoint(2));
  CHECK(sink.task->committed(2));
  CHECK(written(world.sql) == "0 1 ");
}

TEST_CASE("a database that is away at a commit is asked again, and nothing is lost or doubled") {
  World world;
  Sink sink(world.sql, world.random);
  sink.give(0, 2);
  static_cast<void>(sink.checkpoint(1));
  world.sql.failNext(Error{"sql.unavailable", "it is away", true});
  // The checkpoint stands; the rows go out with what the sink does next.
  CHECK(sink.task->committed(1));
  CHECK(written(world.sql).empty());
  world.sql.failNext(Error{"sql.unavailable", "it is away", true});
  sink.io.over = true;
  const auto failed = sink.task->step(sink.io);
  REQUIRE(!failed);
  CHECK(failed.error().recoverable);
  sink.finish();
  CHECK(written(world.sql) == "0 1 ");
}

TEST_CASE("R1: a run that was only paused writes nothing after a resumed one has taken its sink over") {
  World world;
  Sink paused(world.sql, world.random);
  paused.give(0, 2);
  const auto saved = paused.checkpoint(1);
  {
    Sink resumed(world.sql, world.random);
    resumed.restore(saved);
    CHECK(resumed.task->committed(1));
    resumed.give(2, 3);
    CHECK(written(world.sql) == "0 1 ");
    const auto late = paused.task->committed(1);
    REQUIRE(!late);
    CHECK(late.error().code == "state.fenced");
    resumed.finish();
  }
  CHECK(written(world.sql) == "0 1 2 ");
}

TEST_CASE("R1: what waited for a checkpoint when the input ended is written in one piece") {
  World world;
  Saved saved;
  {
    Sink first(world.sql, world.random);
    first.give(0, 2);
    saved = first.checkpoint(1);
    CHECK(first.task->committed(1));
    first.give(2, 4);
    static_cast<void>(first.checkpoint(2));  // never stored
    world.sql.failNext(Error{"sql.unavailable", "it is away", true});
    first.io.over = true;
    REQUIRE(!first.task->step(first.io));
  }
  // Nothing of the second checkpoint is there, so that it may be cut elsewhere now.
  CHECK(written(world.sql) == "0 1 ");
  Sink again(world.sql, world.random);
  again.restore(saved);
  again.give(2, 3);
  static_cast<void>(again.checkpoint(2));
  CHECK(again.task->committed(2));
  again.give(3, 4);
  again.finish();
  CHECK(written(world.sql) == "0 1 2 3 ");
}

TEST_CASE("two runs of one seed are two sinks") {
  World world;
  for (int run = 0; run < 2; ++run) {
    Sink sink(world.sql, world.random);
    sink.give(0, 1);
    sink.finish();
  }
  CHECK(written(world.sql) == "0 0 ");
}

}  // namespace weir::nodes::sql_write
