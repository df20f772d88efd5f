// Outlets, inlets, and the nodes over them.
#include "apps/wasm/page-rows.h"

#include <cstddef>
#include <span>
#include <utility>

#include "engine/node/task.h"

namespace weir::wasm {
namespace {

/// Batches that wait together go together: each is a message to the page, which costs more than to copy its rows.
constexpr std::int64_t kMostJoinedRows = 16384;

constexpr std::string_view kOutletSchema = R"({
  "id": "page/outlet", "version": "1.0.0",
  "compatibility": { "minRuntime": "1.0.0", "hosts": ["browser"] },
  "category": "Page", "name": "Outlet",
  "description": "Hands rows to the page, and waits while it does not read",
  "kind": "stateful", "cardinality": "sink", "touches": "nothing",
  "needs": ["page"],
  "ui": { "color": "#5b8def", "icon": "monitor" },
  "ports": { "inputs": [ { "name": "rows", "type": "any", "required": true } ], "outputs": [] },
  "settings": [
    { "name": "creditBytes", "type": "integer", "label": "Credit", "default": 262144, "min": 1,
      "help": "A batch is taken while fewer bytes than this wait for the page; 1: one batch at a time" }
  ]
})";

constexpr std::string_view kInletSchema = R"({
  "id": "page/inlet", "version": "1.0.0",
  "compatibility": { "minRuntime": "1.0.0", "hosts": ["browser"] },
  "category": "Page", "name": "Inlet",
  "description": "Gives the rows that the page writes",
  "kind": "source", "cardinality": "source", "touches": "nothing", "unbounded": true, "deterministic": false,
  "needs": ["page"],
  "ui": { "color": "#5b8def", "icon": "monitor" },
  "ports": { "inputs": [], "outputs": [ { "name": "rows", "type": "rows" } ] },
  "settings": []
})";

class OutletTask final : public Transform {
 public:
  explicit OutletTask(Outlet& outlet) : outlet_(outlet) {}
  Result<Flow> process(const Batch& batch, StepIo& io) override {
    return outlet_.offer(batch, io.waker()) ? Flow::more : Flow::pending;
  }
  Result<Flow> finish(StepIo&) override {
    outlet_.end();
    return Flow::done;
  }

 private:
  Outlet& outlet_;
};

class InletTask final : public Source {
 public:
  explicit InletTask(Inlet& inlet) : inlet_(inlet) {}
  Result<Flow> pull(StepIo& io) override {
    if (draining()) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    Batch batch;
    switch (inlet_.take(batch, io.room(0).rows, io.waker())) {
      case Inlet::Next::batch:
        io.emit(0, std::move(batch));
        return Flow::more;
      case Inlet::Next::wait:
        return Flow::pending;
      case Inlet::Next::end:
        return Flow::done;
    }
    return Flow::done;
  }
  [[nodiscard]] bool sendsAgain() const override { return false; }

 private:
  Inlet& inlet_;
};

template <class MakeTask>
NodePtr nodeOf(MakeTask makeTask) {
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = std::move(makeTask);
  node->stages.push_back(std::move(stage));
  return node;
}

Result<NodePtr> makeOutlet(const json::Value& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* rows, context.host<PageRows>());
  auto& outlet = rows->outlet(context.nodeId());
  const auto* credit = settings.find("creditBytes");
  if (credit != nullptr && credit->asInt64() != nullptr) outlet.begin(*credit->asInt64());
  return nodeOf([&outlet]() -> Result<std::unique_ptr<Task>> { return std::make_unique<OutletTask>(outlet); });
}

Result<NodePtr> makeInlet(const json::Value&, NodeContext& context) {
  WEIR_ASSIGN(auto* rows, context.host<PageRows>());
  auto& inlet = rows->inlet(context.nodeId());
  return nodeOf([&inlet]() -> Result<std::unique_ptr<Task>> { return std::make_unique<InletTask>(inlet); });
}

}  // namespace

bool Outlet::offer(const Batch& batch, Waker waker) {
  if (credit_ <= 0) {
    waker_ = std::move(waker);
    return false;
  }
  credit_ -= batch.logicalBytes();
  waiting_.push_back(batch);
  return true;
}

std::size_t Outlet::together() const {
  std::size_t count = 1;
  auto rows = waiting_.front().rows();
  while (count < waiting_.size() && waiting_[count].schema() == waiting_.front().schema()) {
    rows += waiting_[count].rows();
    if (rows > kMostJoinedRows) break;
    ++count;
  }
  return count;
}

bool Outlet::take(Batch& into, std::int64_t& bytes) {
  if (waiting_.empty()) return false;
  auto count = together();
  if (count > 1) {
    auto joined = concat(std::span(waiting_).first(count), MemoryAccount::unlimited());
    if (joined)
      into = std::move(*joined);
    else
      count = 1;
  }
  if (count == 1) into = waiting_.front();
  bytes = 0;
  for (std::size_t i = 0; i < count; ++i) bytes += waiting_[i].logicalBytes();
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  return true;
}

void Outlet::credit(std::int64_t bytes) {
  credit_ += bytes;
  if (credit_ > 0) std::exchange(waker_, Waker()).wake();
}

void Inlet::write(Batch batch) {
  waitingBytes_ += batch.logicalBytes();
  waiting_.push_back(std::move(batch));
  std::exchange(waker_, Waker()).wake();
}

void Inlet::end() {
  ended_ = true;
  std::exchange(waker_, Waker()).wake();
}

Inlet::Next Inlet::take(Batch& into, std::int64_t most, Waker waker) {
  if (first_ == waiting_.size()) {
    waiting_.clear();
    first_ = 0;
    if (ended_) return Next::end;
    waker_ = std::move(waker);
    return Next::wait;
  }
  auto& oldest = waiting_[first_];
  const auto before = oldest.logicalBytes();
  if (oldest.rows() <= most) {
    into = std::move(oldest);
    ++first_;
    waitingBytes_ -= before;
    return Next::batch;
  }
  into = oldest.slice(0, most);
  oldest = oldest.slice(most, oldest.rows() - most);
  waitingBytes_ -= before - oldest.logicalBytes();
  return Next::batch;
}

std::vector<BuiltinNode> pageNodes() { return {{kOutletSchema, "[]", makeOutlet}, {kInletSchema, "[]", makeInlet}}; }

}  // namespace weir::wasm
