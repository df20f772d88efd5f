// Runs before they are stored.
#include "service/resources/runs/new-run.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/flow/document.h"
#include "engine/flow/make-plan.h"
#include "engine/json/document.h"
#include "engine/text/suggest.h"
#include "service/api/flow-text.h"
#include "service/api/run-request.h"
#include "service/auth/secret-text.h"
#include "service/engines/process-runner.h"
#include "service/resources/folders/folder-routes.h"

namespace weir::api {
namespace {

constexpr std::size_t kMostParameterBytes = 64 << 10;

/// Whether it can run with these parameters, and has the edge that is to be recorded.
Expected<void> checkRunnable(const Services& services, const std::string& folder, const std::string& text,
                             const std::string& parameters, const std::string& edge) {
  const auto document = flowOf(text);
  if (!document) return std::unexpected(document.error());
  const auto options = json::parse("{\"parameters\":" + parameters + "}");
  if (!options) return std::unexpected(refusalOf(options.error()));
  auto asked = RunRequest::of(options->root(), engines::keptHosts());
  if (!asked) return std::unexpected(refusalOf(asked.error()));
  auto& mounts = asked->planning.mounts.emplace();
  if (const auto book = bookOf(services)) {
    for (auto& mount : (*book)->mountsFor(folder)) mounts.push_back(std::move(mount.name));
  }
  const auto plan = flow::makePlan(*document, services.catalogue, asked->planning);
  if (!plan) return std::unexpected(refusalOf(plan.error()));
  if (edge.empty() || std::ranges::contains(plan->edges, edge, &PlannedEdge::id)) return {};
  std::vector<std::string> names;
  for (const auto& one : plan->edges) names.push_back(one.id);
  return refuse(422, "debug.unknown", "'record.edge': the flow has no edge '" + edge + "'." + didYouMean(edge, names));
}

}  // namespace

Expected<void> isFlowOf(const store::RunRecord& run, const Result<store::Flow>& flow) {
  if (!flow && flow.error().code != "storage.not_found") return std::unexpected(refusalOf(flow.error()));
  const bool same =
      flow && flow->head.folder == run.folder &&
      (run.flowMadeAt == 0 ? flow->head.createdAt <= run.createdAt : flow->head.createdAt == run.flowMadeAt);
  if (same) return {};
  return refuse(
      409, "run.other_flow",
      "the flow '" + run.flow + "' of the run '" + run.id +
          "' was moved to another folder since, or deleted for good: what the run has left behind is not given "
          "to what now has its id. The run and its dead letters can be read and discarded where they are; to go "
          "on with them, move the flow back, and else start a new run");
}

Job<Expected<PreparedRun>> prepareRun(Services& services, Strand& strand, NewRun wish) {
  auto flow = co_await strand.of(services.store.read(wish.flow, strand.waker()));
  if (wish.after) {
    if (auto same = isFlowOf(*wish.after, flow); !same) co_return std::unexpected(std::move(same.error()));
  }
  if (!flow) co_return std::unexpected(refusalOf(flow.error()));
  if (flow->head.binnedAt) {
    co_return refuse(409, "storage.in_bin", "the flow '" + wish.flow + "' is in the bin; restore it before it runs");
  }
  const auto version = wish.version.value_or(flow->head.publishedVersion);
  if (!wish.version && version == 0) {
    co_return refuse(409, "run.no_version",
                     "the flow '" + wish.flow +
                         "' has no published version; publish one, or start its draft with {\"version\": \"draft\"}");
  }
  PreparedRun run;
  run.document = std::move(flow->document);
  if (version > 0) {
    auto kept = co_await strand.of(services.store.readVersion(wish.flow, version, strand.waker()));
    if (!kept) co_return std::unexpected(refusalOf(kept.error()));
    run.document = std::move(kept->document);
    run.published = kept->head.published;
  }
  const auto& folder = flow->head.folder;
  auto parameters = parametersIn(services, folder, wish.environment, run.document, wish.parameters);
  if (!parameters) co_return std::unexpected(parameters.error());
  if (parameters->size() > kMostParameterBytes) {
    co_return refuse(413, "api.too_large",
                     "the parameters of a run have 64 KiB at most; put what is larger into a file that the flow reads");
  }
  if (const auto runs = checkRunnable(services, folder, run.document, *parameters, wish.rows.edge); !runs) {
    co_return std::unexpected(runs.error());
  }
  auto& record = run.record;
  record.id = auth::newId();
  record.flow = std::move(wish.flow);
  record.folder = flow->head.folder;
  record.flowMadeAt = flow->head.createdAt;
  record.version = version;
  record.starter = std::move(wish.starter);
  record.environment = std::move(wish.environment);
  record.parameters = std::move(*parameters);
  record.replay = std::move(wish.replay);
  record.rowsKept = wish.rows.json();
  record.traceparent = std::move(wish.traceparent);
  record.createdAt = services.clock.nowMicros() / 1000;
  if (const auto document = flow::parseFlow(run.document)) {
    record.keepMs = document->config.keepRunMs.value_or(0);
    record.keepRuns = document->config.keepRuns.value_or(0);
    const auto* bytes = document->source.root().findPointer("/config/keep/bytes");
    if (bytes != nullptr && bytes->asInt64() != nullptr) record.keepBytes = *bytes->asInt64();
  }
  record.owner = std::move(wish.owner);
  record.leaseUntil = wish.leaseMs;
  co_return run;
}

}  // namespace weir::api
