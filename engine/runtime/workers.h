// Workers: who runs ready steps: a pool of threads, one cooperative loop, or a seeded simulation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir {

/// One step, claimed for a worker.
class WorkStep {
 public:
  virtual ~WorkStep() = default;
  virtual void execute() = 0;
};

/// Something that has steps to run: a Run.
class WorkSource {
 public:
  struct Idle {
    bool finished = false;
    std::optional<std::int64_t> wakeAtMicros{};  // Clock::nowMicros of the next timer, if any
  };
  virtual ~WorkSource() = default;
  /// Runs ready steps on the calling worker until none is ready for it.
  virtual Idle runReady(int worker) = 0;
  /// The same in parts, for those that overlap the steps of several pretended workers: null if none is ready (`idle`
  /// says why); what was claimed is executed, then ended.
  [[nodiscard]] virtual WorkStep* begin(Idle& idle) = 0;
  virtual void end(WorkStep& step) = 0;
};

class Workers {
 public:
  virtual ~Workers() = default;
  [[nodiscard]] virtual int count() const = 0;
  /// Something became ready; from any thread. Cheap when nobody sleeps.
  virtual void notify() = 0;
  /// Which of `ready` steps (best first) runs next.
  [[nodiscard]] virtual std::size_t choose(std::size_t /*ready*/) { return 0; }
  /// Runs the source on all workers until it says finished. Blocks the caller (natively; a browser loop calls
  /// runReady).
  virtual void drive(WorkSource& source) = 0;
};

}  // namespace weir
