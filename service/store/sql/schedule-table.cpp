// Schedules, in SQL. Times are a table of their own, with one row for each planned time of a schedule.
#include "service/store/sql/schedule-table.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "service/store/sql/reach-sql.h"
#include "service/store/sql/run-table.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {
    {"CREATE TABLE schedules (id TEXT PRIMARY KEY, flow TEXT NOT NULL, name TEXT NOT NULL, cron TEXT NOT NULL, "
     "every_ms INTEGER NOT NULL, start_at INTEGER NOT NULL, time_zone TEXT NOT NULL, version INTEGER NOT NULL, "
     "parameters TEXT NOT NULL, overlap TEXT NOT NULL, parallel INTEGER NOT NULL, misfire TEXT NOT NULL, "
     "catch_up INTEGER NOT NULL, tolerance_ms INTEGER NOT NULL, jitter_ms INTEGER NOT NULL, paused INTEGER NOT NULL, "
     "author TEXT NOT NULL, revision INTEGER NOT NULL, created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, "
     "position INTEGER NOT NULL, missed INTEGER NOT NULL);"
     "CREATE INDEX schedules_by_flow ON schedules (flow);"
     "CREATE TABLE schedule_fires (schedule TEXT NOT NULL, planned_at INTEGER NOT NULL, fired_at INTEGER NOT NULL, "
     "outcome TEXT NOT NULL, by_hand INTEGER NOT NULL, run TEXT NOT NULL, why TEXT NOT NULL, "
     "PRIMARY KEY (schedule, planned_at));"
     "CREATE INDEX schedule_fires_by_time ON schedule_fires (fired_at);"
     "CREATE INDEX runs_by_starter ON runs (starter, is_over)"},
    {"ALTER TABLE schedules ADD COLUMN environment TEXT NOT NULL DEFAULT ''"},
    {"ALTER TABLE schedules ADD COLUMN flow_made_at INTEGER NOT NULL DEFAULT 0"}};

/// Of so many times of a schedule it is kept what became of them.
constexpr std::int64_t kMostFires = 1'000;
constexpr std::int64_t kNoBound = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMostSchedules = 10'000;

std::string selecting(std::string_view rest) {
  return "SELECT s.id, s.flow, s.name, s.cron, s.every_ms, s.start_at, s.time_zone, s.version, s.parameters, "
         "s.overlap, s.parallel, s.misfire, s.catch_up, s.tolerance_ms, s.jitter_ms, s.paused, s.author, s.revision, "
         "s.created_at, s.changed_at, s.position, s.missed, f.folder, f.binned_at, f.id, "
         "(SELECT COUNT(*) FROM runs r WHERE r.starter = 'schedule:' || s.id AND r.is_over = 0), "
         "(SELECT MIN(w.planned_at) FROM schedule_fires w WHERE w.schedule = s.id AND w.outcome = 'waiting'), "
         "s.environment FROM schedules s LEFT JOIN flows f ON f.id = s.flow AND s.flow_made_at IN (0, f.created_at) " +
         std::string(rest);
}

template <class Enum, std::size_t N>
Enum named(const std::array<std::string_view, N>& names, const std::string& name) {
  const auto found = std::ranges::find(names, name);
  return static_cast<Enum>(found == names.end() ? 0 : found - names.begin());
}

std::string_view nameOf(Overlap overlap) { return kOverlaps[static_cast<std::size_t>(overlap)]; }
std::string_view nameOf(Missed missed) { return kMisfires[static_cast<std::size_t>(missed)]; }
std::string_view nameOf(FireOutcome outcome) { return kFireOutcomes[static_cast<std::size_t>(outcome)]; }

ScheduleRecord recordOf(const Row& row) {
  ScheduleRecord schedule;
  schedule.id = row.text(0);
  schedule.flow = row.text(1);
  auto& plan = schedule.plan;
  plan.name = row.text(2);
  plan.cron = row.text(3);
  plan.everyMs = row.integer(4);
  plan.startAt = row.integer(5);
  plan.timeZone = row.text(6);
  plan.version = row.integer(7);
  plan.parameters = row.text(8);
  plan.overlap = named<Overlap>(kOverlaps, row.text(9));
  plan.parallel = row.integer(10);
  plan.misfire = named<Missed>(kMisfires, row.text(11));
  plan.catchUp = row.integer(12);
  plan.toleranceMs = row.integer(13);
  plan.jitterMs = row.integer(14);
  plan.paused = row.flag(15);
  schedule.author = row.text(16);
  schedule.revision = row.integer(17);
  schedule.createdAt = row.integer(18);
  schedule.changedAt = row.integer(19);
  schedule.position = row.integer(20);
  schedule.missed = row.integer(21);
  schedule.folder = row.text(22);
  schedule.flowInBin = !row.null(23);
  schedule.flowIsGone = row.null(24);
  schedule.going = row.integer(25);
  schedule.waitingSince = row.integerOrNull(26);
  plan.environment = row.text(27);
  return schedule;
}

FireRecord fireOf(const Row& row) {
  FireRecord fire;
  fire.schedule = row.text(0);
  fire.plannedAt = row.integer(1);
  fire.firedAt = row.integer(2);
  fire.outcome = named<FireOutcome>(kFireOutcomes, row.text(3));
  fire.byHand = row.flag(4);
  fire.run = row.text(5);
  fire.why = row.text(6);
  fire.runState = row.text(7);
  return fire;
}

constexpr std::string_view kFireColumns =
    "SELECT f.schedule, f.planned_at, f.fired_at, f.outcome, f.by_hand, f.run, f.why, r.state "
    "FROM schedule_fires f LEFT JOIN runs r ON r.id = f.run WHERE f.schedule = ? AND ";

Result<ScheduleRecord> find(Session& session, const std::string& id) {
  WEIR_ASSIGN(const auto row, session.queryOne(selecting("WHERE s.id = ?"), {id}));
  if (!row) return fail("storage.not_found", "there is no schedule '" + id + "' here");
  return recordOf(*row);
}

Result<ScheduleRecord> findAt(Session& session, const std::string& id, std::optional<std::int64_t> revision) {
  WEIR_ASSIGN(auto schedule, find(session, id));
  if (!revision || *revision == schedule.revision) return schedule;
  return fail("storage.changed",
              "the schedule '" + id + "' has been changed since it was read; read it again and repeat the change");
}

Result<void> put(Session& session, const FireRecord& fire) {
  WEIR_TRY(session.exec(
      "INSERT INTO schedule_fires (schedule, planned_at, fired_at, outcome, by_hand, run, why) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      {fire.schedule, fire.plannedAt, fire.firedAt, nameOf(fire.outcome), fire.byHand, fire.run, fire.why}));
  return {};
}

Result<void> moveOn(Session& session, const std::string& id, std::int64_t position, std::int64_t missed) {
  WEIR_TRY(
      session.exec("UPDATE schedules SET position = CASE WHEN position < ? THEN ? ELSE position END, "
                   "missed = missed + ? WHERE id = ?",
                   {position, position, missed, id}));
  return {};
}

/// So many runs of the schedule may go on at a time.
std::int64_t roomOf(const SchedulePlan& plan) { return plan.overlap == Overlap::parallel ? plan.parallel : 1; }

/// What becomes of a time that comes now.
void settle(FireRecord& fire, const ScheduleRecord& schedule, const std::string& why) {
  const auto& plan = schedule.plan;
  if (!why.empty()) {
    fire.outcome = FireOutcome::failed;
    fire.why = why;
  } else if (schedule.going < roomOf(plan) && !schedule.waitingSince) {
    fire.outcome = FireOutcome::started;
  } else if (plan.overlap == Overlap::queue && !schedule.waitingSince) {
    fire.outcome = FireOutcome::waiting;
    fire.why = "the run before it goes on";
  } else {
    fire.outcome = FireOutcome::skipped;
    fire.why = plan.overlap == Overlap::queue      ? "the run before it goes on, and another time waits already"
               : plan.overlap == Overlap::parallel ? std::to_string(schedule.going) + " runs of the schedule go on"
                                                   : "the run before it goes on";
  }
}

/// An id of a flow comes and goes, and what was planned for one is not for a later one.
Result<void> mustBeOfItsFlow(Session& session, const ScheduleRecord& schedule) {
  if (!schedule.flowIsGone) return {};
  WEIR_ASSIGN(const auto later, session.queryOne("SELECT 1 FROM flows WHERE id = ?", {schedule.flow}));
  if (!later) return {};
  return fail("storage.not_found", "the flow '" + schedule.flow + "' of the schedule '" + schedule.id +
                                       "' was deleted, and the one that is there now is another one");
}

Result<void> begin(Session& session, Clock& clock, FireRecord& fire, std::optional<StoredRun>& run) {
  const auto made = insertRun(session, clock, *run);
  if (!made && made.error().code.starts_with("quota.")) {
    fire.outcome = FireOutcome::failed;
    fire.why = made.error().message;
    return {};
  }
  if (!made) return std::unexpected(made.error());
  fire.run = made->id;
  fire.limits = made->limits;
  return {};
}

}  // namespace

const Kind& scheduleKind() {
  static const Kind kKind{"schedules", kSteps};
  return kKind;
}

Operation<ScheduleRecord> SqlSchedules::create(ScheduleRecord schedule, Waker waker) {
  return database_.write<ScheduleRecord>(
      std::move(waker), [schedule = std::move(schedule)](Session& session) -> Result<ScheduleRecord> {
        WEIR_ASSIGN(const auto count, session.queryOne("SELECT COUNT(*) FROM schedules"));
        if (count && count->integer(0) >= kMostSchedules) {
          return fail("storage.invalid",
                      "there are " + std::to_string(kMostSchedules) + " schedules, which is the limit; delete some");
        }
        WEIR_ASSIGN(const auto revision, session.nextNumber());
        const auto& plan = schedule.plan;
        WEIR_TRY(session.exec(
            "INSERT INTO schedules (id, flow, name, cron, every_ms, start_at, time_zone, version, parameters, overlap, "
            "parallel, misfire, catch_up, tolerance_ms, jitter_ms, paused, author, revision, created_at, changed_at, "
            "position, missed, environment, flow_made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
            "?, ?, ?, "
            "?, 0, ?, COALESCE((SELECT created_at FROM flows WHERE id = ?), 0))",
            {schedule.id,       schedule.flow,        plan.name,    plan.cron,          plan.everyMs,
             plan.startAt,      plan.timeZone,        plan.version, plan.parameters,    nameOf(plan.overlap),
             plan.parallel,     nameOf(plan.misfire), plan.catchUp, plan.toleranceMs,   plan.jitterMs,
             plan.paused,       schedule.author,      revision,     schedule.createdAt, schedule.createdAt,
             schedule.position, plan.environment,     schedule.flow}));
        return find(session, schedule.id);
      });
}

Operation<ScheduleRecord> SqlSchedules::read(std::string id, Waker waker) {
  return database_.read<ScheduleRecord>(std::move(waker),
                                        [id = std::move(id)](Session& session) { return find(session, id); });
}

Operation<std::vector<ScheduleRecord>> SqlSchedules::list(std::string flow, Waker waker) {
  using All = std::vector<ScheduleRecord>;
  return database_.read<All>(std::move(waker), [flow = std::move(flow)](Session& session) -> Result<All> {
    const auto ordered = "ORDER BY s.name, s.id LIMIT " + std::to_string(kMostSchedules);
    WEIR_ASSIGN(const auto rows, flow.empty() ? session.query(selecting(ordered))
                                              : session.query(selecting("WHERE s.flow = ? " + ordered), {flow}));
    All all;
    for (const auto& row : rows) all.push_back(recordOf(row));
    return all;
  });
}

Operation<SchedulePage> SqlSchedules::page(ScheduleQuery query, Waker waker) {
  return database_.read<SchedulePage>(
      std::move(waker), [query = std::move(query)](Session& session) -> Result<SchedulePage> {
        // Those of a flow that was deleted are not shown to who sees a later one of its id.
        std::string sql = "WHERE (f.id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM flows o WHERE o.id = s.flow))";
        std::vector<std::string> texts;
        if (!query.flow.empty()) {
          sql += " AND s.flow = ?";
          texts.push_back(query.flow);
        }
        if (query.paused) sql += *query.paused ? " AND s.paused = 1" : " AND s.paused = 0";
        if (!query.folder.empty()) onlyInFolders({sql, texts}, "f.folder", {query.folder});
        if (query.visible) onlyInReach({sql, texts}, *query.visible, "f.folder", "s.flow");
        if (query.after) {
          // A name may hold anything, an id no end of a line.
          const auto end = query.after->rfind('\n');
          if (end == std::string::npos) {
            return fail("storage.invalid", "the cursor is of no list of schedules; begin again without one");
          }
          const auto name = query.after->substr(0, end);
          sql += " AND (s.name > ? OR (s.name = ? AND s.id > ?))";
          texts.insert(texts.end(), {name, name, query.after->substr(end + 1)});
        }
        std::vector<Value> values(texts.begin(), texts.end());
        values.emplace_back(query.limit + 1);
        WEIR_ASSIGN(const auto rows,
                    session.query(selecting(sql + " ORDER BY s.name, s.id LIMIT ?"), std::span<const Value>(values)));
        SchedulePage page;
        for (const auto& row : rows) {
          if (std::ssize(page.schedules) == query.limit) {
            page.place = page.schedules.back().plan.name + '\n' + page.schedules.back().id;
            break;
          }
          page.schedules.push_back(recordOf(row));
        }
        return page;
      });
}

Operation<ScheduleRecord> SqlSchedules::replace(std::string id, std::optional<std::int64_t> ifRevision,
                                                SchedulePlan plan, std::optional<std::int64_t> position,
                                                std::int64_t now, Waker waker) {
  return database_.write<ScheduleRecord>(
      std::move(waker),
      [id = std::move(id), ifRevision, plan = std::move(plan), position,
       now](Session& session) -> Result<ScheduleRecord> {
        WEIR_ASSIGN(const auto before, findAt(session, id, ifRevision));
        WEIR_ASSIGN(const auto revision, session.nextNumber());
        WEIR_TRY(session.exec(
            "UPDATE schedules SET name = ?, cron = ?, every_ms = ?, start_at = ?, time_zone = ?, version = ?, "
            "parameters = ?, overlap = ?, parallel = ?, misfire = ?, catch_up = ?, tolerance_ms = ?, jitter_ms = ?, "
            "paused = ?, revision = ?, changed_at = ?, position = ?, environment = ? WHERE id = ?",
            {plan.name, plan.cron, plan.everyMs, plan.startAt, plan.timeZone, plan.version, plan.parameters,
             nameOf(plan.overlap), plan.parallel, nameOf(plan.misfire), plan.catchUp, plan.toleranceMs, plan.jitterMs,
             plan.paused, revision, now, position.value_or(before.position), plan.environment, id}));
        // What waited was planned by what holds no longer.
        if (plan.paused) {
          WEIR_TRY(
              session.exec("UPDATE schedule_fires SET outcome = 'skipped', why = 'the schedule was paused' "
                           "WHERE schedule = ? AND outcome = 'waiting'",
                           {id}));
        }
        return find(session, id);
      });
}

Operation<Unit> SqlSchedules::remove(std::string id, std::optional<std::int64_t> ifRevision, Waker waker) {
  return database_.write<Unit>(
      std::move(waker),
      [id = std::move(id), ifRevision](Session& session) -> Result<Unit> {
        WEIR_TRY(findAt(session, id, ifRevision));
        WEIR_TRY(session.exec("DELETE FROM schedule_fires WHERE schedule = ?", {id}));
        WEIR_TRY(session.exec("DELETE FROM schedules WHERE id = ?", {id}));
        return Unit{};
      },
      Database::Room::frees);
}

Operation<FireRecord> SqlSchedules::fire(Fire fire, std::optional<StoredRun> run, Waker waker) {
  return database_.write<FireRecord>(
      std::move(waker),
      [this, fire = std::move(fire), run = std::move(run)](Session& session) mutable -> Result<FireRecord> {
        WEIR_ASSIGN(const auto schedule, find(session, fire.schedule));
        WEIR_TRY(mustBeOfItsFlow(session, schedule));
        WEIR_ASSIGN(const auto known,
                    session.queryOne(std::string(kFireColumns) + "f.planned_at = ?", {fire.schedule, fire.plannedAt}));
        if (known) return fireOf(*known);
        if (fire.revision != schedule.revision) {
          return fail("storage.changed", "the schedule '" + fire.schedule + "' has been changed meanwhile");
        }
        FireRecord made;
        made.schedule = fire.schedule;
        made.plannedAt = fire.plannedAt;
        made.firedAt = fire.at;
        made.byHand = fire.byHand;
        settle(made, schedule, fire.why);
        if (made.outcome == FireOutcome::started) WEIR_TRY(begin(session, clock_, made, run));
        if (fire.byHand && made.outcome != FireOutcome::started && made.outcome != FireOutcome::waiting) {
          return fail(made.outcome == FireOutcome::failed ? "quota.runs" : "schedule.overlap", made.why);
        }
        WEIR_TRY(put(session, made));
        if (!fire.byHand) WEIR_TRY(moveOn(session, fire.schedule, fire.plannedAt, fire.missed));
        WEIR_TRY(
            session.exec("DELETE FROM schedule_fires WHERE schedule = ? AND planned_at < COALESCE((SELECT "
                         "planned_at FROM schedule_fires WHERE schedule = ? ORDER BY planned_at DESC LIMIT 1 "
                         "OFFSET ?), 0)",
                         {fire.schedule, fire.schedule, kMostFires}));
        return made;
      });
}

Operation<FireRecord> SqlSchedules::startWaiting(Fire fire, std::optional<StoredRun> run, Waker waker) {
  return database_.write<FireRecord>(
      std::move(waker),
      [this, fire = std::move(fire), run = std::move(run)](Session& session) mutable -> Result<FireRecord> {
        WEIR_ASSIGN(const auto schedule, find(session, fire.schedule));
        WEIR_TRY(mustBeOfItsFlow(session, schedule));
        WEIR_ASSIGN(const auto row,
                    session.queryOne(std::string(kFireColumns) + "f.planned_at = ?", {fire.schedule, fire.plannedAt}));
        if (!row) return fail("storage.not_found", "the time that waited is gone");
        auto waiting = fireOf(*row);
        if (waiting.outcome != FireOutcome::waiting || schedule.going >= roomOf(schedule.plan)) return waiting;
        waiting.firedAt = fire.at;
        waiting.why = fire.why;
        waiting.outcome = fire.why.empty() ? FireOutcome::started : FireOutcome::failed;
        if (fire.why.empty()) WEIR_TRY(begin(session, clock_, waiting, run));
        WEIR_TRY(session.exec(
            "UPDATE schedule_fires SET outcome = ?, fired_at = ?, run = ?, why = ? WHERE schedule = ? AND planned_at = "
            "?",
            {nameOf(waiting.outcome), waiting.firedAt, waiting.run, waiting.why, fire.schedule, fire.plannedAt}));
        return waiting;
      });
}

Operation<Unit> SqlSchedules::advance(std::string id, std::int64_t position, std::int64_t missed, Waker waker) {
  return database_.write<Unit>(std::move(waker),
                               [id = std::move(id), position, missed](Session& session) -> Result<Unit> {
                                 WEIR_TRY(moveOn(session, id, position, missed));
                                 return Unit{};
                               });
}

Operation<FirePage> SqlSchedules::fires(std::string id, std::int64_t before, std::int64_t limit, Waker waker) {
  return database_.read<FirePage>(
      std::move(waker), [id = std::move(id), before, limit](Session& session) -> Result<FirePage> {
        WEIR_TRY(find(session, id));
        const auto newest = std::string(kFireColumns) + "f.planned_at < ? ORDER BY f.planned_at DESC LIMIT ?";
        WEIR_ASSIGN(const auto rows, session.query(newest, {id, before > 0 ? before : kNoBound, limit + 1}));
        FirePage page;
        for (const auto& row : rows) {
          if (std::ssize(page.fires) == limit) {
            page.before = page.fires.back().plannedAt;
            break;
          }
          page.fires.push_back(fireOf(row));
        }
        return page;
      });
}

}  // namespace weir::store::sql
