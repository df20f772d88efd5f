// VectorCompiler: operators.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "engine/cel/column/vector-compiler.h"
#include "engine/time/instant.h"

namespace weir::cel {
namespace {

bool isNumber(Lane lane) { return lane == Lane::int64 || lane == Lane::uint64 || lane == Lane::float64; }
bool isTime(Lane lane) { return lane == Lane::timestamp || lane == Lane::duration; }

// Times are compared and added as ints.
int numberLane(Lane lane) {
  if (lane == Lane::float64) return static_cast<int>(NumberLane::float64);
  return static_cast<int>(lane == Lane::uint64 ? NumberLane::uint64 : NumberLane::int64);
}

Comparison comparisonOf(Operator op) {
  switch (op) {
    case Operator::equal:
      return Comparison::equal;
    case Operator::notEqual:
      return Comparison::notEqual;
    case Operator::less:
      return Comparison::less;
    case Operator::lessEqual:
      return Comparison::lessEqual;
    case Operator::greater:
      return Comparison::greater;
    default:
      return Comparison::greaterEqual;
  }
}

Arithmetic arithmeticOf(Operator op) {
  switch (op) {
    case Operator::add:
      return Arithmetic::add;
    case Operator::subtract:
      return Arithmetic::subtract;
    case Operator::multiply:
      return Arithmetic::multiply;
    case Operator::divide:
      return Arithmetic::divide;
    default:
      return Arithmetic::modulo;
  }
}

}  // namespace

Shape VectorCompiler::shapeOf(std::uint16_t a, std::uint16_t b) const {
  if (at(b).constant) return Shape::rightConstant;
  return at(a).constant ? Shape::leftConstant : Shape::columns;
}

std::uint16_t VectorCompiler::applied(Unary op, std::uint16_t of, Lane lane) {
  VectorStep step;
  step.op = VectorOp::compute;
  step.a = of;
  step.kernel = kernels().unary[static_cast<int>(op)];
  return emit(step, lane);
}

VectorCompiler::Operand VectorCompiler::asDouble(std::uint16_t of) {
  const auto lane = at(of).lane;
  if (lane == Lane::float64) return of;
  if (lane != Lane::int64 && lane != Lane::uint64) return std::nullopt;
  if (!at(of).constant)
    return applied(lane == Lane::int64 ? Unary::intToDouble : Unary::uintToDouble, of, Lane::float64);
  const auto* bits = static_cast<const std::uint64_t*>(made_.initial[of].data);
  return constantOf(Value::float64(lane == Lane::int64 ? static_cast<double>(static_cast<std::int64_t>(*bits))
                                                       : static_cast<double>(*bits)));
}

VectorCompiler::Operand VectorCompiler::unary(const Expr& expr) {
  const auto of = compile(checked_.ast.child(expr, 0));
  if (!of || at(*of).constant) return std::nullopt;
  const auto lane = at(*of).lane;
  if (expr.op == Operator::negate) {
    if (lane == Lane::int64) return applied(Unary::negateInt, *of, lane);
    if (lane == Lane::float64) return applied(Unary::negateDouble, *of, lane);
    return std::nullopt;
  }
  if (lane != Lane::boolean) return std::nullopt;
  VectorStep step;
  step.op = VectorOp::logicalNot;
  step.a = *of;
  return emit(step, Lane::boolean);
}

VectorCompiler::Operand VectorCompiler::binary(const Expr& expr) {
  if (expr.op == Operator::in) return among(expr);
  const auto left = compile(checked_.ast.child(expr, 0));
  if (!left) return std::nullopt;
  const auto right = compile(checked_.ast.child(expr, 1));
  if (!right || (at(*left).constant && at(*right).constant)) return std::nullopt;
  auto a = *left;
  auto b = *right;
  const bool isEquality = expr.op == Operator::equal || expr.op == Operator::notEqual;
  if (isMissing(a) || isMissing(b)) {
    const auto other = isMissing(a) ? b : a;
    if (!isEquality || made_.initial[isMissing(a) ? a : b].errors != nullptr) return std::nullopt;
    return nullTest(other, expr.op == Operator::notEqual);
  }
  const bool computes = expr.op == Operator::add || expr.op == Operator::subtract || expr.op == Operator::multiply ||
                        expr.op == Operator::divide || expr.op == Operator::modulo;
  if (isTime(at(a).lane) && isTime(at(b).lane)) {
    if (!sameUnits(a, b)) return std::nullopt;
    if (computes) return times(expr.op, a, b);
  }
  if (at(a).lane != at(b).lane) {
    if (!isNumber(at(a).lane) || !isNumber(at(b).lane) || (computes && !made_.flow)) return std::nullopt;
    if (at(a).lane != Lane::float64 && at(b).lane != Lane::float64) return std::nullopt;
    const auto wideLeft = asDouble(a);
    const auto wideRight = asDouble(b);
    if (!wideLeft || !wideRight) return std::nullopt;
    a = *wideLeft;
    b = *wideRight;
  }
  return computes ? arithmetic(expr.op, a, b) : comparison(expr.op, a, b);
}

VectorCompiler::Operand VectorCompiler::arithmetic(Operator op, std::uint16_t a, std::uint16_t b) {
  const auto lane = at(a).lane;
  VectorStep step;
  step.a = a;
  step.b = b;
  if (lane == Lane::text && op == Operator::add) {
    step.op = VectorOp::concatenate;
    made_.keepsTexts = true;
    ++textSteps_;
    return emit(step, lane);
  }
  if (!isNumber(lane)) return std::nullopt;
  step.op = VectorOp::compute;
  step.kernel =
      kernels().arithmetic[numberLane(lane)][static_cast<int>(arithmeticOf(op))][static_cast<int>(shapeOf(a, b))];
  if (step.kernel == nullptr) return std::nullopt;
  return emit(step, lane);
}

// What leaves the range (or the ints) is left to the row evaluator.
VectorCompiler::Operand VectorCompiler::times(Operator op, std::uint16_t a, std::uint16_t b) {
  if (op != Operator::add && op != Operator::subtract) return std::nullopt;
  const bool leftInstant = at(a).lane == Lane::timestamp;
  const bool rightInstant = at(b).lane == Lane::timestamp;
  if (rightInstant && (op == Operator::add ? leftInstant : !leftInstant)) return std::nullopt;
  const auto lane = leftInstant != rightInstant ? Lane::timestamp : Lane::duration;
  const auto unit = at(a).unit;
  VectorStep step;
  step.op = VectorOp::compute;
  step.a = a;
  step.b = b;
  step.kernel = kernels().arithmetic[static_cast<int>(NumberLane::int64)][static_cast<int>(arithmeticOf(op))]
                                    [static_cast<int>(shapeOf(a, b))];
  const auto sum = emit(step, lane, unit);
  if (unit == TimeUnit::nanos) return sum;
  constexpr std::int64_t kMicros = 1'000'000;
  VectorStep range;
  range.op = VectorOp::compute;
  range.a = sum;
  range.kernel = kernels().within;
  if (lane == Lane::timestamp) {
    range.bounds[0] = Instant::kMinSeconds * kMicros;
    range.bounds[1] = Instant::kMaxSeconds * kMicros + (kMicros - 1);
  } else {
    range.bounds[1] = leftInstant ? std::numeric_limits<std::int64_t>::max() / 1000 : Span::kMaxSeconds * kMicros;
    range.bounds[0] = -range.bounds[1];
  }
  return emit(range, lane, unit);
}

VectorCompiler::Operand VectorCompiler::comparison(Operator op, std::uint16_t a, std::uint16_t b) {
  const auto lane = at(a).lane;
  const bool isEquality = op == Operator::equal || op == Operator::notEqual;
  if (lane == Lane::text)
    return textTest(static_cast<TextTest>(comparisonOf(op)), a, b);  // the first six tests are the comparisons
  VectorStep step;
  step.a = a;
  step.b = b;
  step.negated = op == Operator::notEqual;
  if (lane == Lane::boolean) {
    if (!isEquality) return std::nullopt;
    step.op = VectorOp::equalBits;
    return emit(step, Lane::boolean);
  }
  step.op = isEquality ? VectorOp::equality : VectorOp::compute;
  step.kernel =
      kernels().compare[numberLane(lane)][static_cast<int>(comparisonOf(op))][static_cast<int>(shapeOf(a, b))];
  return emit(step, Lane::boolean);
}

VectorCompiler::Operand VectorCompiler::nullTest(std::uint16_t of, bool negated) {
  VectorStep step;
  step.op = VectorOp::isNull;
  step.a = of;
  step.negated = negated;
  return emit(step, Lane::boolean);
}

VectorCompiler::Operand VectorCompiler::textTest(TextTest test, std::uint16_t a, std::uint16_t b) {
  VectorStep step;
  step.a = a;
  step.b = b;
  step.test = test;
  ++textSteps_;
  step.op = test == TextTest::equal || test == TextTest::notEqual ? VectorOp::equalTexts : VectorOp::textTest;
  step.negated = test == TextTest::notEqual;
  if (columnOf_[a] >= 0 && at(b).constant) {
    step.op = VectorOp::entryTest;
    step.table = static_cast<std::uint16_t>(columnOf_[a]);
    step.a = kNoRegister;
  }
  return emit(step, Lane::boolean);
}

// `x in [constants]`, all of one kind with x.
VectorCompiler::Operand VectorCompiler::among(const Expr& expr) {
  constexpr std::int64_t kLongest = 1000;
  const auto of = compile(checked_.ast.child(expr, 0));
  const auto list = checked_.ast.child(expr, 1);
  if (!of || at(*of).constant || !isConstant(list)) return std::nullopt;
  Budget budget;
  Value params = params_ != nullptr ? *params_ : Value();
  ValueActivation activation(checked_.variables.size());
  activation.bind(static_cast<std::uint32_t>(FlowVariable::params), std::move(params));
  const auto value = program_.evaluatePart(list, activation, budget);
  if (!value || value->kind() != ValueKind::list || value->size() > kLongest) return std::nullopt;
  VectorList made;
  made.kept = *value;
  for (const auto& item : made.kept.items()) {
    if (item.isNull()) {
      made.hasNull = true;
    } else if (at(*of).lane == Lane::int64 && item.kind() == ValueKind::int64) {
      made.bits.push_back(item.uint64());
    } else if (at(*of).lane == Lane::uint64 && item.kind() == ValueKind::uint64) {
      made.bits.push_back(item.uint64());
    } else if (at(*of).lane == Lane::float64 && item.kind() == ValueKind::float64) {
      made.doubles.push_back(item.float64());
    } else if (at(*of).lane == Lane::text && item.kind() == ValueKind::string) {
      made.texts.push_back(item.text());
    } else {
      return std::nullopt;
    }
  }
  std::ranges::sort(made.texts);
  std::ranges::sort(made.bits);
  VectorStep step;
  step.op = at(*of).lane == Lane::text ? VectorOp::inTexts : VectorOp::inNumbers;
  step.a = *of;
  step.table = static_cast<std::uint16_t>(made_.lists.size());
  made_.lists.push_back(std::move(made));
  if (step.op == VectorOp::inTexts && columnOf_[*of] >= 0) {
    step.op = VectorOp::entryTest;
    step.test = TextTest::among;
    step.operand = std::exchange(step.table, static_cast<std::uint16_t>(columnOf_[*of]));
    step.a = kNoRegister;
  }
  return emit(step, Lane::boolean);
}

}  // namespace weir::cel
