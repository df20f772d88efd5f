// Chooses how each expression of a program runs by row.
#include "engine/cel/plan.h"

namespace weir::cel {
namespace {

class NoVariables final : public Activation {
 public:
  [[nodiscard]] bool variable(std::uint32_t, Value&) const override { return false; }
};

class Planner {
 public:
  explicit Planner(const Checked& checked) : checked_(checked) { plan_.nodes.resize(checked.ast.exprs.size()); }

  std::expected<Plan, std::vector<Problem>> run() {
    plan(checked_.ast.root);
    if (!problems_.empty()) return std::unexpected(std::move(problems_));
    plan_.root = &plan_.nodes[checked_.ast.root];
    return std::move(plan_);
  }

 private:
  void plan(ExprId id) {
    const auto& expr = checked_.ast.at(id);
    auto& node = plan_.nodes[id];
    node.expr = &expr;
    node.reference = &checked_.references[id];
    node.op = expr.op;
    node.flow = checked_.profile == Profile::flow;
    node.optional = expr.optional;
    choose(id, expr, node);
    if (!foldable(expr, node)) return;
    for (const auto* child : node.children)
      if (child->run != &runConstant) return;
    fold(node);
  }

  void addChildren(const Expr& expr, Node& node, std::size_t from = 0) {
    for (const auto child : checked_.ast.childrenOf(expr).subspan(from)) {
      plan(child);
      node.children.push_back(&plan_.nodes[child]);
      node.cost += plan_.nodes[child].cost;
    }
  }

  void choose(ExprId id, const Expr& expr, Node& node) {
    switch (node.reference->kind) {
      case ReferenceKind::unknownVariable:
      case ReferenceKind::unknownFunction:
      case ReferenceKind::noOverload:
        node.run = &runUnresolved;
        return;
      case ReferenceKind::variable:
        node.run = &runVariable;
        return;
      case ReferenceKind::field:
        node.run = expr.kind == ExprKind::has ? &runHasField : &runField;
        return;
      case ReferenceKind::constant:
        node.run = &runConstant;
        node.value = node.reference->value;
        return;
      case ReferenceKind::none:
      case ReferenceKind::local:
      case ReferenceKind::function:
        break;
    }
    chooseByKind(id, expr, node);
  }

  void chooseByKind(ExprId id, const Expr& expr, Node& node) {
    switch (expr.kind) {
      case ExprKind::literal:
        node.run = &runConstant;
        node.value = checked_.ast.literal(expr);
        return;
      case ExprKind::ident:
        node.run = &runLocal;
        return;
      case ExprKind::message:
        node.run = &runUnresolved;
        return;
      case ExprKind::call:
      case ExprKind::member:
        return chooseCall(expr, node);
      case ExprKind::select:
      case ExprKind::has:
        node.run = expr.kind == ExprKind::has ? &runHas : &runSelect;
        node.value = Value::string(checked_.ast.name(expr));
        break;
      case ExprKind::index:
        node.run = &runIndex;
        break;
      case ExprKind::unary:
        node.run = &runUnary;
        break;
      case ExprKind::binary:
        node.run = binary(expr.op);
        break;
      case ExprKind::logical:
        node.run = &runLogical;
        break;
      case ExprKind::conditional:
        node.run = &runConditional;
        node.toDouble = node.flow && checked_.types[id].kind == TypeKind::float64;
        break;
      case ExprKind::list:
      case ExprKind::map:
        node.run = expr.kind == ExprKind::list ? &runList : &runMap;
        for (std::uint32_t i = 0; i < expr.childCount; ++i)
          node.optionalEntry.push_back(checked_.ast.entryIsOptional(expr, i));
        break;
      case ExprKind::comprehension:
        node.run = &runComprehension;
        break;
    }
    addChildren(expr, node);
  }

  [[nodiscard]] static Node::Run binary(Operator op) noexcept {
    switch (op) {
      case Operator::add:
        return &runAdd;
      case Operator::less:
      case Operator::lessEqual:
      case Operator::greater:
      case Operator::greaterEqual:
        return &runCompare;
      case Operator::equal:
      case Operator::notEqual:
        return &runEqual;
      case Operator::in:
        return &runIn;
      default:
        return &runArithmetic;
    }
  }

  void chooseCall(const Expr& expr, Node& node) {
    const bool skipsName = expr.kind == ExprKind::member && !node.reference->receiver;
    addChildren(expr, node, skipsName ? 1 : 0);
    node.run = &runCall;
    const bool isMatches = node.reference->overloads.front()->function == "matches" && node.children.size() == 2;
    if (!isMatches || node.children[1]->run != &runConstant || node.children[1]->value.kind() != ValueKind::string)
      return;
    auto compiled = regex::Regex::compile(node.children[1]->value.text());
    if (compiled) {
      node.regex = std::make_unique<PreparedRegex>(std::move(*compiled));
      node.run = &runMatches;
      return;
    }
    if (!checked_.typesHold) return;
    const auto& pattern = *node.children[1]->expr;
    Problem problem;
    problem.code = compiled.error().code;
    problem.message = std::move(compiled.error().message);
    problem.offset = pattern.begin;
    problem.length = pattern.end - pattern.begin;
    locate(problem, checked_.ast.source);
    problems_.push_back(std::move(problem));
  }

  [[nodiscard]] static bool foldable(const Expr& expr, const Node& node) noexcept {
    if (node.run == &runVariable || node.run == &runField || node.run == &runHasField || node.run == &runUnresolved ||
        node.run == &runConstant)
      return false;
    return expr.kind != ExprKind::ident && expr.kind != ExprKind::comprehension;
  }

  void fold(Node& node) const {
    constexpr std::int64_t kFoldBudget = 10'000;
    Budget budget{kFoldBudget};
    const NoVariables none;
    CallFrame frame(none, budget, checked_);
    Value value;
    if (!evaluateNode(node, frame, value)) return;
    node.value = std::move(value);
    node.run = &runConstant;
    node.cost = 1;
  }

  const Checked& checked_;
  Plan plan_;
  std::vector<Problem> problems_;
};

}  // namespace

std::expected<Plan, std::vector<Problem>> makePlan(const Checked& checked) { return Planner(checked).run(); }

}  // namespace weir::cel
