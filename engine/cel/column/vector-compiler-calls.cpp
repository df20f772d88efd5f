// VectorCompiler: function calls.
#include <array>
#include <utility>

#include "engine/cel/column/vector-compiler.h"

namespace weir::cel {
namespace {

struct UnaryName {
  std::string_view name;
  Lane of;
  Unary op;
  Lane result;
};

constexpr UnaryName kMath[] = {
    {"math.abs", Lane::int64, Unary::absInt, Lane::int64},
    {"math.abs", Lane::float64, Unary::absDouble, Lane::float64},
    {"math.sign", Lane::int64, Unary::signInt, Lane::int64},
    {"math.sign", Lane::uint64, Unary::signUint, Lane::uint64},
    {"math.sign", Lane::float64, Unary::signDouble, Lane::float64},
    {"math.ceil", Lane::float64, Unary::ceil, Lane::float64},
    {"math.floor", Lane::float64, Unary::floor, Lane::float64},
    {"math.round", Lane::float64, Unary::round, Lane::float64},
    {"math.trunc", Lane::float64, Unary::trunc, Lane::float64},
    {"math.sqrt", Lane::float64, Unary::sqrt, Lane::float64},
    {"math.bitNot", Lane::int64, Unary::bitNot, Lane::int64},
    {"math.bitNot", Lane::uint64, Unary::bitNot, Lane::uint64},
    {"math.isNaN", Lane::float64, Unary::isNaN, Lane::boolean},
    {"math.isInf", Lane::float64, Unary::isInf, Lane::boolean},
    {"math.isFinite", Lane::float64, Unary::isFinite, Lane::boolean},
    {"int", Lane::uint64, Unary::uintToInt, Lane::int64},
    {"int", Lane::float64, Unary::doubleToInt, Lane::int64},
    {"uint", Lane::int64, Unary::intToUint, Lane::uint64},
    {"uint", Lane::float64, Unary::doubleToUint, Lane::uint64},
    {"double", Lane::int64, Unary::intToDouble, Lane::float64},
    {"double", Lane::uint64, Unary::uintToDouble, Lane::float64},
};

struct PairName {
  std::string_view name;
  Lane lane;
  Pair op;
};

constexpr PairName kPairs[] = {
    {"math.bitAnd", Lane::int64, Pair::bitAnd},
    {"math.bitAnd", Lane::uint64, Pair::bitAnd},
    {"math.bitOr", Lane::int64, Pair::bitOr},
    {"math.bitOr", Lane::uint64, Pair::bitOr},
    {"math.bitXor", Lane::int64, Pair::bitXor},
    {"math.bitXor", Lane::uint64, Pair::bitXor},
    {"math.greatest", Lane::int64, Pair::greatestInt},
    {"math.greatest", Lane::uint64, Pair::greatestUint},
    {"math.greatest", Lane::float64, Pair::greatestDouble},
    {"math.least", Lane::int64, Pair::leastInt},
    {"math.least", Lane::uint64, Pair::leastUint},
    {"math.least", Lane::float64, Pair::leastDouble},
};

}  // namespace

// Strict: a null argument fails; flow: it is the result.
std::uint16_t VectorCompiler::present(std::uint16_t of) {
  if (made_.flow) return of;
  VectorStep step;
  step.op = VectorOp::presence;
  step.a = of;
  return emit(step, at(of).lane, at(of).unit);
}

VectorCompiler::Operand VectorCompiler::call(ExprId id, const Expr& expr) {
  const auto& reference = checked_.reference(id);
  if (reference.kind != ReferenceKind::function || reference.overloads.size() != 1) return std::nullopt;
  const std::string_view name = reference.overloads.front()->function;
  const auto children =
      checked_.ast.childrenOf(expr).subspan(expr.kind == ExprKind::member && !reference.receiver ? 1 : 0);
  if (children.empty() || children.size() > 2) return std::nullopt;
  std::array<std::uint16_t, 2> arguments{};
  bool allConstant = true;
  for (std::size_t i = 0; i < children.size(); ++i) {
    const auto argument = compile(children[i]);
    if (!argument || isMissing(*argument)) return std::nullopt;
    arguments[i] = *argument;
    allConstant = allConstant && at(*argument).constant;
  }
  if (allConstant) return std::nullopt;
  const auto of = std::span<const std::uint16_t>(arguments).first(children.size());
  if (const auto made = mathematics(name, of)) return made;
  if (of.size() == 1)
    if (const auto made = conversion(name, of[0])) return made;
  return textCall(name, expr, of);
}

VectorCompiler::Operand VectorCompiler::mathematics(std::string_view name, std::span<const std::uint16_t> of) {
  const auto lane = at(of[0]).lane;
  if (of.size() == 1) {
    for (const auto& known : kMath)
      if (known.name == name && known.of == lane) return applied(known.op, of[0], known.result);
    return std::nullopt;
  }
  if (at(of[1]).lane != lane) return std::nullopt;
  for (const auto& known : kPairs) {
    if (known.name != name || known.lane != lane) continue;
    VectorStep step;
    step.op = VectorOp::compute;
    step.a = of[0];
    step.b = of[1];
    step.kernel = kernels().pair[static_cast<int>(known.op)][static_cast<int>(shapeOf(of[0], of[1]))];
    return emit(step, lane);
  }
  return std::nullopt;
}

VectorCompiler::Operand VectorCompiler::conversion(std::string_view target, std::uint16_t of) {
  const auto lane = at(of).lane;
  const bool same = (target == "int" && lane == Lane::int64) || (target == "uint" && lane == Lane::uint64) ||
                    (target == "double" && lane == Lane::float64) || (target == "bool" && lane == Lane::boolean) ||
                    (target == "string" && lane == Lane::text) || (target == "timestamp" && lane == Lane::timestamp) ||
                    (target == "duration" && lane == Lane::duration) || (target == "math.abs" && lane == Lane::uint64);
  if (same) return present(of);
  if (target != "int" || lane != Lane::timestamp) return std::nullopt;
  return applied(at(of).unit == TimeUnit::nanos ? Unary::nanosToSeconds : Unary::microsToSeconds, of, Lane::int64);
}

VectorCompiler::Operand VectorCompiler::textCall(std::string_view name, const Expr&,
                                                 std::span<const std::uint16_t> of) {
  if (at(of[0]).lane != Lane::text) return std::nullopt;
  if (of.size() == 1) {
    if (name != "size") return std::nullopt;
    VectorStep step;
    step.op = VectorOp::textSize;
    step.a = of[0];
    ++textSteps_;
    return emit(step, Lane::int64);
  }
  if (at(of[1]).lane != Lane::text) return std::nullopt;
  if (name == "contains") return textTest(TextTest::contains, of[0], of[1]);
  if (name == "startsWith") return textTest(TextTest::startsWith, of[0], of[1]);
  if (name == "endsWith") return textTest(TextTest::endsWith, of[0], of[1]);
  return name == "matches" ? matches(of[0], of[1]) : std::nullopt;
}

VectorCompiler::Operand VectorCompiler::matches(std::uint16_t text, std::uint16_t pattern) {
  if (!at(pattern).constant || at(text).constant) return std::nullopt;
  auto compiled = regex::Regex::compile(*static_cast<const std::string_view*>(made_.initial[pattern].data));
  if (!compiled) return std::nullopt;
  VectorStep step;
  step.op = VectorOp::matches;
  step.a = text;
  step.table = static_cast<std::uint16_t>(made_.regexes.size());
  made_.regexes.push_back(std::make_unique<BlockRegex>(std::move(*compiled)));
  if (columnOf_[text] >= 0) {
    step.op = VectorOp::entryTest;
    step.test = TextTest::matches;
    step.operand = std::exchange(step.table, static_cast<std::uint16_t>(columnOf_[text]));
    step.a = kNoRegister;
  }
  ++textSteps_;
  return emit(step, Lane::boolean);
}

}  // namespace weir::cel
