// Rows of 200 bytes over a durable edge of a whole run, with checkpoints: under load, each acknowledged to its source
// after fdatasync, and one row alone at a time. bench_durable-edge [FOLDER] [SECONDS]
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/journal/journal.h"
#include "engine/node/node.h"
#include "engine/runtime/run.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/native-journal-disk.h"
#include "hosts/native/state/file-state-store.h"
#include "hosts/native/thread-workers.h"

namespace weir {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::int64_t kRowBytes = 200;

struct Load {
  std::int64_t batchRows = 100, mostUnderWay = 20'000;
  double seconds = 3;
};
Load load;
std::vector<double> waits;  // microseconds from emit to acknowledgement, of each batch
std::int64_t acknowledgedRows = 0, takenRows = 0;

Batch rowsOf(std::int64_t count) {
  std::vector<Value> rows;
  for (std::int64_t i = 0; i < count; ++i)
    rows.push_back(
        Value::map({{Value::string("text"), Value::string(std::string(kRowBytes, static_cast<char>('a' + i % 26)))}}));
  return *batchOfRows(rows, MemoryAccount::unlimited());
}

/// Gives batches as long as not too many rows are under way, until its time is over.
class Sending final : public Task {
 public:
  Sending() : batch_(rowsOf(load.batchRows)), start_(Steady::now()) {}
  Result<Progress> step(StepIo& io) override {
    const auto now = Steady::now();
    waker_ = io.waker();
    if (std::chrono::duration<double>(now - start_).count() > load.seconds)
      return acknowledgedRows == given_ ? Progress::finished() : Progress::blockedOn(0);
    bool gave = false;
    while (given_ - acknowledgedRows < load.mostUnderWay && io.room(0).rows > 0 && io.room(0).bytes > 0) {
      Envelope envelope;
      envelope.firstSequence = static_cast<std::uint64_t>(given_ + 1);
      envelope.timestampMicros = 1'750'000'000'000'000;
      given_ += batch_.rows();
      sent_.push_back({given_, Steady::now()});
      io.emit(0, batch_.withEnvelope(envelope));
      gave = true;
      if (io.budgetSpent()) break;
    }
    return gave ? Progress::yielded() : Progress::blockedOn(0);
  }
  [[nodiscard]] bool wantsAcknowledgements() const override { return true; }
  void acknowledged(Partition, std::int64_t sequence) override {
    const auto now = Steady::now();
    acknowledgedRows = std::max(acknowledgedRows, sequence);
    for (; next_ < sent_.size() && sent_[next_].upTo <= sequence; ++next_)
      waits.push_back(std::chrono::duration<double, std::micro>(now - sent_[next_].at).count());
    waker_.wake();
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override { return state.write(given_); }

 private:
  struct Sent {
    std::int64_t upTo = 0;
    Steady::time_point at;
  };
  Batch batch_;
  Steady::time_point start_;
  Waker waker_;
  std::int64_t given_ = 0;
  std::vector<Sent> sent_;
  std::size_t next_ = 0;
};

class Counting final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo&) override {
    takenRows += batch.rows();
    return Flow::more;
  }
};

NodeType typeOf(const char* id, bool source) {
  NodeType type;
  type.id = id;
  type.version = "1.0.0";
  type.cardinality = source ? Cardinality::source : Cardinality::sink;
  PortSpec port;
  port.name = "rows";
  (source ? type.outputs : type.inputs).push_back(port);
  port.name = "error";
  type.outputs.push_back(port);
  type.make = source ? +[](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<Sending>(); }
                     : +[](const json::Value&, NodeContext&) -> Result<NodePtr> { return makeNode<Counting>(); };
  return type;
}

Plan planOf(const NodeType& source, const NodeType& sink) {
  Plan plan;
  plan.flowId = "bench";
  for (const auto* type : {&source, &sink}) {
    PlannedNode node;
    node.id = type == &source ? "send" : "count";
    node.type = type;
    node.inputs = type->inputs;
    node.outputs = type->outputs;
    node.needed.assign(node.outputs.size(), FieldSet::everything());
    plan.nodes.push_back(std::move(node));
  }
  plan.nodes[1].depth = 1;
  PlannedEdge edge;
  edge.id = "edge";
  edge.source = 0;
  edge.target = 1;
  edge.durable = true;
  plan.edges.push_back(std::move(edge));
  return plan;
}

[[noreturn]] void fatal(const std::string& why) {
  std::fprintf(stderr, "bench_durable-edge: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T need(Result<T> result) {
  if (!result) fatal(result.error().message);
  return std::move(*result);
}

void measure(const char* name, const std::string& under) {
  ::mkdir(under.c_str(), 0700);
  auto folder = under + "/edge-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) fatal("cannot make a folder in " + under);
  waits.clear();
  acknowledgedRows = takenRows = 0;
  native::NativeClock clock;
  native::ThreadWorkers pool(2, clock);
  const auto source = typeOf("bench/send", true);
  const auto sink = typeOf("bench/count", false);
  native::FileStateOptions stateOptions;
  stateOptions.path = folder + "/bench.state";
  const auto state = need(native::FileStateStore::open(stateOptions, clock));
  const auto disk = need(native::NativeJournalDisk::open(folder));
  RunOptions options;
  options.state = state.get();
  const auto plan = planOf(source, sink);
  const auto journal = need(Journal::open(*disk, {.run = "bench", .note = journalNote(plan)}, options.journalContents));
  options.journal = journal.get();
  Hosts hosts;
  hosts.add<Clock>(clock);
  const auto run = need(Run::make(plan, std::move(options), hosts, pool));
  const auto start = Steady::now();
  const auto result = run->drive();
  const auto seconds = std::chrono::duration<double>(Steady::now() - start).count();
  if (result.error) fatal(result.error->message);
  if (waits.empty() || takenRows != acknowledgedRows)
    fatal(std::to_string(acknowledgedRows) + " rows were acknowledged, " + std::to_string(takenRows) + " were taken");
  std::ranges::sort(waits);
  const auto at = [](double part) {
    return waits[static_cast<std::size_t>(part * static_cast<double>(waits.size() - 1))];
  };
  std::printf("%-44s %10.0f rows/s   p50 %6.0f us   p99 %6.0f us   max %6.0f us\n", name,
              static_cast<double>(acknowledgedRows) / seconds, at(0.5), at(0.99), at(1));
  std::fflush(stdout);
}

}  // namespace
}  // namespace weir

int main(int count, char** words) {
  const std::string folder = count > 1 ? words[1] : "build/bench-durable-edge";
  const double seconds = count > 2 ? std::atof(words[2]) : 3;
  weir::load = {.batchRows = 100, .mostUnderWay = 20'000, .seconds = seconds};
  weir::measure("batches of 100, 20,000 rows under way", folder);
  weir::load = {.batchRows = 1, .mostUnderWay = 2'000, .seconds = seconds};
  weir::measure("batches of 1, 2,000 rows under way", folder);
  weir::load = {.batchRows = 1, .mostUnderWay = 1, .seconds = seconds};
  weir::measure("a row alone", folder);
  return 0;
}
