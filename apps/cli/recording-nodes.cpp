// A recorder as a sink, a recording as a source.
#include "apps/cli/recording-nodes.h"

#include <algorithm>
#include <set>
#include <utility>

#include "apps/cli/internal-node-type.h"
#include "apps/cli/numbered-files.h"
#include "apps/cli/recording.h"
#include "engine/node/hidden-fields.h"
#include "engine/runtime/tap.h"
#include "engine/text/suggest.h"

namespace weir::cli {
namespace {

std::int64_t numberIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : 0;
}

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

bool flagIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asBool() != nullptr && *found->asBool();
}

class Recorder final : public Transform {
 public:
  /// `hidden`: what is not recorded as it is; null: all is.
  Recorder(std::unique_ptr<RecordingWriter> writer, const SensitiveNames* hidden, NodeContext& context)
      : writer_(std::move(writer)), hidden_(hidden), context_(context) {}
  Result<Flow> process(const Batch& batch, StepIo&) override {
    WEIR_ASSIGN(const auto shown, shownOf(batch));
    WEIR_TRY(writer_->add(shown, context_.nowMicros()));
    return Flow::more;
  }
  Result<Flow> finish(StepIo&) override {
    WEIR_TRY(writer_->finish());
    return Flow::done;
  }

 private:
  Result<Batch> shownOf(const Batch& batch) {
    if (hidden_ == nullptr) return batch;
    auto masked = runtime::maskSensitive(batch, *hidden_);
    if (masked.rows() != batch.rows())
      return fail("memory.limit", "there is no memory to hide sensitive fields of what is recorded");
    if (masked.schema() == batch.schema()) return masked;
    // Batches of one schema are recorded with one.
    if (of_ != batch.schema()) maskedSchema_ = masked.schema();
    of_ = batch.schema();
    return masked.withColumns(maskedSchema_, masked.columns());
  }

  std::unique_ptr<RecordingWriter> writer_;
  const SensitiveNames* hidden_;
  NodeContext& context_;
  SchemaRef of_, maskedSchema_;
};

Result<NodePtr> makeRecorder(const json::Value& settings, NodeContext& context) {
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [settings, &context]() -> Result<std::unique_ptr<Task>> {
    RecordingBounds bounds;
    bounds.bytes = numberIn(settings, "bytes");
    bounds.ageMicros = numberIn(settings, "ageMicros");
    auto folder = textIn(settings, "folder");
    if (flagIn(settings, "numbered")) {
      bounds.before = numberedIn(folder);
      folder += "/" + numberedName(lastNumberIn(folder) + 1);
    }
    native::FileKeys keys;
    if (flagIn(settings, "sealed")) {
      WEIR_ASSIGN(const auto* sealed, context.host<RecordingKeys>());
      keys = sealed->keys;
    }
    const SensitiveNames* hidden = nullptr;
    if (flagIn(settings, "masked")) {
      WEIR_ASSIGN(const auto* fields, context.host<HiddenFields>());
      hidden = &fields->names;
    }
    WEIR_ASSIGN(auto writer, RecordingWriter::create(std::move(folder), textIn(settings, "flow"),
                                                     textIn(settings, "edge"), std::move(bounds), std::move(keys)));
    return std::make_unique<Recorder>(std::move(writer), hidden, context);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

/// Gives the batches at the distances in which they came, divided by `speed`; 0: one after the other.
class Player final : public Task {
 public:
  Player(RecordingReader reader, const json::Value& settings, NodeContext& context)
      : reader_(std::move(reader)),
        context_(context),
        from_(numberIn(settings, "fromMicros")),
        to_(numberIn(settings, "toMicros")) {
    const auto* speed = settings.find("speed");
    if (speed == nullptr || !speed->toDouble(speed_)) speed_ = 0;
    reader_.startAt(from_);
  }
  void drain() override { draining_ = true; }
  Result<Progress> step(StepIo& io) override {
    while (!draining_) {
      if (!next_) {
        WEIR_ASSIGN(next_, reader_.next());
        if (!next_ || next_->atMicros > to_) return Progress::finished();
        if (next_->atMicros < from_) next_.reset();
        if (!next_) continue;
      }
      const auto due = dueMicros(next_->atMicros);
      if (due > context_.nowMicros()) return Progress::until(due);
      if (io.room(0).rows <= 0) return Progress::blockedOn(0, portSet(0));
      io.emit(0, std::move(next_->batch));
      next_.reset();
      if (io.budgetSpent()) return Progress::yielded();
    }
    return Progress::finished();
  }

 private:
  /// The first batch comes at once.
  std::int64_t dueMicros(std::int64_t atMicros) {
    if (speed_ <= 0) return 0;
    if (!begun_) {
      begun_ = true;
      firstMicros_ = atMicros;
      startMicros_ = context_.nowMicros();
    }
    return startMicros_ + static_cast<std::int64_t>(static_cast<double>(atMicros - firstMicros_) / speed_);
  }

  RecordingReader reader_;
  NodeContext& context_;
  std::int64_t from_, to_, firstMicros_ = 0, startMicros_ = 0;
  double speed_ = 0;
  bool begun_ = false, draining_ = false;
  std::optional<RecordedBatch> next_;
};

Result<NodePtr> makePlayer(const json::Value& settings, NodeContext& context) {
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [settings, &context]() -> Result<std::unique_ptr<Task>> {
    WEIR_ASSIGN(auto* codecs, context.host<Codecs>());
    WEIR_ASSIGN(auto reader, RecordingReader::open(textIn(settings, "folder"), *codecs, context.account()));
    return std::make_unique<Player>(std::move(reader), settings, context);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

const NodeType& recorderType() {
  static const NodeType type = internalNodeType("recording/record", false, makeRecorder);
  return type;
}

const NodeType& playerType() {
  static const NodeType type = internalNodeType("recording/replay", true, makePlayer);
  return type;
}

PlannedNode plannedNode(const Plan& plan, std::string id, const NodeType& type, json::Value settings, int depth) {
  while (std::ranges::find(plan.nodes, id, &PlannedNode::id) != plan.nodes.end()) id += "'";
  PlannedNode node;
  node.id = node.name = std::move(id);
  node.type = &type;
  node.settings = std::move(settings);
  node.inputs = type.inputs;
  node.outputs = type.outputs;
  node.needed.assign(type.outputs.size(), FieldSet::everything());
  node.acceptedFilter.assign(type.outputs.size(), -1);
  node.depth = depth;
  return node;
}

Result<std::size_t> edgeNamed(const Plan& plan, std::string_view id) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan.edges.size(); ++i) {
    if (plan.edges[i].id == id) return i;
    names.push_back(plan.edges[i].id);
  }
  return fail("debug.unknown", "the flow has no edge '" + std::string(id) + "'." + didYouMean(id, names));
}

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

/// The node and all before it.
std::set<std::int32_t> upTo(const Plan& plan, std::int32_t node) {
  std::set<std::int32_t> found{node};
  for (bool more = true; more;) {
    more = false;
    for (const auto& edge : plan.edges) {
      if (found.contains(edge.target)) more = found.insert(edge.source).second || more;
    }
  }
  return found;
}

/// Nodes whose inputs all come from nodes that are gone go too.
void addStarved(const Plan& plan, std::size_t fed, std::set<std::int32_t>& gone) {
  for (bool more = true; more;) {
    more = false;
    for (std::int32_t node = 0; node < static_cast<std::int32_t>(plan.nodes.size()); ++node) {
      if (gone.contains(node) || plan.nodes[at(node)].inputs.empty() || plan.edges[fed].target == node) continue;
      const auto feeds = [&](const PlannedEdge& edge) { return edge.target == node && !gone.contains(edge.source); };
      if (std::ranges::none_of(plan.edges, feeds)) more = gone.insert(node).second;
    }
  }
}

/// A port that has edges keeps one of them.
Result<void> checkPorts(const Plan& plan, std::size_t fed, const std::set<std::int32_t>& gone) {
  for (std::size_t i = 0; i < plan.edges.size(); ++i) {
    const auto& lost = plan.edges[i];
    if (i == fed || !gone.contains(lost.source) || gone.contains(lost.target)) continue;
    bool served = false;
    for (std::size_t j = 0; j < plan.edges.size(); ++j) {
      const auto& other = plan.edges[j];
      const bool samePort = other.target == lost.target && other.targetPort == lost.targetPort;
      served = served || (samePort && (j == fed || !gone.contains(other.source)));
    }
    if (served) continue;
    const auto& target = plan.nodes[at(lost.target)];
    return fail("flow.unconnected", "node '" + target.id + "' also needs '" + target.inputs[lost.targetPort].name +
                                        "' from '" + plan.nodes[at(lost.source)].id +
                                        "', which does not run in a replay of edge '" + plan.edges[fed].id +
                                        "'; record and replay an edge behind that node");
  }
  return {};
}

}  // namespace

Result<void> addRecorder(Plan& plan, std::string_view edge, json::Value settings) {
  WEIR_ASSIGN(const auto from, edgeNamed(plan, edge));
  auto copy = plan.edges[from];
  copy.id += "#record";
  // The recording is of everything: it waits where the edge would shed.
  copy.whenFull = FullRule::block;
  copy.order = QueueOrder::fifo;
  copy.ageMs = 0;
  copy.durable = copy.spill = false;
  copy.target = static_cast<std::int32_t>(plan.nodes.size());
  copy.targetPort = 0;
  const auto depth = plan.nodes[at(copy.source)].depth + 1;
  plan.nodes.push_back(plannedNode(plan, "record", recorderType(), std::move(settings), depth));
  plan.edges.push_back(std::move(copy));
  return {};
}

Result<std::vector<std::string>> feedRecording(Plan& plan, std::string_view edge, json::Value settings) {
  WEIR_ASSIGN(const auto fed, edgeNamed(plan, edge));
  auto gone = upTo(plan, plan.edges[fed].source);
  addStarved(plan, fed, gone);
  WEIR_TRY(checkPorts(plan, fed, gone));
  Plan made = plan;
  made.nodes.clear();
  made.edges.clear();
  std::vector<std::int32_t> places(plan.nodes.size(), -1);
  std::vector<std::string> left;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(plan.nodes.size()); ++i) {
    if (gone.contains(i)) {
      left.push_back(plan.nodes[at(i)].id);
      continue;
    }
    places[at(i)] = static_cast<std::int32_t>(made.nodes.size());
    made.nodes.push_back(plan.nodes[at(i)]);
  }
  const auto player = static_cast<std::int32_t>(made.nodes.size());
  made.nodes.push_back(plannedNode(made, "replay", playerType(), std::move(settings), 0));
  for (std::size_t i = 0; i < plan.edges.size(); ++i) {
    auto kept = plan.edges[i];
    if (i == fed) {
      // What was recorded has been through them.
      kept.filter.clear();
      kept.transform.clear();
      kept.source = player;
      kept.sourcePort = 0;
    } else if (gone.contains(kept.source) || gone.contains(kept.target)) {
      continue;
    } else {
      kept.source = places[at(kept.source)];
    }
    kept.target = places[at(kept.target)];
    made.edges.push_back(std::move(kept));
  }
  made.unbounded = std::ranges::any_of(made.nodes, [](const PlannedNode& node) { return node.type->unbounded; });
  plan = std::move(made);
  return left;
}

}  // namespace weir::cli
