// Cuts a plan down to what comes behind its failures, and puts sources of dead letters before it.
#include "apps/cli/replay-plan.h"

#include <algorithm>
#include <optional>
#include <set>

#include "engine/data/batch-builder.h"
#include "engine/data/trace-context.h"

namespace weir::cli {
namespace {

/// Rows of dead letters, with the trace ids that they had.
class LetterSource final : public Source {
 public:
  LetterSource(LetterFeeds& feeds, std::string id) : feeds_(feeds), id_(std::move(id)) {}
  Result<Flow> pull(StepIo& io) override {
    if (draining()) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    WEIR_ASSIGN(const auto letters, feeds_.next(id_));
    if (!letters) return Flow::done;
    std::vector<Value> rows;
    EnvelopeJoin envelope;
    for (const auto& letter : *letters) {
      rows.push_back(letter.packet.row);
      EnvelopeRun run;
      run.timestampMicros = letter.timeMicros;
      run.trace = parseTraceId(letter.packet.traceId).value_or(TraceId{});
      EnvelopePlace place;
      place.sequence = next_++;
      envelope.add(place, run);
    }
    if (rows.empty()) return Flow::more;
    WEIR_ASSIGN(auto batch, batchOfRows(rows, MemoryAccount::unlimited()));
    batch.setEnvelope(std::move(envelope).finish());
    io.emit(0, std::move(batch));
    return Flow::more;
  }

 private:
  LetterFeeds& feeds_;
  std::string id_;
  std::uint64_t next_ = 1;
};

Result<NodePtr> makeLetterSource(const json::Value&, NodeContext& context) {
  WEIR_ASSIGN(auto* feeds, context.host<LetterFeeds>());
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [feeds, id = std::string(context.nodeId())]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<LetterSource>(*feeds, id);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

const NodeType& letterSourceType() {
  static const NodeType type = [] {
    NodeType made;
    made.id = "memory/dead-letters";
    made.version = "1.0.0";
    made.touches = Touches::nothing;
    made.kind = NodeKind::source;
    made.cardinality = Cardinality::source;
    PortSpec port;
    port.name = "rows";
    made.outputs.push_back(port);
    port.name = "error";
    port.type = PortType::errorPacket;
    made.outputs.push_back(std::move(port));
    made.make = makeLetterSource;
    return made;
  }();
  return type;
}

std::size_t index(std::int32_t at) { return static_cast<std::size_t>(at); }

/// Where the rows of one place go in.
struct Entrance {
  LetterPlace place;
  std::size_t target;
  std::optional<std::size_t> edge;
};

class Cut {
 public:
  Cut(Plan plan, bool overwrite) : plan_(std::move(plan)), overwrite_(overwrite) {}

  Result<ReplayPlan> make(const std::vector<LetterPlace>& places) {
    behind_.resize(plan_.nodes.size());
    before_.resize(plan_.nodes.size());
    for (const auto& place : places) enter(place);
    for (const auto& entrance : entrances_) reach(entrance.target);
    for (const auto& edge : plan_.edges) {
      if (neededBefore(edge)) climb(index(edge.source));
    }
    for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
      if (behind_[i]) WEIR_TRY(settleWriter(plan_.nodes[i]));
      if (behind_[i] && plan_.nodes[i].type->cardinality == Cardinality::fold) {
        out_.notes.push_back(
            "'" + plan_.nodes[i].id +
            "' takes the replayed rows together by themselves, not with those of the run they come from");
      }
    }
    assemble();
    return std::move(out_);
  }

 private:
  void enter(const LetterPlace& place) {
    const auto& [id, input] = place;
    if (const auto node = std::ranges::find(plan_.nodes, id, &PlannedNode::id); node != plan_.nodes.end()) {
      if (node->inputs.empty()) {
        out_.left.emplace(place, "it is a source: mend what it reads and run the flow");
      } else if (input >= node->inputs.size()) {
        out_.left.emplace(place, "it has no input " + std::to_string(input) + " in this flow");
      } else {
        entrances_.push_back({place, static_cast<std::size_t>(node - plan_.nodes.begin()), std::nullopt});
      }
      return;
    }
    const auto edge = std::ranges::find(plan_.edges, id, &PlannedEdge::id);
    if (edge == plan_.edges.end()) {
      out_.left.emplace(place, "this flow has neither a node nor an edge of that id");
      return;
    }
    entrances_.push_back({place, index(edge->target), static_cast<std::size_t>(edge - plan_.edges.begin())});
  }

  void reach(std::size_t node) {
    if (behind_[node]) return;
    behind_[node] = true;
    for (const auto& edge : plan_.edges) {
      if (index(edge.source) == node) reach(index(edge.target));
    }
  }

  void climb(std::size_t node) {
    if (behind_[node] || before_[node]) return;
    before_[node] = true;
    for (const auto& edge : plan_.edges) {
      if (index(edge.target) == node) climb(index(edge.source));
    }
  }

  /// An input that is read to its end before rows of the others are: without it they would meet nothing.
  [[nodiscard]] bool neededBefore(const PlannedEdge& edge) const {
    return behind_[index(edge.target)] && !behind_[index(edge.source)] &&
           plan_.nodes[index(edge.target)].inputs[edge.targetPort].blocking;
  }

  Result<void> settleWriter(PlannedNode& node) {
    const auto* rule = node.settings.find("ifExists");
    const auto* path = node.settings.find("path");
    if (rule == nullptr || path == nullptr || rule->asString() == nullptr || *rule->asString() != "overwrite" ||
        overwrite_)
      return {};
    const auto spec = std::ranges::find(node.type->settings, "ifExists", &SettingSpec::name);
    const auto shown = path->asString() != nullptr ? "'" + *path->asString() + "'" : std::string("its file");
    if (spec == node.type->settings.end() || !std::ranges::contains(spec->options, "append")) {
      return fail("dead_letters.would_overwrite",
                  "'" + node.id + "' would replace " + shown +
                      " by the replayed rows alone, and cannot append to it. "
                      "Say --overwrite if that is meant, or give a flow that writes elsewhere");
    }
    node.settings.set("ifExists", "append");
    out_.notes.push_back("'" + node.id + "' appends to " + shown);
    return {};
  }

  [[nodiscard]] bool kept(std::size_t node) const { return behind_[node] || before_[node]; }

  void assemble() {
    auto& plan = out_.plan;
    plan = plan_;
    plan.nodes.clear();
    plan.edges.clear();
    plan.unbounded = false;
    std::vector<std::int32_t> at(plan_.nodes.size(), -1);
    for (std::size_t i = 0; i < plan_.nodes.size(); ++i) {
      if (!kept(i)) continue;
      at[i] = static_cast<std::int32_t>(plan.nodes.size());
      plan.nodes.push_back(plan_.nodes[i]);
      plan.unbounded |= plan_.nodes[i].type->unbounded;
    }
    for (auto& node : plan.nodes) {
      for (auto& filter : node.acceptedFilter) filter = filter < 0 ? -1 : at[index(filter)];
    }
    for (const auto& edge : plan_.edges) {
      const auto source = index(edge.source), target = index(edge.target);
      const bool within = behind_[source] || (before_[source] && before_[target]) || neededBefore(edge);
      if (!within || !kept(target)) continue;
      plan.edges.push_back(edge);
      plan.edges.back().source = at[source];
      plan.edges.back().target = at[target];
    }
    for (const auto& entrance : entrances_) feed(entrance, at[entrance.target]);
  }

  void feed(const Entrance& entrance, std::int32_t target) {
    auto& plan = out_.plan;
    PlannedNode source;
    source.id = source.name = "dead-letters-" + std::to_string(out_.feeders.size() + 1);
    source.type = &letterSourceType();
    source.settings = json::Value::object();
    source.outputs = source.type->outputs;
    source.needed.assign(source.outputs.size(), FieldSet::everything());
    source.acceptedFilter.assign(source.outputs.size(), -1);
    PlannedEdge edge;
    if (entrance.edge) {
      edge = plan_.edges[*entrance.edge];
    } else {
      edge.id = source.id + "-edge";
      edge.targetPort = entrance.place.second;
    }
    edge.source = static_cast<std::int32_t>(plan.nodes.size());
    edge.sourcePort = 0;
    edge.target = target;
    out_.feeders.emplace(source.id, entrance.place);
    plan.nodes.push_back(std::move(source));
    plan.edges.push_back(std::move(edge));
  }

  Plan plan_;
  bool overwrite_;
  ReplayPlan out_;
  std::vector<Entrance> entrances_;
  std::vector<bool> behind_, before_;  // nodes that rows reach; nodes that those need
};

}  // namespace

Result<ReplayPlan> replayPlan(Plan plan, const std::vector<LetterPlace>& places, bool overwrite) {
  return Cut(std::move(plan), overwrite).make(places);
}

}  // namespace weir::cli
