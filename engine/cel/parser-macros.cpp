// Parser: the macros, recognised by name and number of arguments.
#include "engine/cel/parser-state.h"

namespace weir::cel {
namespace {

struct MacroForm {
  std::string_view name;
  std::size_t arguments;
  Macro macro;
  int variables;
};

constexpr std::array<MacroForm, 19> kMemberMacros{{
    {"all", 2, Macro::all, 1},
    {"all", 3, Macro::all, 2},
    {"exists", 2, Macro::exists, 1},
    {"exists", 3, Macro::exists, 2},
    {"exists_one", 2, Macro::existsOne, 1},
    {"exists_one", 3, Macro::existsOne, 2},
    {"existsOne", 2, Macro::existsOne, 1},
    {"existsOne", 3, Macro::existsOne, 2},
    {"filter", 2, Macro::filter, 1},
    {"map", 2, Macro::map, 1},
    {"map", 3, Macro::mapFiltered, 1},
    {"transformList", 3, Macro::map, 2},
    {"transformList", 4, Macro::mapFiltered, 2},
    {"transformMap", 3, Macro::transformMap, 2},
    {"transformMap", 4, Macro::transformMapFiltered, 2},
    {"transformMapEntry", 3, Macro::transformMapEntry, 2},
    {"transformMapEntry", 4, Macro::transformMapEntryFiltered, 2},
    {"optMap", 2, Macro::optMap, 1},
    {"optFlatMap", 2, Macro::optFlatMap, 1},
}};

}  // namespace

bool Parser::variableOf(ExprId id, std::string_view macro, std::uint32_t& out) {
  const auto& expr = ast_.exprs[id];
  if (expr.kind != ExprKind::ident || ast_.name(expr).starts_with('.'))
    return failAt(expr.begin, expr.end,
                  "The variable of " + std::string(macro) + " must be a plain name, such as e; found " +
                      std::string(ast_.text(expr)) + ".");
  out = expr.payload;
  return true;
}

bool Parser::expandHas(std::uint32_t at, std::uint32_t end, ExprId argument, ExprId& out) {
  const Expr target = ast_.exprs[argument];
  if (target.kind != ExprKind::select)
    return failAt(target.begin, target.end,
                  "has() asks for a field, such as has(row.price); found " + std::string(ast_.text(target)) + ".");
  const auto operand = ast_.child(target, 0);
  return make({.kind = ExprKind::has,
               .optional = target.optional,
               .offset = target.offset,
               .begin = at,
               .end = end,
               .payload = target.payload},
              std::array{operand}, out);
}

bool Parser::expandGlobal(const std::string& name, std::uint32_t at, std::uint32_t end,
                          std::span<const ExprId> arguments, ExprId& out, bool& expanded) {
  if (name != "has" || arguments.size() != 1) return true;
  expanded = true;
  return expandHas(at, end, arguments[0], out);
}

bool Parser::expandMember(const std::string& name, std::uint32_t at, std::uint32_t end,
                          std::span<const ExprId> children, ExprId& out, bool& expanded) {
  const auto& target = ast_.exprs[children[0]];
  const bool onCel = target.kind == ExprKind::ident && ast_.name(target) == "cel";
  if (onCel && name == "bind" && children.size() == 4) {
    expanded = true;
    Expr expr{.kind = ExprKind::comprehension, .macro = Macro::bind, .offset = at, .begin = target.begin, .end = end};
    if (!variableOf(children[1], "cel.bind", expr.variable1)) return false;
    return make(expr, std::array{children[2], children[3]}, out);
  }
  MacroForm form{};
  if (name == "sortBy" && children.size() == 3) form = {"sortBy", 2, Macro::sortBy, 1};
  for (const auto& candidate : kMemberMacros)
    if (candidate.name == name && candidate.arguments + 1 == children.size()) form = candidate;
  if (form.macro == Macro::none) return true;
  expanded = true;
  Expr expr{.kind = ExprKind::comprehension, .macro = form.macro, .offset = at, .end = end};
  if (!variableOf(children[1], name, expr.variable1)) return false;
  if (form.variables == 2) {
    if (!variableOf(children[2], name, expr.variable2)) return false;
    if (expr.variable1 == expr.variable2)
      return failAt(ast_.exprs[children[2]].begin, ast_.exprs[children[2]].end,
                    "The two variables of " + name + " need different names.");
  }
  std::vector<ExprId> parts{children[0]};
  for (std::size_t i = 1 + static_cast<std::size_t>(form.variables); i < children.size(); ++i)
    parts.push_back(children[i]);
  return make(expr, parts, out);
}

}  // namespace weir::cel
