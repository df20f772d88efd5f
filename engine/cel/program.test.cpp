// Tests of compiling and evaluating: profiles, nulls, messages, limits, what is read.
#include "engine/cel/program.h"

#include <doctest/doctest.h>

#include <string>

using namespace weir;
using namespace weir::cel;

namespace {

struct Setup {
  Environment environment;
  ValueActivation activation{3};

  Setup() {
    const auto row = environment.addVariable(
        "row", weir::cel::Type::record(
                   {{"quantity", TypeKind::int64}, {"price", TypeKind::float64}, {"region", TypeKind::string}}));
    (void)environment.addVariable("any", TypeKind::dyn);
    (void)environment.addVariable("now", TypeKind::timestamp);
    activation.bind(row, Value::map({{Value::string("quantity"), Value::int64(4)},
                                     {Value::string("price"), Value::float64(2.5)},
                                     {Value::string("region"), Value::null()}}));
    activation.bind(1, Value::null());
  }
  Result<Value> run(std::string_view source, Profile profile = Profile::flow, bool check = true) {
    const auto program = compile(source, environment, {.profile = profile, .container = {}, .check = check});
    if (!program) return std::unexpected(program.error());
    Budget budget{100'000};
    return program->evaluate(activation, budget);
  }
  std::string code(std::string_view source, Profile profile = Profile::flow) {
    const auto result = run(source, profile);
    return result ? std::string("no error") : std::string(result.error().code);
  }
};

}  // namespace

TEST_CASE("in flow an int meets a double as double, in strict it does not") {
  Setup setup;
  const auto revenue = setup.run("row.quantity * row.price");
  REQUIRE(revenue);
  CHECK(revenue->float64() == 10.0);
  CHECK(setup.run("row.quantity > 3.5")->boolean());
  CHECK(setup.code("row.quantity * row.price", Profile::strict) == "cel.type");
  CHECK(setup.run("row.quantity > 3 ? 1 : 2.5")->float64() == 1.0);
}

TEST_CASE("in flow null propagates except through == != in has, and logic is three-valued") {
  Setup setup;
  for (const auto* source :
       {"row.region + 'x'", "row.region.size()", "row.region < 'a'", "any ? 1 : 2", "any + 1", "any.b", "any && true",
        "any || false", "!any", "[1].all(x, any)", "any.exists(x, true)"}) {
    const auto result = setup.run(source);
    REQUIRE_MESSAGE(result, source);
    CHECK_MESSAGE(result->isNull(), source);
  }
  for (const auto* source : {"row.region == null", "!(any && false)", "any || true", "row.region != 'x'",
                             "null in [null]", "!(1 in [null])", "!has(any.b)", "[1, 2].filter(x, any) == []"}) {
    const auto result = setup.run(source);
    REQUIRE_MESSAGE(result, source);
    CHECK_MESSAGE((result->kind() == ValueKind::boolean && result->boolean()), source);
  }
  CHECK(setup.code("dyn(null) + 1", Profile::strict) == "cel.no_such_overload");
}

TEST_CASE("of two operands that fail the leftmost is reported") {
  Setup setup;
  CHECK(setup.code("1 / 0 + {'a': 1}['b']") == "cel.divide_by_zero");
  CHECK(setup.code("{'a': 1}['b'] + 1 / 0") == "cel.no_such_key");
  CHECK(setup.code("1 / 0 > 1 || [1][3] > 1") == "cel.divide_by_zero");
  CHECK(setup.run("1 / 0 > 1 || true")->boolean());
}

TEST_CASE("an unknown field is refused with the nearest name and a caret") {
  Setup setup;
  const auto program = compileWithProblems("row.quantity > 1 &&\n  row.pirce > 2.0", setup.environment);
  REQUIRE_FALSE(program);
  const auto& problem = program.error().front();
  CHECK(problem.code == "cel.unknown_field");
  CHECK(problem.line == 2);
  CHECK(problem.column == 7);
  CHECK(problem.suggestion == "Did you mean \"price\"?");
  CHECK(problem.excerpt == "  row.pirce > 2.0\n      ^^^^^");
  CHECK(setup.run("has(row.missing)")->boolean() == false);
}

TEST_CASE("all problems are told at once, each with its place") {
  Setup setup;
  const auto program = compileWithProblems("quantty + row.price && foo(1) == 'a' + 2", setup.environment);
  REQUIRE_FALSE(program);
  CHECK(program.error().size() >= 3);
}

TEST_CASE("syntax errors say what was found and what was expected") {
  Setup setup;
  const auto open = compileWithProblems("(1 + 2", setup.environment);
  REQUIRE_FALSE(open);
  CHECK(open.error().front().message.find("expected \")\"") != std::string::npos);
  CHECK(setup.code("1 +") == "cel.syntax");
  CHECK(setup.code("a = 1") == "cel.syntax");
  CHECK(setup.code("'abc") == "cel.syntax");
  CHECK(setup.code("'\\q'") == "cel.syntax");
  CHECK(setup.code("9223372036854775808") == "cel.syntax");
  CHECK(setup.code("") == "cel.syntax");
  CHECK(setup.run("-9223372036854775808")->int64() == INT64_MIN);
}

TEST_CASE("depth, length and cost have limits that end in errors") {
  Setup setup;
  CHECK(setup.code(std::string(5000, '(') + "1" + std::string(5000, ')')) == "cel.too_complex");
  CHECK(setup.code("1" + std::string(200'000, ' ')) == "cel.too_complex");
  std::string chain = "1";
  for (int i = 0; i < 5000; ++i) chain += "+1";
  CHECK(setup.code(chain) == "cel.too_complex");
  std::string logic = "true";
  for (int i = 0; i < 5000; ++i) logic += "&&true";
  CHECK(setup.run(logic)->boolean());
  CHECK(setup.code("lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0))") == "cel.cost_limit");
  CHECK(setup.code("lists.range(1000).all(a, lists.range(1000).all(b, a + b >= 0)) || true") == "cel.cost_limit");
  CHECK(setup.code("lists.range(1000000000)") == "cel.cost_limit");
  CHECK(setup.run(std::string(33, '-') + "19")->int64() == -19);
}

TEST_CASE("a program says which fields it reads") {
  Setup setup;
  const auto program = compile("row.quantity > 1 && row['price'] > 1.0 && has(row.region)", setup.environment);
  REQUIRE(program);
  const auto read = program->fieldsRead("row");
  CHECK_FALSE(read.all);
  CHECK(read.names == std::vector<std::string>{"price", "quantity", "region"});
  CHECK_FALSE(program->usesNow());
  CHECK(compile("size(row) > 1", setup.environment)->fieldsRead("row").all);
  CHECK(compile("now > timestamp('2020-01-01T00:00:00Z')", setup.environment)->usesNow());
  CHECK(compile("1 + 2", setup.environment)->constant()->int64() == 3);
}

TEST_CASE("the extensions do what their documents say") {
  Setup setup;
  for (const auto* source : {"'hello'.replace('', '-') == '-h-e-l-l-o-'",
                             "'abc'.split('') == ['a', 'b', 'c']",
                             "'a,b'.split(',', 0) == []",
                             "'hello mellow'.lastIndexOf('ello', 6) == 1",
                             "[1, [2, [3]]].flatten(2) == [1, 2, 3]",
                             "[3, 1, 2].sort() == [1, 2, 3]",
                             "['bb', 'a'].sortBy(e, e.size()) == ['a', 'bb']",
                             "sets.equivalent([1, 2], [2.0, 1u, 1])",
                             "math.round(-1.5) == -2.0",
                             "math.bitShiftRight(-1, 63) == 1",
                             "base64.decode('aGVsbG8') == b'hello'",
                             "string(ip('2001:DB8:0:0::1')) == '2001:db8::1'",
                             "regex.extract('item-12', r'(\\d+)').value() == '12'",
                             "regex.replace('aXbX', 'X', '-', 1) == 'a-bX'",
                             "'%.2f %e %x %s'.format([1.005, 1500.0, 255, [1, 'a']]) == '1.00 1.500000e+03 ff [1, a]'",
                             "timestamp('2024-02-29T23:30:00Z').getDayOfMonth('+01:00') == 0",
                             "duration('-1500ms').getMilliseconds() == -500",
                             "'abc'.matches('^a.c$')",
                             "[1, 2].first().value() == 1",
                             "{'a': 1}.?b.orValue(7) == 7",
                             "cel.bind(x, 1 / 0, true || x > 0)"}) {
    const auto result = setup.run(source);
    REQUIRE_MESSAGE(result, source << " " << (result ? "" : result.error().message));
    CHECK_MESSAGE((result->kind() == ValueKind::boolean && result->boolean()), source);
  }
  CHECK(setup.code("'a'.matches('[')") == "regex.syntax");
}
