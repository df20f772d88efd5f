// Ast: the syntax tree of one CEL expression, in one arena.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/value.h"

namespace weir::cel {

/// Index of an expression in its Ast; children come before their parents.
using ExprId = std::uint32_t;
inline constexpr ExprId kNoExpr = 0xFFFFFFFF;

enum class ExprKind : std::uint8_t {
  literal,        // value
  ident,          // name (with a leading '.' if it was written so)
  select,         // children: operand; name; `optional` for a.?b
  has,            // has(a.b): children: operand; name; `optional` for has(a.?b)
  index,          // children: operand, index; `optional` for a[?b]
  call,           // name(children...)
  member,         // children[0].name(children[1...])
  unary,          // op; children: operand
  binary,         // op; children: left, right
  logical,        // op logicalAnd or logicalOr; two or more children: a && b && c is one node
  conditional,    // children: condition, then, else
  list,           // children: elements; bit i of optionalEntries: element i is ?x
  map,            // children: key, value, key, value, ...; optional entries likewise, by pair
  message,        // Name{field: value}: parsed, refused by the checker; children: values
  comprehension,  // macro; children: see Macro
};

enum class Operator : std::uint8_t {
  none,
  logicalAnd,
  logicalOr,
  logicalNot,
  negate,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  in,
};

/// Macros stay one node; they are not expanded into folds. Children: range, [predicate,] body. One variable: the
/// element (list) or key (map) is `variable1`; two: index and element, or key and value.
enum class Macro : std::uint8_t {
  none,
  all,                        // range, predicate
  exists,                     // range, predicate
  existsOne,                  // range, predicate
  filter,                     // range, predicate
  map,                        // range, body
  mapFiltered,                // range, predicate, body
  transformMap,               // range, body
  transformMapFiltered,       // range, predicate, body
  transformMapEntry,          // range, body (a map)
  transformMapEntryFiltered,  // range, predicate, body
  sortBy,                     // range, key
  bind,                       // initial value, body: cel.bind(variable1, initial, body)
  optMap,                     // optional, body
  optFlatMap,                 // optional, body (an optional)
};

struct Expr {
  ExprKind kind = ExprKind::literal;
  Operator op = Operator::none;
  Macro macro = Macro::none;
  bool optional = false;
  bool parenthesized = false;  // ident, select: (a.b).c is never the qualified name a.b.c
  std::uint32_t offset = 0;    // byte offset in the source: of the operator, the dot, or the first character
  std::uint32_t begin = 0;     // the source that this expression covers: [begin, end)
  std::uint32_t end = 0;
  std::uint32_t firstChild = 0;  // into Ast::children
  std::uint32_t childCount = 0;
  std::uint32_t payload = 0;    // literal: into Ast::values; else the name: into Ast::names
  std::uint32_t variable1 = 0;  // comprehension: into Ast::names
  std::uint32_t variable2 = 0;  // comprehension: into Ast::names; 0 = none
  std::uint32_t height = 1;
};

struct Ast {
  std::string source;
  std::vector<Expr> exprs;
  std::vector<ExprId> children;
  std::vector<Value> values;
  std::vector<std::string> names;              // [0] is ""
  std::vector<std::uint32_t> optionalEntries;  // sorted indices into `children` of entries marked with '?'
  ExprId root = kNoExpr;

  [[nodiscard]] const Expr& at(ExprId id) const noexcept { return exprs[id]; }
  [[nodiscard]] std::span<const ExprId> childrenOf(const Expr& expr) const noexcept {
    return {children.data() + expr.firstChild, expr.childCount};
  }
  [[nodiscard]] ExprId child(const Expr& expr, std::uint32_t index) const noexcept {
    return children[expr.firstChild + index];
  }
  [[nodiscard]] const std::string& name(const Expr& expr) const noexcept { return names[expr.payload]; }
  [[nodiscard]] const Value& literal(const Expr& expr) const noexcept { return values[expr.payload]; }
  /// list: element `index`; map: the pair whose key is child `index`.
  [[nodiscard]] bool entryIsOptional(const Expr& expr, std::uint32_t index) const noexcept;
  /// The text that the expression covers.
  [[nodiscard]] std::string_view text(const Expr& expr) const noexcept {
    return std::string_view(source).substr(expr.begin, expr.end - expr.begin);
  }
};

/// As written in CEL: `&&`, `+`, `in`, ...
[[nodiscard]] std::string_view operatorText(Operator op) noexcept;
/// The overload set of an operator: `_+_`, `!_`, `@in`, ...
[[nodiscard]] std::string_view operatorFunction(Operator op) noexcept;
[[nodiscard]] std::string_view macroName(Macro macro) noexcept;

}  // namespace weir::cel
