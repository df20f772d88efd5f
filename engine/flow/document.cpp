// Reads flow documents.
#include "engine/flow/document.h"

#include <utility>

#include "engine/data/hash.h"
#include "engine/flow/source.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

using json::Value;

std::string textOf(const Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->isString() ? *found->asString() : std::string();
}

bool flagOf(const Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asBool() != nullptr && *found->asBool();
}

std::optional<std::int64_t> countOf(const Value* value, std::string_view key) {
  const auto* found = value == nullptr ? nullptr : value->find(key);
  if (found == nullptr || found->asInt64() == nullptr) return {};
  return *found->asInt64();
}

std::optional<double> numberOf(const Value* value, std::string_view key) {
  const auto* found = value == nullptr ? nullptr : value->find(key);
  double number = 0;
  if (found == nullptr || !found->toDouble(number)) return {};
  return number;
}

Value mapOf(const Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr ? *found : Value::object();
}

template <class Read>
void each(const Value& root, std::string_view key, Read read) {
  const auto* list = root.find(key);
  if (list == nullptr || list->asArray() == nullptr) return;
  for (const auto& element : *list->asArray()) read(element);
}

FlowEnd endOf(const Value& edge, std::string_view key) {
  const auto* end = edge.find(key);
  return {textOf(*end, "node"), textOf(*end, "port")};
}

FlowNode readNode(const Value& value, const Value* layout) {
  FlowNode node;
  node.id = textOf(value, "id");
  node.typeId = textOf(value, "typeId");
  node.version = textOf(value, "version");
  node.name = textOf(value, "name");
  node.note = textOf(value, "note");
  node.parent = textOf(value, "parent");
  node.bypass = flagOf(value, "bypass");
  node.settings = mapOf(value, "settings");
  const auto* retry = value.find("retry");
  node.attempts = countOf(retry, "attempts");
  node.delayMs = countOf(retry, "delayMs");
  node.maxDelayMs = countOf(retry, "maxDelayMs");
  node.jitter = numberOf(retry, "jitter");
  node.timeoutMs = countOf(&value, "timeoutMs");
  const auto* breaker = value.find("breaker");
  node.breakerFailures = countOf(breaker, "failures");
  node.breakerWindowMs = countOf(breaker, "windowMs");
  node.breakerOpenMs = countOf(breaker, "openMs");
  node.breakerProbes = countOf(breaker, "probes");
  const auto* places = layout == nullptr ? nullptr : layout->find("nodes");
  const auto* place = places == nullptr ? nullptr : places->find(node.id);
  const auto* position = value.find("position");
  const auto* size = value.find("size");
  if (position == nullptr) position = place;
  if (size == nullptr) size = place;
  node.box = {numberOf(position, "x"), numberOf(position, "y"), numberOf(size, "width"), numberOf(size, "height")};
  return node;
}

FlowEdge readEdge(const Value& value) {
  FlowEdge edge;
  edge.id = textOf(value, "id");
  edge.source = endOf(value, "source");
  edge.target = endOf(value, "target");
  edge.preset = textOf(value, "preset");
  edge.filter = textOf(value, "filter");
  edge.transform = textOf(value, "transform");
  edge.guarantee = textOf(value, "guarantee");
  edge.onRemove = textOf(value, "onRemove");
  if (const auto* buffer = value.find("buffer")) {
    edge.order = textOf(*buffer, "order");
    edge.rows = countOf(buffer, "rows");
    edge.bytes = countOf(buffer, "bytes");
    edge.ageMs = countOf(buffer, "ageMs");
    edge.threshold = numberOf(buffer, "threshold");
    const auto* threshold = buffer->find("threshold");
    edge.adaptive = threshold != nullptr && threshold->isString();
    edge.dropThreshold = numberOf(buffer, "dropThreshold");
  }
  edge.batchMaxRows = countOf(value.find("batch"), "maxRows");
  edge.batchMaxWaitMs = countOf(value.find("batch"), "maxWaitMs");
  if (const auto* full = value.find("whenFull")) {
    edge.whenFull = textOf(*full, "rule");
    edge.whenFullMaxWaitMs = countOf(full, "maxWaitMs");
  }
  return edge;
}

FlowParameter readParameter(const Value& value) {
  FlowParameter parameter;
  parameter.name = textOf(value, "name");
  parameter.type = textOf(value, "type");
  parameter.help = textOf(value, "help");
  parameter.required = flagOf(value, "required");
  if (const auto* given = value.find("default")) parameter.defaultValue = *given;
  each(value, "options", [&](const Value& option) { parameter.options.push_back(*option.asString()); });
  parameter.min = numberOf(&value, "min");
  parameter.max = numberOf(&value, "max");
  return parameter;
}

FlowPort readPort(const Value& value) {
  return {textOf(value, "name"), textOf(value, "type"), textOf(value, "node"), textOf(value, "port"),
          flagOf(value, "required")};
}

void readAlerts(const Value& from, const std::string& pointer, FlowConfig& config) {
  std::size_t number = 0;
  each(from, "alerts", [&](const Value& value) {
    FlowAlert alert;
    alert.name = textOf(value, "name");
    alert.metric = textOf(value, "metric");
    alert.severity = textOf(value, "severity");
    alert.over = numberOf(&value, "over");
    alert.under = numberOf(&value, "under");
    alert.forMs = countOf(&value, "forMs");
    alert.quietMs = countOf(&value, "quietMs");
    alert.windowMs = countOf(&value, "windowMs");
    alert.where = textOf(value, "where");
    alert.key = textOf(value, "key");
    alert.muteUntil = textOf(value, "muteUntil");
    alert.pointer = pointer + "/" + std::to_string(number++);
    config.alerts.push_back(std::move(alert));
  });
}

void readConfig(const Value& root, FlowConfig& config) {
  readAlerts(root, "/alerts", config);
  const auto* value = root.find("config");
  if (value == nullptr) return;
  config.maxConcurrency = countOf(value, "maxConcurrency");
  config.maxErrors = countOf(value, "maxErrors");
  config.stateStorage = textOf(*value, "stateStorage");
  config.isolation = textOf(*value, "isolation");
  const auto* checkpoint = value->find("checkpoint");
  config.checkpointEveryMs = countOf(checkpoint, "everyMs");
  config.checkpointRows = countOf(checkpoint, "rows");
  readAlerts(*value, "/config/alerts", config);
  each(*value, "sensitive", [&](const Value& name) { config.sensitive.push_back(*name.asString()); });
  each(*value, "notSensitive", [&](const Value& name) { config.notSensitive.push_back(*name.asString()); });
  const auto* keep = value->find("keep");
  config.keepRunMs = countOf(keep, "runMs");
  config.keepRuns = countOf(keep, "runs");
  const auto* limits = value->find("limits");
  config.memoryBytes = countOf(limits, "memoryBytes");
  config.diskBytes = countOf(limits, "diskBytes");
  config.threads = countOf(limits, "threads");
  config.maxRunMs = countOf(limits, "maxRunMs");
}

void readAll(FlowDocument& flow) {
  const auto& root = flow.source.root();
  flow.id = textOf(root, "id");
  flow.version = textOf(root, "version");
  if (const auto* metadata = root.find("metadata")) {
    flow.flowVersion = textOf(*metadata, "version");
    flow.description = textOf(*metadata, "description");
  }
  readConfig(root, flow.config);
  const auto* layout = root.find("layout");
  each(root, "parameters", [&](const Value& value) { flow.parameters.push_back(readParameter(value)); });
  if (const auto* ports = root.find("ports")) {
    each(*ports, "inputs", [&](const Value& value) { flow.inputs.push_back(readPort(value)); });
    each(*ports, "outputs", [&](const Value& value) { flow.outputs.push_back(readPort(value)); });
  }
  each(root, "nodes", [&](const Value& value) { flow.nodes.push_back(readNode(value, layout)); });
  each(root, "edges", [&](const Value& value) { flow.edges.push_back(readEdge(value)); });
  each(root, "groups", [&](const Value& value) {
    flow.groups.push_back({textOf(value, "id"), textOf(value, "name"), textOf(value, "parent")});
  });
  each(root, "notes", [&](const Value& value) {
    flow.notes.push_back({textOf(value, "id"), textOf(value, "text"), textOf(value, "parent")});
  });
  each(root, "widgets", [&](const Value& value) {
    flow.widgets.push_back({textOf(value, "id"), textOf(value, "type"), textOf(value, "title"), textOf(value, "node"),
                            textOf(value, "port"), mapOf(value, "settings")});
  });
}

std::uint64_t hashOf(const Value& value) {
  if (const auto* members = value.asObject()) {
    std::uint64_t sum = hash::ofUint64(members->size(), 1);
    for (const auto& member : *members) sum += hash::combine(hash::ofBytes(member.key), hashOf(member.value));
    return sum;
  }
  if (const auto* elements = value.asArray()) {
    std::uint64_t sum = hash::ofUint64(elements->size(), 2);
    for (const auto& element : *elements) sum = hash::combine(sum, hashOf(element));
    return sum;
  }
  return hash::ofBytes(json::write(value));
}

}  // namespace

std::uint64_t FlowDocument::hash() const {
  auto root = source.root();
  for (const char* key : {"layout", "notes", "groups", "widgets", "dashboards", "alerts", "metadata", "$schema"})
    root.remove(key);
  if (auto* list = root.find("nodes"); list != nullptr && list->asArray() != nullptr) {
    for (auto& node : *list->asArray()) {
      for (const char* key : {"position", "size", "name", "note", "parent"}) node.remove(key);
    }
  }
  return hashOf(root);
}

namespace {

std::expected<FlowDocument, Problems> flowFrom(std::expected<FlowSource, Problems> source) {
  if (!source) return std::unexpected(std::move(source.error()));
  FlowDocument flow;
  flow.source = std::move(source->document);
  flow.migratedFrom = std::move(source->migratedFrom);
  readAll(flow);
  return flow;
}

}  // namespace

std::expected<FlowDocument, Problems> parseFlow(std::string_view text) { return flowFrom(parseSource(text)); }

std::expected<FlowDocument, Problems> readFlow(json::Document document) {
  return flowFrom(readSource(std::move(document)));
}

}  // namespace weir::flow
