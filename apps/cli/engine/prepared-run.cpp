// Reads and plans what runs are asked for.
#include "apps/cli/engine/prepared-run.h"

#include <algorithm>
#include <climits>
#include <utility>

#include "apps/cli/engine/outlet-nodes.h"
#include "apps/cli/flow-journal.h"
#include "engine/flow/make-plan.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/live/control.h"
#include "service/engines/engine-protocol.h"
#include "service/engines/process-runner.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kDefaultMemoryBytes = std::int64_t{512} << 20;
/// A plan is larger than the text that it was made from: defaults, ports, what each field is.
constexpr std::size_t kBytesAByte = 12, kBytesANode = 4 << 10;

bool kept(const RunOrdered& order) { return !order.folder.empty(); }

/// Everything that make() reads, each part with its length, so that no two orders have the same text.
std::string textOf(const RunOrdered& order) {
  std::string text;
  const auto add = [&text](std::string_view part) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
  };
  add(order.flow);
  add(order.options);
  for (const auto& outlet : order.outlets) {
    add(outlet.node);
    add(outlet.port);
  }
  return text;
}

}  // namespace

void PreparedRun::cutLimits(Plan& other) const {
  const auto cut = [](std::int64_t& limit, std::int64_t bound) {
    if (bound > 0) limit = limit > 0 ? std::min(limit, bound) : bound;
  };
  cut(other.limits.memoryBytes, most.memoryBytes);
  cut(other.limits.diskBytes, most.diskBytes);
  cut(other.limits.maxRunMs, most.maxRunMs);
  std::int64_t threads = other.limits.threads;
  cut(threads, most.threads);
  other.limits.threads = static_cast<int>(threads);
}

Result<std::shared_ptr<const PreparedRun>> PreparedRuns::of(const RunOrdered& order) {
  // A run that is kept starts once, and others are not like it.
  if (kept(order)) {
    WEIR_ASSIGN(auto made, make(order));
    return std::make_shared<const PreparedRun>(std::move(made));
  }
  auto text = textOf(order);
  if (auto known = recent_.find(text)) return known;
  WEIR_ASSIGN(auto made, make(order));
  auto shared = std::make_shared<const PreparedRun>(std::move(made));
  if (!seen_(text)) return shared;
  const auto bytes = text.size() * kBytesAByte + shared->plan.nodes.size() * kBytesANode;
  recent_.add(std::move(text), shared, bytes);
  return shared;
}

Result<PreparedRun> PreparedRuns::make(const RunOrdered& order) const {
  WEIR_ASSIGN(const auto options, json::parse(order.options));
  WEIR_ASSIGN(auto request,
              api::RunRequest::of(options.root(), kept(order) ? engines::keptHosts() : engines::engineHosts()));
  PreparedRun made;
  made.request = std::move(request);
  const auto* most = options.root().find("limits");
  if (most != nullptr) {
    WEIR_ASSIGN(made.most.memoryBytes, live::intOf(*most, "memoryBytes", 0));
    WEIR_ASSIGN(made.most.diskBytes, live::intOf(*most, "diskBytes", 0));
    WEIR_ASSIGN(made.most.maxRunMs, live::intOf(*most, "maxRunMs", 0));
    WEIR_ASSIGN(const auto threads, live::intOf(*most, "threads", 0));
    made.most.threads = static_cast<int>(std::clamp<std::int64_t>(threads, 0, INT_MAX));
    WEIR_ASSIGN(made.descriptors, live::intOf(*most, "descriptors", 0));
  }
  auto document = flow::parseFlow(order.flow);
  if (!document) return std::unexpected(flow::toError(document.error()));
  WEIR_ASSIGN(made.network, networkLimitsOf(document->source.root(), most));
  WEIR_ASSIGN(made.network.sentBefore, live::intOf(options.root(), "sentBefore", 0));
  for (const auto& port : order.outlets) {
    made.outlets.push_back(api::addOutlet(*document, port, engines::kOutletType));
  }
  auto& planning = made.request.planning;
  planning.hosts->emplace_back(EngineOutlets::kName);
  if (!planning.memoryBytes && !document->config.memoryBytes) planning.memoryBytes = kDefaultMemoryBytes;
  if (const auto* test = options.root().find("test"); test != nullptr && !kept(order)) {
    auto read = flow::parseFlowTests("[" + json::write(*test) + "]");
    if (!read) return std::unexpected(flow::toError(read.error()));
    made.test = std::move(read->front());
    planning.parameters = made.test->parameters;
    planning.mounts.reset();  // sources are replaced: nothing needs to be there
    planning.frozenClock = true;
  }
  if (const auto* rows = options.root().find("rowsKept"); rows != nullptr && kept(order)) {
    made.rows = api::RowsKept::of(*rows);
    // A recording is of all fields.
    planning.allFields = planning.allFields || !made.rows.edge.empty();
  }
  auto plan = flow::makePlan(*document, catalogue_, planning);
  if (!plan) return std::unexpected(flow::toError(plan.error()));
  made.plan = std::move(*plan);
  made.cutLimits(made.plan);
  if (!kept(order)) keepInMemory(made.plan);
  return made;
}

}  // namespace weir::cli
