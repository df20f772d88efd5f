// TypeChecker: names, fields, indices, literals, conditionals.
#include "engine/cel/checker.h"

#include "engine/cel/checker-state.h"

namespace weir::cel {

std::expected<Checked, std::vector<Problem>> check(Ast ast, const Environment& environment, const Options& options) {
  return TypeChecker(std::move(ast), environment, options).run();
}

TypeChecker::TypeChecker(Ast ast, const Environment& environment, const Options& options)
    : environment_(environment), options_(options) {
  out_.ast = std::move(ast);
  out_.types.resize(out_.ast.exprs.size());
  out_.references.resize(out_.ast.exprs.size());
  out_.profile = options.profile;
  out_.zones = environment.zones();
  out_.variables.assign(environment.variables().begin(), environment.variables().end());
}

std::expected<Checked, std::vector<Problem>> TypeChecker::run() {
  (void)visit(out_.ast.root);
  if (options_.check && !problems_.empty()) return std::unexpected(std::move(problems_));
  out_.typesHold = problems_.empty();
  for (auto& type : out_.types) type = resolved(type);
  return std::move(out_);
}

Type TypeChecker::visit(ExprId id) {
  Type type = visitKind(id, out_.ast.at(id));
  out_.types[id] = type;
  return type;
}

Type TypeChecker::visitKind(ExprId id, const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::literal:
      return typeOfValue(out_.ast.literal(expr));
    case ExprKind::ident:
      return visitIdent(id, expr);
    case ExprKind::select:
      return visitSelect(id, expr);
    case ExprKind::has:
      return visitHas(id, expr);
    case ExprKind::index:
      return visitIndex(id, expr);
    case ExprKind::call:
      return visitCall(id, expr);
    case ExprKind::member:
      return visitMember(id, expr);
    case ExprKind::unary:
      return visitUnary(id, expr);
    case ExprKind::binary:
      return visitBinary(id, expr);
    case ExprKind::logical:
      return visitLogical(expr);
    case ExprKind::conditional:
      return visitConditional(expr);
    case ExprKind::list:
      return visitList(expr);
    case ExprKind::map:
      return visitMap(expr);
    case ExprKind::comprehension:
      return visitComprehension(id, expr);
    case ExprKind::message: {
      const auto message = "Message types such as " + out_.ast.name(expr) + " are not supported.";
      problem(id, "cel.unsupported", message, "Write a map: {\"field\": value}.");
      cannot(id, ReferenceKind::unknownFunction, message);
      return TypeKind::dyn;
    }
  }
  return TypeKind::dyn;
}

Type TypeChecker::visitIdent(ExprId id, const Expr& expr) {
  const auto& name = out_.ast.name(expr);
  if (const auto* local = findLocal(name); local != nullptr) {
    out_.references[id].kind = ReferenceKind::local;
    out_.references[id].slot = local->slot;
    return local->type;
  }
  if (auto type = resolveName(id, name)) return *type;
  return unknownVariable(id, name);
}

Type TypeChecker::visitSelect(ExprId id, const Expr& expr) {
  const auto qualified = qualifiedName(id);
  const auto head = qualified.substr(0, qualified.find('.', 1));
  if (!qualified.empty() && findLocal(head) == nullptr) {
    if (auto type = resolveName(id, qualified)) return *type;
  }
  const auto operandId = out_.ast.child(expr, 0);
  const Type operand = prune(visit(operandId));
  const auto& name = out_.ast.name(expr);
  const bool throughOptional = operand.kind == TypeKind::optional;
  const Type found = fieldOf(id, expr, throughOptional ? prune(operand.parameters[0]) : operand, name, expr.optional);
  return throughOptional || expr.optional ? Type::optional(found) : found;
}

// The type of a field of `operand`; notes a reference if the operand is a record variable.
Type TypeChecker::fieldOf(ExprId id, const Expr& expr, const Type& operand, const std::string& name, bool mayMiss) {
  switch (operand.kind) {
    case TypeKind::dyn:
    case TypeKind::parameter:
      return TypeKind::dyn;
    case TypeKind::null:
      if (flow()) return TypeKind::dyn;
      break;
    case TypeKind::map:
      if (unify(operand.parameters[0], TypeKind::string)) return operand.parameters[1];
      break;
    case TypeKind::record: {
      const auto field = operand.fieldIndex(name);
      const auto& owner = out_.references[out_.ast.child(expr, 0)];
      if (owner.kind == ReferenceKind::variable) {
        auto& reference = out_.references[id];
        reference.kind = ReferenceKind::field;
        reference.index = owner.index;
        reference.field = field;
        reference.fieldName = name;
      }
      if (field >= 0) return (*operand.fields)[static_cast<std::size_t>(field)].type;
      if (mayMiss) return TypeKind::dyn;
      std::vector<std::string> names;
      for (const auto& known : *operand.fields) names.push_back(known.name);
      const auto near = nearestName(name, names);
      std::string suggestion =
          near.empty() ? "Its fields are " + describe(operand).substr(6) + "." : "Did you mean \"" + near + "\"?";
      problemAt(expr.end - static_cast<std::uint32_t>(std::min<std::size_t>(name.size(), expr.end - expr.begin)),
                expr.end, "cel.unknown_field",
                "There is no field \"" + name + "\" in " +
                    std::string(out_.ast.text(out_.ast.at(out_.ast.child(expr, 0)))) + ".",
                std::move(suggestion));
      return TypeKind::dyn;
    }
    default:
      break;
  }
  const auto operandId = out_.ast.child(expr, 0);
  problem(id, "cel.type",
          std::string(out_.ast.text(out_.ast.at(operandId))) + " is " + show(operand) + ", which has no field \"" +
              name + "\"; only maps and records have fields.");
  return TypeKind::dyn;
}

Type TypeChecker::visitHas(ExprId id, const Expr& expr) {
  Type operand = prune(visit(out_.ast.child(expr, 0)));
  if (operand.kind == TypeKind::optional) operand = prune(operand.parameters[0]);
  (void)fieldOf(id, expr, operand, out_.ast.name(expr), true);
  return TypeKind::boolean;
}

Type TypeChecker::visitIndex(ExprId id, const Expr& expr) {
  Type operand = prune(visit(out_.ast.child(expr, 0)));
  const Type index = prune(visit(out_.ast.child(expr, 1)));
  const bool throughOptional = operand.kind == TypeKind::optional;
  if (throughOptional) operand = prune(operand.parameters[0]);
  const auto& indexExpr = out_.ast.at(out_.ast.child(expr, 1));
  Type found;
  if (operand.kind == TypeKind::record && indexExpr.kind == ExprKind::literal && index.kind == TypeKind::string) {
    found = fieldOf(id, expr, operand, std::string(out_.ast.literal(indexExpr).text()), expr.optional);
  } else {
    found = indexOf(expr, operand, index);
  }
  return throughOptional || expr.optional ? Type::optional(found) : found;
}

Type TypeChecker::indexOf(const Expr& expr, const Type& operand, const Type& index) {
  const auto indexId = out_.ast.child(expr, 1);
  const bool nullIndex = index.kind == TypeKind::null && flow();
  switch (operand.kind) {
    case TypeKind::dyn:
    case TypeKind::parameter:
      return TypeKind::dyn;
    case TypeKind::list:
      if (!nullIndex && !unify(TypeKind::int64, index))
        problem(indexId, "cel.type", "The index of a list must be int; found " + show(index) + ".");
      return operand.parameters[0];
    case TypeKind::map:
      if (!nullIndex && !unify(operand.parameters[0], index))
        problem(indexId, "cel.type",
                "The keys of this map are " + show(operand.parameters[0]) + "; found " + show(index) + ".");
      return operand.parameters[1];
    case TypeKind::record:
      if (!nullIndex && !unify(TypeKind::string, index))
        problem(indexId, "cel.type", "The name of a field is a string; found " + show(index) + ".");
      return TypeKind::dyn;
    default:
      break;
  }
  if (operand.kind == TypeKind::null && flow()) return TypeKind::dyn;
  problem(out_.ast.child(expr, 0), "cel.type", "Only lists and maps can be indexed; this is " + show(operand) + ".");
  return TypeKind::dyn;
}

// The type of a list element or map value, unwrapped if it is marked with '?'.
Type TypeChecker::entry(const Expr& expr, std::uint32_t child, bool optional) {
  const auto id = out_.ast.child(expr, child);
  const Type type = prune(visit(id));
  if (!optional) return type;
  if (type.kind == TypeKind::optional) return type.parameters[0];
  if (type.kind != TypeKind::dyn && type.kind != TypeKind::parameter)
    problem(id, "cel.type", "An entry marked with ? must be an optional; found " + show(type) + ".",
            "Leave out the ?, or write optional.of(...).");
  return TypeKind::dyn;
}

Type TypeChecker::visitList(const Expr& expr) {
  std::optional<Type> element;
  for (std::uint32_t i = 0; i < expr.childCount; ++i) {
    const Type type = entry(expr, i, out_.ast.entryIsOptional(expr, i));
    element = element ? join(*element, type).value_or(TypeKind::dyn) : type;
  }
  return Type::list(element ? *element : fresh());
}

Type TypeChecker::visitMap(const Expr& expr) {
  std::optional<Type> key;
  std::optional<Type> value;
  for (std::uint32_t i = 0; i + 1 < expr.childCount; i += 2) {
    const Type keyType = visit(out_.ast.child(expr, i));
    const Type valueType = entry(expr, i + 1, out_.ast.entryIsOptional(expr, i));
    key = key ? join(*key, keyType).value_or(TypeKind::dyn) : keyType;
    value = value ? join(*value, valueType).value_or(TypeKind::dyn) : valueType;
  }
  return Type::map(key ? *key : fresh(), value ? *value : fresh());
}

Type TypeChecker::visitConditional(const Expr& expr) {
  const auto conditionId = out_.ast.child(expr, 0);
  wantBool(conditionId, visit(conditionId), "the condition of ?:");
  const Type thenType = prune(visit(out_.ast.child(expr, 1)));
  const Type elseType = prune(visit(out_.ast.child(expr, 2)));
  if (auto type = join(thenType, elseType)) return *type;
  if (flow() && thenType.isNumber() && elseType.isNumber() &&
      (thenType.kind == TypeKind::float64 || elseType.kind == TypeKind::float64))
    return TypeKind::float64;
  const auto& first = out_.ast.at(out_.ast.child(expr, 1));
  const auto& second = out_.ast.at(out_.ast.child(expr, 2));
  problemAt(first.begin, second.end, "cel.type",
            "Both values of ?: must have one type; found " + show(thenType) + " and " + show(elseType) + ".",
            "Convert one of them, or write dyn(...).");
  return TypeKind::dyn;
}

}  // namespace weir::cel
