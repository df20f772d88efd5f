// Names and expressions against the rows that are known to come.
#include <algorithm>
#include <utility>

#include "engine/cel/column/expression.h"
#include "engine/flow/alert-metrics.h"
#include "engine/flow/known-fields.h"
#include "engine/flow/settings-walk.h"
#include "engine/node/parse-node-type.h"
#include "engine/text/suggest.h"

namespace weir::flow {
namespace {

constexpr std::string_view kField = "field";

/// Settings with the format `field` name a field of the first input, `field:PORT` one of another.
Port inputOf(const BoundNode& node, std::string_view format) {
  if (format.size() <= kField.size()) return 0;
  const auto name = format.substr(kField.size() + 1);
  const auto at = std::ranges::find(node.inputs, name, &PortSpec::name);
  return at != node.inputs.end() ? static_cast<Port>(at - node.inputs.begin()) : Port{0};
}

class FieldCheck {
 public:
  FieldCheck(Analysis& flow, const Value* params)
      : flow_(flow), params_(params), given_(flow.nodes.size()), there_(flow.nodes.size()) {
    for (std::size_t i = 0; i < flow.nodes.size(); ++i) {
      given_[i].resize(flow.nodes[i].inputs.size());
      there_[i].resize(flow.nodes[i].inputs.size(), false);
    }
  }

  void run() {
    for (const auto at : flow_.order) {
      const auto index = static_cast<std::size_t>(at);
      const auto& node = flow_.nodes[index];
      if (node.type == nullptr) continue;
      if (!node.node.bypass) check(node, index);
      for (const auto e : flow_.edgesOutOf(at)) {
        send(flow_.edges[static_cast<std::size_t>(e)],
             rowsGiven(node, flow_.edges[static_cast<std::size_t>(e)].sourcePort, given_[index], params_));
      }
    }
  }

 private:
  void send(const BoundEdge& edge, KnownRows rows) {
    if (!edge.edge.filter.empty()) {
      expression(edge.edge.filter, Type::boolean(), rows, below(edge.pointer, "filter"));
    }
    if (!edge.edge.transform.empty()) {
      const bool good = expression(edge.edge.transform, Type::map({}), rows, below(edge.pointer, "transform"));
      rows = good ? rowsTransformed(edge.edge.transform, rows, params_) : KnownRows{};
    }
    alerts(edge, rows);
    const auto target = static_cast<std::size_t>(edge.target);
    auto& into = given_[target][edge.targetPort];
    if (there_[target][edge.targetPort]) {
      into.join(rows);
    } else {
      into = std::move(rows);
      there_[target][edge.targetPort] = true;
    }
  }

  /// Expressions of alerts that count rows of this edge.
  void alerts(const BoundEdge& edge, const KnownRows& rows) {
    for (const auto& alert : flow_.scopes.front().document->config.alerts) {
      const auto metric = parseAlertMetric(alert.metric);
      if (!metric || metric->measure.of != MeasuredThing::edge || metric->subject != edge.edge.id) continue;
      if (!alert.where.empty()) expression(alert.where, Type::boolean(), rows, below(alert.pointer, "where"));
      if (!alert.key.empty()) expression(alert.key, {}, rows, below(alert.pointer, "key"));
    }
  }

  void check(const BoundNode& node, std::size_t index) {
    for (std::size_t p = 0; p < node.inputs.size(); ++p) {
      for (const auto& field : node.inputs[p].fields) {
        name(node, index, static_cast<Port>(p), field.name, node.pointer);
      }
    }
    const auto pointer = below(node.pointer, "settings");
    const bool merges = node.type->id == "flow/merge";
    const auto* order = node.settings.find("order");
    const bool byField = merges && order != nullptr && order->isString() && *order->asString() == "timestamp";
    eachSetting(*node.type, node.settings, pointer,
                [&](const SettingSpec& spec, const json::Value& value, const std::string& at) {
                  if (spec.type == SettingType::expression && value.isString()) {
                    TypeRef wanted;
                    if (!spec.expressionType.empty() && spec.expressionType != "any")
                      wanted = parseTypeName(spec.expressionType);
                    if (!given_[index].empty())
                      expression(*value.asString(), wanted, given_[index][inputOf(node, spec.format)], at);
                  } else if (spec.format.starts_with(kField) && (!merges || byField)) {
                    named(node, index, spec, value, at);
                  }
                });
    if (node.type->id == "aggregate/group" || node.type->id == "aggregate/window") {
      groupKeys(node, index, below(pointer, "keys"));
    }
    if (node.type->id == "logic/map") renames(node, given_[index][0], pointer);
    if (node.type->id == "flow/split") splitNames(node, given_[index][0], pointer);
    if (node.type->id == "data/join") lookupKeys(node, index, below(pointer, "keys"));
  }

  void named(const BoundNode& node, std::size_t index, const SettingSpec& spec, const json::Value& value,
             const std::string& at) {
    const auto last = static_cast<Port>(spec.name == "field" && node.type->id == "flow/merge" ? node.inputs.size() : 1);
    if (const auto* text = value.asString()) {
      if (last > 1) {
        for (Port port = 0; port < last; ++port) name(node, index, port, *text, at);
      } else {
        name(node, index, inputOf(node, spec.format), *text, at);
      }
    } else if (const auto* members = value.asObject(); members != nullptr && spec.type == SettingType::map) {
      for (const auto& member : *members)
        name(node, index, inputOf(node, spec.format), member.key, below(at, member.key));
    }
  }

  /// Names, or objects whose `of` is an expression.
  void groupKeys(const BoundNode& node, std::size_t index, const std::string& pointer) {
    const auto* keys = node.settings.find("keys");
    if (keys == nullptr || keys->asArray() == nullptr) return;
    std::size_t i = 0;
    for (const auto& key : *keys->asArray()) {
      const auto at = below(pointer, i++);
      const auto* of = key.find("of");
      const auto* called = key.isString() ? &key : key.find("name");
      if (of != nullptr && of->isString() && !of->asString()->empty()) {
        expression(*of->asString(), {}, given_[index][0], below(at, "of"));
      } else if (called != nullptr && called->isString()) {
        name(node, index, 0, *called->asString(), at);
      }
    }
  }

  /// A new name that a field has which stays.
  void renames(const BoundNode& node, const KnownRows& rows, const std::string& pointer) {
    const auto* rename = node.settings.find("rename");
    if (rename == nullptr || rename->asObject() == nullptr) return;
    const auto names = [&](std::string_view setting, const std::string& wanted) {
      const auto* list = node.settings.find(setting);
      return list != nullptr && list->asArray() != nullptr &&
             std::ranges::any_of(*list->asArray(),
                                 [&](const auto& one) { return one.isString() && *one.asString() == wanted; });
    };
    const auto* keep = node.settings.find("keep");
    for (const auto& member : *rename->asObject()) {
      const auto* wanted = member.value.asString();
      if (wanted == nullptr || rows.find(*wanted) == nullptr || rename->find(*wanted) != nullptr) continue;
      if (names("drop", *wanted) || (keep != nullptr && !names("keep", *wanted))) continue;
      if (names("drop", member.key) || (keep != nullptr && !names("keep", member.key))) continue;
      duplicate(node, *wanted, below(below(pointer, "rename"), member.key),
                "Choose another name, or drop or rename that field.");
    }
  }

  void splitNames(const BoundNode& node, const KnownRows& rows, const std::string& pointer) {
    const auto* field = node.settings.find("field");
    for (const std::string_view setting : {"as", "index"}) {
      const auto* value = node.settings.find(setting);
      const auto* wanted = value != nullptr ? value->asString() : nullptr;
      if (wanted == nullptr || rows.find(*wanted) == nullptr) continue;
      if (field != nullptr && field->isString() && *field->asString() == *wanted) continue;
      duplicate(node, *wanted, below(pointer, setting), "Choose another name.");
    }
  }

  void duplicate(const BoundNode& node, const std::string& name, const std::string& at, std::string advice) {
    flow_.problems.error("settings.duplicate", at,
                         "the rows that come to '" + node.node.id + "' have a field '" + name + "' already.",
                         std::move(advice));
  }

  /// Without a name of its own the key has the same one in the lookup.
  void lookupKeys(const BoundNode& node, std::size_t index, const std::string& pointer) {
    const auto* keys = node.settings.find("keys");
    if (keys == nullptr || keys->asArray() == nullptr) return;
    std::size_t i = 0;
    for (const auto& key : *keys->asArray()) {
      const auto at = below(below(pointer, i++), "field");
      const auto* field = key.find("field");
      if (key.find("lookup") == nullptr && field != nullptr && field->isString())
        name(node, index, 1, *field->asString(), at);
    }
  }

  void name(const BoundNode& node, std::size_t index, Port port, const std::string& wanted, const std::string& at) {
    if (wanted.empty() || port >= given_[index].size() || !there_[index][port]) return;
    const auto& rows = given_[index][port];
    if (!rows.closed || rows.find(wanted) != nullptr) return;
    std::vector<std::string> names;
    std::string list;
    for (const auto& field : rows.fields) {
      names.push_back(field.name);
      list += (list.empty() ? "" : ", ") + field.name;
    }
    flow_.problems.error("rows.unknown_field", at,
                         "the rows that come to '" + node.node.id + "' have no field '" + wanted + "'; they have " +
                             (list.empty() ? "none" : list) + ".",
                         didYouMean(wanted, std::span<const std::string>(names)));
  }

  /// Only what the rows add to what was found without them. True: nothing is wrong.
  bool expression(const std::string& source, const TypeRef& wanted, const KnownRows& rows, const std::string& at) {
    cel::ExpressionOptions options;
    options.params = params_;
    options.expected = wanted;
    const auto compiled = cel::Expression::compile(source, options);
    if (!compiled) return false;  // said before
    const auto schema = rows.schemaFor(compiled->fieldsRead());
    if (schema == nullptr) return true;
    auto typed = compiled->typeFor(schema);
    if (typed) return true;
    flow_.problems.error(typed.error().code, at, std::move(typed.error().message));
    return false;
  }

  Analysis& flow_;
  const Value* params_;
  std::vector<std::vector<KnownRows>> given_;  // by node and input
  std::vector<std::vector<bool>> there_;       // an edge was seen
};

}  // namespace

void checkFields(Analysis& flow) { FieldCheck(flow, &flow.params).run(); }

}  // namespace weir::flow
