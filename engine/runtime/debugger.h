// Debugger: looks into a run while it goes on: taps on edges, breakpoints that hold a row, and what is done with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/lock.h"
#include "engine/flow/plan.h"
#include "engine/runtime/link-watch.h"
#include "engine/runtime/tap.h"
#include "engine/runtime/workers.h"

namespace weir {

namespace runtime {
class Link;
struct RunShared;
}  // namespace runtime

struct BreakpointOptions {
  // One of the two. A node's breakpoint is at its inputs, a source's at its outputs.
  std::string node{}, edge{};
  std::string where{};     // CEL over the rows; empty: every row
  std::int64_t after = 1;  // holds from the n-th match on
  std::string log{};       // a log-point: a template like "{row.id} came"; nothing is held
};

struct BreakpointView {
  std::uint32_t id = 0;
  BreakpointOptions options;
  std::int64_t hits = 0, failed = 0;
  std::string problem;  // why the condition could not be computed for `failed` rows
};

/// A row that a breakpoint holds: everything behind it on its edge waits, all other branches run.
struct HeldRow {
  std::uint32_t id = 0, breakpoint = 0;
  std::string edge, source, target, traceId;
  Batch row;                       // one row; sensitive fields masked
  std::int64_t rowsBehind = 0;     // that wait on the edge
  std::int64_t heldMicros = 0;     // for how long
  std::int64_t releaseMicros = 0;  // until it is let go by itself
};

enum class HeldAction : std::uint8_t {
  go,    // the row goes on, the breakpoint stays
  step,  // it goes on, and is held again where it leaves the next node
  next,  // it goes on, and the row behind it is held
  drop   // it is discarded, and counted so on its edge
};

struct DebuggerLimits {
  std::size_t taps = 32, breakpoints = 100;
  int held = 64;
  std::int64_t holdMicros = std::int64_t{10} * 60 * 1'000'000;
};

/// Thread-safe. Clients are numbered by the caller; what a client set ends with it. Whoever serves clients calls tick
/// at least once a second. Rows that are held stay charged to the run and count as held on their edge; of a run that is
/// drained or stopped all are let go.
class Debugger final : public runtime::LinkWatch::Listener {
 public:
  using LinkOf = std::function<runtime::Link*(std::string_view edge)>;
  Debugger(const Plan& plan, runtime::RunShared& run, Lock& lock, Workers& workers, LinkOf linkOf,
           DebuggerLimits limits = {});

  /// Errors: `debug.unknown` (with the nearest name), `debug.limit`, `settings.range`, those of CEL.
  [[nodiscard]] Result<std::uint32_t> tap(const TapOptions& options, std::uint64_t client);
  /// What is new; at most one caller at a time for one tap. Error `debug.unknown`.
  [[nodiscard]] Result<TapTaken> take(std::uint32_t tap, std::int64_t nowNanos);
  void endTap(std::uint32_t tap);

  [[nodiscard]] Result<std::uint32_t> stopAt(const BreakpointOptions& options, std::uint64_t client);
  /// Rows that it holds go on.
  Result<void> removeStop(std::uint32_t breakpoint);
  [[nodiscard]] std::vector<BreakpointView> breakpoints() const;
  [[nodiscard]] std::vector<HeldRow> held(bool reveal = false) const;
  Result<void> act(std::uint32_t held, HeldAction action);
  /// Fields (a map) take the place of those of the same name. Errors: `debug.unknown`, `debug.row`.
  Result<void> change(std::uint32_t held, const Value& fields);
  /// Every row is held where the sources give it, one after the other, until somebody lets them all go.
  void holdSources();

  // For a change of the running flow, under the run's lock.
  /// The edge, by its index, goes: a row that is held there goes on, and nothing is held there any more.
  void leave(std::size_t edge);
  /// After it. Breakpoints of nodes are also at the edges that were added.
  void follow(const Plan& plan);

  void releaseClient(std::uint64_t client);
  /// Everything goes on for good: breakpoints end, and new ones hold nothing.
  void releaseAll();
  /// Lets go what was held too long.
  void tick();

 private:
  using StopRef = std::shared_ptr<runtime::Stop>;

  void logged(const runtime::Stop& stop, const Batch& row) override;
  std::optional<std::uint32_t> holds(runtime::Link& link, const StopRef& stop) override;
  [[nodiscard]] TraceId traceOf(const Batch& batch, std::int64_t row) const override;
  [[nodiscard]] std::int64_t nowMicros() const override;

  [[nodiscard]] Result<std::vector<std::size_t>> placesOf(const BreakpointOptions& options) const;
  [[nodiscard]] Result<std::size_t> edgeNamed(std::string_view id) const;
  [[nodiscard]] Result<cel::Expression> condition(const std::string& where) const;
  [[nodiscard]] cel::ExpressionOptions expressions() const;
  [[nodiscard]] runtime::Link* linkAt(std::size_t edge) const { return linkOf_(plan().edges[edge].id); }
  runtime::LinkWatch& watchOf(runtime::Link& link);
  void add(const StopRef& stop, const std::vector<std::size_t>& edges);
  void remove(const std::function<bool(const runtime::Stop&)>& which);
  [[nodiscard]] std::optional<std::size_t> edgeHolding(std::uint32_t held) const;
  void letGo(std::size_t edge, HeldAction action);
  void armStep(std::size_t edge, const runtime::HeldEntry& held, HeldAction action);
  void endSteps(const std::function<bool(const runtime::Stop&)>& which);
  void tidy();
  [[nodiscard]] Result<Batch> changed(const Batch& row, const Value& fields) const;
  void say(std::string kind, const std::string& subject, std::string message);

  [[nodiscard]] const Plan& plan() const { return *plan_.load(std::memory_order_acquire); }

  std::atomic<const Plan*> plan_;  // of the newest version; older ones live as long as the run
  runtime::RunShared& run_;
  Lock& lock_;
  Workers& workers_;
  LinkOf linkOf_;
  DebuggerLimits limits_;
  std::uint32_t lastNumber_ = 0;
  std::map<std::uint32_t, std::pair<std::uint64_t, std::shared_ptr<runtime::Tap>>> taps_;  // by number: client, tap
  std::vector<StopRef> stops_;
  bool over_ = false;  // nothing is held any more
  std::int64_t logSecond_ = 0, logsInSecond_ = 0, logsLeftOut_ = 0;
};

}  // namespace weir
