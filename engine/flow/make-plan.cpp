// From the analysis to the plan: needed fields backwards, accepted filters, spill edges, bounds.
#include "engine/flow/make-plan.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/cel/column/shared-expressions.h"
#include "engine/flow/alert-metrics.h"
#include "engine/flow/analysis.h"
#include "engine/flow/format.h"
#include "engine/flow/needed-fields.h"
#include "engine/flow/sensitive-fields.h"
#include "engine/time/instant.h"

namespace weir::flow {
namespace {

std::size_t index(std::int32_t at) { return static_cast<std::size_t>(at); }

std::optional<PlannedBreaker> plannedBreaker(const BoundNode& from) {
  const auto& node = from.node;
  if (from.type->kind != NodeKind::io || node.breakerFailures == 0) return std::nullopt;
  PlannedBreaker breaker;
  breaker.failures = node.breakerFailures.value_or(breaker.failures);
  breaker.windowMs = node.breakerWindowMs.value_or(breaker.windowMs);
  breaker.openMs = node.breakerOpenMs.value_or(breaker.openMs);
  breaker.probes = std::max<std::int64_t>(1, node.breakerProbes.value_or(breaker.probes));
  return breaker;
}

PlannedNode plannedNode(const BoundNode& from) {
  const auto& type = *from.type;
  PlannedNode node;
  node.id = from.node.id;
  node.name = from.node.name.empty() ? from.node.id : from.node.name;
  node.type = &type;
  node.settings = from.settings;
  node.retry.attempts = static_cast<int>(from.node.attempts.value_or(type.attempts));
  node.retry.attempts = std::max(node.retry.attempts, 1);
  node.retry.delayMs = from.node.delayMs.value_or(node.retry.delayMs);
  node.retry.maxDelayMs = from.node.maxDelayMs.value_or(node.retry.maxDelayMs);
  node.retry.jitter = from.node.jitter.value_or(node.retry.jitter);
  node.timeoutMs = from.node.timeoutMs.value_or(type.timeoutMs);
  node.breaker = plannedBreaker(from);
  node.bypass = from.node.bypass;
  node.inputs = from.inputs;
  node.outputs = from.outputs;
  node.needed.assign(from.outputs.size(), FieldSet::none());
  node.acceptedFilter.assign(from.outputs.size(), -1);
  node.depth = from.depth;
  return node;
}

FullRule ruleOf(std::string_view name) {
  if (name == "dropOldest") return FullRule::dropOldest;
  if (name == "dropNewest") return FullRule::dropNewest;
  if (name == "dropLowestPriority") return FullRule::dropLowestPriority;
  return name == "sample" ? FullRule::sample : FullRule::block;
}

QueueOrder orderOf(std::string_view name) {
  if (name == "newest") return QueueOrder::newest;
  return name == "priority" ? QueueOrder::priority : QueueOrder::fifo;
}

OnRemove onRemoveOf(std::string_view name) {
  if (name == "deadLetter") return OnRemove::deadLetter;
  return name == "discard" ? OnRemove::discard : OnRemove::drain;
}

std::int64_t presetCount(const json::Value& preset, std::string_view pointer, std::int64_t otherwise) {
  const auto* found = preset.findPointer(pointer);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : otherwise;
}

double presetNumber(const json::Value& preset, std::string_view pointer, double otherwise) {
  const auto* found = preset.findPointer(pointer);
  double number = otherwise;
  return found != nullptr && found->toDouble(number) ? number : otherwise;
}

PlannedEdge plannedEdge(const BoundEdge& from) {
  const auto& given = from.edge;
  const auto preset = presetOf(given.preset);
  PlannedEdge edge;
  edge.id = given.id;
  edge.source = from.source;
  edge.target = from.target;
  edge.sourcePort = from.sourcePort;
  edge.targetPort = from.targetPort;
  edge.bufferRows = given.rows.value_or(presetCount(preset, "/buffer/rows", edge.bufferRows));
  edge.bufferBytes = given.bytes.value_or(0);
  edge.batchMaxRows = given.batchMaxRows.value_or(presetCount(preset, "/batch/maxRows", edge.batchMaxRows));
  edge.batchMaxWaitMs = given.batchMaxWaitMs.value_or(presetCount(preset, "/batch/maxWaitMs", edge.batchMaxWaitMs));
  edge.threshold = given.threshold.value_or(presetNumber(preset, "/buffer/threshold", edge.threshold));
  edge.dropThreshold = given.dropThreshold.value_or(presetNumber(preset, "/buffer/dropThreshold", edge.dropThreshold));
  // Of the two only one may be given: rows are dropped where the producer is slowed, or later.
  if (!given.dropThreshold) edge.dropThreshold = std::max(edge.dropThreshold, edge.threshold);
  if (!given.threshold) edge.threshold = std::min(edge.threshold, edge.dropThreshold);
  edge.adaptive = given.adaptive;
  edge.ageMs = given.ageMs.value_or(0);
  edge.order = orderOf(given.order);
  edge.durable = given.guarantee == "durable";
  edge.onRemove = onRemoveOf(given.onRemove);
  edge.whenFull = ruleOf(given.whenFull);
  edge.whenFullMaxWaitMs = given.whenFullMaxWaitMs.value_or(edge.whenFullMaxWaitMs);
  edge.filter = given.filter;
  edge.transform = given.transform;
  return edge;
}

/// What rules about the rows of this edge read; nothing if there is none.
std::optional<FieldSet> alertReads(const FlowConfig& config, std::string_view edge) {
  std::optional<FieldSet> reads;
  for (const auto& alert : config.alerts) {
    const auto metric = parseAlertMetric(alert.metric);
    if (!metric || metric->subject != edge || (alert.where.empty() && alert.key.empty())) continue;
    if (!reads) reads = FieldSet::none();
    for (const std::string* source : {&alert.where, &alert.key}) {
      if (source->empty()) continue;
      const auto compiled = cel::Expression::compile(*source);
      reads->add(compiled ? compiled->fieldsRead() : FieldSet::everything());
    }
  }
  return reads;
}

void planFields(const Analysis& flow, const FlowConfig& config, Plan& plan) {
  for (std::size_t left = flow.order.size(); left-- > 0;) {
    const auto at = flow.order[left];
    auto& node = plan.nodes[index(at)];
    for (const auto e : flow.edgesOutOf(at)) {
      const auto& edge = flow.edges[index(e)];
      auto& needed = node.needed[edge.sourcePort];
      const auto& target = plan.nodes[index(edge.target)];
      needed.add(edge.filterReads);
      if (!edge.edge.transform.empty()) {
        needed.add(edge.transformReads);
      } else {
        if (const auto reads = alertReads(config, edge.edge.id)) needed.add(*reads);
        needed.add(fieldsTaken(flow.nodes[index(edge.target)], edge.targetPort, target.needed));
      }
    }
  }
}

// A source matches for the filter behind it only if nobody else sees its rows or those that the filter rejects.
void planFilters(const Analysis& flow, const FlowConfig& config, Plan& plan) {
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    auto& node = plan.nodes[i];
    const auto& accepts = node.type->acceptsFilter;
    const auto out = flow.edgesOutOf(static_cast<std::int32_t>(i));
    if (accepts.empty() || out.size() != 1 || node.bypass) continue;
    const auto& edge = flow.edges[index(out.front())];
    const auto& target = plan.nodes[index(edge.target)];
    if (!edge.edge.filter.empty() || !edge.edge.transform.empty() || target.bypass) continue;
    if (std::ranges::find(accepts, target.type->id) == accepts.end()) continue;
    // An edge that cuts between rows has to see them all.
    const auto& planned = plan.edges[index(out.front())];
    if (planned.whenFull != FullRule::block || planned.ageMs > 0 || planned.order != QueueOrder::fifo) continue;
    if (alertReads(config, planned.id)) continue;
    const auto behind = flow.edgesOutOf(edge.target);
    const bool others =
        std::ranges::any_of(behind, [&](std::int32_t e) { return flow.edges[index(e)].sourcePort != 0; });
    if (!others) node.acceptedFilter[edge.sourcePort] = edge.target;
  }
}

class Ancestors {
 public:
  explicit Ancestors(const Analysis& flow)
      : words_((flow.nodes.size() + 63) / 64), sets_(flow.nodes.size(), std::vector<std::uint64_t>(words_)) {
    for (const auto at : flow.order) {
      auto& set = sets_[index(at)];
      set[index(at) / 64] |= std::uint64_t{1} << (index(at) % 64);
      for (const auto e : flow.edgesInto(at)) {
        const auto& from = sets_[index(flow.edges[index(e)].source)];
        for (std::size_t w = 0; w < words_; ++w) set[w] |= from[w];
      }
    }
  }
  [[nodiscard]] bool shared(std::int32_t a, std::int32_t b) const {
    for (std::size_t w = 0; w < words_; ++w) {
      if ((sets_[index(a)][w] & sets_[index(b)][w]) != 0) return true;
    }
    return false;
  }

 private:
  std::size_t words_;
  std::vector<std::vector<std::uint64_t>> sets_;
};

/// An edge that sheds never stops its producer. On others what lies in the file has to come in order, whatever else was
/// asked for.
void spillOn(PlannedEdge& edge) {
  if (edge.whenFull != FullRule::block) return;
  edge.spill = true;
  edge.order = QueueOrder::fifo;
  edge.ageMs = edge.batchMaxWaitMs = 0;
  edge.adaptive = false;
}

void planSpill(const Analysis& flow, Plan& plan) {
  std::optional<Ancestors> ancestors;  // only few flows need them
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    const auto& node = plan.nodes[i];
    const auto* order = node.settings.find("order");
    const bool merge =
        node.type->id == "flow/merge" && order != nullptr && order->isString() && *order->asString() != "arrival";
    const auto blocks = [&](const PlannedEdge& edge) { return node.inputs[edge.targetPort].blocking; };
    auto into = flow.edgesInto(static_cast<std::int32_t>(i));
    if (into.size() < 2) continue;
    std::ranges::stable_sort(into, {}, [&](std::int32_t e) { return plan.edges[index(e)].targetPort; });
    if (!merge && std::ranges::none_of(into, [&](std::int32_t e) { return blocks(plan.edges[index(e)]); })) continue;
    if (!ancestors) ancestors.emplace(flow);
    const bool byTime = merge && *order->asString() == "timestamp";
    for (std::size_t a = 0; a < into.size(); ++a) {
      for (std::size_t b = 0; b < into.size(); ++b) {
        auto& first = plan.edges[index(into[a])];
        auto& second = plan.edges[index(into[b])];
        if (a == b || (merge && !byTime && b < a)) continue;
        if (!merge && (!blocks(first) || (blocks(second) && b < a))) continue;
        if (ancestors->shared(first.source, second.source)) spillOn(second);
      }
    }
  }
}

void planState(const FlowConfig& config, Plan& plan) {
  const bool durable = std::ranges::any_of(plan.edges, &PlannedEdge::durable);
  const auto& storage = config.stateStorage;
  plan.stateStorage = storage == "redis"                                  ? StateStorage::redis
                      : storage == "file" || (storage.empty() && durable) ? StateStorage::file
                                                                          : StateStorage::memory;
  plan.checkpointEveryMs = config.checkpointEveryMs.value_or(plan.checkpointEveryMs);
  plan.checkpointRows = config.checkpointRows.value_or(plan.checkpointRows);
  for (const auto& alert : config.alerts) {
    PlannedAlert planned;
    planned.name = alert.name;
    planned.metric = alert.metric;
    planned.severity = alert.severity.empty() ? "warning" : alert.severity;
    planned.over = alert.over;
    planned.under = alert.under;
    planned.forMs = alert.forMs.value_or(planned.forMs);
    planned.quietMs = alert.quietMs.value_or(planned.quietMs);
    planned.windowMs = std::max<std::int64_t>(1, alert.windowMs.value_or(planned.windowMs));
    planned.where = alert.where;
    planned.key = alert.key;
    if (const auto until = parseInstant(alert.muteUntil)) planned.mutedUntilMicros = toMicros(*until);
    plan.alerts.push_back(std::move(planned));
  }
}

}  // namespace

std::expected<Plan, Problems> makePlan(const FlowDocument& document, const Catalogue& catalogue,
                                       const PlanOptions& options) {
  const cel::SharedExpressions shared;
  auto flow = analyse(document, catalogue, options);
  if (flow.problems.failed()) return std::unexpected(std::move(flow.problems));
  Plan plan;
  plan.flowId = document.id;
  plan.flowVersion = document.flowVersion;
  plan.documentHash = document.hash();
  for (const auto& node : flow.nodes) {
    plan.nodes.push_back(plannedNode(node));
    plan.unbounded = plan.unbounded || node.type->unbounded;
  }
  for (const auto& edge : flow.edges) plan.edges.push_back(plannedEdge(edge));
  if (options.allFields) {
    for (auto& node : plan.nodes) std::ranges::fill(node.needed, FieldSet::everything());
  } else {
    planFields(flow, document.config, plan);
    planFilters(flow, document.config, plan);
  }
  planSpill(flow, plan);
  plan.params = flow.params;
  const auto& config = document.config;
  plan.maxErrors = options.maxErrors ? options.maxErrors : config.maxErrors;
  plan.limits.memoryBytes = options.memoryBytes.value_or(config.memoryBytes.value_or(0));
  plan.limits.diskBytes = config.diskBytes.value_or(0);
  plan.limits.maxRunMs = config.maxRunMs.value_or(0);
  plan.limits.threads =
      options.threads.value_or(static_cast<int>(config.threads.value_or(config.maxConcurrency.value_or(0))));
  planState(config, plan);
  plan.sensitive = sensitiveNames(flow, config);
  plan.deterministic = flow.whyNotDeterministic.empty();
  plan.whyNotDeterministic = std::move(flow.whyNotDeterministic);
  return plan;
}

}  // namespace weir::flow
