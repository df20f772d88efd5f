// Feeding and collecting rows in memory.
#include "apps/cli/memory-nodes.h"

#include <utility>

#include "apps/cli/internal-node-type.h"

namespace weir::cli {
namespace {

class Feeder final : public Source {
 public:
  explicit Feeder(std::vector<Batch> batches) : batches_(std::move(batches)) {}
  Result<Flow> pull(StepIo& io) override {
    if (draining() || next_ >= batches_.size()) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    io.emit(0, batches_[next_++]);
    return Flow::more;
  }

 private:
  std::vector<Batch> batches_;
  std::size_t next_ = 0;
};

class Collector final : public Transform {
 public:
  Collector(MemoryRows& rows, std::string id) : rows_(rows), id_(std::move(id)) {}
  Result<Flow> process(const Batch& batch, StepIo&) override {
    return rows_.take(id_, batch) ? Flow::more : Flow::done;
  }

 private:
  MemoryRows& rows_;
  std::string id_;
};

Result<NodePtr> makeFeeder(const json::Value&, NodeContext& context) {
  WEIR_ASSIGN(auto* rows, context.host<MemoryRows>());
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [batches = rows->givenTo(std::string(context.nodeId()))]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<Feeder>(batches);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

Result<NodePtr> makeCollector(const json::Value&, NodeContext& context) {
  WEIR_ASSIGN(auto* rows, context.host<MemoryRows>());
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [rows, id = std::string(context.nodeId())]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<Collector>(*rows, id);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace

void MemoryRows::give(const std::string& node, std::vector<Batch> batches) { given_[node] = std::move(batches); }

std::vector<Batch> MemoryRows::givenTo(const std::string& node) {
  const std::lock_guard locked(mutex_);
  return given_[node];
}

bool MemoryRows::take(const std::string& node, const Batch& batch) {
  const std::lock_guard locked(mutex_);
  return !take_ || take_(node, batch);
}

const NodeType& feederType() {
  static const NodeType type = internalNodeType("memory/rows", true, makeFeeder);
  return type;
}

const NodeType& collectorType() {
  static const NodeType type = internalNodeType("memory/collect", false, makeCollector);
  return type;
}

}  // namespace weir::cli
