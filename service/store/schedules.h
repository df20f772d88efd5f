// Schedules: when runs of kept flows begin by themselves, and what became of each time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/operation.h"
#include "service/auth/grants.h"
#include "service/store/runs.h"

namespace weir::store {

/// What happens when a time comes while a run of the schedule goes on.
enum class Overlap : std::uint8_t { skip, queue, parallel };
inline constexpr std::array<std::string_view, 3> kOverlaps{"skip", "queue", "parallel"};
/// What happens with times that were missed.
enum class Missed : std::uint8_t { skip, once, all };
inline constexpr std::array<std::string_view, 3> kMisfires{"skip", "once", "all"};

inline constexpr std::int64_t kLeastEveryMs = 1'000;  // of an interval

/// What people say of a schedule. Times are milliseconds; those of clocks since 1970.
struct SchedulePlan {
  std::string name;
  std::string cron;               // empty: an interval
  std::int64_t everyMs = 0;       // of an interval
  std::int64_t startAt = 0;       // from which an interval is counted; 0: from when it was made
  std::string timeZone = "UTC";   // of cron
  std::int64_t version = 0;       // of the flow; 0: the newest that is published
  std::string parameters = "{}";  // a JSON object
  std::string environment{};      // of the flow's folder; its values go before those of the flow
  Overlap overlap = Overlap::skip;
  std::int64_t parallel = 1;  // so many runs at a time
  Missed misfire = Missed::once;
  std::int64_t catchUp = 100, toleranceMs = 60'000, jitterMs = 0;
  bool paused = false;
};

struct ScheduleRecord {
  std::string id, flow;
  SchedulePlan plan;
  std::string author;
  std::int64_t revision = 0, createdAt = 0, changedAt = 0;
  std::int64_t position = 0;  // the latest planned time that was dealt with
  std::int64_t missed = 0;    // times that passed without a run, because nobody was there to start one
  // Of now, not of the record.
  std::string folder;                          // of the flow
  bool flowInBin = false, flowIsGone = false;  // also where a later flow has its id
  std::int64_t going = 0;                      // runs of it that go on
  std::optional<std::int64_t> waitingSince;    // the planned time that waits for the end of the run before
};

struct ScheduleQuery {
  std::string flow;                      // empty: of all
  std::string folder{};                  // of the flow: there or below; empty: anywhere
  std::optional<bool> paused{};          // only those that are, or are not
  std::optional<auth::Reach> visible{};  // only of flows that somebody may see; absent: all
  std::optional<std::string> after{};    // the place of the page before
  std::int64_t limit = 50;
};

struct SchedulePage {
  std::vector<ScheduleRecord> schedules;  // by name
  std::string place;                      // of the last, for the next page; empty: there are no more
};

/// What became of a planned time.
enum class FireOutcome : std::uint8_t { started, skipped, waiting, failed };
inline constexpr std::array<std::string_view, 4> kFireOutcomes{"started", "skipped", "waiting", "failed"};

struct FireRecord {
  std::string schedule;
  std::int64_t plannedAt = 0, firedAt = 0;
  FireOutcome outcome = FireOutcome::started;
  bool byHand = false;
  std::string run;       // its id; empty: none was started
  std::string why;       // there is none, for people
  std::string runState;  // of a run that is still on record
  std::string limits;    // RunRecord::limits of one that was just started
};

struct FirePage {
  std::vector<FireRecord> fires;  // newest first
  std::int64_t before = 0;        // for the next page; 0: there are no more
};

/// A time that has come.
struct Fire {
  std::string schedule;
  std::int64_t revision = 0;  // of the schedule, by which it was planned
  std::int64_t plannedAt = 0, at = 0;
  bool byHand = false;
  std::int64_t missed = 0;  // times before it that passed without a fire
  std::string why;          // it cannot start a run; empty: it can
};

/// Errors: `storage.not_found`, `storage.changed` (the revision is another one), and trouble as in Store.
class Schedules {
 public:
  virtual ~Schedules() = default;
  virtual Operation<ScheduleRecord> create(ScheduleRecord schedule, Waker waker) = 0;
  virtual Operation<ScheduleRecord> read(std::string id, Waker waker) = 0;
  /// By name, those of a flow; empty: all. At most 10,000.
  virtual Operation<std::vector<ScheduleRecord>> list(std::string flow, Waker waker) = 0;
  /// `storage.invalid` for a place that no page gave.
  virtual Operation<SchedulePage> page(ScheduleQuery query, Waker waker) = 0;
  /// `position`: from there on times are planned; absent: it stays.
  virtual Operation<ScheduleRecord> replace(std::string id, std::optional<std::int64_t> ifRevision, SchedulePlan plan,
                                            std::optional<std::int64_t> position, std::int64_t now, Waker waker) = 0;
  virtual Operation<Unit> remove(std::string id, std::optional<std::int64_t> ifRevision, Waker waker) = 0;

  /// Deals with a time once, whoever asks and how often: the run, if it may begin now, and what became of the time come
  /// to be together. `run` is left out if fire.why says why there is none; its starter is `schedule:` and the id. By
  /// hand nothing is kept of what does not start: `schedule.overlap`.
  virtual Operation<FireRecord> fire(Fire fire, std::optional<StoredRun> run, Waker waker) = 0;
  /// The time that waits begins, or fails (`why`), if there is room for its run now.
  virtual Operation<FireRecord> startWaiting(Fire fire, std::optional<StoredRun> run, Waker waker) = 0;
  /// Times were missed and nothing comes of them.
  virtual Operation<Unit> advance(std::string id, std::int64_t position, std::int64_t missed, Waker waker) = 0;
  /// Those planned before `before`, if it is not 0.
  virtual Operation<FirePage> fires(std::string id, std::int64_t before, std::int64_t limit, Waker waker) = 0;
};

}  // namespace weir::store
