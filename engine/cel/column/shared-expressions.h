// SharedExpressions: while a flow is planned the same expression is asked for again and again, and compiled once.
#pragma once

#include <cstddef>
#include <unordered_map>  // unordered: only looked up in
#include <vector>

#include "engine/cel/column/expression.h"

namespace weir::cel {

/// As long as one lives, Expression::compile of its thread gives an expression again that it has made already for the
/// same source and options. Only such as know nothing of a run or of rows are shared. One inside another changes
/// nothing.
class SharedExpressions {
 public:
  SharedExpressions();
  ~SharedExpressions();
  SharedExpressions(const SharedExpressions&) = delete;
  SharedExpressions& operator=(const SharedExpressions&) = delete;

  /// That of this thread; null: there is none.
  [[nodiscard]] static SharedExpressions* current();
  /// None if it was not made yet, or is not to be shared.
  [[nodiscard]] Expression find(std::string_view source, const ExpressionOptions& options) const;
  void add(const Expression& expression, const ExpressionOptions& options);

 private:
  struct Made {
    Expression expression;
    Profile profile;
    TypeRef expected;
    bool hasParams;
    Value params;  // held, so that no others are at its place
  };
  [[nodiscard]] static bool fits(const Made& made, const ExpressionOptions& options);

  bool outer_;
  std::unordered_multimap<std::string_view, Made> made_;  // by the source of each
};

}  // namespace weir::cel
