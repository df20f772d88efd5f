// Runs that go on again, and runs that go over to another version of their flow.
#include <algorithm>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/auditor.h"
#include "service/engines/supervisor.h"
#include "service/resources/identity/body.h"
#include "service/resources/runs/run-answers.h"
#include "service/resources/runs/runs-routes.h"

namespace weir::api {
namespace {

using auth::Permission;

constexpr std::int64_t kMostRuns = 500;

struct Asked {
  std::optional<std::int64_t> version;  // 0: the draft; not set: what is published
  bool restart = false, keepState = false;
};

Expected<Asked> askedOf(const Call& call) {
  Body body(call, "version running keepState");
  Asked asked;
  if (const auto* version = body.find("version")) {
    const auto* name = version->asString();
    if (version->asInt64() != nullptr && *version->asInt64() >= 1) {
      asked.version = *version->asInt64();
    } else if (name != nullptr && *name == "draft") {
      asked.version = 0;
    } else if (name == nullptr || *name != "published") {
      body.refuseOnce("'version' is the number of a version, \"published\" or \"draft\"");
    }
  }
  const auto running = body.text("running", "change");
  asked.restart = running == "restart";
  if (!asked.restart && running != "change") body.refuseOnce("'running' is \"change\" or \"restart\"");
  asked.keepState = body.flag("keepState", false);
  if (body.refused()) return std::unexpected(*body.refused());
  return asked;
}

/// Why a run does not go over to it; empty: it is under way.
Job<Expected<std::string>> goOver(Call& call, store::RunRecord run, Asked asked) {
  auto& supervisor = runPartsOf(call)->supervisor;
  if (!run.replay.empty()) co_return "a replay of dead letters keeps the version that it began with";
  if (supervisor.record(run.id) == nullptr) {
    co_return isOver(run.state) || run.state == store::RunState::held ? "it does not go on"
                                                                      : "another server works it; ask that one";
  }
  NewRun wish;
  wish.flow = run.flow;
  wish.after = run;
  wish.version = asked.version;
  wish.parameters = run.parameters.empty() ? "{}" : run.parameters;
  auto other = co_await prepareRun(call.services, call.strand, std::move(wish));
  if (!other) co_return std::unexpected(std::move(other.error()));
  if (auto may = co_await mayRun(call, *other); !may) co_return std::unexpected(may.error());
  if (other->record.version == run.version && run.version > 0) co_return "it runs that version already";
  engines::RunVersion version;
  version.number = other->record.version;
  version.document = std::move(other->document);
  version.restart = asked.restart;
  version.keepState = asked.keepState;
  if (supervisor.change(run.id, std::move(version))) co_return std::string();
  co_return "it is ending, or another change of it is under way";
}

}  // namespace

Job<Response> resumeKeptRun(Call& call) {
  const auto run = co_await runAt(call, Permission::runStart);
  if (!run) co_return toResponse(run.error());
  const auto parts = runPartsOf(call);
  const auto& options = parts->supervisor.options();
  if (run->errorCode == store::kElsewhere && run->state == store::RunState::held) {
    co_return toResponse({409, store::kElsewhere, "the run '" + run->id + "' cannot go on here: " + run->why});
  }
  // What it goes on with is its own, but whoever has its flow now has not asked for that.
  const auto flow = co_await call.of(call.services.store.read(run->flow, call.waker()));
  if (auto same = isFlowOf(*run, flow); !same) co_return toResponse(same.error());
  noteChange(call);
  auto resumed = co_await call.of(parts->runs.resume(run->id, options.owner, options.leaseMs, call.waker()));
  if (!resumed) co_return toResponse(refusalOf(resumed.error()));
  auto response = runAnswer(resumed->record, 202);
  resumed->record.traceparent = traceparentOf(call);
  parts->supervisor.adopt(std::move(*resumed));
  co_return response;
}

Job<Response> changeRunVersion(Call& call) {
  const auto run = co_await runAt(call, Permission::flowPublish);
  if (!run) co_return toResponse(run.error());
  const auto asked = askedOf(call);
  if (!asked) co_return toResponse(asked.error());
  const auto why = co_await goOver(call, *run, *asked);
  if (!why) co_return toResponse(why.error());
  if (!why->empty())
    co_return toResponse({409, "run.keeps_version", "the run '" + run->id + "' stays as it is: " + *why});
  co_return runAnswer(knownOf(runPartsOf(call)->supervisor, *run), 202);
}

Job<Response> changeFlowRuns(Call& call) {
  const auto parts = runPartsOf(call);
  if (!parts) co_return toResponse(parts.error());
  const auto asked = askedOf(call);
  if (!asked) co_return toResponse(asked.error());
  store::RunQuery query;
  query.flow = call.parameters.front();
  query.limit = kMostRuns;
  const auto page = co_await call.of(parts->runs.list(query, call.waker()));
  if (!page) co_return toResponse(refusalOf(page.error()));
  std::string body;
  json::Writer out(body);
  out.beginObject().key("runs").beginArray();
  for (const auto& run : page->runs) {
    if (isOver(run.state)) continue;
    // Of the flow where it was before, or of one before it: not of who has it now.
    if (call.place && run.folder != call.place->folder) continue;
    const auto why = co_await goOver(call, run, *asked);
    if (!why) co_return toResponse(why.error());
    out.beginObject().key("run").value(run.id).key("changes").value(why->empty());
    if (!why->empty()) out.key("why").value(*why);
    out.endObject();
  }
  out.endArray().endObject();
  co_return jsonAnswer(std::move(body), 202);
}

}  // namespace weir::api
