// The mark follows what nodes compute.
#include "engine/flow/sensitive-fields.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "engine/cel/column/expression.h"
#include "engine/flow/settings-walk.h"
#include "engine/regex/regex.h"

namespace weir::flow {
namespace {

bool isOneOf(std::string_view id, std::initializer_list<std::string_view> ids) {
  return std::ranges::find(ids, id) != ids.end();
}

std::string_view textOf(const json::Value& object, std::string_view name) {
  const auto* found = object.find(name);
  return found != nullptr && found->isString() ? std::string_view(*found->asString()) : std::string_view{};
}

/// The marks so far, and whether the last round has added any.
class Marks {
 public:
  explicit Marks(const FlowConfig& config) { names_.shown = config.notSensitive; }
  void add(std::string_view name) {
    if (name.empty() || names_.hides(name) || std::ranges::find(names_.shown, name) != names_.shown.end()) return;
    names_.names.emplace_back(name);
    grown_ = true;
  }
  void addAll() {
    grown_ = grown_ || !names_.all;
    names_.all = true;
  }
  [[nodiscard]] bool has(std::string_view name) const { return names_.hides(name); }
  [[nodiscard]] bool readBy(const FieldSet& reads) const {
    if (reads.all) return !names_.empty();
    return std::ranges::any_of(reads.names, [this](const auto& name) { return has(name); });
  }
  [[nodiscard]] bool readBy(std::string_view expression) const {
    const auto compiled = cel::Expression::compile(expression);
    return readBy(compiled ? compiled->fieldsRead() : FieldSet::everything());
  }
  [[nodiscard]] bool grew() { return std::exchange(grown_, false); }
  [[nodiscard]] const SensitiveNames& names() const { return names_; }
  [[nodiscard]] SensitiveNames take() { return std::move(names_); }

 private:
  SensitiveNames names_;
  bool grown_ = false;
};

const json::Value::Array& elementsOf(const json::Value& object, std::string_view name) {
  static const json::Value::Array kNone;
  const auto* found = object.find(name);
  return found != nullptr && found->asArray() != nullptr ? *found->asArray() : kNone;
}

void markMap(const BoundNode& node, Marks& marks) {
  if (const auto* set = node.settings.find("set"); set != nullptr && set->asObject() != nullptr) {
    for (const auto& member : *set->asObject()) {
      if (member.value.isString() && marks.readBy(*member.value.asString())) marks.add(member.key);
    }
  }
  const auto* rename = node.settings.find("rename");
  if (rename == nullptr || rename->asObject() == nullptr) return;
  for (const auto& member : *rename->asObject()) {
    if (member.value.isString() && marks.has(member.key)) marks.add(*member.value.asString());
  }
}

/// Keys and measures; how many rows there are tells nothing of their fields.
void markGroup(const BoundNode& node, Marks& marks) {
  for (const char* list : {"keys", "measures"}) {
    for (const auto& one : elementsOf(node.settings, list)) {
      if (!one.isObject()) continue;
      const auto of = textOf(one, "of");
      if (of.empty() || textOf(one, "function") == "count") continue;
      if (marks.readBy(of)) marks.add(textOf(one, "name"));
    }
  }
}

/// What is added comes under a prefix.
void markJoin(const BoundNode& node, Marks& marks) {
  const auto prefix = textOf(node.settings, "prefix");
  if (prefix.empty()) return;
  const auto names = marks.names().names;
  for (const auto& name : names) {
    if (!name.starts_with(prefix)) marks.add(std::string(prefix) + name);
  }
}

void markParse(const BoundNode& node, Marks& marks) {
  const auto field = textOf(node.settings, "field");
  if (!marks.has(field.empty() ? "line" : field)) return;
  const auto pattern = regex::Regex::compile(textOf(node.settings, "pattern"));
  if (!pattern) return;
  for (const auto& name : pattern->groupNames()) marks.add(name);
}

bool givesRowsAsTheyAre(std::string_view id) {
  return isOneOf(id, {"logic/filter", "logic/switch", "flow/limit", "flow/throttle", "flow/merge", "flow/delay",
                      "flow/debounce", "flow/deduplicate", "flow/rate-limit", "flow/priority", "aggregate/sort",
                      "aggregate/distinct", "debug/log", "text/grep"});
}

/// A node of which nothing is known but its ports and its expressions.
void markUnknown(const BoundNode& node, Marks& marks) {
  bool expressions = false, reads = false;
  eachExpression(node, [&](const std::string& source) {
    expressions = true;
    reads = reads || marks.readBy(source);
  });
  // One without expressions may look at all of the row.
  if (!reads && (expressions || marks.names().empty())) return;
  // The last output is that of errors, which hold rows that are masked by the names of their fields.
  for (std::size_t i = 0; i + 1 < node.outputs.size(); ++i) {
    const auto& fields = node.outputs[i].fields;
    if (fields.empty()) marks.addAll();
    for (const auto& field : fields) marks.add(field.name);
  }
}

void markNode(const BoundNode& node, Marks& marks) {
  for (const auto& port : node.outputs) {
    for (const auto& field : port.fields) {
      if (field.sensitive) marks.add(field.name);
    }
  }
  const std::string_view id = node.type->id;
  if (node.node.bypass || node.inputs.empty() || givesRowsAsTheyAre(id)) return;
  if (id == "logic/map") return markMap(node, marks);
  if (isOneOf(id, {"aggregate/group", "aggregate/window"})) return markGroup(node, marks);
  if (isOneOf(id, {"data/join", "data/stream-join"})) return markJoin(node, marks);
  if (id == "text/parse") return markParse(node, marks);
  if (id == "flow/split") {
    if (marks.has(textOf(node.settings, "field"))) marks.add(textOf(node.settings, "as"));
    return;
  }
  if (id == "logic/validate") {
    // Reasons quote what does not fit.
    if (!marks.names().empty()) marks.add(textOf(node.settings, "reasons"));
    return;
  }
  markUnknown(node, marks);
}

/// A transform gives any map: nobody knows which of its fields hold what it has read.
void markTransform(const BoundEdge& edge, Marks& marks) {
  if (!edge.edge.transform.empty() && marks.readBy(edge.transformReads)) marks.addAll();
}

}  // namespace

SensitiveNames sensitiveNames(const Analysis& flow, const FlowConfig& config) {
  Marks marks(config);
  for (const auto& name : config.sensitive) marks.add(name);
  for (const auto& document : flow.subflows) {
    for (const auto& name : document->config.sensitive) marks.add(name);
  }
  // Nodes come in the order of their rows, but a mark is of a name: what a later one adds counts for earlier ones too.
  do {
    for (const auto at : flow.order) markNode(flow.nodes[static_cast<std::size_t>(at)], marks);
    for (const auto& edge : flow.edges) markTransform(edge, marks);
  } while (marks.grew());
  return marks.take();
}

}  // namespace weir::flow
