// Runs of kept flows: started, listed, stopped, read.
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/auditor.h"
#include "service/api/flow-text.h"
#include "service/api/guarded-stream.h"
#include "service/api/handlers.h"
#include "service/api/oldest-event.h"
#include "service/engines/supervisor.h"
#include "service/live/event-stream.h"
#include "service/resources/identity/body.h"
#include "service/resources/runs/new-run.h"
#include "service/resources/runs/run-answers.h"
#include "service/resources/runs/runs-routes.h"
#include "service/resources/server.h"
#include "service/store/runs.h"

namespace weir::api {
namespace {

struct Asked {
  std::string parameters = "{}";
  std::string environment{};
  std::optional<std::int64_t> version;  // 0: the draft; not set: what is published
  RowsKept rows{};
};

/// {parameters?, version?: a number or "draft", environment?, record?, trace?}; no body is an empty one.
Expected<Asked> askedOf(const std::string& body) {
  Asked asked;
  if (body.empty()) return asked;
  const auto parsed = jsonOf(body);
  if (!parsed) return std::unexpected(parsed.error());
  const auto& root = parsed->root();
  if (!root.isObject()) return refuse(400, "api.body", "the body is an object with 'parameters' and 'version'");
  if (auto known = checkMembers(root, "parameters version environment record trace"); !known)
    return std::unexpected(std::move(known.error()));
  if (const auto* parameters = root.find("parameters")) {
    if (!parameters->isObject()) return refuse(400, "api.body", "'parameters' is an object of names and values");
    asked.parameters = json::write(*parameters);
  }
  if (const auto* environment = root.find("environment")) {
    if (!environment->isString()) return refuse(400, "api.body", "'environment' is the name of one of the folder's");
    asked.environment = *environment->asString();
  }
  auto rows = RowsKept::asked(root);
  if (!rows) return std::unexpected(std::move(rows.error()));
  asked.rows = std::move(*rows);
  const auto* version = root.find("version");
  if (version == nullptr) return asked;
  const bool draft = version->isString() && *version->asString() == "draft";
  if (!draft && (version->asInt64() == nullptr || *version->asInt64() < 1)) {
    return refuse(400, "api.body", "'version' is the number of a version, or \"draft\"");
  }
  asked.version = draft ? 0 : *version->asInt64();
  return asked;
}

/// Unless it is said, before the oldest event that is kept.
Expected<std::int64_t> afterOf(const Call& call, const EventRing& events) {
  const auto* header = call.header("last-event-id");
  if (header == nullptr || header->empty()) return call.query.number("after", beforeOldest(events));
  std::int64_t after = -1;
  const auto [end, error] = std::from_chars(header->data(), header->data() + header->size(), after);
  if (error == std::errc() && end == header->data() + header->size() && after >= 0) return after;
  return refuse(400, "api.query", "Last-Event-ID is '" + *header + "'; it is the number of an event");
}

using Totals = std::vector<std::optional<metrics::RunTotals>>;

/// The figures of each of them, of what they have told last, which is taken out of them.
Job<Expected<Totals>> totalsOf(Call& call, std::vector<store::RunRecord>& runs) {
  std::vector<std::pair<std::string, std::string>> told;
  std::size_t bytes = 0;
  for (auto& run : runs) {
    bytes += run.metrics.size() + run.result.size();
    told.emplace_back(std::move(run.metrics), std::move(run.result));
  }
  co_return co_await call.aside(bytes, [told = std::move(told)]() -> Expected<Totals> {
    Totals totals;
    for (const auto& [metrics, result] : told) totals.push_back(metrics::runTotalsOf(metrics, result));
    return totals;
  });
}

}  // namespace

Job<Response> startRun(Call& call) {
  const auto asked = askedOf(call.body);
  if (!asked) co_return toResponse(asked.error());
  if (!asked->rows.edge.empty()) {
    const auto place = call.place.value_or(auth::Place{{}, call.parameters.front()});
    const auto may = call.mustHave(auth::Permission::dataRead, place, "recording rows of the flow");
    if (!may) co_return toResponse(may.error());
  }
  NewRun wish;
  wish.flow = call.parameters.front();
  wish.rows = asked->rows;
  wish.version = asked->version;
  wish.environment = asked->environment;
  wish.parameters = asked->parameters;
  wish.starter = call.principal.user;
  co_return co_await startPrepared(call, std::move(wish));
}

Job<Response> listKeptRuns(Call& call) {
  const auto parts = runPartsOf(call);
  if (!parts) co_return toResponse(parts.error());
  store::RunQuery query;
  query.flow = call.query.text("flow");
  query.folder = call.query.text("folder");
  query.state = store::runStateNamed(call.query.text("state"));
  query.starter = call.query.text("startedBy");
  query.from = call.query.number("from", 0);
  query.until = call.query.number("until", 0);
  query.cursor = call.query.text("cursor");
  query.limit = call.query.number("limit", 50);
  const auto reach = call.reachOf(auth::Permission::flowRead);
  std::string body;
  json::Writer out(body);
  store::RunPage page;
  if (call.services.gate != nullptr) {
    query.folders = reach.folders;
    query.flows = reach.flows;
  }
  const bool nothing = call.services.gate != nullptr && query.folders.empty() && query.flows.empty();
  if (!nothing) {
    auto read = co_await call.of(parts->runs.list(query, call.waker()));
    if (!read) co_return toResponse(refusalOf(read.error()));
    page = std::move(*read);
  }
  std::vector<store::RunRecord> runs;
  std::map<std::string, std::optional<std::string>> lies;  // where flows are now
  for (auto& run : page.runs) {
    // A token that is cut to folders sees only those.
    if (call.services.gate != nullptr && !reach.has({run.folder, run.flow})) continue;
    if (call.services.gate != nullptr && !reach.has({run.folder, {}})) {
      // Seen by a grant for its flow, which is for where that lies now.
      auto at = lies.find(run.flow);
      if (at == lies.end()) {
        const auto flow = co_await call.of(call.services.store.read(run.flow, call.waker()));
        if (!flow && flow.error().code != "storage.not_found") co_return toResponse(refusalOf(flow.error()));
        at = lies.emplace(run.flow, flow ? std::optional(flow->head.folder) : std::nullopt).first;
      }
      if (at->second != run.folder) continue;
    }
    runs.push_back(knownOf(parts->supervisor, run));
  }
  const auto totals = co_await totalsOf(call, runs);
  if (!totals) co_return toResponse(totals.error());
  out.beginObject().key("runs").beginArray();
  for (std::size_t i = 0; i < runs.size(); ++i) writeRun(out, runs[i], (*totals)[i]);
  out.endArray();
  if (!page.cursor.empty()) out.key("next").value(page.cursor);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getKeptRun(Call& call) {
  // Executions are found under this path too, as in a page.
  if (call.services.executions.find(call.parameters.front()) != nullptr) co_return co_await getExecution(call);
  const auto run = co_await runAt(call, auth::Permission::flowRead);
  if (!run) co_return toResponse(run.error());
  co_return runAnswer(*run);
}

Job<Response> stopKeptRun(Call& call) {
  const auto run = co_await runAt(call, auth::Permission::runStop);
  if (!run) co_return toResponse(run.error());
  Body body(call, "at");
  const auto at = body.text("at", "end");
  if (at != "end" && at != "checkpoint") body.refuseOnce("'at' is \"end\" or \"checkpoint\"");
  if (body.refused()) co_return toResponse(*body.refused());
  // It is what it is to be: who asks again does no harm, and learns how it ended.
  if (isOver(run->state)) co_return runAnswer(*run);
  const auto parts = runPartsOf(call);
  noteChange(call);
  auto wanted = co_await call.of(parts->runs.want(run->id, false, call.waker()));
  if (!wanted) co_return toResponse(refusalOf(wanted.error()));
  parts->supervisor.stop(run->id, at == "checkpoint");
  co_return runAnswer(knownOf(parts->supervisor, *wanted), 202);
}

Job<Response> deleteKeptRun(Call& call) {
  const auto run = co_await runAt(call, auth::Permission::runStop);
  if (!run) co_return toResponse(run.error());
  const auto parts = runPartsOf(call);
  noteChange(call);
  const auto removed = co_await call.of(parts->runs.remove(run->id, call.waker()));
  if (!removed) co_return toResponse(refusalOf(removed.error()));
  parts->supervisor.forget(run->id);
  co_return Response{.status = 204};
}

Job<Response> listRunCrashes(Call& call) {
  const auto run = co_await runAt(call, auth::Permission::flowRead);
  if (!run) co_return toResponse(run.error());
  std::string body;
  json::Writer out(body);
  out.beginObject().key("crashes").beginArray();
  for (const auto& report : runPartsOf(call)->supervisor.crashes(run->id)) out.raw(report);
  out.endArray().endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getRunMetrics(Call& call) {
  const auto run = co_await runAt(call, auth::Permission::flowRead);
  if (!run) co_return toResponse(run.error());
  std::string body;
  json::Writer out(body);
  out.beginObject().key("run").value(run->id);
  if (!run->metrics.empty()) out.key("metrics").raw(run->metrics);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> readRunEvents(Call& call) {
  const auto run = co_await runAt(call, auth::Permission::dataRead);
  if (!run) co_return toResponse(run.error());
  const auto* told = runPartsOf(call)->supervisor.told(run->id);
  if (told == nullptr) {
    co_return toResponse({410, "live.gone",
                          "the events of the run '" + run->id + "' are not kept any more; GET /runs/" + run->id +
                              " says how it stands"});
  }
  const auto& events = *told->events;
  const auto after = afterOf(call, events);
  if (!after) co_return toResponse(after.error());
  if (!events.has(*after)) {
    co_return toResponse({410, "live.gone",
                          "the events of the run '" + run->id + "' behind number " + std::to_string(*after) +
                              " are not kept; ask for those behind " + std::to_string(beforeOldest(events)) + " to " +
                              std::to_string(events.last()) + ", or leave 'after' out for all that are"});
  }
  Response response;
  response.with("content-type", std::string(kEvents)).with("cache-control", "no-store");
  response.stream =
      guardedStream(call, EventRing::read(told->events, *after), {auth::Permission::dataRead, *call.place}, run->id);
  if (auto* live = call.services.server->live) response.stream = untilServerEnds(*live, std::move(response.stream));
  co_return response;
}

}  // namespace weir::api
