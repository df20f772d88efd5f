// Ast: names of operators and macros.
#include "engine/cel/ast.h"

#include <algorithm>

namespace weir::cel {

bool Ast::entryIsOptional(const Expr& expr, std::uint32_t index) const noexcept {
  return std::binary_search(optionalEntries.begin(), optionalEntries.end(), expr.firstChild + index);
}

std::string_view operatorText(Operator op) noexcept {
  switch (op) {
    case Operator::none:
      return "";
    case Operator::logicalAnd:
      return "&&";
    case Operator::logicalOr:
      return "||";
    case Operator::logicalNot:
      return "!";
    case Operator::negate:
      return "-";
    case Operator::add:
      return "+";
    case Operator::subtract:
      return "-";
    case Operator::multiply:
      return "*";
    case Operator::divide:
      return "/";
    case Operator::modulo:
      return "%";
    case Operator::equal:
      return "==";
    case Operator::notEqual:
      return "!=";
    case Operator::less:
      return "<";
    case Operator::lessEqual:
      return "<=";
    case Operator::greater:
      return ">";
    case Operator::greaterEqual:
      return ">=";
    case Operator::in:
      return "in";
  }
  return "";
}

std::string_view operatorFunction(Operator op) noexcept {
  switch (op) {
    case Operator::none:
      return "";
    case Operator::logicalAnd:
      return "_&&_";
    case Operator::logicalOr:
      return "_||_";
    case Operator::logicalNot:
      return "!_";
    case Operator::negate:
      return "-_";
    case Operator::add:
      return "_+_";
    case Operator::subtract:
      return "_-_";
    case Operator::multiply:
      return "_*_";
    case Operator::divide:
      return "_/_";
    case Operator::modulo:
      return "_%_";
    case Operator::equal:
      return "_==_";
    case Operator::notEqual:
      return "_!=_";
    case Operator::less:
      return "_<_";
    case Operator::lessEqual:
      return "_<=_";
    case Operator::greater:
      return "_>_";
    case Operator::greaterEqual:
      return "_>=_";
    case Operator::in:
      return "@in";
  }
  return "";
}

std::string_view macroName(Macro macro) noexcept {
  switch (macro) {
    case Macro::none:
      return "";
    case Macro::all:
      return "all";
    case Macro::exists:
      return "exists";
    case Macro::existsOne:
      return "exists_one";
    case Macro::filter:
      return "filter";
    case Macro::map:
    case Macro::mapFiltered:
      return "map";
    case Macro::transformMap:
    case Macro::transformMapFiltered:
      return "transformMap";
    case Macro::transformMapEntry:
    case Macro::transformMapEntryFiltered:
      return "transformMapEntry";
    case Macro::sortBy:
      return "sortBy";
    case Macro::bind:
      return "cel.bind";
    case Macro::optMap:
      return "optMap";
    case Macro::optFlatMap:
      return "optFlatMap";
  }
  return "";
}

}  // namespace weir::cel
