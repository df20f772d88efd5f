// Connections, the flow between, and the meter.
#include "apps/cli/bench-load.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <utility>

#include "apps/cli/place.h"
#include "apps/cli/signal-watch.h"
#include "engine/data/batch-builder.h"
#include "engine/data/hash.h"
#include "engine/flow/document.h"
#include "engine/flow/make-plan.h"
#include "engine/json/writer.h"

namespace weir::cli {

std::size_t FineHistogram::bucketOf(std::int64_t nanos) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(0, nanos));
  if (value < kSteps) return static_cast<std::size_t>(value);
  const auto power = static_cast<unsigned>(std::bit_width(value)) - 7U;
  return std::min(kBuckets - 1, std::size_t{power} * kSteps + static_cast<std::size_t>(value >> power));
}

std::int64_t FineHistogram::upperOf(std::size_t bucket) {
  if (bucket < 2 * kSteps) return static_cast<std::int64_t>(bucket);
  const auto power = bucket / kSteps - 1;
  return static_cast<std::int64_t>(((bucket - power * kSteps + 1) << power) - 1);
}

void FineHistogram::add(std::int64_t nanos) {
  ++counts_[bucketOf(nanos)];
  ++count_;
  sum_ += static_cast<double>(std::max<std::int64_t>(0, nanos));
  longest_ = std::max(longest_, nanos);
}

std::int64_t FineHistogram::quantile(double q) const {
  if (count_ == 0) return 0;
  auto left = static_cast<std::int64_t>(std::ceil(q * static_cast<double>(count_)));
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    left -= counts_[bucket];
    if (left <= 0 && counts_[bucket] > 0) return std::min(upperOf(bucket), longest_);
  }
  return longest_;
}

namespace {

constexpr std::int64_t kChunk = 256;  // messages that are made at once where they come as fast as they can
constexpr std::int64_t kMoments = 120;
constexpr double kNanosPerSecond = 1e9;

/// What the nodes of a scenario share; a host of the run.
struct Bench {
  static constexpr std::string_view kName = "bench";
  const flow::BenchScenario* scenario = nullptr;
  Clock* clock = nullptr;
  std::int64_t startNanos = 0;
  BenchResult* result = nullptr;

  [[nodiscard]] std::int64_t durationNanos() const { return scenario->durationMs * 1'000'000; }
};

const SchemaRef& messageSchema(bool payload) {
  static const auto plain =
      Schema::of({Field{"id", Type::int64(), false, false}, Field{"due", Type::int64(), false, false},
                  Field{"value", Type::float64(), false, false}});
  static const auto heavy =
      Schema::of({Field{"id", Type::int64(), false, false}, Field{"due", Type::int64(), false, false},
                  Field{"value", Type::float64(), false, false}, Field{"payload", Type::string(), false, false}});
  return payload ? heavy : plain;
}

/// One connection: each message is a batch of its own, as it would come from a socket.
class Connection final : public Source {
 public:
  Connection(const Bench* bench, NodeContext* context, std::int64_t number)
      : bench_(*bench), context_(*context), number_(number) {
    const auto& scenario = *bench_.scenario;
    total_ = benchTotal(scenario, number);
    payload_ = benchPayload(scenario);
  }

  Result<Flow> pull(StepIo& io) override {
    if (draining()) return Flow::done;
    return bench_.scenario->messagesPerSecond > 0 ? paced(io) : unlimited(io);
  }

  [[nodiscard]] std::int64_t wakeMicros() const { return wakeMicros_; }

 private:
  [[nodiscard]] std::int64_t dueOf(std::int64_t message) const {
    return bench_.startNanos + benchDue(*bench_.scenario, number_, message);
  }

  Result<Flow> paced(StepIo& io) {
    for (;;) {
      if (next_ >= total_) return Flow::done;
      if (io.room(0).rows <= 0) return Flow::again;
      const auto due = dueOf(next_);
      const auto now = bench_.clock->steadyNanos();
      if (due > now) {
        wakeMicros_ = context_.nowMicros() + (due - now) / 1000 + 1;
        return Flow::pending;
      }
      WEIR_ASSIGN(auto message, make(1, due));
      io.emit(0, std::move(message));
      if (io.budgetSpent()) return Flow::more;
    }
  }

  Result<Flow> unlimited(StepIo& io) {
    const auto now = bench_.clock->steadyNanos();
    if (now - bench_.startNanos >= bench_.durationNanos()) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    const auto rows = bench_.scenario->messageBytes > 4096 ? std::int64_t{1} : kChunk;
    WEIR_ASSIGN(const auto chunk, make(rows, now));
    for (std::int64_t row = 0; row < rows; ++row) io.emit(0, chunk.slice(row, 1));
    return Flow::more;
  }

  Result<Batch> make(std::int64_t rows, std::int64_t due) {
    const bool heavy = !payload_.empty();
    ColumnRoom room[4] = {};
    room[3].textBytes = rows * std::ssize(payload_);
    WEIR_ASSIGN(auto writer,
                BatchWriter::make(messageSchema(heavy), rows, std::span(room, heavy ? 4 : 3), context_.account()));
    for (std::int64_t row = 0; row < rows; ++row, ++next_) {
      const auto id = next_ * bench_.scenario->connections + number_;
      writer.ints(0)[row] = id;
      writer.ints(1)[row] = due;
      writer.doubles(2)[row] = benchValue(bench_.scenario->pattern, id);
      if (!heavy) continue;
      const auto at = row * std::ssize(payload_);
      std::ranges::copy(payload_, writer.text(3) + at);
      writer.offsets(3)[row + 1] = static_cast<std::int32_t>(at + std::ssize(payload_));
    }
    Envelope envelope;
    envelope.firstSequence = static_cast<std::uint64_t>(next_ - rows);
    envelope.timestampMicros = context_.nowMicros();
    return writer.finish(rows, std::move(envelope));
  }

  const Bench& bench_;
  NodeContext& context_;
  std::int64_t number_, total_ = 0, next_ = 0, wakeMicros_ = 0;
  std::string payload_;
};

/// A source that says when it wants to go on.
class Timed final : public Task {
 public:
  Timed(const Bench* bench, NodeContext* context, std::int64_t number) : connection_(bench, context, number) {}
  Result<Progress> step(StepIo& io) override {
    WEIR_ASSIGN(const auto progress, connection_.step(io));
    const bool waits = progress.next == Progress::Next::blocked && progress.outputs == 0;
    return waits ? Progress::until(connection_.wakeMicros()) : progress;
  }
  void drain() override { connection_.drain(); }

 private:
  Connection connection_;
};

class Meter final : public Transform {
 public:
  explicit Meter(const Bench* bench) : bench_(*bench) {}
  Result<Flow> process(const Batch& batch, StepIo&) override {
    auto& result = *bench_.result;
    const auto now = bench_.clock->steadyNanos();
    const auto* due = batch.column("due");
    if (due == nullptr) return Flow::more;
    for (const auto then : due->ints().first(static_cast<std::size_t>(batch.rows()))) {
      result.add(now - bench_.startNanos, now - then);
    }
    return Flow::more;
  }

 private:
  const Bench& bench_;
};

NodeType typeOf(bool source, Result<NodePtr> (*make)(const json::Value&, NodeContext&)) {
  NodeType type;
  type.id = source ? "bench/connection" : "bench/meter";
  type.cardinality = source ? Cardinality::source : Cardinality::sink;
  PortSpec port;
  port.name = "rows";
  (source ? type.outputs : type.inputs).push_back(port);
  port.name = "error";
  type.outputs.push_back(port);
  type.make = make;
  return type;
}

const NodeType& connectionType() {
  static const auto type = typeOf(true, [](const json::Value&, NodeContext& context) -> Result<NodePtr> {
    WEIR_ASSIGN(const auto* bench, context.host<Bench>());
    const auto number = std::stoll(std::string(context.nodeId().substr(1)));
    return makeNode<Timed>(bench, &context, static_cast<std::int64_t>(number));
  });
  return type;
}

const NodeType& meterType() {
  static const auto type = typeOf(false, [](const json::Value&, NodeContext& context) -> Result<NodePtr> {
    WEIR_ASSIGN(const auto* bench, context.host<Bench>());
    return makeNode<Meter>(bench);
  });
  return type;
}

std::string nodeText(const std::string& id, const char* type, const std::string& settings = "{}") {
  return R"({"id":")" + id + R"(","typeId":")" + type + R"(","version":"1.0.0","settings":)" + settings + "}";
}

std::string edgeText(const std::string& from, const char* port, const std::string& to, const std::string& rest = {}) {
  return R"({"id":")" + from + "-" + to + R"(","source":{"node":")" + from + R"(","port":")" + port +
         R"("},"target":{"node":")" + to + R"(","port":"rows"})" + rest + "}";
}

/// Connections into a map and a filter, then the consumer.
std::string flowText(const flow::BenchScenario& scenario) {
  std::string nodes;
  std::string edges;
  for (std::int64_t i = 0; i < scenario.connections; ++i) {
    const auto id = "c" + std::to_string(i);
    nodes += nodeText(id, "generate/pattern") + ",";
    edges += edgeText(id, "rows", "scale") + ",";
  }
  nodes += nodeText("scale", "logic/map", R"({"set":{"value":"row.value * 2.0 + 1.0"}})") + ",";
  nodes += nodeText("keep", "logic/filter", R"({"condition":"row.id >= 0"})") + ",";
  edges += edgeText("scale", "rows", "keep") + ",";
  auto rules = json::write(scenario.edge);
  rules = rules.size() > 2 ? "," + rules.substr(1, rules.size() - 2) : "";
  const bool slow = scenario.consumerMessagesPerSecond > 0;
  edges += edgeText("keep", "match", slow ? "consumer" : "meter", rules);
  if (slow) {
    const auto rate = json::write(json::Value(scenario.consumerMessagesPerSecond));
    nodes += nodeText("consumer", "flow/throttle", R"({"rowsPerSecond":)" + rate + "}") + ",";
    edges += "," + edgeText("consumer", "rows", "meter");
  }
  nodes += nodeText("meter", "debug/log");
  return R"({"id":"bench","version":"1.0.0","nodes":[)" + nodes + R"(],"edges":[)" + edges + "]}";
}

Result<Plan> planOf(const flow::BenchScenario& scenario, const Catalogue& catalogue) {
  const auto document = flow::parseFlow(flowText(scenario));
  if (!document) return std::unexpected(flow::toError(document.error()));
  auto plan = flow::makePlan(*document, catalogue);
  if (!plan) return std::unexpected(flow::toError(plan.error()));
  for (auto& node : plan->nodes) {
    const bool source = node.type->id == "generate/pattern";
    if (source || node.id == "meter") {
      node.type = source ? &connectionType() : &meterType();
      node.outputs = node.type->outputs;
    }
    node.needed.assign(node.outputs.size(), FieldSet::everything());
    node.acceptedFilter.assign(node.outputs.size(), -1);
  }
  plan->unbounded = true;  // its errors are counted, they do not end it
  return std::move(*plan);
}

}  // namespace

void judgeBench(BenchResult& result) {
  const auto& scenario = result.scenario;
  char text[160];
  const auto miss = [&](const char* what, double found, double expected) {
    std::snprintf(text, sizeof text, "%s is %.6g, expected %.6g", what, found, expected);
    result.missed.emplace_back(text);
  };
  const auto p99 = static_cast<double>(result.latency.quantile(0.99)) / 1e6;
  if (scenario.expectP99Ms && p99 > *scenario.expectP99Ms) miss("p99 (ms)", p99, *scenario.expectP99Ms);
  if (scenario.expectErrorRate && result.errorRate() > *scenario.expectErrorRate) {
    miss("the error rate", result.errorRate(), *scenario.expectErrorRate);
  }
  if (scenario.expectMessagesPerSecond && result.throughput() < *scenario.expectMessagesPerSecond) {
    miss("messages a second", result.throughput(), *scenario.expectMessagesPerSecond);
  }
}

double benchValue(const std::string& pattern, std::int64_t id) {
  constexpr double kTwoPi = 6.283185307179586;
  if (pattern == "random") return static_cast<double>(hash::ofInt64(id) >> 11U) * 0x1p-53;
  if (pattern == "sine") return std::sin(kTwoPi * static_cast<double>(id % 100) / 100);
  if (pattern == "step") return static_cast<double>(id / 100);
  return pattern == "constant" ? 1 : static_cast<double>(id);
}

std::int64_t benchTotal(const flow::BenchScenario& scenario, std::int64_t connection) {
  const auto all = scenario.messagesPerSecond * static_cast<double>(scenario.durationMs) / 1000;
  // What does not divide evenly goes to the first connections.
  const auto total = static_cast<std::int64_t>(std::llround(all));
  return total / scenario.connections + (connection < total % scenario.connections ? 1 : 0);
}

std::int64_t benchDue(const flow::BenchScenario& scenario, std::int64_t connection, std::int64_t message) {
  const auto rate = scenario.messagesPerSecond / static_cast<double>(scenario.connections);
  const auto at = static_cast<double>(message) * kNanosPerSecond / rate;
  if (scenario.burstEveryMs > 0) {
    const auto every = static_cast<double>(scenario.burstEveryMs) * 1e6;
    return static_cast<std::int64_t>(std::floor(at / every) * every);
  }
  // Connections take turns.
  const auto turn = static_cast<double>(connection) / static_cast<double>(scenario.connections);
  return static_cast<std::int64_t>(at + turn * kNanosPerSecond / rate);
}

std::string benchPayload(const flow::BenchScenario& scenario) {
  std::string payload(static_cast<std::size_t>(scenario.messageBytes), 'a');
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>('a' + (i * 7 + i / 26) % 26);
  return payload;
}

BenchResult benchBegin(const flow::BenchScenario& scenario) {
  BenchResult result;
  result.scenario = scenario;
  // Of few messages fewer: one or two a moment would be a chart of its grid.
  constexpr std::int64_t kFewest = 12, kMessagesEach = 20;
  const auto due = static_cast<double>(scenario.durationMs) / 1000 * scenario.messagesPerSecond;
  const auto wanted = static_cast<std::int64_t>(std::min(due / kMessagesEach, 1e6));
  const auto count = due > 0 ? std::clamp<std::int64_t>(wanted, kFewest, kMoments) : kMoments;
  result.moments.resize(static_cast<std::size_t>(count));
  result.momentNanos = std::max<std::int64_t>(1, scenario.durationMs * 1'000'000 / count);
  return result;
}

/// Half as many, twice as long.
void BenchResult::joinMoments() {
  std::vector<BenchMoment> joined((moments.size() + 1) / 2);
  for (std::size_t i = 0; i < moments.size(); ++i) {
    joined[i / 2].messages += moments[i].messages;
    joined[i / 2].longestNanos = std::max(joined[i / 2].longestNanos, moments[i].longestNanos);
  }
  moments = std::move(joined);
  momentNanos *= 2;
}

void BenchResult::add(std::int64_t sinceStartNanos, std::int64_t tookNanos) {
  const auto at = [&] { return static_cast<std::size_t>(std::max<std::int64_t>(0, sinceStartNanos) / momentNanos); };
  while (std::cmp_greater_equal(at(), 2 * kMoments)) joinMoments();
  // What arrives after the last message was sent has moments of its own.
  if (at() >= moments.size()) moments.resize(at() + 1);
  auto& moment = moments[at()];
  latency.add(tookNanos);
  moment.longestNanos = std::max(moment.longestNanos, tookNanos);
  ++moment.messages;
  ++received;
}

Result<BenchResult> runScenario(const flow::BenchScenario& scenario, const Catalogue& catalogue, int threads) {
  WEIR_ASSIGN(auto plan, planOf(scenario, catalogue));
  PlaceOptions placing;
  placing.threads = threads;
  Place place(placing);
  auto result = benchBegin(scenario);
  Bench bench{&result.scenario, &place.clock(), 0, &result};
  auto hosts = place.hosts();
  hosts.add<Bench>(bench);
  WEIR_ASSIGN(const auto run, Run::make(std::move(plan), RunOptions{}, hosts, place.workers()));
  bench.startNanos = place.clock().steadyNanos();
  const SignalWatch watch(*run, place.screen(), FirstSignal::cancels);
  const auto ended = run->drive();
  if (SignalWatch::seen() > 0) {
    result.stopped = SignalWatch::exitCodeOf(ended);
    return result;
  }
  if (ended.error) return std::unexpected(*ended.error);
  const auto metrics = run->metrics();
  result.elapsedMicros = (place.clock().steadyNanos() - bench.startNanos) / 1000;
  result.errors = ended.deadLetters;
  result.peakBytes = metrics.peakBytes;
  for (const auto& node : metrics.nodes) {
    if (node.typeId == connectionType().id) result.sent += node.rowsOut;
  }
  for (const auto& edge : metrics.edges) {
    result.dropped.add(edge.droppedByRule);
    result.pressureEvents += edge.pressureEvents;
  }
  result.lost = result.sent - result.received - result.errors - result.dropped.total();
  judgeBench(result);
  return result;
}

}  // namespace weir::cli
