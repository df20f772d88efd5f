// TypeChecker: type parameters, assignability, common types.
#include "engine/cel/checker-state.h"

namespace weir::cel {

Type TypeChecker::fresh() {
  bindings_.emplace_back();
  return Type::parameter(kFirstFresh + static_cast<std::uint32_t>(bindings_.size()) - 1);
}

Type TypeChecker::prune(Type type) const {
  while (type.kind == TypeKind::parameter && type.number >= kFirstFresh) {
    const auto& bound = bindings_[type.number - kFirstFresh];
    if (!bound) break;
    type = *bound;
  }
  return type;
}

// Unbound parameters end as dyn.
Type TypeChecker::resolved(const Type& type) const {
  Type result = prune(type);
  if (result.kind == TypeKind::parameter) return TypeKind::dyn;
  for (auto& parameter : result.parameters) parameter = resolved(parameter);
  return result;
}

bool TypeChecker::occurs(std::uint32_t number, const Type& type) const {
  const Type found = prune(type);
  if (found.kind == TypeKind::parameter) return found.number == number;
  for (const auto& parameter : found.parameters)
    if (occurs(number, parameter)) return true;
  return false;
}

bool TypeChecker::bindParameter(const Type& parameter, const Type& type) {
  if (type.kind == TypeKind::parameter && type.number == parameter.number) return true;
  if (occurs(parameter.number, type)) return false;
  // A null alone says nothing about the type of its neighbours.
  if (type.kind == TypeKind::null && flow()) return true;
  bindings_[parameter.number - kFirstFresh] = type;
  return true;
}

bool TypeChecker::nullFits(const Type& other) const noexcept {
  if (flow()) return true;
  switch (other.kind) {
    case TypeKind::null:
    case TypeKind::timestamp:
    case TypeKind::duration:
    case TypeKind::optional:
    case TypeKind::blob:
    case TypeKind::address:
    case TypeKind::range:
      return true;
    default:
      return false;
  }
}

bool TypeChecker::unify(const Type& to, const Type& from) {
  const Type a = prune(to);
  const Type b = prune(from);
  if (a.kind == TypeKind::dyn || b.kind == TypeKind::dyn) return true;
  if (a.kind == TypeKind::parameter) return bindParameter(a, b);
  if (b.kind == TypeKind::parameter) return bindParameter(b, a);
  if (a.kind == TypeKind::null) return nullFits(b);
  if (b.kind == TypeKind::null) return nullFits(a);
  const auto& [map, record] = a.kind == TypeKind::map ? std::pair{a, b} : std::pair{b, a};
  if (map.kind == TypeKind::map && record.kind == TypeKind::record)
    return unify(map.parameters[0], TypeKind::string) && unify(map.parameters[1], TypeKind::dyn);
  if (a.kind != b.kind) return false;
  if (a.kind == TypeKind::type || a.kind == TypeKind::record) return true;
  for (std::size_t i = 0; i < a.parameters.size() && i < b.parameters.size(); ++i)
    if (!unify(a.parameters[i], b.parameters[i])) return false;
  return true;
}

std::optional<Type> TypeChecker::join(const Type& a, const Type& b) {
  const Type left = prune(a);
  const Type right = prune(b);
  if (left.kind == TypeKind::null && nullFits(right)) return right;
  if (right.kind == TypeKind::null && nullFits(left)) return left;
  if (left.kind == TypeKind::dyn || right.kind == TypeKind::dyn) return Type(TypeKind::dyn);
  const auto saved = bindings_;
  if (unify(left, right)) {
    if (left.kind == TypeKind::record && !(left == right)) return Type::map(TypeKind::string, TypeKind::dyn);
    return left;
  }
  bindings_ = saved;
  return std::nullopt;
}

}  // namespace weir::cel
