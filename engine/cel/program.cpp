// Program: compiling, what it reads, evaluating by row.
#include "engine/cel/program.h"

#include <algorithm>
#include <set>

#include "engine/cel/parser.h"
#include "engine/cel/plan.h"

namespace weir::cel {
namespace {

[[nodiscard]] Error errorOf(const Failure& failure, std::string_view source) {
  Problem problem;
  problem.code = failure.code;
  problem.message = failure.message;
  problem.offset = failure.offset;
  problem.length = failure.length;
  locate(problem, source);
  return Error{failure.code, describe(problem)};
}

[[nodiscard]] Result<Value> runNode(const Node& node, const Checked& checked, const Activation& activation,
                                    Budget& budget) {
  CallFrame frame(activation, budget, checked);
  Value out;
  if (frame.charge(node.cost) && evaluateNode(node, frame, out)) return out;
  return std::unexpected(errorOf(frame.failure(), checked.ast.source));
}

}  // namespace

FieldsRead Program::fieldsRead(std::string_view variable) const {
  const auto& ast = checked_->ast;
  const auto isIt = [&](ExprId id) {
    const auto& reference = checked_->references[id];
    return reference.kind == ReferenceKind::variable && checked_->variables[reference.index].name == variable;
  };
  std::vector<bool> byField(ast.exprs.size());
  std::set<std::string> names;
  for (const auto& expr : ast.exprs) {
    const bool selects = expr.kind == ExprKind::select || expr.kind == ExprKind::has;
    const bool indexes = expr.kind == ExprKind::index && ast.at(ast.child(expr, 1)).kind == ExprKind::literal &&
                         ast.literal(ast.at(ast.child(expr, 1))).kind() == ValueKind::string;
    if ((!selects && !indexes) || !isIt(ast.child(expr, 0))) continue;
    byField[ast.child(expr, 0)] = true;
    names.insert(selects ? ast.name(expr) : std::string(ast.literal(ast.at(ast.child(expr, 1))).text()));
  }
  FieldsRead result;
  for (ExprId id = 0; id < ast.exprs.size(); ++id) result.all = result.all || (isIt(id) && !byField[id]);
  result.names.assign(names.begin(), names.end());
  return result;
}

bool Program::reads(std::string_view variable) const {
  return std::any_of(checked_->references.begin(), checked_->references.end(), [&](const Reference& reference) {
    return (reference.kind == ReferenceKind::variable || reference.kind == ReferenceKind::field) &&
           checked_->variables[reference.index].name == variable;
  });
}

const Value* Program::constant() const noexcept {
  return plan_->root->run == &runConstant ? &plan_->root->value : nullptr;
}

Result<Value> Program::evaluate(const Activation& activation, Budget& budget) const {
  return runNode(*plan_->root, *checked_, activation, budget);
}

Result<Value> Program::evaluatePart(ExprId part, const Activation& activation, Budget& budget) const {
  return runNode(plan_->nodes[part], *checked_, activation, budget);
}

std::expected<Program, std::vector<Problem>> compileWithProblems(std::string_view source,
                                                                 const Environment& environment,
                                                                 const Options& options) {
  auto ast = parse(source);
  if (!ast) return std::unexpected(std::vector<Problem>{std::move(ast.error())});
  auto checked = check(std::move(*ast), environment, options);
  if (!checked) return std::unexpected(std::move(checked.error()));
  auto shared = std::make_shared<const Checked>(std::move(*checked));
  auto plan = makePlan(*shared);
  if (!plan) return std::unexpected(std::move(plan.error()));
  return Program(std::move(shared), std::make_shared<const Plan>(std::move(*plan)));
}

Result<Program> compile(std::string_view source, const Environment& environment, const Options& options) {
  auto program = compileWithProblems(source, environment, options);
  if (program) return std::move(*program);
  return std::unexpected(toError(program.error()));
}

}  // namespace weir::cel
