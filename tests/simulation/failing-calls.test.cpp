// Nodes whose calls fail: one bad row among good ones, a service that is down for a while, one that asks for time.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "tests/simulation/random-graph.h"

namespace weir::simulation_test {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

/// What the service says to a call; `notBefore` 0: nothing.
struct Answer {
  bool good = true;
  std::int64_t notBefore = 0;
  bool recoverable = true;
};

/// The other side, and what it saw.
struct Service {
  std::function<Answer(std::int64_t number, std::int64_t nowMicros)> answer;
  struct Seen {
    std::int64_t number, atMicros;
    Answer answer;
  };
  std::vector<Seen> seen;
  int under = 0, mostUnder = 0;
  std::map<std::int64_t, std::int64_t> answeredAt;  // by number
};
Service* service = nullptr;  // of the test that runs

class Request final : public Call {
 public:
  Request(NodeContext& context, Batch row) : context_(context), row_(std::move(row)) {
    service->mostUnder = std::max(service->mostUnder, ++service->under);
  }
  ~Request() override { --service->under; }
  Result<Flow> poll(StepIo& io) override {
    if (!call_.active()) call_ = world->calls.start(io.waker());
    if (!call_.ready()) return Flow::pending;
    WEIR_TRY(call_.take());
    const auto number = row_.column(0).ints()[0];
    const auto now = context_.nowMicros();
    answer_ = service->answer(number, now);
    service->seen.push_back({number, now, answer_});
    if (!answer_.good) return fail("files.io", "503 Service Unavailable", answer_.recoverable);
    service->answeredAt[number] = now;
    io.emit(0, row_);
    return Flow::done;
  }
  [[nodiscard]] std::optional<Timestamp> notBefore() const override {
    return answer_.notBefore > 0 ? std::optional(answer_.notBefore) : std::nullopt;
  }

 private:
  NodeContext& context_;
  Batch row_;
  Answer answer_;
  Operation<weir::Unit> call_;
};

class Requests final : public Caller {
 public:
  explicit Requests(NodeContext& context) : context_(context) {}
  Result<std::unique_ptr<Call>> begin(const RowView& row) override {
    return std::make_unique<Request>(context_, row.batch->slice(row.row, 1));
  }

 private:
  NodeContext& context_;
};

NodeType requestType(int parallel, bool ordered) {
  auto type = Kinds::typeOf("request", 1, Cardinality::one, [](const json::Value&, NodeContext& context) {
    auto node = std::make_unique<Node>();
    Stage stage;
    stage.caller = std::make_shared<Requests>(context);
    node->stages.push_back(std::move(stage));
    return Result<NodePtr>(std::move(node));
  });
  type.parallel = parallel;
  type.ordered = ordered;
  return type;
}

class Kept final : public DeadLetters {
 public:
  Result<void> add(std::span<const ErrorPacket> packets) override {
    all.insert(all.end(), packets.begin(), packets.end());
    return {};
  }
  std::vector<ErrorPacket> all;
};

/// rows 0 to count-1 -> request -> collect
struct Trial {
  explicit Trial(std::uint64_t seedOf) : seed(seedOf) { service = &other; }

  Service other;
  std::uint64_t seed;
  int parallel = 4;
  bool ordered = false;
  std::int64_t rows = 500;
  PlannedRetry retry{4, 100, 30'000, 0.5};
  std::optional<PlannedBreaker> breaker = PlannedBreaker{};

  RunResult result;
  Kept letters;
  Numbers collected;
  std::vector<RunEvent> events;
  NodeMetrics metrics;
  std::int64_t mostBytes = 0, startedAt = 0, endedAt = 0;

  std::vector<std::string> turns() const {
    std::vector<std::string> out;
    for (const auto& event : events) {
      if (event.kind.starts_with("breaker.")) out.push_back(event.kind);
    }
    return out;
  }
  void run();
};

/// 0, 1, 2 … so many, in small batches.
class Rows final : public Source {
 public:
  explicit Rows(std::int64_t count) : left_(count) {}
  Result<Flow> pull(StepIo& io) override {
    if (draining() || left_ == 0) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    Numbers numbers;
    for (auto rows = std::min<std::int64_t>(left_, 7); rows > 0; --rows, --left_) numbers.push_back(next_++);
    give(io, numbers);
    return Flow::more;
  }

 private:
  std::int64_t left_, next_ = 0;
};

void Trial::run() {
  const auto source = Kinds::typeOf(
      "rows", 0, Cardinality::source,
      [](const json::Value&, NodeContext& c) -> Result<NodePtr> { return makeNode<Rows>(parameterOf(c)); });
  const auto request = requestType(parallel, ordered);
  Graph graph;
  const auto from = graph.node(source, rows);
  const auto at = graph.node(request, 0);
  graph.edge(from, 0, at, 0).bufferRows = 50;
  graph.edge(at, 0, graph.node(kinds().collect, 0), 0);
  graph.plan.nodes[static_cast<std::size_t>(at)].retry = retry;
  graph.plan.nodes[static_cast<std::size_t>(at)].breaker = breaker;
  World state;
  world = &state;
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  simulation::SimulatedWorkers pool(2, seed, clock, &state.calls);
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  RunOptions options;
  options.deadLetters = &letters;
  options.maxErrors = 1'000'000;
  startedAt = clock.nowMicros();
  auto made = Run::make(graph.plan, options, hosts, pool);
  REQUIRE(made.has_value());
  (*made)->onEvent([this](const RunEvent& event) { events.push_back(event); });
  pool.watch([&](std::int64_t step) {
    if (step % 16 == 0) mostBytes = std::max(mostBytes, (*made)->metrics().usedBytes);
  });
  result = (*made)->drive();
  metrics = (*made)->metrics().nodes[1];
  collected = state.collected["collect-2-0"];
  endedAt = clock.nowMicros();
}

bool holds(const std::vector<RunEvent>& events, std::string_view kind) {
  return std::ranges::any_of(events, [kind](const RunEvent& event) { return event.kind == kind; });
}

TEST_CASE(
    "R11: a poison row is a dead letter after its tries, with error, trace and tries, and its neighbours flow on") {
  constexpr std::int64_t kPoison = 123;
  for (const bool ordered : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      Trial trial(seed);
      trial.ordered = ordered;
      trial.other.answer = [](std::int64_t number, std::int64_t) { return Answer{number != kPoison}; };
      trial.run();
      CHECK(trial.result.exitCode() == 3);
      REQUIRE(trial.letters.all.size() == 1);
      const auto& letter = trial.letters.all[0];
      CHECK(letter.row.find("n")->int64() == kPoison);
      CHECK(letter.tries == 4);
      CHECK(letter.code == "files.io");
      CHECK(letter.recoverable);
      CHECK(letter.traceId.size() == 32);
      CHECK(trial.collected.size() == 499);
      CHECK(trial.metrics.retries == 3);
      CHECK(trial.metrics.breaker == "closed");
      CHECK(trial.metrics.breakerOpenings == 0);
      CHECK(holds(trial.events, "node.retrying"));
      std::vector<std::int64_t> at;
      for (const auto& seen : trial.other.seen) {
        if (seen.number == kPoison) at.push_back(seen.atMicros);
      }
      REQUIRE(at.size() == 4);
      for (std::size_t i = 1; i < at.size(); ++i) {
        const auto whole = (std::int64_t{100'000} << (i - 1));
        CHECK(at[i] - at[i - 1] >= whole / 2);
        CHECK(at[i] - at[i - 1] <= whole);
      }
      // Neighbours do not wait for it, unless they are to leave in its order.
      if (!ordered)
        CHECK(std::ranges::all_of(trial.other.answeredAt, [&](const auto& one) { return one.second <= at[0]; }));
    }
  }
}

TEST_CASE(
    "R12: a service that is down for ten minutes sees few calls, never more at once than allowed, and gets every row") {
  for (const bool ordered : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      Trial trial(seed);
      trial.ordered = ordered;
      trial.retry.attempts = 1000;
      trial.rows = 2000;
      std::int64_t downSince = 0, calls = 0, callsWhileDown = 0;
      trial.other.answer = [&](std::int64_t, std::int64_t now) {
        if (++calls == 200) downSince = now;
        const bool down = downSince > 0 && now < downSince + 600 * kSecond;
        callsWhileDown += down ? 1 : 0;
        return Answer{!down};
      };
      trial.run();
      CHECK(trial.result.exitCode() == 0);
      CHECK(trial.letters.all.empty());
      CHECK(trial.collected.size() == 2000);
      if (ordered) CHECK(std::ranges::is_sorted(trial.collected));
      CHECK(trial.other.mostUnder <= 4);
      // Those that opened it, those under way, and one probe each half minute.
      CHECK(callsWhileDown <= 5 + 3 + 21);
      CHECK(callsWhileDown >= 20);
      CHECK(trial.metrics.breakerOpenings >= 18);
      CHECK(trial.metrics.breakerOpenings <= 21);
      CHECK(trial.metrics.breaker == "closed");
      CHECK(trial.metrics.recovered >= 1);
      CHECK(trial.metrics.recovered <= 200);
      CHECK(trial.mostBytes < 1 << 20);
      const auto turns = trial.turns();
      REQUIRE(turns.size() >= 3);
      CHECK(turns[0] == "breaker.opened");
      CHECK(turns[1] == "breaker.half_open");
      CHECK(turns.back() == "breaker.closed");
      CHECK(holds(trial.events, "node.recovered"));
      CHECK(trial.events.size() < 200);
    }
  }
}

TEST_CASE(
    "R12: rows that have no tries left while the service is down are dead letters, one a probe, and the others wait") {
  Trial trial(7);
  trial.retry.attempts = 2;
  trial.rows = 2000;
  trial.other.answer = [&](std::int64_t, std::int64_t now) { return Answer{now >= trial.startedAt + 600 * kSecond}; };
  trial.run();
  CHECK(trial.result.exitCode() == 3);
  // A few at the beginning, then at most one for each half minute.
  CHECK(trial.letters.all.size() <= 25);
  CHECK(trial.letters.all.size() + trial.collected.size() == 2000);
  for (const auto& letter : trial.letters.all) CHECK(letter.tries == 2);
}

TEST_CASE("R12: when the other side says when to come back, nobody calls before, breaker or not") {
  for (const bool guarded : {true, false}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      Trial trial(seed);
      trial.retry.attempts = 50;
      if (!guarded) trial.breaker.reset();
      std::int64_t refusals = 0;
      trial.other.answer = [&](std::int64_t number, std::int64_t now) {
        if (number % 97 != 5 || ++refusals > 5) return Answer{};
        return Answer{false, now + 120 * kSecond};
      };
      trial.run();
      CHECK(trial.result.exitCode() == 0);
      CHECK(trial.collected.size() == 500);
      CHECK(holds(trial.events, "node.paused"));
      std::int64_t notBefore = 0;
      for (const auto& seen : trial.other.seen) {
        // Those under way when it was said are answered at that moment.
        if (notBefore > 0 && seen.atMicros > notBefore - 120 * kSecond) CHECK(seen.atMicros >= notBefore);
        if (!seen.answer.good) notBefore = std::max(notBefore, seen.answer.notBefore);
      }
    }
  }
}

TEST_CASE("what the other side asks for counts as an hour at most") {
  Trial trial(3);
  trial.retry.attempts = 2;
  trial.rows = 10;
  bool first = true;
  trial.other.answer = [&](std::int64_t, std::int64_t now) {
    return std::exchange(first, false) ? Answer{false, now + 1'000'000 * kSecond} : Answer{};
  };
  trial.run();
  CHECK(trial.result.exitCode() == 0);
  CHECK(trial.endedAt - trial.startedAt <= 3601 * kSecond);
  CHECK(trial.endedAt - trial.startedAt >= 3600 * kSecond);
}

TEST_CASE("a node without retries fails its rows at once while its breaker is open, and says why") {
  Trial trial(5);
  trial.retry.attempts = 1;
  trial.other.answer = [](std::int64_t, std::int64_t) { return Answer{false}; };
  trial.run();
  CHECK(trial.letters.all.size() == 500);
  CHECK(trial.other.seen.size() <= 8);
  std::int64_t refused = 0;
  for (const auto& letter : trial.letters.all) {
    if (letter.code != "node.breaker_open") continue;
    ++refused;
    CHECK(letter.tries == 0);
    CHECK(letter.message.find("503 Service Unavailable") != std::string::npos);
  }
  CHECK(refused >= 492);
  CHECK(trial.metrics.breakerRefused == refused);
  CHECK(trial.metrics.breaker == "open");
}

TEST_CASE("rows that the other side refuses for good do not open the breaker") {
  Trial trial(6);
  trial.other.answer = [](std::int64_t number, std::int64_t) { return Answer{number % 2 == 0, 0, false}; };
  trial.run();
  CHECK(trial.letters.all.size() == 250);
  CHECK(trial.metrics.breakerOpenings == 0);
  CHECK(trial.metrics.retries == 0);
}

}  // namespace
}  // namespace weir::simulation_test
