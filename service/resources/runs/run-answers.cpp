// Runs as answers, and what it takes to begin one.
#include "service/resources/runs/run-answers.h"

#include <utility>

#include "service/api/auditor.h"
#include "service/api/declared-fields.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"
#include "service/api/once.h"
#include "service/api/publishing.h"
#include "service/engines/supervisor.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

constexpr std::size_t kMostKeyBytes = 200, kMostTraceparent = 200;

void writeJson(json::Writer& out, std::string_view key, const std::string& json) {
  if (!json.empty()) out.key(key).raw(json);
}

void writeHead(json::Writer& out, const store::RunRecord& run) {
  out.beginObject().key("id").value(run.id).key("flow").value(run.flow).key("folder").value(run.folder);
  out.key("version").value(run.version).key("state").value(nameOf(run.state));
  out.key("wanted").value(run.wanted ? "running" : "stopped");
  if (!run.why.empty()) out.key("why").value(run.why);
  out.key("startedBy").value(run.starter).key("createdAt").value(run.createdAt);
  if (run.startedAt > 0) out.key("startedAt").value(run.startedAt);
  if (run.endedAt > 0) out.key("endedAt").value(run.endedAt);
  out.key("restarts").value(run.restarts);
  if (!run.outcome.empty()) out.key("outcome").value(run.outcome);
  if (!run.environment.empty()) out.key("environment").value(run.environment);
  if (!run.errorCode.empty()) {
    out.key("error").beginObject().key("code").value(run.errorCode).key("message").value(run.errorMessage).endObject();
  }
  writeJson(out, "replay", run.replay);
  writeJson(out, "rowsKept", run.rowsKept);
}

}  // namespace

Expected<RunParts> runPartsOf(const Call& call) {
  auto* server = call.services.server;
  if (server == nullptr || server->runs == nullptr || server->supervisor == nullptr) {
    return refuse(404, "api.not_found", "this server keeps no runs: it only executes flows that are sent to it");
  }
  return RunParts{*server->runs, *server->supervisor};
}

void writeRun(json::Writer& out, const store::RunRecord& run) {
  writeHead(out, run);
  writeJson(out, "parameters", run.parameters);
  writeJson(out, "result", run.result);
  writeJson(out, "metrics", run.metrics);
  out.endObject();
}

void writeRun(json::Writer& out, const store::RunRecord& run, const std::optional<metrics::RunTotals>& totals) {
  writeHead(out, run);
  if (totals) {
    out.key("figures").beginObject().key("rowsIn").value(totals->rowsIn).key("rowsOut").value(totals->rowsOut);
    out.key("errors").value(totals->errors).key("setAside").value(totals->setAside);
    out.key("elapsedMicros").value(totals->elapsedMicros);
    if (totals->progressTotal > 0) {
      out.key("progressDone").value(totals->progressDone).key("progressTotal").value(totals->progressTotal);
    }
    out.endObject();
  }
  out.endObject();
}

Response runAnswer(const store::RunRecord& run, int status) {
  std::string body;
  json::Writer out(body);
  writeRun(out, run);
  return jsonAnswer(std::move(body), status);
}

const store::RunRecord& knownOf(const engines::Supervisor& supervisor, const store::RunRecord& stored) {
  const auto* here = supervisor.record(stored.id);
  if (here == nullptr || (isOver(here->state) && !isOver(stored.state))) return stored;
  return *here;
}

Job<Expected<store::RunRecord>> runAt(Call& call, auth::Permission permission) {
  const auto parts = runPartsOf(call);
  if (!parts) co_return std::unexpected(parts.error());
  const auto& id = call.parameters.front();
  auto run = co_await call.of(parts->runs.read(id, call.waker()));
  if (!run) co_return std::unexpected(refusalOf(run.error()));
  // As the gate has found it.
  const auto place = call.place.value_or(auth::Place{run->folder, run->flow});
  const auto may = call.mustHave(permission, place, "the run '" + id + "'");
  if (!may) co_return std::unexpected(may.error());
  call.place = place;
  co_return knownOf(parts->supervisor, *run);
}

Job<Expected<Unit>> mayRun(Call& call, const PreparedRun& run) {
  if (run.published) co_return Unit{};
  const auto& record = run.record;
  const auto flow = co_await call.of(call.services.store.read(record.flow, call.waker()));
  if (!flow) co_return std::unexpected(refusalOf(flow.error()));
  if (auto* publishing = call.services.publishing; publishing != nullptr) {
    const auto document = flowOf(run.document);
    if (!document) co_return std::unexpected(document.error());
    if (auto may = co_await publishing->mayUse(call, record.folder, *document); !may)
      co_return std::unexpected(may.error());
  }
  auto may = co_await mayDeclareFields(call, record.flow, record.folder, flow->head.publishedVersion, run.document);
  if (!may) co_return std::unexpected(may.error());
  co_return Unit{};
}

std::string traceparentOf(const Call& call) {
  const auto* header = call.header("traceparent");
  return header == nullptr || header->size() > kMostTraceparent ? std::string() : *header;
}

Job<Response> startPrepared(Call& call, NewRun wish) {
  const auto parts = runPartsOf(call);
  if (!parts) co_return toResponse(parts.error());
  wish.owner = parts->supervisor.options().owner;
  wish.leaseMs = parts->supervisor.options().leaseMs;
  wish.traceparent = traceparentOf(call);
  auto run = co_await prepareRun(call.services, call.strand, std::move(wish));
  if (!run) co_return toResponse(run.error());
  auto& record = run->record;
  if (auto may = co_await mayRun(call, *run); !may) co_return toResponse(may.error());
  if (const auto* key = call.header("idempotency-key")) {
    if (key->empty() || key->size() > kMostKeyBytes) {
      co_return toResponse({400, "api.query", "Idempotency-Key is a text of 1 to 200 bytes"});
    }
    record.requestKey = *key;
  }
  const auto wanted = record.id;
  const auto answer = [](const store::RunRecord& record) {
    auto response = runAnswer(record, 201);
    response.with("location", std::string(kPrefix) + "/runs/" + record.id);
    return response;
  };
  answering<store::RunRecord>(call, answer);
  // The same request may have come before: then nothing is made, and the entry says which run is the answer.
  if (record.requestKey.empty()) {
    noteChange(call, std::string(kPrefix) + "/runs/" + wanted);
  } else if (call.services.once != nullptr) {
    call.services.once->claim(call);
  }
  const auto made = co_await call.of(parts->runs.create(*run, call.waker()));
  if (!made) co_return toResponse(refusalOf(made.error()));
  // The same request has come before: its run is the answer.
  if (made->id == wanted) {
    run->record = *made;
    parts->supervisor.adopt(std::move(*run));
  }
  co_return answer(*made);
}

}  // namespace weir::api
