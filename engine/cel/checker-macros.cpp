// TypeChecker: comprehensions and bindings.
#include <algorithm>

#include "engine/cel/checker-state.h"

namespace weir::cel {

std::uint32_t TypeChecker::pushLocal(const std::string& name, Type type) {
  const auto slot = static_cast<std::uint32_t>(locals_.size());
  locals_.push_back({name, slot, std::move(type)});
  out_.slotCount = std::max(out_.slotCount, slot + 1);
  return slot;
}

bool TypeChecker::elementTypes(const Expr& expr, const Type& range, Type& first, Type& second) {
  const bool two = expr.variable2 != 0;
  first = second = TypeKind::dyn;
  switch (range.kind) {
    case TypeKind::dyn:
    case TypeKind::parameter:
      return true;
    case TypeKind::null:
      return flow();
    case TypeKind::list:
      first = two ? Type(TypeKind::int64) : range.parameters[0];
      second = range.parameters[0];
      return expr.macro != Macro::optMap && expr.macro != Macro::optFlatMap;
    case TypeKind::map:
      first = range.parameters[0];
      second = range.parameters[1];
      return expr.macro != Macro::optMap && expr.macro != Macro::optFlatMap && expr.macro != Macro::sortBy;
    case TypeKind::record:
      first = TypeKind::string;
      return expr.macro != Macro::optMap && expr.macro != Macro::optFlatMap && expr.macro != Macro::sortBy;
    case TypeKind::optional:
      first = range.parameters[0];
      return expr.macro == Macro::optMap || expr.macro == Macro::optFlatMap;
    default:
      return false;
  }
}

Type TypeChecker::visitComprehension(ExprId id, const Expr& expr) {
  const auto children = out_.ast.childrenOf(expr);
  const Type range = prune(visit(children[0]));
  Type first = range;
  Type second;
  if (expr.macro != Macro::bind && !elementTypes(expr, range, first, second)) {
    const bool wantsOptional = expr.macro == Macro::optMap || expr.macro == Macro::optFlatMap;
    const std::string_view expected = wantsOptional                 ? "an optional"
                                      : expr.macro == Macro::sortBy ? "a list"
                                                                    : "a list or a map";
    problem(
        children[0], "cel.type",
        std::string(macroName(expr.macro)) + " goes over " + std::string(expected) + "; found " + show(range) + ".");
  }
  const auto depth = locals_.size();
  auto& reference = out_.references[id];
  reference.kind = ReferenceKind::local;
  reference.slot = pushLocal(out_.ast.names[expr.variable1], first);
  if (expr.variable2 != 0) reference.slot2 = pushLocal(out_.ast.names[expr.variable2], second);
  Type body;
  for (std::size_t i = 1; i < children.size(); ++i) {
    body = visit(children[i]);
    const bool predicate = i + 1 < children.size() || expr.macro == Macro::all || expr.macro == Macro::exists ||
                           expr.macro == Macro::existsOne || expr.macro == Macro::filter;
    if (predicate) wantBool(children[i], body, "the condition of " + std::string(macroName(expr.macro)));
  }
  locals_.resize(depth, Local{});
  const Type element = range.kind == TypeKind::map || range.kind == TypeKind::record ? first
                       : range.kind == TypeKind::list                                ? range.parameters[0]
                                                                                     : Type(TypeKind::dyn);
  // What the range yields, or for transformMap the key of the new map.
  const bool keepsKey = expr.macro == Macro::transformMap || expr.macro == Macro::transformMapFiltered;
  return comprehensionResult(expr, keepsKey ? first : element, body);
}

Type TypeChecker::comprehensionResult(const Expr& expr, const Type& first, const Type& body) {
  switch (expr.macro) {
    case Macro::all:
    case Macro::exists:
    case Macro::existsOne:
      return TypeKind::boolean;
    case Macro::filter:
    case Macro::sortBy:
      return Type::list(first);
    case Macro::map:
    case Macro::mapFiltered:
      return Type::list(body);
    case Macro::transformMap:
    case Macro::transformMapFiltered:
      return Type::map(first, body);
    case Macro::transformMapEntry:
    case Macro::transformMapEntryFiltered: {
      const Type made = prune(body);
      if (made.kind == TypeKind::map) return made;
      if (made.kind == TypeKind::dyn || made.kind == TypeKind::parameter)
        return Type::map(TypeKind::dyn, TypeKind::dyn);
      problem(out_.ast.child(expr, expr.childCount - 1), "cel.type",
              "transformMapEntry makes a map of one entry, such as {key: value}; found " + show(made) + ".");
      return Type::map(TypeKind::dyn, TypeKind::dyn);
    }
    case Macro::bind:
      return body;
    case Macro::optMap:
      return Type::optional(body);
    case Macro::optFlatMap: {
      const Type made = prune(body);
      if (made.kind == TypeKind::optional || made.kind == TypeKind::dyn || made.kind == TypeKind::parameter)
        return made;
      problem(out_.ast.child(expr, 1), "cel.type", "optFlatMap needs an optional; found " + show(made) + ".",
              "Use optMap for a plain value.");
      return Type::optional(made);
    }
    case Macro::none:
      break;
  }
  return TypeKind::dyn;
}

}  // namespace weir::cel
