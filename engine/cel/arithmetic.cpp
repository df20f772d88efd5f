// Arithmetic on two values, by their kinds.
#include "engine/cel/arithmetic.h"

#include <limits>

#include "engine/time/instant.h"

namespace weir::cel {
namespace {

[[nodiscard]] Computed overflow(CallFrame& frame, std::string_view what) {
  (void)frame.fail("cel.overflow", "The result is beyond " + std::string(what) + ".");
  return Computed::failed;
}

[[nodiscard]] Computed divideByZero(CallFrame& frame, Operator op) {
  (void)frame.fail("cel.divide_by_zero",
                   op == Operator::modulo ? "Remainder of a division by zero." : "Division by zero.");
  return Computed::failed;
}

[[nodiscard]] Computed ints(Operator op, std::int64_t a, std::int64_t b, CallFrame& frame, Value& out) {
  std::int64_t result = 0;
  bool over = false;
  switch (op) {
    case Operator::add:
      over = __builtin_add_overflow(a, b, &result);
      break;
    case Operator::subtract:
      over = __builtin_sub_overflow(a, b, &result);
      break;
    case Operator::multiply:
      over = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      if (b == 0) return divideByZero(frame, op);
      over = a == std::numeric_limits<std::int64_t>::min() && b == -1;
      if (!over) result = op == Operator::divide ? a / b : a % b;
  }
  if (over) return overflow(frame, "int (-9223372036854775808 to 9223372036854775807)");
  out = Value::int64(result);
  return Computed::done;
}

[[nodiscard]] Computed uints(Operator op, std::uint64_t a, std::uint64_t b, CallFrame& frame, Value& out) {
  std::uint64_t result = 0;
  bool over = false;
  switch (op) {
    case Operator::add:
      over = __builtin_add_overflow(a, b, &result);
      break;
    case Operator::subtract:
      over = __builtin_sub_overflow(a, b, &result);
      break;
    case Operator::multiply:
      over = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      if (b == 0) return divideByZero(frame, op);
      result = op == Operator::divide ? a / b : a % b;
  }
  if (over) return overflow(frame, "uint (0 to 18446744073709551615)");
  out = Value::uint64(result);
  return Computed::done;
}

[[nodiscard]] Computed doubles(Operator op, double a, double b, Value& out) {
  switch (op) {
    case Operator::add:
      out = Value::float64(a + b);
      return Computed::done;
    case Operator::subtract:
      out = Value::float64(a - b);
      return Computed::done;
    case Operator::multiply:
      out = Value::float64(a * b);
      return Computed::done;
    case Operator::divide:
      out = Value::float64(a / b);
      return Computed::done;
    default:
      return Computed::undefined;
  }
}

[[nodiscard]] Instant instantOf(const Value& value) noexcept { return {value.seconds(), value.nanos()}; }
[[nodiscard]] Span spanOf(const Value& value) noexcept { return {value.seconds(), value.nanos()}; }

[[nodiscard]] Computed gave(const Result<Instant>& result, CallFrame& frame, Value& out) {
  if (!result) return overflow(frame, "timestamp (0001-01-01 to 9999-12-31)");
  out = Value::timestamp(result->seconds, result->nanos);
  return Computed::done;
}

[[nodiscard]] Computed gave(const Result<Span>& result, CallFrame& frame, Value& out) {
  if (!result) return overflow(frame, "duration (about 10,000 years)");
  out = Value::duration(result->seconds, result->nanos);
  return Computed::done;
}

// CEL measures the distance of two timestamps in int64 nanoseconds.
[[nodiscard]] Computed distance(const Value& left, const Value& right, CallFrame& frame, Value& out) {
  const Span span = difference(instantOf(left), instantOf(right));
  if (!toNanos(span)) return overflow(frame, "a duration between two timestamps (292 years)");
  out = Value::duration(span.seconds, span.nanos);
  return Computed::done;
}

[[nodiscard]] Computed times(Operator op, const Value& left, const Value& right, CallFrame& frame, Value& out) {
  const bool leftInstant = left.kind() == ValueKind::timestamp;
  const bool rightInstant = right.kind() == ValueKind::timestamp;
  if (op == Operator::add) {
    if (leftInstant && rightInstant) return Computed::undefined;
    if (leftInstant) return gave(add(instantOf(left), spanOf(right)), frame, out);
    if (rightInstant) return gave(add(instantOf(right), spanOf(left)), frame, out);
    return gave(add(spanOf(left), spanOf(right)), frame, out);
  }
  if (op != Operator::subtract) return Computed::undefined;
  if (leftInstant && rightInstant) return distance(left, right, frame, out);
  if (leftInstant) return gave(subtract(instantOf(left), spanOf(right)), frame, out);
  if (rightInstant) return Computed::undefined;
  return gave(subtract(spanOf(left), spanOf(right)), frame, out);
}

[[nodiscard]] Computed texts(const Value& left, const Value& right, CallFrame& frame, Value& out) {
  const auto size = left.text().size() + right.text().size();
  if (size > std::numeric_limits<std::int32_t>::max()) return overflow(frame, "the longest text (2 GiB)");
  if (!frame.chargeBytes(static_cast<std::int64_t>(size))) return Computed::failed;
  std::string joined;
  joined.reserve(size);
  joined.append(left.text()).append(right.text());
  out = left.kind() == ValueKind::string ? Value::string(joined) : Value::bytes(joined);
  return Computed::done;
}

[[nodiscard]] Computed lists(const Value& left, const Value& right, CallFrame& frame, Value& out) {
  if (!frame.charge(left.size() + right.size())) return Computed::failed;
  std::vector<Value> items;
  items.reserve(left.items().size() + right.items().size());
  items.insert(items.end(), left.items().begin(), left.items().end());
  items.insert(items.end(), right.items().begin(), right.items().end());
  out = Value::list(std::move(items));
  return Computed::done;
}

[[nodiscard]] double asDouble(const Value& value) noexcept {
  if (value.kind() == ValueKind::int64) return static_cast<double>(value.int64());
  if (value.kind() == ValueKind::uint64) return static_cast<double>(value.uint64());
  return value.float64();
}

[[nodiscard]] bool isTime(const Value& value) noexcept {
  return value.kind() == ValueKind::timestamp || value.kind() == ValueKind::duration;
}

// Of two numbers one is a double and the other is not.
[[nodiscard]] bool meetAsDoubles(const Value& left, const Value& right) noexcept {
  return left.isNumber() && right.isNumber() && left.kind() != right.kind() &&
         (left.kind() == ValueKind::float64 || right.kind() == ValueKind::float64);
}

}  // namespace

Computed compute(Operator op, bool flow, const Value& left, const Value& right, CallFrame& frame, Value& out) {
  if (left.kind() == right.kind()) {
    switch (left.kind()) {
      case ValueKind::int64:
        return ints(op, left.int64(), right.int64(), frame, out);
      case ValueKind::float64:
        return doubles(op, left.float64(), right.float64(), out);
      case ValueKind::uint64:
        return uints(op, left.uint64(), right.uint64(), frame, out);
      case ValueKind::string:
      case ValueKind::bytes:
        return op == Operator::add ? texts(left, right, frame, out) : Computed::undefined;
      case ValueKind::list:
        return op == Operator::add ? lists(left, right, frame, out) : Computed::undefined;
      default:
        break;
    }
  }
  if (isTime(left) && isTime(right)) return times(op, left, right, frame, out);
  if (flow && meetAsDoubles(left, right)) return doubles(op, asDouble(left), asDouble(right), out);
  return Computed::undefined;
}

bool equalAsCel(const Value& left, const Value& right) noexcept {
  if (meetAsDoubles(left, right)) return asDouble(left) == asDouble(right);
  return equalValues(left, right);
}

Ordering compareAsCel(const Value& left, const Value& right) noexcept {
  if (meetAsDoubles(left, right)) return compareValues(Value::float64(asDouble(left)), Value::float64(asDouble(right)));
  return compareValues(left, right);
}

}  // namespace weir::cel
