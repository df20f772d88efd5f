// Evaluates names, fields, indices and literals by row.
#include <cmath>

#include "engine/cel/plan.h"

namespace weir::cel {
namespace {

// One step of `a.b`, `a[b]`, `a.?b`, `a[?b]` on a plain value. `found` stays null if there is nothing at the key.
[[nodiscard]] bool lookUp(const Node& node, CallFrame& frame, const Value& container, const Value& key,
                          const Value*& found) {
  found = nullptr;
  if (container.kind() == ValueKind::map) {
    found = container.find(key);
    return true;
  }
  const bool isSelect = node.expr->kind != ExprKind::index;
  if (container.kind() != ValueKind::list || isSelect)
    return failAt(node, frame, "cel.no_such_overload",
                  std::string(isSelect ? "Only maps have fields" : "Only lists and maps can be indexed") + "; found " +
                      showValue(container) + ".");
  std::int64_t index = -1;
  if (key.kind() == ValueKind::int64) {
    index = key.int64();
  } else if (key.kind() == ValueKind::uint64 && key.uint64() <= static_cast<std::uint64_t>(container.size())) {
    index = static_cast<std::int64_t>(key.uint64());
  } else if (key.kind() == ValueKind::float64 && key.float64() == std::trunc(key.float64()) &&
             std::fabs(key.float64()) < 9e15) {
    index = static_cast<std::int64_t>(key.float64());
  } else if (key.kind() != ValueKind::uint64) {
    return failAt(node, frame, "cel.no_such_overload",
                  "The index of a list must be an int; found " + showValue(key) + ".");
  }
  if (index >= 0 && index < container.size()) found = &container.items()[static_cast<std::size_t>(index)];
  return true;
}

[[nodiscard]] bool missing(const Node& node, CallFrame& frame, const Value& container, const Value& key) {
  if (container.kind() == ValueKind::list)
    return failAt(node, frame, "cel.index_out_of_range",
                  "The index " + showValue(key) + " is outside of the list, which has " +
                      std::to_string(container.size()) + " elements.");
  return failAt(node, frame, "cel.no_such_key", "There is no key " + showValue(key) + " in the map.");
}

[[nodiscard]] bool step(const Node& node, CallFrame& frame, const Value& operand, const Value& key, Value& out) {
  if (operand.kind() == ValueKind::optional) {
    const auto* held = operand.optionalValue();
    if (held == nullptr) {
      out = Value::optionalNone();
      return true;
    }
    const Value* found = nullptr;
    if (!lookUp(node, frame, *held, key, found)) return false;
    out = found == nullptr ? Value::optionalNone() : Value::optionalOf(*found);
    return true;
  }
  if (node.flow && (operand.isNull() || key.isNull())) {
    out = node.optional ? Value::optionalNone() : Value();
    return true;
  }
  const Value* found = nullptr;
  if (!lookUp(node, frame, operand, key, found)) return false;
  if (node.optional) {
    out = found == nullptr ? Value::optionalNone() : Value::optionalOf(*found);
    return true;
  }
  if (found == nullptr) return missing(node, frame, operand, key);
  Value copy = *found;
  out = std::move(copy);
  return true;
}

[[nodiscard]] bool badEntry(const Node& node, CallFrame& frame, const Value& found) {
  return failAt(node, frame, "cel.no_such_overload",
                "An entry marked with ? must be an optional; found " + showValue(found) + ".");
}

[[nodiscard]] bool keyAllowed(const Value& key) noexcept {
  return key.kind() == ValueKind::string || key.kind() == ValueKind::int64 || key.kind() == ValueKind::uint64 ||
         key.kind() == ValueKind::boolean;
}

}  // namespace

const Value* operandOf(const Node& node, CallFrame& frame, Value& scratch) {
  if (node.run == &runConstant) return &node.value;
  return node.run(node, frame, scratch) ? &scratch : nullptr;
}

bool failAt(const Node& node, CallFrame& frame, std::string_view code, std::string message) {
  frame.setPlace(node.expr->begin, node.expr->end - node.expr->begin);
  return frame.fail(code, std::move(message));
}

bool noOperator(const Node& node, CallFrame& frame, const Value& left, const Value& right) {
  return failAt(
      node, frame, "cel.no_such_overload",
      showValue(left) + " " + std::string(operatorText(node.op)) + " " + showValue(right) + " is not defined.");
}

bool runConstant(const Node& node, CallFrame&, Value& out) {
  out = node.value;
  return true;
}

bool runVariable(const Node& node, CallFrame& frame, Value& out) {
  if (frame.activation().variable(node.reference->index, out)) return true;
  return failAt(node, frame, "cel.unknown_variable",
                "The variable \"" + frame.checked().variables[node.reference->index].name + "\" has no value.");
}

bool runField(const Node& node, CallFrame& frame, Value& out) {
  const auto& reference = *node.reference;
  const bool found = frame.activation().field(reference.index, reference.field, reference.fieldName, out);
  if (node.optional) {
    out = found ? Value::optionalOf(std::move(out)) : Value::optionalNone();
    return true;
  }
  if (found) return true;
  return failAt(
      node, frame, "cel.no_such_key",
      "There is no field \"" + reference.fieldName + "\" in " + frame.checked().variables[reference.index].name + ".");
}

bool runLocal(const Node& node, CallFrame& frame, Value& out) {
  const auto slot = node.reference->slot;
  if (frame.hasBindingFailures() && frame.bindingFailure(slot) != nullptr) {
    frame.failure() = *frame.bindingFailure(slot);
    return false;
  }
  out = frame.local(slot);
  return true;
}

bool runUnresolved(const Node& node, CallFrame& frame, Value&) {
  switch (node.reference->kind) {
    case ReferenceKind::unknownVariable:
      return failAt(node, frame, "cel.unknown_variable", node.reference->fieldName);
    case ReferenceKind::unknownFunction:
      return failAt(node, frame, "cel.unknown_function", node.reference->fieldName);
    default:
      return failAt(node, frame, "cel.no_such_overload", node.reference->fieldName);
  }
}

bool runSelect(const Node& node, CallFrame& frame, Value& out) {
  Value scratch;
  const auto* operand = operandOf(*node.children[0], frame, scratch);
  return operand != nullptr && step(node, frame, *operand, node.value, out);
}

bool runHasField(const Node& node, CallFrame& frame, Value& out) {
  const auto& reference = *node.reference;
  Value ignored;
  out = Value::boolean(reference.field >= 0 &&
                       frame.activation().field(reference.index, reference.field, reference.fieldName, ignored));
  return true;
}

bool runHas(const Node& node, CallFrame& frame, Value& out) {
  Value scratch;
  const auto* operand = operandOf(*node.children[0], frame, scratch);
  if (operand == nullptr) return false;
  if (operand->kind() == ValueKind::optional) {
    operand = operand->optionalValue();
    if (operand == nullptr) {
      out = Value::boolean(false);
      return true;
    }
  }
  if (node.flow && operand->isNull()) {
    out = Value::boolean(false);
    return true;
  }
  const Value* found = nullptr;
  if (!lookUp(node, frame, *operand, node.value, found)) return false;
  out = Value::boolean(found != nullptr);
  return true;
}

bool runIndex(const Node& node, CallFrame& frame, Value& out) {
  Value operandScratch;
  const auto* operand = operandOf(*node.children[0], frame, operandScratch);
  if (operand == nullptr) return false;
  Value keyScratch;
  const auto* key = operandOf(*node.children[1], frame, keyScratch);
  return key != nullptr && step(node, frame, *operand, *key, out);
}

bool runList(const Node& node, CallFrame& frame, Value& out) {
  std::vector<Value> items;
  items.reserve(node.children.size());
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Value item;
    if (!evaluateNode(*node.children[i], frame, item)) return false;
    if (!node.optionalEntry[i]) {
      items.push_back(std::move(item));
      continue;
    }
    if (item.kind() != ValueKind::optional) return badEntry(*node.children[i], frame, item);
    if (const auto* held = item.optionalValue()) items.push_back(*held);
  }
  out = Value::list(std::move(items));
  return true;
}

bool runMap(const Node& node, CallFrame& frame, Value& out) {
  MapBuilder builder;
  builder.reserve(node.children.size() / 2);
  for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
    Value key;
    Value value;
    if (!evaluateNode(*node.children[i], frame, key) || !evaluateNode(*node.children[i + 1], frame, value))
      return false;
    if (!keyAllowed(key))
      return failAt(*node.children[i], frame, "cel.no_such_overload",
                    "A key of a map is a string, int, uint or bool; found " + showValue(key) + ".");
    if (node.optionalEntry[i]) {
      if (value.kind() != ValueKind::optional) return badEntry(*node.children[i + 1], frame, value);
      if (value.optionalValue() == nullptr) continue;
      Value held = *value.optionalValue();
      value = std::move(held);
    }
    if (builder.insert(key, std::move(value))) continue;
    return failAt(*node.children[i], frame, "cel.duplicate_key",
                  "The key " + showValue(key) + " stands twice in the map.");
  }
  out = std::move(builder).build();
  return true;
}

}  // namespace weir::cel
