// Equal subexpressions are found by what they are.
#include "engine/cel/column/shared-expressions.h"

#include <doctest/doctest.h>

namespace weir::cel {
namespace {

/// The same expression is at the same place.
const void* placeOf(const Expression& expression) { return &expression.source(); }

const void* compiled(std::string_view source, const ExpressionOptions& options = {}) {
  const auto made = Expression::compile(source, options);
  REQUIRE(made.has_value());
  return placeOf(*made);
}

Value params(std::int64_t limit) { return Value::map({{Value::string("limit"), Value::int64(limit)}}); }

}  // namespace

TEST_CASE("while they are shared, an expression is compiled once for each kind of options") {
  const SharedExpressions shared;
  const auto* first = compiled("row.a + 1");
  CHECK(compiled("row.a + 1") == first);
  CHECK(compiled("row.a + 2") != first);

  ExpressionOptions expecting;
  expecting.expected = weir::Type::boolean();
  const auto* condition = compiled("row.a > 1", expecting);
  CHECK(compiled("row.a > 1") != condition);
  CHECK(compiled("row.a > 1", expecting) == condition);

  ExpressionOptions strict;
  strict.profile = Profile::strict;
  CHECK(compiled("row.a + 1", strict) != first);
}

TEST_CASE("parameters are told apart, but for those that are the same value") {
  const SharedExpressions shared;
  const auto one = params(1), other = params(2), none = Value::map({}), empty = Value::map({});
  ExpressionOptions options;
  options.params = &one;
  const auto* with = compiled("row.a > params.limit", options);
  const auto copy = one;
  options.params = &copy;
  CHECK(compiled("row.a > params.limit", options) == with);
  options.params = &other;
  CHECK(compiled("row.a > params.limit", options) != with);
  options.params = nullptr;
  CHECK(compiled("row.a > params.limit") != with);
  options.params = &none;
  const auto* without = compiled("row.a", options);
  options.params = &empty;
  CHECK(compiled("row.a", options) == without);
  CHECK(compiled("row.a") != without);
  // What is a problem with some parameters is one each time.
  CHECK_FALSE(Expression::compile("params.limit", options).has_value());
  CHECK_FALSE(Expression::compile("params.limit", options).has_value());
}

TEST_CASE("what knows rows or a run is not shared") {
  const SharedExpressions shared;
  ExpressionOptions options;
  const RowOrigins origins{};
  options.origins = &origins;
  CHECK(Expression::compile("row.a", options).has_value());
  CHECK_FALSE(shared.find("row.a", options));
  options.origins = nullptr;
  options.rowSchema = Schema::of({Field{"a", weir::Type::int64(), true}});
  CHECK(Expression::compile("row.a", options).has_value());
  CHECK_FALSE(shared.find("row.a", options));
  options.rowSchema = nullptr;
  CHECK_FALSE(shared.find("row.a", options));
}

TEST_CASE("they are shared as long as the outermost lives") {
  CHECK(SharedExpressions::current() == nullptr);
  {
    const SharedExpressions outer;
    {
      const SharedExpressions inner;
      CHECK(SharedExpressions::current() == &outer);
    }
    CHECK(SharedExpressions::current() == &outer);
  }
  CHECK(SharedExpressions::current() == nullptr);
}

}  // namespace weir::cel
