// TypeChecker: functions and their overloads.
#include <algorithm>

#include "engine/cel/checker-state.h"

namespace weir::cel {
namespace {

[[nodiscard]] std::string argumentList(std::span<const std::string> types) {
  std::string text = "(";
  for (std::size_t i = 0; i < types.size(); ++i) text += (i == 0 ? "" : ", ") + types[i];
  return text + ")";
}

[[nodiscard]] std::string shapeOf(const Overload& overload) {
  std::vector<std::string> types;
  for (const auto& parameter : overload.parameters) types.push_back(describe(parameter));
  std::string text;
  if (overload.member) {
    text = types.front() + ".";
    types.erase(types.begin());
  }
  if (overload.variadic) types.back() += "...";
  return text + overload.function + argumentList(types);
}

[[nodiscard]] bool arityFits(const Overload& overload, std::size_t count) noexcept {
  if (overload.variadic) return count >= overload.parameters.size();
  return count == overload.parameters.size();
}

}  // namespace

Type TypeChecker::visitCall(ExprId id, const Expr& expr) {
  std::vector<Type> arguments;
  for (const auto child : out_.ast.childrenOf(expr)) arguments.push_back(visit(child));
  const auto& name = out_.ast.name(expr);
  for (const auto& candidate : candidates(name))
    if (!environment_.findFunction(candidate).empty())
      return chooseOverload(id, candidate, false, std::move(arguments));
  return chooseOverload(id, name, false, std::move(arguments));
}

Type TypeChecker::visitMember(ExprId id, const Expr& expr) {
  const auto children = out_.ast.childrenOf(expr);
  const auto& name = out_.ast.name(expr);
  std::vector<Type> arguments;
  const auto prefix = out_.ast.at(children[0]).parenthesized ? std::string{} : qualifiedName(children[0]);
  const auto head = prefix.substr(0, prefix.find('.', 1));
  if (!prefix.empty() && findLocal(head) == nullptr) {
    for (const auto& candidate : candidates(prefix + "." + name)) {
      if (environment_.findFunction(candidate).empty()) continue;
      for (const auto child : children.subspan(1)) arguments.push_back(visit(child));
      return chooseOverload(id, candidate, false, std::move(arguments));
    }
  }
  for (const auto child : children) arguments.push_back(visit(child));
  out_.references[id].receiver = true;
  return chooseOverload(id, name, true, std::move(arguments));
}

Type TypeChecker::instantiate(const Type& type, std::uint32_t base) const {
  if (type.kind == TypeKind::parameter && type.number < kFirstFresh) return Type::parameter(base + type.number);
  Type result = type;
  for (auto& parameter : result.parameters) parameter = instantiate(parameter, base);
  return result;
}

bool TypeChecker::fits(const Overload& overload, std::span<const Type> arguments, Type& result) {
  if (!arityFits(overload, arguments.size())) return false;
  const auto base = kFirstFresh + static_cast<std::uint32_t>(bindings_.size());
  for (std::uint32_t i = 0; i < overload.typeParameters; ++i) (void)fresh();
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& parameter = overload.parameters[std::min(i, overload.parameters.size() - 1)];
    if (!unify(instantiate(parameter, base), arguments[i])) return false;
  }
  result = instantiate(overload.result, base);
  return true;
}

Type TypeChecker::chooseOverload(ExprId id, const std::string& name, bool member, std::vector<Type> arguments) {
  auto& reference = out_.references[id];
  reference.kind = ReferenceKind::function;
  std::optional<Type> result;
  auto kept = bindings_;
  // With all types known the first overload that fits is the one.
  const bool known = std::all_of(arguments.begin(), arguments.end(), [this](const Type& argument) {
    const Type type = resolved(argument);
    return type.kind != TypeKind::dyn && type.kind != TypeKind::null;
  });
  for (const auto& overload : environment_.findFunction(name)) {
    if (overload->member != member) continue;
    const auto before = bindings_;
    Type type;
    if (fits(*overload, arguments, type)) {
      reference.overloads.push_back(overload);
      if (reference.overloads.size() == 1) kept = bindings_;
      const Type shown = prune(type);
      if (!result) {
        result = shown;
      } else if (!(resolved(*result) == resolved(shown))) {
        result = Type(TypeKind::dyn);
      }
    }
    bindings_ = before;
    if (result && known) break;
  }
  if (!result) return noOverload(id, name, member, arguments);
  // Fresh parameters of the result stay known even where several overloads are possible.
  if (reference.overloads.size() == 1) {
    bindings_ = std::move(kept);
    return *result;
  }
  return resolved(*result).kind == TypeKind::dyn ? Type(TypeKind::dyn) : resolved(*result);
}

Type TypeChecker::noOverload(ExprId id, const std::string& name, bool member, std::span<const Type> arguments) {
  auto& reference = out_.references[id];
  const auto known = environment_.findFunction(name);
  if (known.empty()) {
    const auto near = nearestName(name, environment_.functionNames());
    const auto message = "There is no function \"" + name + "\".";
    problem(id, "cel.unknown_function", message, near.empty() ? "" : "Did you mean \"" + near + "\"?");
    cannot(id, ReferenceKind::unknownFunction, message);
    return TypeKind::dyn;
  }
  std::vector<std::string> found;
  for (const auto& argument : arguments) found.push_back(show(argument));
  std::string call;
  if (member) {
    call = found.front() + ".";
    found.erase(found.begin());
  }
  call += name + argumentList(found);
  std::string shapes;
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < known.size() && i < kShown; ++i) shapes += (i == 0 ? "" : " or ") + shapeOf(*known[i]);
  if (known.size() > kShown) shapes += " or others";
  const auto message = "Found " + call + "; expected " + shapes + ".";
  problem(id, "cel.type", message);
  cannot(id, ReferenceKind::noOverload, message);
  // Unchecked, the values decide.
  for (const auto& overload : known)
    if (overload->member == member && arityFits(*overload, arguments.size())) reference.overloads.push_back(overload);
  if (!reference.overloads.empty()) reference.kind = ReferenceKind::function;
  return TypeKind::dyn;
}

}  // namespace weir::cel
