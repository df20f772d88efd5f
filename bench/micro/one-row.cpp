// Messages a second through five nodes, one row a batch, joining off: what the scheduler and the edges cost.
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "engine/data/batch-builder.h"
#include "engine/runtime/row-node-type.test.h"
#include "engine/runtime/run.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/thread-workers.h"

namespace weir {
namespace {

std::int64_t messages = 3'000'000;

class Ones final : public Source {
 public:
  Result<Flow> pull(StepIo& io) override {
    if (left_ == 0) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    --left_;
    io.emit(0, one_);
    return Flow::more;
  }

 private:
  std::int64_t left_ = messages;
  Batch one_ =
      *batchOfRows(std::vector<Value>{Value::map({{Value::string("n"), Value::int64(1)}})}, MemoryAccount::unlimited());
};

class Pass final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    io.emit(0, batch);
    return Flow::more;
  }
};

class Count final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo&) override {
    rows_ += batch.rows();
    return Flow::more;
  }

 private:
  std::int64_t rows_ = 0;
};

Plan fiveNodes(const NodeType& source, const NodeType& pass, const NodeType& count) {
  Plan plan;
  const NodeType* types[] = {&source, &pass, &pass, &pass, &count};
  for (int i = 0; i < 5; ++i) {
    PlannedNode node;
    node.id = "n" + std::to_string(i);
    node.type = types[i];
    node.inputs = types[i]->inputs;
    node.outputs = types[i]->outputs;
    node.depth = i;
    plan.nodes.push_back(std::move(node));
    if (i == 0) continue;
    PlannedEdge edge;
    edge.id = "e" + std::to_string(i);
    edge.source = i - 1;
    edge.target = i;
    edge.batchMaxRows = 1;
    plan.edges.push_back(std::move(edge));
  }
  return plan;
}

int measure() {
  using V = const json::Value&;
  using C = NodeContext&;
  const auto source = testing::rowNodeType("bench/node", false, true, Cardinality::one,
                                           [](V, C) -> Result<NodePtr> { return makeNode<Ones>(); });
  const auto pass = testing::rowNodeType("bench/node", true, true, Cardinality::one,
                                         [](V, C) -> Result<NodePtr> { return makeNode<Pass>(); });
  const auto count = testing::rowNodeType("bench/node", true, false, Cardinality::one,
                                          [](V, C) -> Result<NodePtr> { return makeNode<Count>(); });
  native::NativeClock clock;
  native::ThreadWorkers pool(1, clock);
  Hosts hosts;
  hosts.add<Clock>(clock);
  auto run = Run::make(fiveNodes(source, pass, count), RunOptions{}, hosts, pool);
  if (!run) return 1;
  const auto begin = clock.steadyNanos();
  const auto result = (*run)->drive();
  const auto took = static_cast<double>(clock.steadyNanos() - begin);
  std::printf("one row a batch, five nodes: %.2f M messages/s, %.0f ns each\n",
              static_cast<double>(messages) / took * 1e3, took / static_cast<double>(messages));
  return result.exitCode();
}

}  // namespace
}  // namespace weir

/// one-row [MESSAGES]
int main(int count, char** words) {
  if (count > 1) weir::messages = std::atoll(words[1]);
  return weir::measure();
}
