// Node: a chain of stages; what a node's make() gives to the engine.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "engine/node/task.h"

namespace weir {

/// One stage of a node. Between stages batches travel on an internal bounded edge; the last stage's outputs are the
/// node's outputs; every stage may fail rows. The first stage has the node's inputs, the others one input (port 0).
struct Stage {
  enum class Parallelism : std::uint8_t {
    one,       // one Task
    parallel,  // tickets on all workers, committed in ticket order
    perWorker  // a Task per worker; batches are handed to any of them; all ended -> this stage ended
  };
  Parallelism parallelism = Parallelism::one;
  /// one, perWorker: makes the Task (called once per instance).
  std::function<Result<std::unique_ptr<Task>>()> makeTask;
  /// parallel: exactly one of the two.
  std::shared_ptr<const Stateless> stateless;
  std::shared_ptr<const ParallelWork> work;
  /// io nodes: one; the engine bounds how many calls are under way.
  std::shared_ptr<Caller> caller;
  /// Number of outputs of an inner stage is 1; for the last stage it is the node's.
};

struct Node {
  std::vector<Stage> stages;
};
using NodePtr = std::unique_ptr<Node>;

/// A node that is one Task.
template <class T, class... Args>
[[nodiscard]] NodePtr makeNode(Args... args) {
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [=]() -> Result<std::unique_ptr<Task>> { return std::make_unique<T>(args...); };
  node->stages.push_back(std::move(stage));
  return node;
}

/// A pure node: one shared Stateless.
template <class T, class... Args>
[[nodiscard]] NodePtr makeStateless(Args&&... args) {
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.parallelism = Stage::Parallelism::parallel;
  stage.stateless = std::make_shared<T>(std::forward<Args>(args)...);
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir
