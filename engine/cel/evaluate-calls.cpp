// Evaluates function calls by row.
#include <array>

#include "engine/cel/plan.h"

namespace weir::cel {
namespace {

[[nodiscard]] bool argumentsFit(const Overload& overload, std::span<const Value> arguments) noexcept {
  if (overload.variadic ? arguments.size() < overload.parameters.size()
                        : arguments.size() != overload.parameters.size())
    return false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& parameter = overload.parameters[std::min(i, overload.parameters.size() - 1)];
    if (!kindFits(parameter.kind, arguments[i])) return false;
  }
  return true;
}

[[nodiscard]] bool call(const Node& node, CallFrame& frame, std::span<const Value> arguments, Value& out) {
  for (const auto& overload : node.reference->overloads) {
    if (!argumentsFit(*overload, arguments)) continue;
    frame.setPlace(node.expr->begin, node.expr->end - node.expr->begin);
    return overload->body(frame, arguments, out);
  }
  std::string found;
  for (const auto& argument : arguments) found += (found.empty() ? "" : ", ") + showValue(argument);
  return failAt(node, frame, "cel.no_such_overload",
                "The function " + node.reference->overloads.front()->function + " is not defined for (" + found + ").");
}

// Evaluates all arguments, so that the leftmost failure is reported; notes whether one is null.
[[nodiscard]] bool evaluateArguments(const Node& node, CallFrame& frame, std::span<Value> arguments, bool& sawNull) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!evaluateNode(*node.children[i], frame, arguments[i])) return false;
    sawNull = sawNull || arguments[i].isNull();
  }
  return true;
}

// or() and orValue() look at their argument only if the receiver is none.
[[nodiscard]] bool runAlternative(const Node& node, CallFrame& frame, Value& out) {
  std::array<Value, 2> arguments;
  if (!evaluateNode(*node.children[0], frame, arguments[0])) return false;
  if (arguments[0].isNull() && node.flow) {
    out = Value();
    return true;
  }
  if (arguments[0].kind() == ValueKind::optional) {
    const auto* held = arguments[0].optionalValue();
    if (held == nullptr) {
      if (!evaluateNode(*node.children[1], frame, out)) return false;
      if (node.reference->overloads.front()->function == "orValue" || out.kind() == ValueKind::optional) return true;
      return failAt(*node.children[1], frame, "cel.no_such_overload",
                    "or() takes an optional; found " + showValue(out) + ".");
    }
    if (node.reference->overloads.front()->function == "orValue") {
      Value copy = *held;
      out = std::move(copy);
    } else {
      out = std::move(arguments[0]);
    }
    return true;
  }
  if (!evaluateNode(*node.children[1], frame, arguments[1])) return false;
  return call(node, frame, arguments, out);
}

}  // namespace

bool runCall(const Node& node, CallFrame& frame, Value& out) {
  if (!frame.charge(1)) return false;
  if (node.reference->overloads.front()->takesNull) return runAlternative(node, frame, out);
  constexpr std::size_t kFew = 4;
  bool sawNull = false;
  const auto finish = [&](std::span<Value> arguments) {
    if (!evaluateArguments(node, frame, arguments, sawNull)) return false;
    if (sawNull && node.flow) {
      out = Value();
      return true;
    }
    return call(node, frame, arguments, out);
  };
  if (node.children.size() <= kFew) {
    std::array<Value, kFew> arguments;
    return finish(std::span(arguments).first(node.children.size()));
  }
  std::vector<Value> arguments(node.children.size());
  return finish(arguments);
}

// matches() with a pattern that was compiled beforehand.
bool runMatches(const Node& node, CallFrame& frame, Value& out) {
  Value text;
  if (!evaluateNode(*node.children[0], frame, text)) return false;
  if (text.isNull() && node.flow) {
    out = Value();
    return true;
  }
  if (text.kind() != ValueKind::string)
    return failAt(node, frame, "cel.no_such_overload", "matches() needs a string; found " + showValue(text) + ".");
  if (!frame.chargeBytes(static_cast<std::int64_t>(text.text().size()))) return false;
  out = Value::boolean(node.regex->search(text.text()));
  return true;
}

}  // namespace weir::cel
