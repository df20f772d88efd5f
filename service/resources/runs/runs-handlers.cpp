// Runs of kept flows: started, listed, stopped, read.
#include <charconv>
#include <utility>

#include "engine/flow/make-plan.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"
#include "service/api/publishing.h"
#include "service/api/run-request.h"
#include "service/auth/secret-text.h"
#include "service/engines/process-runner.h"
#include "service/engines/supervisor.h"
#include "service/resources/folders/folder-routes.h"
#include "service/resources/runs/runs-routes.h"
#include "service/resources/server.h"
#include "service/store/runs.h"

namespace weir::api {
namespace {

constexpr std::size_t kMostKeyBytes = 200;

struct Parts {
  store::Runs& runs;
  engines::Supervisor& supervisor;
};

Expected<Parts> partsOf(const Call& call) {
  auto* server = call.services.server;
  if (server == nullptr || server->runs == nullptr || server->supervisor == nullptr) {
    return refuse(404, "api.not_found", "this server keeps no runs: it only executes flows that are sent to it");
  }
  return Parts{*server->runs, *server->supervisor};
}

void writeJson(json::Writer& out, std::string_view key, const std::string& json) {
  if (!json.empty()) out.key(key).raw(json);
}

void writeRun(json::Writer& out, const store::RunRecord& run, bool whole) {
  out.beginObject().key("id").value(run.id).key("flow").value(run.flow).key("folder").value(run.folder);
  out.key("version").value(run.version).key("state").value(nameOf(run.state));
  out.key("wanted").value(run.wanted ? "running" : "stopped");
  if (!run.why.empty()) out.key("why").value(run.why);
  out.key("startedBy").value(run.starter).key("createdAt").value(run.createdAt);
  if (run.startedAt > 0) out.key("startedAt").value(run.startedAt);
  if (run.endedAt > 0) out.key("endedAt").value(run.endedAt);
  out.key("restarts").value(run.restarts);
  if (!run.outcome.empty()) out.key("outcome").value(run.outcome);
  if (!run.errorCode.empty()) {
    out.key("error").beginObject().key("code").value(run.errorCode).key("message").value(run.errorMessage).endObject();
  }
  if (!run.environment.empty()) out.key("environment").value(run.environment);
  if (whole) {
    writeJson(out, "parameters", run.parameters);
    writeJson(out, "result", run.result);
    writeJson(out, "metrics", run.metrics);
  }
  out.endObject();
}

Response runAnswer(const store::RunRecord& run, int status = 200) {
  std::string body;
  json::Writer out(body);
  writeRun(out, run, true);
  return jsonAnswer(std::move(body), status);
}

/// The run of the path, if its caller holds the permission where its flow is.
Job<Expected<store::RunRecord>> runOf(Call& call, auth::Permission permission) {
  const auto parts = partsOf(call);
  if (!parts) co_return std::unexpected(parts.error());
  const auto& id = call.parameters.front();
  auto run = co_await call.of(parts->runs.read(id, call.waker()));
  if (!run) co_return std::unexpected(refusalOf(run.error()));
  const auto may = call.mustHave(permission, {run->folder, run->flow}, "the run '" + id + "'");
  if (!may) co_return std::unexpected(may.error());
  // What goes on here is known better here.
  if (const auto* here = parts->supervisor.record(id)) co_return *here;
  co_return std::move(*run);
}

struct Asked {
  std::string parameters = "{}";
  std::string environment{};
  std::optional<std::int64_t> version;  // 0: the draft; not set: what is published
};

/// {parameters?, version?: a number or "draft"}; no body is an empty one.
Expected<Asked> askedOf(const std::string& body) {
  Asked asked;
  if (body.empty()) return asked;
  const auto parsed = jsonOf(body);
  if (!parsed) return std::unexpected(parsed.error());
  const auto& root = parsed->root();
  if (!root.isObject()) return refuse(400, "api.body", "the body is an object with 'parameters' and 'version'");
  if (auto known = checkMembers(root, "parameters version environment"); !known)
    return std::unexpected(std::move(known.error()));
  if (const auto* parameters = root.find("parameters")) {
    if (!parameters->isObject()) return refuse(400, "api.body", "'parameters' is an object of names and values");
    asked.parameters = json::write(*parameters);
  }
  if (const auto* environment = root.find("environment")) {
    if (!environment->isString()) return refuse(400, "api.body", "'environment' is the name of one of the folder's");
    asked.environment = *environment->asString();
  }
  const auto* version = root.find("version");
  if (version == nullptr) return asked;
  const bool draft = version->isString() && *version->asString() == "draft";
  if (!draft && (version->asInt64() == nullptr || *version->asInt64() < 1)) {
    return refuse(400, "api.body", "'version' is the number of a version, or \"draft\"");
  }
  asked.version = draft ? 0 : *version->asInt64();
  return asked;
}

/// Whether it can run with these parameters.
Expected<void> checkRunnable(const Call& call, const std::string& folder, const std::string& text,
                             const std::string& parameters) {
  const auto document = flowOf(text);
  if (!document) return std::unexpected(document.error());
  const auto options = json::parse("{\"parameters\":" + parameters + "}");
  if (!options) return std::unexpected(refusalOf(options.error()));
  auto asked = RunRequest::of(options->root(), engines::keptHosts());
  if (!asked) return std::unexpected(refusalOf(asked.error()));
  auto& mounts = asked->planning.mounts.emplace();
  if (const auto book = bookOf(call)) {
    for (auto& mount : (*book)->mountsFor(folder)) mounts.push_back(std::move(mount.name));
  }
  const auto plan = flow::makePlan(*document, call.services.catalogue, asked->planning);
  if (!plan) return std::unexpected(refusalOf(plan.error()));
  return {};
}

Expected<std::int64_t> afterOf(const Call& call) {
  const auto* header = call.header("last-event-id");
  if (header == nullptr || header->empty()) return call.query.number("after", 0);
  std::int64_t after = -1;
  const auto [end, error] = std::from_chars(header->data(), header->data() + header->size(), after);
  if (error == std::errc() && end == header->data() + header->size() && after >= 0) return after;
  return refuse(400, "api.query", "Last-Event-ID is '" + *header + "'; it is the number of an event");
}

}  // namespace

Job<Response> startRun(Call& call) {
  const auto parts = partsOf(call);
  if (!parts) co_return toResponse(parts.error());
  const auto asked = askedOf(call.body);
  if (!asked) co_return toResponse(asked.error());
  const auto& id = call.parameters.front();
  auto flow = co_await call.of(call.services.store.read(id, call.waker()));
  if (!flow) co_return toResponse(refusalOf(flow.error()));
  const auto version = asked->version.value_or(flow->head.publishedVersion);
  if (!asked->version && version == 0) {
    co_return toResponse({409, "run.no_version",
                          "the flow '" + id +
                              "' has no published version; publish one, or start its draft with "
                              "{\"version\": \"draft\"}"});
  }
  store::StoredRun run;
  run.document = std::move(flow->document);
  if (version > 0) {
    auto kept = co_await call.of(call.services.store.readVersion(id, version, call.waker()));
    if (!kept) co_return toResponse(refusalOf(kept.error()));
    run.document = std::move(kept->document);
  }
  const auto& folder = flow->head.folder;
  if (version == 0 && call.services.publishing != nullptr) {
    // Nobody has published it: it has no more than its starter has there.
    const auto document = flowOf(run.document);
    if (!document) co_return toResponse(document.error());
    if (auto may = call.services.publishing->mayUse(call, folder, *document); !may) co_return toResponse(may.error());
  }
  auto parameters = parametersIn(call, folder, asked->environment, run.document, asked->parameters);
  if (!parameters) co_return toResponse(parameters.error());
  if (const auto runs = checkRunnable(call, folder, run.document, *parameters); !runs)
    co_return toResponse(runs.error());
  auto& record = run.record;
  record.id = auth::newId();
  record.flow = id;
  record.folder = flow->head.folder;
  record.version = version;
  record.starter = call.principal.user;
  record.environment = asked->environment;
  record.parameters = std::move(*parameters);
  if (const auto* key = call.header("idempotency-key")) {
    if (key->empty() || key->size() > kMostKeyBytes) {
      co_return toResponse({400, "api.query", "Idempotency-Key is a text of 1 to 200 bytes"});
    }
    record.requestKey = *key;
  }
  record.createdAt = call.services.clock.nowMicros() / 1000;
  record.owner = parts->supervisor.options().owner;
  record.leaseUntil = parts->supervisor.options().leaseMs;
  const auto wanted = record.id;
  const auto made = co_await call.of(parts->runs.create(run, call.waker()));
  if (!made) co_return toResponse(refusalOf(made.error()));
  // The same request has come before: its run is the answer.
  if (made->id == wanted) {
    run.record = *made;
    parts->supervisor.adopt(std::move(run));
  }
  auto response = runAnswer(*made, 201);
  response.with("location", std::string(kPrefix) + "/runs/" + made->id);
  co_return response;
}

Job<Response> listKeptRuns(Call& call) {
  const auto parts = partsOf(call);
  if (!parts) co_return toResponse(parts.error());
  store::RunQuery query;
  query.flow = call.query.text("flow");
  query.folder = call.query.text("folder");
  query.state = store::runStateNamed(call.query.text("state"));
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
  out.beginObject().key("runs").beginArray();
  for (const auto& run : page.runs) {
    // A token that is cut to folders sees only those.
    if (call.services.gate != nullptr && !reach.has({run.folder, run.flow})) continue;
    const auto* here = parts->supervisor.record(run.id);
    writeRun(out, here != nullptr ? *here : run, false);
  }
  out.endArray();
  if (!page.cursor.empty()) out.key("next").value(page.cursor);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getKeptRun(Call& call) {
  // Executions are found under this path too, as in a page.
  if (call.services.executions.find(call.parameters.front()) != nullptr) co_return co_await getExecution(call);
  const auto run = co_await runOf(call, auth::Permission::flowRead);
  if (!run) co_return toResponse(run.error());
  co_return runAnswer(*run);
}

Job<Response> stopKeptRun(Call& call) {
  const auto run = co_await runOf(call, auth::Permission::runStop);
  if (!run) co_return toResponse(run.error());
  const auto parts = partsOf(call);
  auto wanted = co_await call.of(parts->runs.want(run->id, false, call.waker()));
  if (!wanted) co_return toResponse(refusalOf(wanted.error()));
  parts->supervisor.stop(run->id);
  const auto* here = parts->supervisor.record(run->id);
  co_return runAnswer(here != nullptr ? *here : *wanted, 202);
}

Job<Response> deleteKeptRun(Call& call) {
  const auto run = co_await runOf(call, auth::Permission::runStop);
  if (!run) co_return toResponse(run.error());
  const auto parts = partsOf(call);
  const auto removed = co_await call.of(parts->runs.remove(run->id, call.waker()));
  if (!removed) co_return toResponse(refusalOf(removed.error()));
  parts->supervisor.forget(run->id);
  co_return Response{.status = 204};
}

Job<Response> getRunLogs(Call& call) {
  const auto run = co_await runOf(call, auth::Permission::dataRead);
  if (!run) co_return toResponse(run.error());
  const auto* told = partsOf(call)->supervisor.told(run->id);
  std::string body;
  json::Writer out(body);
  out.beginObject().key("logs").beginArray();
  if (told != nullptr) {
    for (const auto& line : told->logs) out.raw(line);
  }
  out.endArray().endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getRunMetrics(Call& call) {
  const auto run = co_await runOf(call, auth::Permission::flowRead);
  if (!run) co_return toResponse(run.error());
  std::string body;
  json::Writer out(body);
  out.beginObject().key("run").value(run->id);
  writeJson(out, "metrics", run->metrics);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> readRunEvents(Call& call) {
  const auto run = co_await runOf(call, auth::Permission::dataRead);
  if (!run) co_return toResponse(run.error());
  const auto after = afterOf(call);
  if (!after) co_return toResponse(after.error());
  const auto* told = partsOf(call)->supervisor.told(run->id);
  if (told == nullptr || !told->events->has(*after)) {
    co_return toResponse({410, "live.gone",
                          "the events of the run '" + run->id + "' behind number " + std::to_string(*after) +
                              " are not kept; GET /runs/" + run->id + " says how it stands"});
  }
  Response response;
  response.with("content-type", std::string(kEvents)).with("cache-control", "no-store");
  response.stream = EventRing::read(told->events, *after);
  co_return response;
}

}  // namespace weir::api
