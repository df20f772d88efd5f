// FlowMetrics: what the runs of all flows count, added up so that no counter falls when a run or its engine begins
// anew.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/host/clock.h"
#include "service/metrics/registry.h"
#include "service/metrics/run-figures.h"

namespace weir::metrics {

struct FlowName {
  std::string folder, flow;  // the id of the document, unique in its folder
  auto operator<=>(const FlowName&) const = default;
};

/// Used by one thread. Nodes and edges have series of their own in flows of together 1,000 nodes at most, those that
/// came first; a flow that has no run gives its place to one that has. Of others there are the sums.
class FlowMetrics final : public Source {
 public:
  static constexpr std::int64_t kMostNodes = 1000;
  static constexpr std::size_t kMostFlows = 10'000;

  /// The clock outlives it.
  explicit FlowMetrics(Clock& clock) : clock_(clock) {}

  /// As the engine counts in this run; a count that has fallen since the last report was begun anew.
  void report(std::string_view run, const FlowName& flow, const RunFigures& figures);
  /// The run goes on in a new engine: its next report counts from nothing, whatever its numbers.
  void restarted(std::string_view run, const FlowName& flow);
  /// The run has taken a checkpoint.
  void checkpointed(std::string_view run, const FlowName& flow);
  /// Under which epoch of its lease it runs.
  void leased(std::string_view run, const FlowName& flow, std::int64_t epoch);
  /// `outcome`: done, failed, stopped, cancelled, …; a name of a few.
  void ended(std::string_view run, const FlowName& flow, std::string_view outcome);
  /// A process works for the folder: its ends are counted from now on.
  void engineBegan(std::string_view folder);
  /// The engine process of a folder came to an unwanted end, or was started again.
  void engineRestarted(std::string_view folder);

  void write(Exposition& out) override;

 private:
  struct Node {
    std::array<std::int64_t, kNodeCounters.size()> counters{};
    bool breakerOpen = false;
  };
  struct Edge {
    std::array<std::int64_t, kEdgeCounters.size()> counters{};
    std::int64_t queueRows = 0, queueBytes = 0, capacityRows = 0;  // over the runs that go on
  };
  struct Flow {
    std::int64_t runs = 0, nodeCount = 0, restarts = 0, deadLetters = 0, errors = 0;
    std::int64_t syncs = 0, syncNanos = 0;
    std::array<std::int64_t, kNodeCounters.size()> nodeSums{};
    std::array<std::int64_t, kEdgeCounters.size()> edgeSums{};
    std::map<std::string, std::int64_t, std::less<>> ended;  // by outcome
    bool detailed = false;
    std::map<std::string, Node, std::less<>> nodes;
    std::map<std::string, Edge, std::less<>> edges;
    std::int64_t changedNanos = 0;
  };
  /// When how many rows had been given to an edge: the oldest that waits came after the last that was dealt with.
  struct Waiting {
    static constexpr std::size_t kMost = 64;
    std::deque<std::pair<std::int64_t, std::int64_t>> given;  // nanoseconds, rows
    void look(std::int64_t nowNanos, std::int64_t given, std::int64_t dealtWith);
    [[nodiscard]] double seconds(std::int64_t nowNanos) const;
  };
  struct Run {
    FlowName flow;
    RunFigures last;
    std::map<std::string, std::array<std::int64_t, kNodeCounters.size()>, std::less<>> nodes;
    std::map<std::string, std::array<std::int64_t, kEdgeCounters.size()>, std::less<>> edges;
    std::map<std::string, Waiting, std::less<>> waiting;
    std::int64_t movedNanos = 0, reportedNanos = 0, checkpointNanos = 0, epoch = 0;
  };
  struct Now {
    std::int64_t usedBytes = 0, queueRows = 0, queueBytes = 0, journalBytes = 0, epoch = 0;
    double idleSeconds = 0, silentSeconds = 0, checkpointSeconds = 0, oldestSeconds = 0;
  };

  [[nodiscard]] Flow& flowOf(const FlowName& name);
  [[nodiscard]] Run& runOf(std::string_view id, const FlowName& name);
  void admit(Flow& flow, std::int64_t nodeCount);
  static bool add(Flow& flow, Run& run, const RunFigures& figures);
  void lookAtQueues();
  void writeFlows(Exposition& out);
  [[nodiscard]] std::map<FlowName, Now> now() const;
  void writeNodes(Exposition& out);
  void writeEdges(Exposition& out);

  Clock& clock_;
  std::map<FlowName, Flow> flows_;
  std::map<std::string, Run, std::less<>> runs_;  // those that go on
  std::map<std::string, std::int64_t, std::less<>> engineRestarts_;
  std::int64_t detailedNodes_ = 0;
};

}  // namespace weir::metrics
