// Parses CEL source into an Ast: precedence climbing, one token ahead.
#include "engine/cel/parser.h"

#include "engine/cel/parser-state.h"

namespace weir::cel {
namespace {

struct BinaryToken {
  Operator op = Operator::none;
  int precedence = 0;
};

constexpr int kRelation = 1;
constexpr int kAddition = 2;
constexpr int kMultiplication = 3;

[[nodiscard]] BinaryToken binaryOf(const Token& token) noexcept {
  switch (token.kind) {
    case TokenKind::equal:
      return {Operator::equal, kRelation};
    case TokenKind::notEqual:
      return {Operator::notEqual, kRelation};
    case TokenKind::less:
      return {Operator::less, kRelation};
    case TokenKind::lessEqual:
      return {Operator::lessEqual, kRelation};
    case TokenKind::greater:
      return {Operator::greater, kRelation};
    case TokenKind::greaterEqual:
      return {Operator::greaterEqual, kRelation};
    case TokenKind::plus:
      return {Operator::add, kAddition};
    case TokenKind::minus:
      return {Operator::subtract, kAddition};
    case TokenKind::star:
      return {Operator::multiply, kMultiplication};
    case TokenKind::slash:
      return {Operator::divide, kMultiplication};
    case TokenKind::percent:
      return {Operator::modulo, kMultiplication};
    default:
      break;
  }
  if (token.kind == TokenKind::ident && token.text == "in") return {Operator::in, kRelation};
  return {};
}

}  // namespace

std::expected<Ast, Problem> parse(std::string_view source, const ParseLimits& limits) {
  Parser parser(source, limits);
  return parser.run();
}

std::expected<Ast, Problem> Parser::run() {
  if (ast_.source.size() > limits_.sourceBytes) {
    (void)tooComplex(0, "The expression has " + std::to_string(ast_.source.size()) + " bytes; " +
                            std::to_string(limits_.sourceBytes) + " are allowed.");
    return std::unexpected(std::move(problem_));
  }
  const auto finished = [this] {
    if (!advance()) return false;
    if (token_.kind == TokenKind::end)
      return fail("The expression is empty.", "Write a CEL expression, such as row.price > 10.0.");
    if (!expression(ast_.root)) return false;
    if (token_.kind == TokenKind::end) return true;
    return unexpected("an operator or the end of the expression");
  }();
  if (!finished) {
    locate(problem_, ast_.source);
    return std::unexpected(std::move(problem_));
  }
  std::sort(ast_.optionalEntries.begin(), ast_.optionalEntries.end());
  return std::move(ast_);
}

bool Parser::expression(ExprId& out) {
  const Nested nested(*this);
  if (!nested.allowed()) return false;
  if (!logical(Operator::logicalOr, out)) return false;
  if (token_.kind != TokenKind::question) return true;
  const auto at = token_.begin;
  if (!advance()) return false;
  ExprId thenId = kNoExpr;
  ExprId elseId = kNoExpr;
  if (!logical(Operator::logicalOr, thenId)) return false;
  if (token_.kind != TokenKind::colon) return unexpected("\":\" and what holds otherwise, behind condition ? value");
  if (!advance() || !expression(elseId)) return false;
  return make({.kind = ExprKind::conditional, .offset = at}, std::array{out, thenId, elseId}, out);
}

bool Parser::logical(Operator op, ExprId& out) {
  const auto operand = [this, op](ExprId& id) {
    return op == Operator::logicalOr ? logical(Operator::logicalAnd, id) : binary(kRelation, id);
  };
  const auto mark = op == Operator::logicalOr ? TokenKind::orOr : TokenKind::andAnd;
  if (!operand(out)) return false;
  if (token_.kind != mark) return true;
  const auto at = token_.begin;
  std::vector<ExprId> operands{out};
  while (token_.kind == mark) {
    if (!advance() || !operand(operands.emplace_back())) return false;
  }
  return make({.kind = ExprKind::logical, .op = op, .offset = at}, operands, out);
}

bool Parser::binary(int precedence, ExprId& out) {
  if (!unary(out)) return false;
  for (;;) {
    const auto found = binaryOf(token_);
    if (found.op == Operator::none || found.precedence < precedence) return true;
    const auto at = token_.begin;
    ExprId right = kNoExpr;
    if (!advance() || !binary(found.precedence + 1, right)) return false;
    if (!make({.kind = ExprKind::binary, .op = found.op, .offset = at}, std::array{out, right}, out)) return false;
  }
}

bool Parser::unary(ExprId& out) {
  const auto mark = token_.kind;
  if (mark != TokenKind::minus && mark != TokenKind::bang) return member(out);
  const auto at = token_.begin;
  std::uint32_t count = 0;
  while (token_.kind == mark) {
    const auto begin = token_.begin;
    if (!advance()) return false;
    if (mark == TokenKind::minus && isNumberLiteral()) {
      if (!negativeLiteral(begin, out)) return false;
      return applyUnary(Operator::negate, count, at, out);
    }
    ++count;
  }
  if (!member(out)) return false;
  return applyUnary(mark == TokenKind::minus ? Operator::negate : Operator::logicalNot, count, at, out);
}

bool Parser::isNumberLiteral() const noexcept {
  return token_.kind == TokenKind::literal &&
         (token_.value.kind() == ValueKind::int64 || token_.value.kind() == ValueKind::float64);
}

// A minus directly before a number belongs to it, so that the least int can be written.
bool Parser::negativeLiteral(std::uint32_t begin, ExprId& out) {
  token_.begin = begin;
  if (token_.value.kind() == ValueKind::float64) {
    token_.value = Value::float64(-token_.value.float64());
  } else if (!token_.minInt) {
    token_.value = Value::int64(-token_.value.int64());
  }
  token_.minInt = false;
  return member(out);
}

// Pairs of a repeated operator cancel out only where the operand's type is checked once, so keep one or two.
bool Parser::applyUnary(Operator op, std::uint32_t count, std::uint32_t at, ExprId& out) {
  if (count > 2) count = 2 - count % 2;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!make({.kind = ExprKind::unary, .op = op, .offset = at, .begin = at}, std::array{out}, out)) return false;
  }
  return true;
}

bool Parser::member(ExprId& out) {
  if (!primary(out)) return false;
  for (;;) {
    bool more = false;
    switch (token_.kind) {
      case TokenKind::dot:
        more = selection(out);
        break;
      case TokenKind::leftBracket:
        more = indexing(out);
        break;
      case TokenKind::leftBrace:
        more = message(out);
        break;
      default:
        return true;
    }
    if (!more) return false;
  }
}

bool Parser::selection(ExprId& out) {
  const auto at = token_.begin;
  if (!advance()) return false;
  const bool optional = token_.kind == TokenKind::question;
  if (optional && !advance()) return false;
  if (token_.kind != TokenKind::ident && token_.kind != TokenKind::quotedIdent)
    return unexpected("the name of a field or function behind the dot");
  const bool quoted = token_.kind == TokenKind::quotedIdent;
  const std::string name(token_.text);
  const auto nameBegin = token_.begin;
  const auto nameEnd = token_.end;
  if (!advance()) return false;
  if (token_.kind == TokenKind::leftParen && !optional && !quoted) return memberCall(name, nameBegin, out);
  if (!quoted && (name == "in" || name == "true" || name == "false" || name == "null"))
    return failAt(nameBegin, nameEnd, "\"" + name + "\" is a reserved word.", "Write [\"" + name + "\"] instead.");
  return make({.kind = ExprKind::select, .optional = optional, .offset = at, .end = nameEnd, .payload = intern(name)},
              std::array{out}, out);
}

bool Parser::indexing(ExprId& out) {
  const auto at = token_.begin;
  if (!advance()) return false;
  const bool optional = token_.kind == TokenKind::question;
  if (optional && !advance()) return false;
  ExprId index = kNoExpr;
  if (!expression(index)) return false;
  if (token_.kind != TokenKind::rightBracket) return unexpected("\"]\" to close the index", at);
  const auto end = token_.end;
  if (!advance()) return false;
  return make({.kind = ExprKind::index, .optional = optional, .offset = at, .end = end}, std::array{out, index}, out);
}

bool Parser::memberCall(const std::string& name, std::uint32_t nameBegin, ExprId& out) {
  std::vector<ExprId> children{out};
  std::uint32_t end = 0;
  if (!arguments(children, end)) return false;
  bool expanded = false;
  if (!expandMember(name, nameBegin, end, children, out, expanded)) return false;
  if (expanded) return true;
  return make({.kind = ExprKind::member, .offset = nameBegin, .end = end, .payload = intern(name)}, children, out);
}

bool Parser::arguments(std::vector<ExprId>& out, std::uint32_t& end) {
  const auto open = token_.begin;
  if (!advance()) return false;
  while (token_.kind != TokenKind::rightParen) {
    if (!expression(out.emplace_back())) return false;
    if (token_.kind == TokenKind::rightParen) break;
    if (token_.kind != TokenKind::comma) return unexpected("\",\" or \")\" in the arguments", open);
    if (!advance()) return false;
    if (token_.kind == TokenKind::rightParen) return unexpected("another argument behind the comma");
  }
  end = token_.end;
  return advance();
}

}  // namespace weir::cel
