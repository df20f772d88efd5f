// Parser: literals, names, lists, maps, and the making of nodes and problems.
#include "engine/cel/parser-state.h"

namespace weir::cel {

bool Parser::advance() {
  auto token = lexer_.front().next();
  if (!token) {
    problem_ = std::move(token.error());
    return false;
  }
  token_ = std::move(*token);
  return true;
}

bool Parser::failAt(std::uint32_t begin, std::uint32_t end, std::string message, std::string suggestion) {
  problem_.code = "cel.syntax";
  problem_.offset = begin;
  problem_.length = end > begin ? end - begin : 1;
  problem_.message = std::move(message);
  problem_.suggestion = std::move(suggestion);
  return false;
}

bool Parser::fail(std::string message, std::string suggestion) {
  return failAt(token_.begin, token_.end, std::move(message), std::move(suggestion));
}

bool Parser::tooComplex(std::uint32_t at, std::string message) {
  (void)failAt(at, at + 1, std::move(message), "Split it into several fields or nodes.");
  problem_.code = "cel.too_complex";
  return false;
}

bool Parser::unexpected(std::string_view expected, std::uint32_t opened) {
  const bool ended = token_.kind == TokenKind::end;
  std::string found = "\"" + std::string(token_.text) + "\"";
  if (ended) found = "the end of the expression";
  std::string message = "Found " + found + ", expected " + std::string(expected) + ".";
  if (opened != 0xFFFFFFFF) {
    Problem open;
    open.offset = opened;
    locate(open, ast_.source);
    message += " It was opened at " + std::to_string(open.line) + ":" + std::to_string(open.column) + ".";
  }
  std::string suggestion;
  if (token_.kind == TokenKind::ident) {
    if (token_.text == "and" || token_.text == "AND") suggestion = "Logical and is written &&.";
    if (token_.text == "or" || token_.text == "OR") suggestion = "Logical or is written ||.";
    if (token_.text == "not" || token_.text == "NOT") suggestion = "Negation is written !.";
  }
  return fail(std::move(message), std::move(suggestion));
}

std::uint32_t Parser::intern(const std::string& name) {
  const auto [at, added] = names_.try_emplace(name, static_cast<std::uint32_t>(ast_.names.size()));
  if (added) ast_.names.push_back(name);
  return at->second;
}

bool Parser::make(Expr expr, std::span<const ExprId> children, ExprId& out) {
  if (ast_.exprs.size() >= limits_.expressions)
    return tooComplex(expr.offset, "The expression has more than " + std::to_string(limits_.expressions) + " parts.");
  const bool hasBegin = expr.kind == ExprKind::unary || children.empty() || expr.kind == ExprKind::list ||
                        expr.kind == ExprKind::map || expr.kind == ExprKind::call || expr.kind == ExprKind::has ||
                        expr.macro == Macro::bind;
  if (!hasBegin) expr.begin = ast_.exprs[children.front()].begin;
  for (const auto child : children) {
    expr.height = std::max(expr.height, ast_.exprs[child].height + 1);
    expr.end = std::max(expr.end, ast_.exprs[child].end);
  }
  if (expr.height > limits_.height)
    return tooComplex(expr.offset,
                      "The expression is more than " + std::to_string(limits_.height) + " operations deep.");
  expr.firstChild = static_cast<std::uint32_t>(ast_.children.size());
  expr.childCount = static_cast<std::uint32_t>(children.size());
  // `children` may point into out's own vector, never into ast_.children.
  ast_.children.insert(ast_.children.end(), children.begin(), children.end());
  out = static_cast<ExprId>(ast_.exprs.size());
  ast_.exprs.push_back(expr);
  return true;
}

bool Parser::literal(ExprId& out) {
  if (token_.minInt)
    return fail("This number is beyond int (-9223372036854775808 to 9223372036854775807).",
                "Add .0 for a double or u for a uint.");
  ast_.values.push_back(std::move(token_.value));
  const Expr expr{.kind = ExprKind::literal,
                  .offset = token_.begin,
                  .begin = token_.begin,
                  .end = token_.end,
                  .payload = static_cast<std::uint32_t>(ast_.values.size() - 1)};
  return advance() && make(expr, {}, out);
}

bool Parser::primary(ExprId& out) {
  switch (token_.kind) {
    case TokenKind::literal:
      return literal(out);
    case TokenKind::leftBracket:
      return listLiteral(out);
    case TokenKind::leftBrace:
      return mapLiteral(out);
    case TokenKind::leftParen: {
      const auto open = token_.begin;
      if (!advance() || !expression(out)) return false;
      if (token_.kind != TokenKind::rightParen) return unexpected("\")\"", open);
      ast_.exprs[out].begin = open;
      ast_.exprs[out].end = token_.end;
      ast_.exprs[out].parenthesized = true;
      return advance();
    }
    case TokenKind::dot: {
      if (!advance()) return false;
      if (token_.kind != TokenKind::ident) return unexpected("a name behind the dot");
      return identifier(true, out);
    }
    case TokenKind::ident:
      return identifier(false, out);
    default:
      return unexpected("a value: a name, a literal, \"(\", \"[\" or \"{\"");
  }
}

bool Parser::identifier(bool rooted, ExprId& out) {
  const auto begin = token_.begin - (rooted ? 1 : 0);
  auto end = token_.end;
  std::string name(token_.text);
  if (!rooted && (name == "true" || name == "false" || name == "null")) {
    token_.value = name == "null" ? Value::null() : Value::boolean(name == "true");
    return literal(out);
  }
  if (isReserved(name))
    return fail("\"" + name + "\" is a reserved word and no name.",
                name == "in" ? "" : "Choose another name; a field of that name is row[\"" + name + "\"].");
  if (!advance()) return false;
  if (rooted) name.insert(name.begin(), '.');
  if (token_.kind != TokenKind::leftParen)
    return make({.kind = ExprKind::ident, .offset = begin, .begin = begin, .end = end, .payload = intern(name)}, {},
                out);
  std::vector<ExprId> children;
  if (!arguments(children, end)) return false;
  bool expanded = false;
  if (!expandGlobal(name, begin, end, children, out, expanded)) return false;
  if (expanded) return true;
  return make({.kind = ExprKind::call, .offset = begin, .begin = begin, .end = end, .payload = intern(name)}, children,
              out);
}

bool Parser::listLiteral(ExprId& out) {
  const auto open = token_.begin;
  if (!advance()) return false;
  std::vector<ExprId> items;
  std::vector<std::uint32_t> optional;
  while (token_.kind != TokenKind::rightBracket) {
    if (token_.kind == TokenKind::question) {
      optional.push_back(static_cast<std::uint32_t>(items.size()));
      if (!advance()) return false;
    }
    if (!expression(items.emplace_back())) return false;
    if (token_.kind == TokenKind::rightBracket) break;
    if (token_.kind != TokenKind::comma) return unexpected("\",\" or \"]\" in the list", open);
    if (!advance()) return false;
  }
  const auto end = token_.end;
  if (!advance() || !make({.kind = ExprKind::list, .offset = open, .begin = open, .end = end}, items, out))
    return false;
  for (const auto index : optional) ast_.optionalEntries.push_back(ast_.exprs[out].firstChild + index);
  return true;
}

bool Parser::mapLiteral(ExprId& out) {
  const auto open = token_.begin;
  if (!advance()) return false;
  std::vector<ExprId> items;
  std::vector<std::uint32_t> optional;
  while (token_.kind != TokenKind::rightBrace) {
    if (token_.kind == TokenKind::question) {
      optional.push_back(static_cast<std::uint32_t>(items.size()));
      if (!advance()) return false;
    }
    if (!expression(items.emplace_back())) return false;
    if (token_.kind != TokenKind::colon) return unexpected("\":\" and a value behind the key", open);
    if (!advance() || !expression(items.emplace_back())) return false;
    if (token_.kind == TokenKind::rightBrace) break;
    if (token_.kind != TokenKind::comma) return unexpected("\",\" or \"}\" in the map", open);
    if (!advance()) return false;
  }
  const auto end = token_.end;
  if (!advance() || !make({.kind = ExprKind::map, .offset = open, .begin = open, .end = end}, items, out)) return false;
  for (const auto index : optional) ast_.optionalEntries.push_back(ast_.exprs[out].firstChild + index);
  return true;
}

bool Parser::message(ExprId& out) {
  const auto open = token_.begin;
  // Only a (qualified) name can be the type of a message.
  std::string name;
  auto at = out;
  for (; ast_.exprs[at].kind == ExprKind::select && !ast_.exprs[at].optional; at = ast_.child(ast_.exprs[at], 0))
    name = "." + ast_.name(ast_.exprs[at]) + name;
  if (ast_.exprs[at].kind != ExprKind::ident) return unexpected("an operator or the end of the expression");
  name = ast_.name(ast_.exprs[at]) + name;
  if (!advance()) return false;
  std::vector<ExprId> values;
  while (token_.kind != TokenKind::rightBrace) {
    if (token_.kind == TokenKind::question && !advance()) return false;
    if (token_.kind != TokenKind::ident && token_.kind != TokenKind::quotedIdent)
      return unexpected("the name of a field", open);
    if (!advance()) return false;
    if (token_.kind != TokenKind::colon) return unexpected("\":\" and a value behind the field's name", open);
    if (!advance() || !expression(values.emplace_back())) return false;
    if (token_.kind == TokenKind::rightBrace) break;
    if (token_.kind != TokenKind::comma) return unexpected("\",\" or \"}\" behind the field", open);
    if (!advance()) return false;
  }
  const auto end = token_.end;
  const auto begin = ast_.exprs[out].begin;
  if (!advance()) return false;
  if (!make({.kind = ExprKind::message, .offset = begin, .end = end, .payload = intern(name)}, values, out))
    return false;
  ast_.exprs[out].begin = begin;
  return true;
}

}  // namespace weir::cel
