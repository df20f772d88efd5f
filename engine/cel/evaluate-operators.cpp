// Evaluates operators by row.
#include "engine/cel/arithmetic.h"
#include "engine/cel/plan.h"

namespace weir::cel {
namespace {

[[nodiscard]] bool eitherNull(const Value& left, const Value& right) noexcept {
  return left.isNull() || right.isNull();
}

struct Operands {
  Value leftScratch;
  Value rightScratch;
  const Value* left = nullptr;
  const Value* right = nullptr;

  // The leftmost failure is the one reported.
  [[nodiscard]] bool read(const Node& node, CallFrame& frame) {
    left = operandOf(*node.children[0], frame, leftScratch);
    if (left == nullptr) return false;
    right = operandOf(*node.children[1], frame, rightScratch);
    return right != nullptr;
  }
};

[[nodiscard]] bool computed(const Node& node, CallFrame& frame, const Operands& operands, Value& out) {
  if (node.flow && eitherNull(*operands.left, *operands.right)) {
    out = Value();
    return true;
  }
  frame.setPlace(node.expr->begin, node.expr->end - node.expr->begin);
  switch (compute(node.op, node.flow, *operands.left, *operands.right, frame, out)) {
    case Computed::done:
      return true;
    case Computed::failed:
      return false;
    case Computed::undefined:
      break;
  }
  return noOperator(node, frame, *operands.left, *operands.right);
}

[[nodiscard]] bool holds(Operator op, Ordering ordering) noexcept {
  switch (op) {
    case Operator::less:
      return ordering == Ordering::less;
    case Operator::lessEqual:
      return ordering == Ordering::less || ordering == Ordering::equal;
    case Operator::greater:
      return ordering == Ordering::greater;
    default:
      return ordering == Ordering::greater || ordering == Ordering::equal;
  }
}

}  // namespace

bool runAdd(const Node& node, CallFrame& frame, Value& out) {
  Operands operands;
  if (!operands.read(node, frame)) return false;
  if (operands.left->kind() == ValueKind::float64 && operands.right->kind() == ValueKind::float64) {
    out = Value::float64(operands.left->float64() + operands.right->float64());
    return true;
  }
  return computed(node, frame, operands, out);
}

bool runArithmetic(const Node& node, CallFrame& frame, Value& out) {
  Operands operands;
  return operands.read(node, frame) && computed(node, frame, operands, out);
}

bool runCompare(const Node& node, CallFrame& frame, Value& out) {
  Operands operands;
  if (!operands.read(node, frame)) return false;
  if (node.flow && eitherNull(*operands.left, *operands.right)) {
    out = Value();
    return true;
  }
  const auto ordering = compareAsCel(*operands.left, *operands.right);
  if (ordering == Ordering::incomparable) return noOperator(node, frame, *operands.left, *operands.right);
  out = Value::boolean(holds(node.op, ordering));
  return true;
}

bool runEqual(const Node& node, CallFrame& frame, Value& out) {
  Operands operands;
  if (!operands.read(node, frame)) return false;
  if (operands.left->kind() == ValueKind::list || operands.left->kind() == ValueKind::map) {
    if (!frame.charge(operands.left->size())) return false;
  }
  out = Value::boolean(equalAsCel(*operands.left, *operands.right) == (node.op == Operator::equal));
  return true;
}

bool runIn(const Node& node, CallFrame& frame, Value& out) {
  Operands operands;
  if (!operands.read(node, frame)) return false;
  const auto& container = *operands.right;
  if (container.kind() == ValueKind::map) {
    out = Value::boolean(container.find(*operands.left) != nullptr);
    return true;
  }
  if (container.kind() == ValueKind::null && node.flow) {
    out = Value::boolean(false);
    return true;
  }
  if (container.kind() != ValueKind::list) return noOperator(node, frame, *operands.left, container);
  if (!frame.charge(container.size())) return false;
  bool found = false;
  for (const auto& item : container.items()) {
    found = equalAsCel(*operands.left, item);
    if (found) break;
  }
  out = Value::boolean(found);
  return true;
}

bool runUnary(const Node& node, CallFrame& frame, Value& out) {
  Value operand;
  if (!evaluateNode(*node.children[0], frame, operand)) return false;
  if (node.flow && operand.isNull()) {
    out = Value();
    return true;
  }
  if (node.op == Operator::logicalNot) {
    if (operand.kind() == ValueKind::boolean) {
      out = Value::boolean(!operand.boolean());
      return true;
    }
    return failAt(node, frame, "cel.no_such_overload", "! needs bool; found " + showValue(operand) + ".");
  }
  if (operand.kind() == ValueKind::float64) {
    out = Value::float64(-operand.float64());
    return true;
  }
  if (operand.kind() != ValueKind::int64)
    return failAt(node, frame, "cel.no_such_overload",
                  "Only int and double have a minus; found " + showValue(operand) + ".");
  std::int64_t negated = 0;
  if (__builtin_sub_overflow(std::int64_t{0}, operand.int64(), &negated))
    return failAt(node, frame, "cel.overflow", "The result is beyond int.");
  out = Value::int64(negated);
  return true;
}

// An operand that decides absorbs failures and nulls of the others, whatever their order.
bool runLogical(const Node& node, CallFrame& frame, Value& out) {
  const bool deciding = node.op == Operator::logicalOr;
  bool sawNull = false;
  std::optional<Failure> failed;
  for (const auto* child : node.children) {
    Value operand;
    if (evaluateNode(*child, frame, operand)) {
      if (operand.kind() == ValueKind::boolean) {
        if (operand.boolean() != deciding) continue;
        out = Value::boolean(deciding);
        return true;
      }
      if (operand.isNull() && node.flow) {
        sawNull = true;
        continue;
      }
      (void)failAt(*child, frame, "cel.no_such_overload",
                   std::string(operatorText(node.op)) + " needs bool; found " + showValue(operand) + ".");
    }
    if (frame.exhausted()) return false;
    if (!failed) failed = std::move(frame.failure());
  }
  if (failed) {
    frame.failure() = std::move(*failed);
    return false;
  }
  out = sawNull ? Value() : Value::boolean(!deciding);
  return true;
}

bool runConditional(const Node& node, CallFrame& frame, Value& out) {
  Value condition;
  if (!evaluateNode(*node.children[0], frame, condition)) return false;
  if (condition.kind() != ValueKind::boolean) {
    if (!condition.isNull() || !node.flow)
      return failAt(*node.children[0], frame, "cel.no_such_overload",
                    "The condition of ?: must be bool; found " + showValue(condition) + ".");
    out = Value();
    return true;
  }
  if (!evaluateNode(*node.children[condition.boolean() ? 1 : 2], frame, out)) return false;
  if (!node.toDouble) return true;
  if (out.kind() == ValueKind::int64) out = Value::float64(static_cast<double>(out.int64()));
  if (out.kind() == ValueKind::uint64) out = Value::float64(static_cast<double>(out.uint64()));
  return true;
}

}  // namespace weir::cel
