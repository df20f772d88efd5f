// Schedules: made, changed, paused, run by hand, read.
#include <algorithm>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/auditor.h"
#include "service/api/flow-answers.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/auth/secret-text.h"
#include "service/resources/identity/body.h"
#include "service/resources/paging.h"
#include "service/resources/runs/new-run.h"
#include "service/resources/runs/run-answers.h"
#include "service/resources/schedules/schedule-routes.h"
#include "service/resources/server.h"
#include "service/schedule/schedule-times.h"
#include "service/schedule/scheduler.h"

namespace weir::api {
namespace {

using auth::Permission;

constexpr std::int64_t kMinute = 60'000, kDay = 86'400'000, kYear = 365 * kDay;
constexpr std::string_view kMembers =
    "name cron everyMs startAt timeZone version parameters environment overlap parallel misfire catchUp toleranceMs "
    "jitterMs";

struct Parts {
  store::Schedules& schedules;
  schedule::Scheduler& scheduler;
};

Expected<Parts> partsOf(const Call& call) {
  auto* server = call.services.server;
  if (server == nullptr || server->schedules == nullptr || server->scheduler == nullptr) {
    return refuse(404, "api.not_found", "this server keeps no schedules: it only executes flows that are sent to it");
  }
  return Parts{*server->schedules, *server->scheduler};
}

std::int64_t nowMs(const Call& call) { return call.services.clock.nowMicros() / 1000; }

/// What people said of it.
void writePlan(json::Writer& out, const store::SchedulePlan& plan) {
  out.key("name").value(plan.name);
  if (plan.cron.empty()) {
    out.key("everyMs").value(plan.everyMs);
    if (plan.startAt > 0) out.key("startAt").value(plan.startAt);
  } else {
    out.key("cron").value(plan.cron).key("timeZone").value(plan.timeZone);
  }
  if (plan.version > 0) {
    out.key("version").value(plan.version);
  } else {
    out.key("version").value("published");
  }
  out.key("parameters").raw(plan.parameters);
  if (!plan.environment.empty()) out.key("environment").value(plan.environment);
  out.key("overlap").value(store::kOverlaps[static_cast<std::size_t>(plan.overlap)]);
  out.key("parallel").value(plan.parallel);
  out.key("misfire").value(store::kMisfires[static_cast<std::size_t>(plan.misfire)]);
  out.key("catchUp").value(plan.catchUp).key("toleranceMs").value(plan.toleranceMs);
  out.key("jitterMs").value(plan.jitterMs).key("paused").value(plan.paused);
}

/// As the audit log tells of one that is changed or deleted.
std::string asItWas(const store::ScheduleRecord& record) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("flow").value(record.flow);
  writePlan(out, record.plan);
  out.endObject();
  return text;
}

void writeSchedule(json::Writer& out, const Call& call, const store::ScheduleRecord& record, TimeZones& zones) {
  const auto& plan = record.plan;
  out.beginObject().key("id").value(record.id).key("flow").value(record.flow).key("folder").value(record.folder);
  writePlan(out, plan);
  out.key("author").value(record.author);
  out.key("revision").value(record.revision).key("createdAt").value(record.createdAt);
  out.key("changedAt").value(record.changedAt).key("missed").value(record.missed).key("going").value(record.going);
  if (record.waitingSince) out.key("waitingSince").value(*record.waitingSince);
  const auto times = schedule::timesOf(record, zones);
  const auto next = times ? schedule::nextTimes(*times, nowMs(call), 1) : std::vector<std::int64_t>();
  if (!times) {
    out.key("why").value(times.error().message);
  } else if (plan.paused) {
    out.key("why").value("it is paused");
  } else if (record.flowInBin) {
    out.key("why").value("its flow is in the bin");
  } else if (next.empty()) {
    out.key("why").value("no time fits any more");
  } else {
    out.key("next").value(next.front());
  }
  out.endObject();
}

Response scheduleAnswer(const Call& call, const store::ScheduleRecord& record, TimeZones& zones, int status = 200) {
  std::string body;
  json::Writer out(body);
  writeSchedule(out, call, record, zones);
  auto response = jsonAnswer(std::move(body), status);
  response.with("etag", tagOf(record.revision));
  return response;
}

/// The schedule of the path, if its caller holds the permission where its flow is.
Job<Expected<store::ScheduleRecord>> scheduleOf(Call& call, Permission permission) {
  const auto parts = partsOf(call);
  if (!parts) co_return std::unexpected(parts.error());
  const auto& id = call.parameters.front();
  auto found = co_await call.of(parts->schedules.read(id, call.waker()));
  if (!found) co_return std::unexpected(refusalOf(found.error()));
  // It is about to go, and a later flow may have the id.
  if (found->flowIsGone) co_return refuse(404, "storage.not_found", "there is no schedule '" + id + "' here");
  const auth::Place place{found->folder, found->flow};
  const auto may = call.mustHave(permission, place, "the schedule '" + id + "'");
  if (!may) co_return std::unexpected(may.error());
  call.place = place;
  co_return std::move(*found);
}

template <class Enum, std::size_t N>
Enum choiceIn(Body& body, std::string_view name, const std::array<std::string_view, N>& names, Enum otherwise) {
  const auto given = body.text(name, std::string(names[static_cast<std::size_t>(otherwise)]));
  const auto found = std::ranges::find(names, given);
  if (found != names.end()) return static_cast<Enum>(found - names.begin());
  std::string all;
  for (const auto one : names) all += (all.empty() ? "" : ", ") + std::string(one);
  body.refuseOnce("'" + std::string(name) + "' is '" + given + "'; it is one of " + all);
  return otherwise;
}

void readVersion(Body& body, store::SchedulePlan& plan) {
  const auto* given = body.find("version");
  if (given == nullptr || (given->isString() && *given->asString() == "published")) return;
  if (given->asInt64() != nullptr && *given->asInt64() >= 1) {
    plan.version = *given->asInt64();
  } else {
    body.refuseOnce("'version' is the number of a version, or \"published\"");
  }
}

/// What the body says, checked; and that the flow can run so.
Expected<store::SchedulePlan> planIn(const Call& call, TimeZones& zones) {
  Body body(call, kMembers);
  store::SchedulePlan plan;
  plan.name = body.text("name");
  plan.cron = body.text("cron");
  plan.everyMs = body.number("everyMs", 0, store::kLeastEveryMs, kYear);
  plan.startAt = body.number("startAt", 0, 0, 253'402'300'799'000);
  plan.timeZone = body.text("timeZone", "UTC");
  readVersion(body, plan);
  if (const auto* parameters = body.find("parameters")) {
    if (!parameters->isObject()) body.refuseOnce("'parameters' is an object of names and values");
    plan.parameters = json::write(*parameters);
  }
  plan.environment = body.text("environment");
  plan.overlap = choiceIn(body, "overlap", store::kOverlaps, store::Overlap::skip);
  plan.parallel = body.number("parallel", 1, 1, 100);
  plan.misfire = choiceIn(body, "misfire", store::kMisfires, store::Missed::once);
  plan.catchUp = body.number("catchUp", 100, 1, 1'000);
  const auto tolerance = plan.everyMs > 0 ? std::min(plan.everyMs, kMinute) : kMinute;
  plan.toleranceMs = body.number("toleranceMs", tolerance, 1, kDay);
  plan.jitterMs = body.number("jitterMs", 0, 0, kDay);
  if (plan.name.size() > 200) body.refuseOnce("'name' is longer than 200 bytes");
  if (body.has("cron") == body.has("everyMs")) {
    body.refuseOnce("a schedule has either 'cron', such as \"0 9 * * MON-FRI\", or 'everyMs'");
  }
  if (body.has("cron") && plan.cron.empty()) {
    body.refuseOnce("'cron' is empty: give it a line such as \"0 9 * * MON-FRI\", or leave it out and give 'everyMs'");
  }
  if (body.has("cron") && body.has("startAt")) {
    body.refuseOnce("'startAt' is where an interval begins: it goes with 'everyMs', not with 'cron'");
  }
  if (plan.overlap != store::Overlap::parallel && plan.parallel > 1) {
    body.refuseOnce("'parallel' is for \"overlap\": \"parallel\"");
  }
  if (body.refused()) return std::unexpected(*body.refused());
  store::ScheduleRecord tried;
  tried.plan = plan;
  if (const auto times = schedule::timesOf(tried, zones); !times) {
    return refuse(422, times.error().code, std::string(times.error().message));
  }
  return plan;
}

Job<Expected<store::SchedulePlan>> checkedPlan(Call& call, std::string flow) {
  auto plan = planIn(call, partsOf(call)->scheduler.zones());
  if (!plan) co_return plan;
  NewRun wish;
  wish.flow = std::move(flow);
  if (plan->version > 0) wish.version = plan->version;
  wish.parameters = plan->parameters;
  wish.environment = plan->environment;
  const auto run = co_await prepareRun(call.services, call.strand, std::move(wish));
  // Nobody is asked when its time comes.
  if (run) {
    if (auto may = co_await mayRun(call, *run); !may) co_return std::unexpected(may.error());
  }
  if (!run) co_return std::unexpected(run.error());
  co_return plan;
}

Job<Response> putPlan(Call& call, store::ScheduleRecord before, store::IfRevision revision, store::SchedulePlan plan,
                      std::optional<std::int64_t> position) {
  const auto parts = partsOf(call);
  noteChange(call, {}, asItWas(before));
  const auto kept = co_await call.of(
      parts->schedules.replace(before.id, revision, std::move(plan), position, nowMs(call), call.waker()));
  if (!kept) co_return toResponse(refusalOf(kept.error()));
  parts->scheduler.changed();
  co_return scheduleAnswer(call, *kept, parts->scheduler.zones());
}

void writeFire(json::Writer& out, const store::FireRecord& fire) {
  out.beginObject().key("plannedAt").value(fire.plannedAt).key("firedAt").value(fire.firedAt);
  out.key("outcome").value(store::kFireOutcomes[static_cast<std::size_t>(fire.outcome)]);
  out.key("byHand").value(fire.byHand);
  if (!fire.run.empty()) out.key("run").value(fire.run);
  if (!fire.runState.empty()) out.key("runState").value(fire.runState);
  if (!fire.why.empty()) out.key("why").value(fire.why);
  out.endObject();
}

/// The page that the call asks for, of those that the query is about.
Job<Response> listed(Call& call, store::ScheduleQuery query) {
  const auto parts = partsOf(call);
  if (!parts) co_return toResponse(parts.error());
  auto asked = pageAsked(call.query, "schedules");
  if (!asked) co_return toResponse(asked.error());
  query.after = std::move(asked->after);
  query.limit = asked->limit;
  if (const auto* state = call.query.find("state")) query.paused = *state == "paused";
  const auto page = co_await call.of(parts->schedules.page(std::move(query), call.waker()));
  if (!page) co_return toResponse(refusalOf(page.error()));
  std::string body;
  json::Writer out(body);
  out.beginObject().key("schedules").beginArray();
  for (const auto& one : page->schedules) writeSchedule(out, call, one, parts->scheduler.zones());
  out.endArray();
  if (!page->place.empty()) out.key("next").value(cursorBehind("schedules", page->place));
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

}  // namespace

Job<Response> createSchedule(Call& call) {
  const auto parts = partsOf(call);
  if (!parts) co_return toResponse(parts.error());
  auto plan = co_await checkedPlan(call, call.parameters.front());
  if (!plan) co_return toResponse(plan.error());
  store::ScheduleRecord record;
  record.id = auth::newId();
  record.flow = call.parameters.front();
  record.plan = std::move(*plan);
  record.author = call.principal.user;
  record.createdAt = nowMs(call);
  record.position = record.createdAt;
  noteChange(call, std::string(kPrefix) + "/schedules/" + record.id);
  const auto made = co_await call.of(parts->schedules.create(std::move(record), call.waker()));
  if (!made) co_return toResponse(refusalOf(made.error()));
  parts->scheduler.changed();
  auto response = scheduleAnswer(call, *made, parts->scheduler.zones(), 201);
  response.with("location", std::string(kPrefix) + "/schedules/" + made->id);
  co_return response;
}

Job<Response> listFlowSchedules(Call& call) {
  store::ScheduleQuery query;
  query.flow = call.parameters.front();
  co_return co_await listed(call, std::move(query));
}

Job<Response> listSchedules(Call& call) {
  store::ScheduleQuery query;
  query.flow = call.query.text("flow");
  query.folder = call.query.text("folder");
  if (auto good = checkFolder(query.folder); !good) co_return toResponse(good.error());
  if (call.services.gate != nullptr) query.visible = call.reachOf(Permission::flowRead);
  co_return co_await listed(call, std::move(query));
}

Job<Response> getSchedule(Call& call) {
  const auto found = co_await scheduleOf(call, Permission::flowRead);
  if (!found) co_return toResponse(found.error());
  co_return scheduleAnswer(call, *found, partsOf(call)->scheduler.zones());
}

Job<Response> replaceSchedule(Call& call) {
  auto found = co_await scheduleOf(call, Permission::flowPublish);
  if (!found) co_return toResponse(found.error());
  const auto revision = revisionOf(call, found->revision);
  if (!revision) co_return toResponse(revision.error());
  auto plan = co_await checkedPlan(call, found->flow);
  if (!plan) co_return toResponse(plan.error());
  plan->paused = found->plan.paused;
  co_return co_await putPlan(call, std::move(*found), *revision, std::move(*plan), nowMs(call));
}

Job<Response> deleteSchedule(Call& call) {
  const auto found = co_await scheduleOf(call, Permission::flowPublish);
  if (!found) co_return toResponse(found.error());
  const auto revision = ifGiven(call, found->revision);
  if (!revision) co_return toResponse(revision.error());
  const auto parts = partsOf(call);
  noteChange(call, {}, asItWas(*found));
  const auto gone = co_await call.of(parts->schedules.remove(found->id, *revision, call.waker()));
  if (!gone) co_return toResponse(refusalOf(gone.error()));
  parts->scheduler.changed();
  co_return Response{.status = 204};
}

Job<Response> pauseSchedule(Call& call) {
  auto found = co_await scheduleOf(call, Permission::runStart);
  if (!found) co_return toResponse(found.error());
  auto plan = found->plan;
  plan.paused = true;
  const auto revision = found->revision;
  co_return co_await putPlan(call, std::move(*found), revision, std::move(plan), std::nullopt);
}

Job<Response> resumeSchedule(Call& call) {
  auto found = co_await scheduleOf(call, Permission::runStart);
  if (!found) co_return toResponse(found.error());
  if (!found->plan.paused) co_return scheduleAnswer(call, *found, partsOf(call)->scheduler.zones());
  auto plan = found->plan;
  plan.paused = false;
  const auto revision = found->revision;
  co_return co_await putPlan(call, std::move(*found), revision, std::move(plan), nowMs(call));
}

Job<Response> runScheduleNow(Call& call) {
  auto found = co_await scheduleOf(call, Permission::runStart);
  if (!found) co_return toResponse(found.error());
  const auto made = co_await partsOf(call)->scheduler.runNow(call.strand, std::move(*found));
  if (!made) co_return toResponse(made.error());
  std::string body;
  json::Writer out(body);
  writeFire(out, *made);
  co_return jsonAnswer(std::move(body), 201);
}

Job<Response> getScheduleTimes(Call& call) {
  const auto found = co_await scheduleOf(call, Permission::flowRead);
  if (!found) co_return toResponse(found.error());
  const auto times = schedule::timesOf(*found, partsOf(call)->scheduler.zones());
  if (!times) co_return toResponse({422, times.error().code, std::string(times.error().message)});
  std::string body;
  json::Writer out(body);
  out.beginObject().key("times").beginArray();
  const auto after = call.query.number("after", nowMs(call));
  for (const auto one : schedule::nextTimes(*times, after, call.query.number("count", 10))) out.value(one);
  out.endArray().endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> listScheduleFires(Call& call) {
  const auto found = co_await scheduleOf(call, Permission::flowRead);
  if (!found) co_return toResponse(found.error());
  const auto page = co_await call.of(partsOf(call)->schedules.fires(found->id, call.query.number("before", 0),
                                                                    call.query.number("limit", 50), call.waker()));
  if (!page) co_return toResponse(refusalOf(page.error()));
  std::string body;
  json::Writer out(body);
  out.beginObject().key("fires").beginArray();
  for (const auto& fire : page->fires) writeFire(out, fire);
  out.endArray();
  if (page->before > 0) out.key("next").value(page->before);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

}  // namespace weir::api
