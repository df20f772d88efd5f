// Runs: records of the runs of kept flows: what is wanted of each, what it does, and who may work it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/operation.h"

namespace weir::store {

/// What a run does. Done ones are over for good; failed, stopped and held ones go on only when people say so.
enum class RunState : std::uint8_t { starting, running, stopping, done, failed, stopped, held };
inline constexpr std::array<std::string_view, 7> kRunStates{"starting", "running", "stopping", "done",
                                                            "failed",   "stopped", "held"};
[[nodiscard]] constexpr std::string_view nameOf(RunState state) { return kRunStates[static_cast<std::size_t>(state)]; }
[[nodiscard]] constexpr std::optional<RunState> runStateNamed(std::string_view name) {
  for (std::size_t i = 0; i < kRunStates.size(); ++i) {
    if (kRunStates[i] == name) return static_cast<RunState>(i);
  }
  return std::nullopt;
}
[[nodiscard]] constexpr bool isOver(RunState state) {
  return state == RunState::done || state == RunState::failed || state == RunState::stopped;
}

/// Times are milliseconds since 1970; 0: not yet.
struct RunRecord {
  std::string id;
  std::string flow, folder;
  /// When the flow was made, which tells it from a later one of its id; 0: the run is from before that was kept.
  std::int64_t flowMadeAt = 0;
  std::int64_t version = 0;  // of the flow; 0: its draft
  bool wanted = true;        // to run; false: to stop
  RunState state = RunState::starting;
  std::string why;          // why the state is not what is wanted, for people; empty: it is
  std::string starter;      // who, or what, has started it
  std::string parameters;   // a JSON object
  std::string environment;  // whose values are among them; empty: none's
  std::string requestKey;   // of the request that started it; one run for each in a flow
  std::string traceparent;  // of the request that started or resumed it here; not stored
  std::int64_t createdAt = 0, startedAt = 0, endedAt = 0;
  std::string outcome, errorCode, errorMessage;
  std::string result, metrics;  // JSON, as the engine said it last
  std::int64_t restarts = 0;
  std::int64_t keepMs = 0,
               keepRuns = 0;   // how long, and how many of its flow, are kept once over; 0: as the server does
  std::int64_t keepBytes = 0;  // how much the files of such runs of its flow may take
  /// Of a run that replays dead letters: {run, codes, nodes, numbers, editedOnly}; empty: it is none.
  std::string replay;
  /// What it keeps of its rows, {record, trace} as it was asked for; empty: nothing.
  std::string rowsKept;
  /// What it may take in its folder, {memoryBytes, diskBytes, maxRunMs, threads, descriptors, …}, 0 for no bound;
  /// empty: no bounds. Of when it was created, resumed or taken over.
  std::string limits;
  /// Whose it is. Each owner takes it with a higher epoch; what says less is refused.
  std::string owner;
  std::int64_t epoch = 0, leaseUntil = 0;
};

/// With what it needs to begin, or to go on.
struct StoredRun {
  RunRecord record;
  std::string document;
};

struct RunQuery {
  std::string flow;    // empty: of all
  std::string folder;  // there or below; empty: anywhere
  std::optional<RunState> state{};
  std::string starter{};
  std::int64_t from = 0, until = 0;    // of createdAt; 0: no bound
  std::vector<std::string> folders{};  // only there or below; with an empty one, or none: anywhere
  std::vector<std::string> flows{};    // these too, if folders are given
  std::string cursor{};                // of the page before
  std::int64_t limit = 50;
};

struct RunPage {
  std::vector<RunRecord> runs;  // newest first
  std::string cursor;           // opaque; empty: there are no more
};

/// Whether what a run has left behind, by its id, is on this machine.
using IsHere = std::function<bool(const std::string& run)>;

/// Of a run whose journal and checkpoints are in the data folder of another server.
inline constexpr std::string_view kElsewhere = "run.elsewhere";

/// Errors: `storage.not_found`, `storage.invalid`, and trouble as in Store.
class Runs {
 public:
  virtual ~Runs() = default;
  /// With epoch 1 for record.owner. One of the same flow and request key is there already: that one, as it is.
  virtual Operation<RunRecord> create(StoredRun run, Waker waker) = 0;
  virtual Operation<RunRecord> read(std::string id, Waker waker) = 0;
  virtual Operation<RunPage> list(RunQuery query, Waker waker) = 0;
  /// Puts what the owner says of it in place, but never `wanted`. `run.fenced`: another owner has taken it since.
  virtual Operation<Unit> save(RunRecord record, Waker waker) = 0;
  /// The same, and from now on it runs another version, whose document this is.
  virtual Operation<Unit> saveVersion(StoredRun run, Waker waker) = 0;
  /// What people want of it; nothing changes if it is over. One that is held and is to stop is over with that.
  virtual Operation<RunRecord> want(std::string id, bool running, Waker waker) = 0;
  /// A failed, stopped or held one goes on, for this owner with a higher epoch. `run.goes_on`, and `run.ended` for one
  /// that has come to its end.
  virtual Operation<StoredRun> resume(std::string id, std::string owner, std::int64_t leaseMs, Waker waker) = 0;
  /// Only when it is over: `run.goes_on`.
  virtual Operation<Unit> remove(std::string id, Waker waker) = 0;

  /// All that are not over, nor held, and belong to nobody any more get this owner, with a higher epoch; `alone`: also
  /// those whose leases go on, for who knows that no other server is there. Those that are held with `run.elsewhere`
  /// come to the server that has what they left behind (`isHere`, called from any thread; empty: none has).
  virtual Operation<std::vector<StoredRun>> takeOver(std::string owner, std::int64_t leaseMs, bool alone, IsHere isHere,
                                                     Waker waker) = 0;
  /// The leases of all its runs count from now. Gives those that are wanted to stop.
  virtual Operation<std::vector<std::string>> renew(std::string owner, std::int64_t leaseMs, Waker waker) = 0;
  /// Those of this owner that go on, are not held, and are not among `known` (ids in their order): of what came of
  /// making or taking them over it was told nothing.
  virtual Operation<std::vector<StoredRun>> strays(std::string owner, std::vector<std::string> known, Waker waker) = 0;
};

}  // namespace weir::store
