// TypeChecker: names of variables and types, and the writing of problems.
#include "engine/cel/checker-state.h"

namespace weir::cel {

void TypeChecker::problemAt(std::uint32_t begin, std::uint32_t end, std::string_view code, std::string message,
                            std::string suggestion) {
  if (problems_.size() >= kMostProblems) return;
  Problem found;
  found.code = code;
  found.message = std::move(message);
  found.suggestion = std::move(suggestion);
  found.offset = begin;
  found.length = end > begin ? end - begin : 1;
  locate(found, out_.ast.source);
  problems_.push_back(std::move(found));
}

void TypeChecker::problem(ExprId id, std::string_view code, std::string message, std::string suggestion) {
  const auto& expr = out_.ast.at(id);
  problemAt(expr.begin, expr.end, code, std::move(message), std::move(suggestion));
}

void TypeChecker::cannot(ExprId id, ReferenceKind kind, const std::string& message) {
  auto& reference = out_.references[id];
  reference.kind = kind;
  reference.fieldName = message;
}

// The dotted name that a chain of plain selections on a name spells, or "".
std::string TypeChecker::qualifiedName(ExprId id) const {
  const auto& ast = out_.ast;
  const auto& expr = ast.at(id);
  if (expr.kind == ExprKind::ident) return ast.name(expr);
  if (expr.kind != ExprKind::select || expr.optional) return {};
  const auto operand = ast.child(expr, 0);
  if (ast.at(operand).parenthesized) return {};
  auto prefix = qualifiedName(operand);
  if (prefix.empty()) return {};
  return prefix + "." + ast.name(expr);
}

const TypeChecker::Local* TypeChecker::findLocal(std::string_view name) const noexcept {
  for (auto at = locals_.rbegin(); at != locals_.rend(); ++at)
    if (at->name == name) return &*at;
  return nullptr;
}

// The names to try, from the innermost scope of the container outwards.
std::vector<std::string> TypeChecker::candidates(std::string_view name) const {
  if (name.starts_with('.')) return {std::string(name.substr(1))};
  std::vector<std::string> names;
  for (std::string scope = options_.container; !scope.empty();) {
    names.push_back(scope + "." + std::string(name));
    const auto dot = scope.rfind('.');
    scope.resize(dot == std::string::npos ? 0 : dot);
  }
  names.emplace_back(name);
  return names;
}

std::optional<Type> TypeChecker::resolveName(ExprId id, const std::string& name) {
  auto& reference = out_.references[id];
  for (const auto& candidate : candidates(name)) {
    if (const auto index = environment_.findVariable(candidate); index >= 0) {
      reference.kind = ReferenceKind::variable;
      reference.index = static_cast<std::uint32_t>(index);
      return environment_.variables()[reference.index].type;
    }
    if (const auto* type = environment_.findType(candidate); type != nullptr) {
      reference.kind = ReferenceKind::constant;
      reference.value = Value::type(candidate);
      return Type::typeOf(*type);
    }
  }
  return std::nullopt;
}

Type TypeChecker::unknownVariable(ExprId id, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& variable : environment_.variables()) names.push_back(variable.name);
  for (const auto& local : locals_) names.push_back(local.name);
  std::string suggestion;
  const auto near = nearestName(name, names);
  if (!near.empty()) suggestion = "Did you mean \"" + near + "\"?";
  // A field of row written without `row.` is the commonest slip.
  for (const auto& variable : environment_.variables())
    if (variable.type.kind == TypeKind::record && variable.type.fieldIndex(name) >= 0)
      suggestion = "Did you mean \"" + variable.name + "." + name + "\"?";
  if (suggestion.empty() && !names.empty()) {
    suggestion = "Known are ";
    for (std::size_t i = 0; i < names.size() && i < 8; ++i) suggestion += (i == 0 ? "" : ", ") + names[i];
    suggestion += ".";
  }
  const auto message = "There is no variable \"" + name + "\".";
  problem(id, "cel.unknown_variable", message, suggestion);
  cannot(id, ReferenceKind::unknownVariable, message);
  return TypeKind::dyn;
}

}  // namespace weir::cel
