// Parser: the state of one parse (only for parser*.cpp).
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/cel/lexer.h"
#include "engine/cel/parser.h"

namespace weir::cel {

/// Every function returns false after it has described a problem.
class Parser {
 public:
  Parser(std::string_view source, const ParseLimits& limits) : limits_(limits) {
    ast_.source = source;
    ast_.names.emplace_back();
    lexer_.emplace_back(ast_.source);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  [[nodiscard]] std::expected<Ast, Problem> run();

 private:
  /// Counts the nesting while it lives.
  class Nested {
   public:
    explicit Nested(Parser& parser) : parser_(parser) { ++parser_.depth_; }
    ~Nested() { --parser_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    [[nodiscard]] bool allowed() const {
      if (parser_.depth_ <= parser_.limits_.nesting) return true;
      return parser_.tooComplex(parser_.token_.begin, "The expression is nested more than " +
                                                          std::to_string(parser_.limits_.nesting) + " levels deep.");
    }

   private:
    Parser& parser_;
  };

  // parser.cpp
  [[nodiscard]] bool expression(ExprId& out);
  [[nodiscard]] bool logical(Operator op, ExprId& out);
  [[nodiscard]] bool binary(int precedence, ExprId& out);
  [[nodiscard]] bool unary(ExprId& out);
  [[nodiscard]] bool isNumberLiteral() const noexcept;
  [[nodiscard]] bool negativeLiteral(std::uint32_t begin, ExprId& out);
  [[nodiscard]] bool applyUnary(Operator op, std::uint32_t count, std::uint32_t at, ExprId& out);
  [[nodiscard]] bool member(ExprId& out);
  [[nodiscard]] bool selection(ExprId& out);
  [[nodiscard]] bool indexing(ExprId& out);
  [[nodiscard]] bool memberCall(const std::string& name, std::uint32_t nameBegin, ExprId& out);
  [[nodiscard]] bool arguments(std::vector<ExprId>& out, std::uint32_t& end);

  // parser-primary.cpp
  [[nodiscard]] bool primary(ExprId& out);
  [[nodiscard]] bool literal(ExprId& out);
  [[nodiscard]] bool identifier(bool rooted, ExprId& out);
  [[nodiscard]] bool listLiteral(ExprId& out);
  [[nodiscard]] bool mapLiteral(ExprId& out);
  [[nodiscard]] bool message(ExprId& out);
  [[nodiscard]] bool make(Expr expr, std::span<const ExprId> children, ExprId& out);
  [[nodiscard]] std::uint32_t intern(const std::string& name);
  [[nodiscard]] bool advance();
  [[nodiscard]] bool fail(std::string message, std::string suggestion = {});
  [[nodiscard]] bool failAt(std::uint32_t begin, std::uint32_t end, std::string message, std::string suggestion = {});
  [[nodiscard]] bool unexpected(std::string_view expected, std::uint32_t opened = 0xFFFFFFFF);
  [[nodiscard]] bool tooComplex(std::uint32_t at, std::string message);

  // parser-macros.cpp
  [[nodiscard]] bool expandGlobal(const std::string& name, std::uint32_t at, std::uint32_t end,
                                  std::span<const ExprId> arguments, ExprId& out, bool& expanded);
  [[nodiscard]] bool expandMember(const std::string& name, std::uint32_t at, std::uint32_t end,
                                  std::span<const ExprId> children, ExprId& out, bool& expanded);
  [[nodiscard]] bool expandHas(std::uint32_t at, std::uint32_t end, ExprId argument, ExprId& out);
  [[nodiscard]] bool variableOf(ExprId id, std::string_view macro, std::uint32_t& out);

  ParseLimits limits_;
  Ast ast_;
  std::vector<Lexer> lexer_;  // one; made after the source has its place
  Token token_;
  Problem problem_;
  std::uint32_t depth_ = 0;
  std::map<std::string, std::uint32_t> names_;
};

}  // namespace weir::cel
