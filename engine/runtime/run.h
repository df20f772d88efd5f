// Run: a plan at work: builds nodes and links, runs them on workers, and can be watched, drained and stopped.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/plan.h"
#include "engine/host/hosts.h"
#include "engine/host/state-store.h"
#include "engine/journal/journal.h"
#include "engine/runtime/alerts.h"
#include "engine/runtime/debugger.h"
#include "engine/runtime/execution-log.h"
#include "engine/runtime/metrics.h"
#include "engine/runtime/row-traces.h"
#include "engine/runtime/run-change.h"
#include "engine/runtime/run-events.h"
#include "engine/runtime/run-result.h"
#include "engine/runtime/workers.h"

namespace weir {

struct ErrorPacket;

/// Where rows go that failed and had no `error` port to go to. Called in commit order, one call at a time.
class DeadLetters {
 public:
  virtual ~DeadLetters() = default;
  virtual Result<void> add(std::span<const ErrorPacket> packets) = 0;
  /// The run is over: make everything safe.
  virtual Result<void> close() { return {}; }
};

enum class RunMode : std::uint8_t {
  async,
  sync,  // one batch through the whole graph at a time
  step   // sync, and every row is held where a source gives it, until the debugger lets it go
};

struct RunOptions {
  RunMode mode = RunMode::async;
  std::uint64_t seed = 0;
  std::string runId;
  std::int64_t memoryLimitBytes = std::int64_t{4} << 30;
  std::optional<std::int64_t> maxErrors;  // overrides the plan's
  /// A look at what a flow would do: nodes that touch the world by writing are held back.
  bool preview = false;
  /// Applied to every edge whose buffer the document left alone (tests); 0: the default.
  std::int64_t edgeRows = 0;
  /// Off: batches are handed on as they came.
  bool joining = true;
  /// Where the run keeps checkpoints; null: it keeps none. Outlives the run.
  StateStore* state = nullptr;
  /// The run goes on from the last checkpoint in `state`, if there is one.
  bool resume = false;
  /// Also where settings of nodes that had state have changed since; else that is the error `state.changed`.
  bool resumeChanged = false;
  /// Where durable edges keep their rows, and what was in it when it was opened. Outlives the run, and takes nothing
  /// more after it. A plan with durable edges needs it, and a store.
  Journal* journal = nullptr;
  JournalContents journalContents{};
  DeadLetters* deadLetters = nullptr;  // null: dead letters are counted and dropped (tests, previews)
  std::int64_t executionLogBytes = 1 << 20;
  std::int64_t traceEvery = 0;  // 1 row in so many is traced; 0: none
  std::int64_t traceBytes = 16 << 20;
};

/// To be kept with a journal (JournalOptions::note): what the origins of its rows mean.
[[nodiscard]] std::string journalNote(const Plan& plan);

/// Thread-safe, except make. The hosts (clock and log at least) and workers outlive the run.
class Run {
 public:
  /// Constructs every node; `settings.*` errors name the node.
  [[nodiscard]] static Result<std::unique_ptr<Run>> make(Plan plan, RunOptions options, const Hosts& hosts,
                                                         Workers& workers);
  ~Run();

  /// Runs to the end on the workers and says how it ended. Once.
  RunResult drive();
  /// For cooperative hosts: what to hand to Workers.
  [[nodiscard]] WorkSource& work();
  /// The result, after the work source has finished; closes the dead letters.
  RunResult finish();

  /// Sources begin no step, until it is said again that they may; what they have given goes its way, and checkpoints
  /// are taken. A drain goes before it.
  void holdIntake(bool held);
  /// Sources produce no more; what is under way is finished.
  void drain();
  /// No step begins any more once a checkpoint has been taken: a run that is resumed goes on behind it. Where none is
  /// kept, or none can be taken within ten seconds, it is cancelled as it is.
  void stopAtCheckpoint();
  /// A checkpoint is begun as soon as it may, and the run goes on; none where none are kept.
  void checkpointNow();
  /// No step begins any more.
  void cancel();

  /// Goes over to a new version of the flow while it runs. What did not change runs on, with its tasks and queues;
  /// nodes with other settings are made anew with the state they had; a node of another type takes the queues over, and
  /// so does a sink, when the one before it has finished. Gives the change's number at once; lastChange says what
  /// becomes of it. Errors leave the run as it was: `change.*`, `settings.*` and others of nodes that cannot be made.
  [[nodiscard]] Result<std::int64_t> change(Plan plan, ChangeOptions options = {});
  [[nodiscard]] ChangeView lastChange() const;

  [[nodiscard]] RunMetrics metrics() const;
  [[nodiscard]] std::vector<Execution> executions() const;
  /// The newest version with the nodes of all versions, in the order in which Execution::node and TraceStep::node
  /// number them.
  [[nodiscard]] const Plan& planEver() const;
  /// Looks whether alerts of the plan hold now; their events say so. Whoever drives the run calls it about ten times a
  /// second.
  void lookAtAlerts();
  /// For so long it is not raised; 0 unmutes it. Error `alert.unknown`.
  Result<void> muteAlert(std::string_view name, std::int64_t forMicros);
  /// As the last look found them.
  [[nodiscard]] std::vector<AlertView> alerts() const;
  /// What sampled rows passed through.
  [[nodiscard]] TracedRun traces() const;
  /// The same from this step on, at most so many (RowTraces::from).
  [[nodiscard]] TracedRun tracesFrom(std::int64_t step, std::size_t most) const;
  /// Those after `number` that are still kept, oldest first.
  [[nodiscard]] std::vector<RunEvent> events(std::uint64_t number = 0) const;
  /// Told of each event as it happens, under the run's lock: it is quick and asks nothing of the run. Before the run.
  void onEvent(std::function<void(const RunEvent&)> listener);
  /// What a fold would give if its input ended now; empty if the node cannot say.
  [[nodiscard]] std::optional<Batch> resultSoFar(std::string_view nodeId) const;
  [[nodiscard]] Debugger& debugger();
  /// The newest version; older ones live as long as the run.
  [[nodiscard]] const Plan& plan() const;

  class Impl;
  explicit Run(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
