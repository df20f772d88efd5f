// TypeChecker: operators.
#include <array>

#include "engine/cel/checker-state.h"

namespace weir::cel {
namespace {

struct Rule {
  TypeKind left;
  TypeKind right;
  TypeKind result;
  bool flowOnly = false;
};

using enum TypeKind;
constexpr std::array<Rule, 13> kAdd{{{int64, int64, int64},
                                     {uint64, uint64, uint64},
                                     {float64, float64, float64},
                                     {string, string, string},
                                     {bytes, bytes, bytes},
                                     {timestamp, duration, timestamp},
                                     {duration, timestamp, timestamp},
                                     {duration, duration, duration},
                                     {list, list, list},
                                     {int64, float64, float64, true},
                                     {float64, int64, float64, true},
                                     {uint64, float64, float64, true},
                                     {float64, uint64, float64, true}}};
constexpr std::array<Rule, 10> kSubtract{{{int64, int64, int64},
                                          {uint64, uint64, uint64},
                                          {float64, float64, float64},
                                          {timestamp, timestamp, duration},
                                          {timestamp, duration, timestamp},
                                          {duration, duration, duration},
                                          {int64, float64, float64, true},
                                          {float64, int64, float64, true},
                                          {uint64, float64, float64, true},
                                          {float64, uint64, float64, true}}};
constexpr std::array<Rule, 7> kMultiply{{{int64, int64, int64},
                                         {uint64, uint64, uint64},
                                         {float64, float64, float64},
                                         {int64, float64, float64, true},
                                         {float64, int64, float64, true},
                                         {uint64, float64, float64, true},
                                         {float64, uint64, float64, true}}};
constexpr std::array<Rule, 2> kModulo{{{int64, int64, int64}, {uint64, uint64, uint64}}};

[[nodiscard]] std::span<const Rule> rulesOf(Operator op) noexcept {
  if (op == Operator::add) return kAdd;
  if (op == Operator::subtract) return kSubtract;
  if (op == Operator::modulo) return kModulo;
  return kMultiply;
}

[[nodiscard]] bool isOpen(const Type& type) noexcept { return type.kind == dyn || type.kind == parameter; }

}  // namespace

void TypeChecker::wantBool(ExprId id, const Type& found, std::string_view what) {
  const Type type = prune(found);
  if (unify(TypeKind::boolean, type)) return;
  std::string suggestion;
  if (type.isNumber())
    suggestion = "Compare it, for example: " + std::string(out_.ast.text(out_.ast.at(id))) + " != 0.";
  problem(id, "cel.type", "Expected bool for " + std::string(what) + "; found " + show(type) + ".",
          std::move(suggestion));
}

Type TypeChecker::visitLogical(const Expr& expr) {
  for (const auto child : out_.ast.childrenOf(expr))
    wantBool(child, visit(child), "an operand of " + std::string(operatorText(expr.op)));
  return TypeKind::boolean;
}

Type TypeChecker::visitUnary(ExprId id, const Expr& expr) {
  const auto operandId = out_.ast.child(expr, 0);
  const Type operand = prune(visit(operandId));
  if (expr.op == Operator::logicalNot) {
    wantBool(operandId, operand, "the operand of !");
    return TypeKind::boolean;
  }
  if (operand.kind == int64 || operand.kind == float64) return operand;
  if (isOpen(operand) || (operand.kind == null && flow())) return TypeKind::dyn;
  problem(id, "cel.type", "Only int and double have a minus; found " + show(operand) + ".");
  return TypeKind::dyn;
}

Type TypeChecker::visitBinary(ExprId id, const Expr& expr) {
  const Type left = prune(visit(out_.ast.child(expr, 0)));
  const Type right = prune(visit(out_.ast.child(expr, 1)));
  switch (expr.op) {
    case Operator::add:
    case Operator::subtract:
    case Operator::multiply:
    case Operator::divide:
    case Operator::modulo:
      return arithmetic(id, expr, left, right);
    case Operator::less:
    case Operator::lessEqual:
    case Operator::greater:
    case Operator::greaterEqual:
      if (!comparable(left, right)) return badOperands(id, expr, left, right);
      return TypeKind::boolean;
    case Operator::equal:
    case Operator::notEqual:
      if (!equatable(left, right)) return badOperands(id, expr, left, right);
      return TypeKind::boolean;
    case Operator::in: {
      const bool open = isOpen(right) || (right.kind == null && flow());
      if (open || (right.kind == record && equatable(TypeKind::string, left))) return TypeKind::boolean;
      if ((right.kind != list && right.kind != map) || !equatable(right.parameters[0], left))
        return badOperands(id, expr, left, right);
      return TypeKind::boolean;
    }
    case Operator::none:
    case Operator::logicalAnd:
    case Operator::logicalOr:
    case Operator::logicalNot:
    case Operator::negate:
      break;
  }
  return TypeKind::dyn;
}

Type TypeChecker::arithmetic(ExprId id, const Expr& expr, const Type& left, const Type& right) {
  const auto matches = [this](TypeKind want, const Type& found) {
    return found.kind == want || isOpen(found) || (found.kind == null && flow());
  };
  if (left.kind == list && right.kind == list && expr.op == Operator::add)
    return join(left, right).value_or(Type::list(dyn));
  std::optional<TypeKind> result;
  for (const auto& rule : rulesOf(expr.op)) {
    if ((rule.flowOnly && !flow()) || !matches(rule.left, left) || !matches(rule.right, right)) continue;
    if (result && *result != rule.result) return TypeKind::dyn;
    result = rule.result;
  }
  if (!result) return badOperands(id, expr, left, right);
  if (*result == list) return left.kind == list ? left : right.kind == list ? right : Type(dyn);
  return *result;
}

bool TypeChecker::comparable(const Type& left, const Type& right) const {
  const auto ordered = [this](const Type& type) {
    switch (type.kind) {
      case boolean:
      case int64:
      case uint64:
      case float64:
      case string:
      case bytes:
      case timestamp:
      case duration:
      case dyn:
      case parameter:
        return true;
      case null:
        return flow();
      default:
        return false;
    }
  };
  if (!ordered(left) || !ordered(right)) return false;
  if (isOpen(left) || isOpen(right) || left.kind == right.kind) return true;
  if (left.kind == null || right.kind == null) return true;
  return flow() && left.isNumber() && right.isNumber() && (left.kind == float64 || right.kind == float64);
}

bool TypeChecker::equatable(const Type& left, const Type& right) {
  if (flow() && left.isNumber() && right.isNumber() && (left.kind == float64 || right.kind == float64)) return true;
  const auto saved = bindings_;
  if (unify(left, right)) return true;
  bindings_ = saved;
  return false;
}

Type TypeChecker::badOperands(ExprId id, const Expr& expr, const Type& left, const Type& right) {
  const auto op = std::string(operatorText(expr.op));
  std::string suggestion;
  if (left.isNumber() && right.isNumber()) {
    suggestion = "Convert one side: int(...), uint(...) or double(...).";
  } else if (expr.op == Operator::add && (left.kind == string || right.kind == string)) {
    suggestion = "Convert the other side with string(...).";
  } else if (left.kind == string && right.isNumber()) {
    suggestion = "Convert the text with int(...) or double(...), or put the number in quotes.";
  } else if (left.isNumber() && right.kind == string) {
    suggestion = "Convert the text with int(...) or double(...).";
  } else if (expr.op == Operator::in) {
    suggestion = "Behind in stands a list or a map; its elements or keys must have the type of the left side.";
  }
  problem(id, "cel.type", show(left) + " " + op + " " + show(right) + " is not defined.", std::move(suggestion));
  const bool isBoolean = expr.op != Operator::add && expr.op != Operator::subtract && expr.op != Operator::multiply &&
                         expr.op != Operator::divide && expr.op != Operator::modulo;
  return isBoolean ? boolean : dyn;
}

}  // namespace weir::cel
