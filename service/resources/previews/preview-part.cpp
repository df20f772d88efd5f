// Cuts out of a flow what leads to one node.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/json/writer.h"
#include "service/resources/previews/previews.h"

namespace weir::api {
namespace {

constexpr std::int64_t kMostMs = 20'000, kMemoryBytes = std::int64_t{256} << 20;

class Cut {
 public:
  Cut(const flow::FlowDocument& document, const Catalogue& catalogue, PreviewPart& part)
      : document_(document), catalogue_(catalogue), part_(part) {}

  Expected<std::string> text() {
    if (auto found = findPort(); !found) return std::unexpected(std::move(found.error()));
    collect(part_.node);
    if (auto harmless = checkEffects(); !harmless) return std::unexpected(std::move(harmless.error()));
    const auto& source = document_.source.root();
    auto cut = json::Value::object();
    for (const auto* key : {"id", "version", "flowVersion", "parameters"}) {
      if (const auto* value = source.find(key)) cut.set(key, *value);
    }
    cut.set("config", config(source));
    auto nodes = json::Value::array(), edges = json::Value::array();
    takeNodes(source, nodes);
    takeEdges(source, nodes, edges);
    cut.set("nodes", std::move(nodes));
    cut.set("edges", std::move(edges));
    return json::write(cut);
  }

 private:
  [[nodiscard]] const flow::FlowNode* nodeOf(const std::string& id) const {
    const auto found = std::ranges::find(document_.nodes, id, &flow::FlowNode::id);
    return found == document_.nodes.end() ? nullptr : &*found;
  }
  [[nodiscard]] const NodeType* typeOf(const std::string& id) const {
    const auto* node = nodeOf(id);
    return node == nullptr ? nullptr : catalogue_.find(node->typeId, node->version);
  }

  Expected<void> findPort() {
    if (nodeOf(part_.node) == nullptr)
      return refuse(422, "preview.node", "the flow '" + document_.id + "' has no node '" + part_.node + "'");
    if (!part_.port.empty()) return {};
    const auto* type = typeOf(part_.node);
    if (type == nullptr) return {};  // said by who plans it
    const auto output = std::ranges::find_if(type->outputs, [](const PortSpec& port) { return port.name != "error"; });
    if (output == type->outputs.end())
      return refuse(422, "preview.node", "the node '" + part_.node + "' gives no rows; look at the one before it");
    part_.port = output->name;
    return {};
  }

  void collect(const std::string& id) {
    if (!wanted_.insert(id).second) return;
    for (const auto& edge : document_.edges) {
      if (edge.target.node == id) collect(edge.source.node);
    }
  }

  Expected<void> checkEffects() const {
    if (part_.effects) return {};
    std::string names;
    for (const auto& id : wanted_) {
      const auto* type = typeOf(id);
      const auto* node = nodeOf(id);
      if (type == nullptr || node->bypass || type->touches != Touches::writes) continue;
      names += (names.empty() ? "'" : ", '") + id + "'";
    }
    if (names.empty()) return {};
    return refuse(422, "preview.effects",
                  "on the way to '" + part_.node + "' may change something elsewhere: " + names +
                      "; bypass it, or say \"effects\": true to let it");
  }

  json::Value config(const json::Value& source) const {
    auto limits = json::Value::object();
    limits.set("maxRunMs", kMostMs);
    limits.set("memoryBytes", kMemoryBytes);
    auto config = json::Value::object();
    config.set("limits", std::move(limits));
    if (const auto* sensitive = source.findPointer("/config/sensitive")) config.set("sensitive", *sensitive);
    return config;
  }

  void takeNodes(const json::Value& source, json::Value& into) const {
    const auto* nodes = source.find("nodes");
    if (nodes == nullptr || !nodes->isArray()) return;
    for (const auto& node : *nodes->asArray()) {
      const auto* id = node.find("id");
      if (id == nullptr || !id->isString() || !wanted_.contains(*id->asString())) continue;
      // Groups stay behind.
      auto copy = json::Value::object();
      for (const auto& member : *node.asObject()) {
        if (member.key != "parent") copy.set(member.key, member.value);
      }
      into.asArray()->push_back(std::move(copy));
    }
  }

  static json::Value end(const std::string& node, const std::string& port) {
    auto value = json::Value::object();
    value.set("node", node);
    value.set("port", port);
    return value;
  }

  /// The limit behind an output of a source; made when it is asked for first.
  std::string limitBehind(const std::string& node, const std::string& port, json::Value& nodes, json::Value& edges) {
    auto& id = limits_[{node, port}];
    if (!id.empty()) return id;
    do {
      id = "preview.limit." + std::to_string(++made_);
    } while (nodeOf(id) != nullptr);
    auto settings = json::Value::object();
    settings.set("count", part_.sourceRows);
    auto limit = json::Value::object();
    limit.set("id", id);
    limit.set("typeId", "flow/limit");
    limit.set("version", "1.0.0");
    limit.set("settings", std::move(settings));
    nodes.asArray()->push_back(std::move(limit));
    auto edge = json::Value::object();
    edge.set("id", id + ".edge");
    edge.set("source", end(node, port));
    edge.set("target", end(id, "rows"));
    edges.asArray()->push_back(std::move(edge));
    return id;
  }

  void takeEdges(const json::Value& source, json::Value& nodes, json::Value& into) {
    const auto* edges = source.find("edges");
    if (edges == nullptr || !edges->isArray()) return;
    std::size_t at = 0;
    for (const auto& edge : *edges->asArray()) {
      // The document was read from these, in this order.
      const auto& read = document_.edges[at++];
      if (!wanted_.contains(read.source.node) || !wanted_.contains(read.target.node)) continue;
      auto copy = edge;
      const auto* type = typeOf(read.source.node);
      if (type != nullptr && type->cardinality == Cardinality::source && read.source.port != "error") {
        copy.set("source", end(limitBehind(read.source.node, read.source.port, nodes, into), "rows"));
      }
      into.asArray()->push_back(std::move(copy));
    }
  }

  const flow::FlowDocument& document_;
  const Catalogue& catalogue_;
  PreviewPart& part_;
  std::set<std::string> wanted_;
  std::map<std::pair<std::string, std::string>, std::string> limits_;
  int made_ = 0;
};

}  // namespace

Expected<std::string> previewOf(const flow::FlowDocument& document, const Catalogue& catalogue, PreviewPart& part) {
  return Cut(document, catalogue, part).text();
}

}  // namespace weir::api
