// Calls and steps that fail, take too long and are tried again, and what ends a run that has bad rows.
#include <doctest/doctest.h>

#include <set>

#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "tests/simulation/random-graph.h"

namespace weir::simulation_test {
namespace {

/// What calls do: by the field n of their row.
enum class Behaviour : std::uint8_t { answers, hangs, failsTwice, failsForGood };
struct Script {
  Behaviour (*of)(std::int64_t) = nullptr;
  std::map<std::int64_t, int> tries;
  std::vector<std::int64_t> beganAt;
};
Script* script = nullptr;  // of the test that runs

class Scripted final : public Call {
 public:
  Scripted(Behaviour behaviour, int attempt, std::int64_t number)
      : behaviour_(behaviour), attempt_(attempt), number_(number) {}
  Result<Flow> poll(StepIo& io) override {
    if (behaviour_ == Behaviour::hangs) return Flow::pending;
    if (behaviour_ == Behaviour::failsForGood) return fail("files.denied", "no");
    if (behaviour_ == Behaviour::failsTwice && attempt_ < 3) return fail("files.io", "not now", true);
    io.emit(0, batchOf({number_}));
    return Flow::done;
  }

 private:
  Behaviour behaviour_;
  int attempt_;
  std::int64_t number_;
};

class ScriptedCaller final : public Caller {
 public:
  explicit ScriptedCaller(NodeContext& context) : context_(context) {}
  Result<std::unique_ptr<Call>> begin(const RowView& row) override {
    const auto number = row.batch->column(0).ints()[static_cast<std::size_t>(row.row)];
    script->beganAt.push_back(context_.nowMicros());
    return std::make_unique<Scripted>(script->of(number), ++script->tries[number], number);
  }

 private:
  NodeContext& context_;
};

NodeType callingType() {
  auto type = Kinds::typeOf("calling", 1, Cardinality::one, [](const json::Value&, NodeContext& context) {
    auto node = std::make_unique<Node>();
    Stage stage;
    stage.caller = std::make_shared<ScriptedCaller>(context);
    node->stages.push_back(std::move(stage));
    return Result<NodePtr>(std::move(node));
  });
  type.parallel = 4;
  return type;
}

class Packets final : public DeadLetters {
 public:
  Result<void> add(std::span<const ErrorPacket> packets) override {
    all.insert(all.end(), packets.begin(), packets.end());
    return {};
  }
  std::vector<ErrorPacket> all;
};

struct Ended {
  RunResult result;
  Packets packets;
  Numbers collected;
  std::vector<std::int64_t> beganAt;
};

RunOptions optionsWith(std::int64_t maxErrors, const std::string& runId = {}) {
  RunOptions options;
  options.maxErrors = maxErrors;
  options.runId = runId;
  return options;
}

/// source -> middle -> collect
Ended runThrough(const NodeType& middle, RunOptions options, int workers, std::uint64_t seed, PlannedRetry retry = {},
                 std::int64_t timeoutMs = 0) {
  Graph graph;
  const auto source = graph.node(kinds().source, 4);
  const auto at = graph.node(middle, 0);
  const auto collect = graph.node(kinds().collect, 0);
  graph.edge(source, 0, at, 0);
  graph.edge(at, 0, collect, 0);
  auto& planned = graph.plan.nodes[static_cast<std::size_t>(at)];
  planned.retry = retry;
  planned.timeoutMs = timeoutMs;
  World state;
  world = &state;
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  simulation::SimulatedWorkers pool(workers, seed, clock, &state.calls);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  Ended ended;
  options.deadLetters = &ended.packets;
  auto run = Run::make(graph.plan, std::move(options), hosts, pool);
  REQUIRE(run.has_value());
  ended.result = (*run)->drive();
  ended.collected = state.collected["collect-2-0"];
  if (script != nullptr) ended.beganAt = script->beganAt;
  return ended;
}

TEST_CASE("a call that hangs is begun again when its time is over, and its row fails after the last try") {
  Script now{[](std::int64_t n) { return n % 10 == 3 ? Behaviour::hangs : Behaviour::answers; }, {}, {}};
  script = &now;
  PlannedRetry retry;
  retry.attempts = 3;
  auto type = callingType();
  for (const bool ordered : {true, false}) {
    type.ordered = ordered;
    const auto ended = runThrough(type, optionsWith(1000), 2, 5, retry, 50);
    CHECK(ended.result.outcome == Outcome::done);
    REQUIRE(!ended.packets.all.empty());
    for (const auto& packet : ended.packets.all) {
      CHECK(packet.code == "node.timeout");
      CHECK(packet.tries == 3);
      CHECK(packet.row.find("n")->int64() % 10 == 3);
    }
    CHECK(std::ranges::is_sorted(ended.collected) == true);
    CHECK(ended.result.deadLetters + static_cast<std::int64_t>(ended.collected.size()) ==
          static_cast<std::int64_t>(now.tries.size()));
    now.tries.clear();
  }
}

TEST_CASE("a call that fails recoverably is begun again after a pause that grows and is drawn from the run") {
  Script now{[](std::int64_t) { return Behaviour::failsTwice; }, {}, {}};
  script = &now;
  PlannedRetry retry;
  retry.attempts = 3;
  retry.delayMs = 100;
  retry.jitter = 0.5;
  std::vector<std::vector<std::int64_t>> pauses;
  for (const std::string runId : {"a", "a", "b"}) {
    now.tries.clear();
    now.beganAt.clear();
    auto type = callingType();
    type.parallel = 1;
    const auto ended = runThrough(type, optionsWith(0, runId), 1, 0, retry);
    CHECK(ended.result.exitCode() == 0);
    CHECK(ended.collected.size() == now.tries.size());
    std::vector<std::int64_t> each;
    for (std::size_t i = 0; i + 2 < ended.beganAt.size(); i += 3) {
      each.push_back(ended.beganAt[i + 1] - ended.beganAt[i]);
      CHECK(each.back() <= 100'000);
      CHECK(each.back() >= 50'000);
      each.push_back(ended.beganAt[i + 2] - ended.beganAt[i + 1]);
      CHECK(each.back() <= 200'000);
      CHECK(each.back() >= 100'000);
    }
    pauses.push_back(std::move(each));
  }
  CHECK(pauses[0] == pauses[1]);
  CHECK(pauses[0] != pauses[2]);
  CHECK(std::set<std::int64_t>(pauses[0].begin(), pauses[0].end()).size() > pauses[0].size() / 2);
}

TEST_CASE("a call that fails for good is tried once") {
  Script now{[](std::int64_t) { return Behaviour::failsForGood; }, {}, {}};
  script = &now;
  PlannedRetry retry;
  retry.attempts = 9;
  const auto ended = runThrough(callingType(), optionsWith(1000), 2, 3, retry);
  REQUIRE(!ended.packets.all.empty());
  for (const auto& packet : ended.packets.all) CHECK(packet.tries == 1);
  std::set<std::string> traces;
  for (const auto& packet : ended.packets.all) traces.insert(packet.traceId);
  CHECK(traces.size() == ended.packets.all.size());
}

/// Hangs the first time it is asked about a batch.
class HangsOnce final : public ParallelWork {
 public:
  std::unique_ptr<Work> begin(Batch input) const override { return std::make_unique<Once>(asked_, std::move(input)); }

 private:
  class Once final : public Work {
   public:
    Once(std::set<std::int64_t>& asked, Batch input) : asked_(asked), input_(std::move(input)) {
      hangs_ = asked_.insert(input_.column(0).ints()[0]).second;
    }
    Result<Flow> run(StepIo& io) override {
      if (hangs_) return Flow::pending;
      io.emit(0, input_);
      return Flow::more;
    }

   private:
    std::set<std::int64_t>& asked_;
    Batch input_;
    bool hangs_;
  };
  mutable std::set<std::int64_t> asked_;
};

TEST_CASE("a ticket that waited too long is begun again as the node's retries say") {
  script = nullptr;
  const auto type = Kinds::typeOf("once", 1, Cardinality::one, [](const json::Value&, NodeContext&) {
    auto node = std::make_unique<Node>();
    Stage stage;
    stage.parallelism = Stage::Parallelism::parallel;
    stage.work = std::make_shared<HangsOnce>();
    node->stages.push_back(std::move(stage));
    return Result<NodePtr>(std::move(node));
  });
  PlannedRetry retry;
  retry.attempts = 2;
  const auto good = runThrough(type, {}, 2, 7, retry, 20);
  CHECK(good.result.exitCode() == 0);
  CHECK(!good.collected.empty());
  CHECK(std::ranges::is_sorted(good.collected));
  retry.attempts = 1;
  const auto bad = runThrough(type, {}, 2, 7, retry, 20);
  CHECK(bad.result.outcome == Outcome::failed);
  CHECK(bad.result.error->code == "node.timeout");
  CHECK(bad.result.node == "once-1-0");
}

using Tries = std::map<std::int64_t, std::vector<std::int64_t>>;  // of a batch by its first row: microseconds

/// The waker is woken as by a host operation whose end is told late; the first two tries fail.
Result<Flow> wokenAndFails(Tries& triedAt, const Batch& batch, NodeContext& context, StepIo& io) {
  auto& tries = triedAt[batch.column(0).ints()[0]];
  tries.push_back(context.nowMicros());
  io.waker().wake();
  if (tries.size() < 3) return fail("network.unreachable", "not now", true);
  io.emit(0, batch);
  return Flow::more;
}

class WokenTransform final : public Transform {
 public:
  WokenTransform(Tries& triedAt, NodeContext& context) : triedAt_(triedAt), context_(context) {}
  Result<Flow> process(const Batch& batch, StepIo& io) override { return wokenAndFails(triedAt_, batch, context_, io); }

 private:
  Tries& triedAt_;
  NodeContext& context_;
};

class WokenWork final : public ParallelWork {
 public:
  WokenWork(Tries& triedAt, NodeContext& context) : triedAt_(triedAt), context_(context) {}
  std::unique_ptr<Work> begin(Batch input) const override {
    return std::make_unique<One>(triedAt_, std::move(input), context_);
  }

 private:
  class One final : public Work {
   public:
    One(Tries& triedAt, Batch input, NodeContext& context)
        : triedAt_(triedAt), input_(std::move(input)), context_(context) {}
    Result<Flow> run(StepIo& io) override { return wokenAndFails(triedAt_, input_, context_, io); }

   private:
    Tries& triedAt_;
    Batch input_;
    NodeContext& context_;
  };
  Tries& triedAt_;
  NodeContext& context_;
};

Tries* wokenTriedAt = nullptr;  // of the test that runs

template <bool kParallel>
Result<NodePtr> makeWoken(const json::Value&, NodeContext& context) {
  if (!kParallel) return makeNode<WokenTransform>(std::ref(*wokenTriedAt), std::ref(context));
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.parallelism = Stage::Parallelism::parallel;
  stage.work = std::make_shared<WokenWork>(*wokenTriedAt, context);
  node->stages.push_back(std::move(stage));
  return node;
}

TEST_CASE("a host operation whose end is told late does not shorten the pause before another try") {
  script = nullptr;
  for (const bool parallel : {false, true}) {
    const auto type = Kinds::typeOf("woken", 1, Cardinality::one, parallel ? makeWoken<true> : makeWoken<false>);
    Tries triedAt;
    wokenTriedAt = &triedAt;
    PlannedRetry retry;
    retry.attempts = 3;
    retry.delayMs = 100;
    retry.jitter = 0;
    const auto ended = runThrough(type, {}, 1, 11, retry);
    CHECK(ended.result.exitCode() == 0);
    REQUIRE(!triedAt.empty());
    for (const auto& [row, tries] : triedAt) {
      REQUIRE(tries.size() == 3);
      CHECK(tries[1] - tries[0] >= 100'000);
      CHECK(tries[2] - tries[1] >= 200'000);
    }
  }
}

TEST_CASE(
    "with maxErrors the same rows are dead letters and the same row ends the run, whatever the order of the steps") {
  script = nullptr;
  const NodeType* failing = nullptr;
  for (const auto& type : kinds().inner) {
    if (type.id == "test/failing") failing = &type;
  }
  for (const std::int64_t most : {0, 1, 7}) {
    std::optional<std::vector<std::string>> traces;
    std::string message;
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      CAPTURE(seed);
      const auto ended = runThrough(*failing, optionsWith(most), static_cast<int>(1 + seed % 7), seed);
      CHECK(ended.result.outcome == Outcome::tooManyErrors);
      CHECK(ended.result.exitCode() == 4);
      REQUIRE(ended.result.error.has_value());
      REQUIRE(static_cast<std::int64_t>(ended.packets.all.size()) == most + 1);
      CHECK(ended.result.deadLetters == most + 1);
      std::vector<std::string> seen;
      for (const auto& packet : ended.packets.all) seen.push_back(packet.traceId);
      if (!traces) {
        traces = seen;
        message = ended.result.error->message;
      }
      CHECK(*traces == seen);
      CHECK(ended.result.error->message == message);
    }
  }
}

/// One row of each input at a time.
class Zip final : public Task {
 public:
  Result<Progress> step(StepIo& io) override {
    while (io.peek(0) != nullptr && io.peek(1) != nullptr) {
      static_cast<void>(io.take(1, 1));
      io.emit(0, io.take(0, 1));
      if (io.budgetSpent()) return Progress::yielded();
    }
    const Port missing = io.peek(0) == nullptr ? 0 : 1;
    return io.ended(missing) ? Progress::finished() : Progress::blockedOn(portSet(missing));
  }
};

class Answered final : public Call {
 public:
  Answered(Calls& calls, Batch row) : calls_(calls), row_(std::move(row)) {}
  Result<Flow> poll(StepIo& io) override {
    if (!call_.active()) call_ = calls_.start(io.waker());
    if (!call_.ready()) return Flow::pending;
    WEIR_TRY(call_.take());
    io.emit(0, row_);
    return Flow::done;
  }

 private:
  Calls& calls_;
  Batch row_;
  Operation<weir::Unit> call_;
};

class Answering final : public Caller {
 public:
  Result<std::unique_ptr<Call>> begin(const RowView& row) override {
    return std::make_unique<Answered>(world->calls, row.batch->slice(row.row, 1));
  }
};

TEST_CASE("calls under way are no deadlock, though their node waits for rows too and all others wait for it") {
  auto calling = Kinds::typeOf("answering", 1, Cardinality::one, [](const json::Value&, NodeContext&) {
    auto node = std::make_unique<Node>();
    Stage stage;
    stage.caller = std::make_shared<Answering>();
    node->stages.push_back(std::move(stage));
    return Result<NodePtr>(std::move(node));
  });
  calling.parallel = 1000;
  const auto zip = Kinds::typeOf("zip", 2, Cardinality::fold,
                                 [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<Zip>(); });
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Graph graph;
    const auto source = graph.node(kinds().source, 4);
    const auto asks = graph.node(calling, 0);
    const auto zips = graph.node(zip, 0);
    const auto collect = graph.node(kinds().collect, 0);
    graph.edge(source, 0, asks, 0);
    graph.edge(asks, 0, zips, 0);
    graph.edge(source, 0, zips, 1).bufferRows = 3;
    graph.edge(zips, 0, collect, 0);
    World state;
    world = &state;
    simulation::SimulatedClock clock;
    simulation::SimulatedFiles files;
    simulation::SimulatedWorkers pool(2, seed, clock, &state.calls);
    Hosts hosts;
    hosts.add<Clock>(clock);
    hosts.add<Files>(files);
    auto run = Run::make(graph.plan, {}, hosts, pool);
    REQUIRE(run.has_value());
    CHECK((*run)->drive().outcome == Outcome::done);
    CHECK(!state.collected["collect-3-0"].empty());
  }
}

/// Cannot make its file safe.
class NotSafe final : public Transform {
 public:
  Result<Flow> process(const Batch&, StepIo&) override { return Flow::more; }
  Result<Flow> finish(StepIo&) override { return fail("files.sync_failed", "'out' could not be made safe on disk"); }
};

TEST_CASE("a file that could not be made safe ends the run with 74") {
  const auto type =
      Kinds::typeOf("not-safe", 1, Cardinality::one,
                    [](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<NotSafe>(); });
  const auto ended = runThrough(type, {}, 2, 1);
  CHECK(ended.result.outcome == Outcome::syncFailed);
  CHECK(ended.result.exitCode() == 74);
  CHECK(ended.result.node == "not-safe-1-0");
}

}  // namespace
}  // namespace weir::simulation_test
