// Outlets of runs in an engine process.
#include "apps/cli/engine/outlet-nodes.h"

#include <utility>

#include "engine/node/task.h"

namespace weir::cli {
namespace {

/// What may wait for the front beside what it has given credit for.
constexpr std::int64_t kMostBytes = 512 << 10;

constexpr std::string_view kSchema = R"({
  "id": "execute/outlet", "version": "1.0.0",
  "compatibility": { "minRuntime": "1.0.0", "hosts": ["native", "server"] },
  "category": "Page", "name": "Outlet",
  "description": "Hands rows to who executes the flow, and waits while they do not read",
  "kind": "stateful", "cardinality": "sink", "touches": "nothing",
  "ui": { "color": "#5b8def", "icon": "monitor" },
  "ports": { "inputs": [ { "name": "rows", "type": "any", "required": true } ], "outputs": [] },
  "settings": []
})";

class OutletTask final : public Transform {
 public:
  explicit OutletTask(EngineOutlet& outlet) : outlet_(outlet) {}
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    return outlet_.offer(batch, io.waker()) ? Flow::more : Flow::pending;
  }

 private:
  EngineOutlet& outlet_;
};

Result<NodePtr> makeOutlet(const json::Value&, NodeContext& context) {
  WEIR_ASSIGN(auto* outlets, context.host<EngineOutlets>());
  auto& outlet = outlets->of(context.nodeId());
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [&outlet]() -> Result<std::unique_ptr<Task>> { return std::make_unique<OutletTask>(outlet); };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace

bool EngineOutlet::offer(const Batch& batch, Waker waker) {
  {
    const std::lock_guard locked(mutex_);
    if (bytes_ >= kMostBytes) {
      waker_ = std::move(waker);
      return false;
    }
    bytes_ += batch.logicalBytes();
    waiting_.push_back(batch);
  }
  filled_();
  return true;
}

std::optional<Batch> EngineOutlet::take() {
  Waker waker;
  std::optional<Batch> batch;
  {
    const std::lock_guard locked(mutex_);
    if (waiting_.empty()) return std::nullopt;
    batch = std::move(waiting_.front());
    waiting_.pop_front();
    bytes_ -= batch->logicalBytes();
    if (bytes_ < kMostBytes) waker = std::exchange(waker_, Waker());
  }
  waker.wake();
  return batch;
}

bool EngineOutlet::empty() const {
  const std::lock_guard locked(mutex_);
  return waiting_.empty();
}

EngineOutlet& EngineOutlets::of(std::string_view node) {
  auto found = outlets_.find(node);
  if (found == outlets_.end()) found = outlets_.emplace(node, std::make_unique<EngineOutlet>(filled_)).first;
  return *found->second;
}

BuiltinNode outletNode() { return {kSchema, "[]", makeOutlet}; }

}  // namespace weir::cli
