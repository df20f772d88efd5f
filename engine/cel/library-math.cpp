// Library: the extension math.
#include <cmath>

#include "engine/cel/frame.h"
#include "engine/cel/library.h"

namespace weir::cel {
namespace {

using Args = std::span<const Value>;

[[nodiscard]] bool extreme(CallFrame& frame, Args args, Ordering wanted, Value& out) {
  const auto numbers = args.size() == 1 && args[0].kind() == ValueKind::list ? args[0].items() : args;
  if (numbers.empty()) return frame.fail("cel.no_such_overload", "An empty list has no greatest or least number.");
  const Value* best = &numbers.front();
  for (const auto& number : numbers) {
    if (!number.isNumber())
      return frame.fail("cel.no_such_overload",
                        "math.greatest and math.least compare numbers; found " + showValue(number) + ".");
    if (compareValues(number, *best) == wanted) best = &number;
  }
  if (!frame.charge(static_cast<std::int64_t>(numbers.size()))) return false;
  Value found = *best;
  out = std::move(found);
  return true;
}

bool greatest(CallFrame& frame, Args args, Value& out) { return extreme(frame, args, Ordering::greater, out); }
bool least(CallFrame& frame, Args args, Value& out) { return extreme(frame, args, Ordering::less, out); }

using Real = double (*)(double);
template <Real f>
bool real(CallFrame&, Args args, Value& out) {
  out = Value::float64(f(args[0].float64()));
  return true;
}

double roundAway(double x) {
  const double whole = std::trunc(x);
  return std::fabs(x - whole) >= 0.5 ? whole + std::copysign(1.0, x) : whole;
}
double ceilOf(double x) { return std::ceil(x); }
double floorOf(double x) { return std::floor(x); }
double truncOf(double x) { return std::trunc(x); }
double absOf(double x) { return std::fabs(x); }
double signOf(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : std::isnan(x) ? x : 0.0; }
double rootOf(double x) { return std::sqrt(x); }

bool same(CallFrame&, Args args, Value& out) {
  out = args[0];
  return true;
}

bool absInt(CallFrame& frame, Args args, Value& out) {
  if (args[0].int64() == INT64_MIN) return frame.fail("cel.overflow", "The result is beyond int.");
  out = Value::int64(args[0].int64() < 0 ? -args[0].int64() : args[0].int64());
  return true;
}

bool signInt(CallFrame&, Args args, Value& out) {
  out = Value::int64((args[0].int64() > 0) - (args[0].int64() < 0));
  return true;
}

bool signUint(CallFrame&, Args args, Value& out) {
  out = Value::uint64(args[0].uint64() > 0 ? 1 : 0);
  return true;
}

bool rootOfInt(CallFrame&, Args args, Value& out) {
  out = Value::float64(std::sqrt(static_cast<double>(args[0].int64())));
  return true;
}

bool rootOfUint(CallFrame&, Args args, Value& out) {
  out = Value::float64(std::sqrt(static_cast<double>(args[0].uint64())));
  return true;
}

using Test = bool (*)(double);
template <Test f>
bool test(CallFrame&, Args args, Value& out) {
  out = Value::boolean(f(args[0].float64()));
  return true;
}
bool isNaN(double x) { return std::isnan(x); }
bool isInf(double x) { return std::isinf(x); }
bool isFinite(double x) { return std::isfinite(x); }

[[nodiscard]] Value whole(const Value& like, std::uint64_t bits) noexcept {
  return like.kind() == ValueKind::int64 ? Value::int64(static_cast<std::int64_t>(bits)) : Value::uint64(bits);
}

bool bitAnd(CallFrame&, Args args, Value& out) {
  out = whole(args[0], args[0].uint64() & args[1].uint64());
  return true;
}
bool bitOr(CallFrame&, Args args, Value& out) {
  out = whole(args[0], args[0].uint64() | args[1].uint64());
  return true;
}
bool bitXor(CallFrame&, Args args, Value& out) {
  out = whole(args[0], args[0].uint64() ^ args[1].uint64());
  return true;
}
bool bitNot(CallFrame&, Args args, Value& out) {
  out = whole(args[0], ~args[0].uint64());
  return true;
}

template <bool left>
bool shift(CallFrame& frame, Args args, Value& out) {
  const auto by = args[1].int64();
  if (by < 0)
    return frame.fail("cel.invalid_argument", "A shift by a negative number of bits: " + std::to_string(by) + ".");
  const auto bits = args[0].uint64();
  out = whole(args[0], by >= 64 ? 0 : left ? bits << by : bits >> by);
  return true;
}

constexpr FunctionEntry kTable[] = {
    {"math.greatest", "(int...): int", greatest},
    {"math.greatest", "(uint...): uint", greatest},
    {"math.greatest", "(double...): double", greatest},
    {"math.greatest", "(list<int>): int", greatest},
    {"math.greatest", "(list<uint>): uint", greatest},
    {"math.greatest", "(list<double>): double", greatest},
    {"math.greatest", "(dyn...): dyn", greatest},
    {"math.least", "(int...): int", least},
    {"math.least", "(uint...): uint", least},
    {"math.least", "(double...): double", least},
    {"math.least", "(list<int>): int", least},
    {"math.least", "(list<uint>): uint", least},
    {"math.least", "(list<double>): double", least},
    {"math.least", "(dyn...): dyn", least},
    {"math.ceil", "(double): double", real<ceilOf>},
    {"math.floor", "(double): double", real<floorOf>},
    {"math.round", "(double): double", real<roundAway>},
    {"math.trunc", "(double): double", real<truncOf>},
    {"math.abs", "(double): double", real<absOf>},
    {"math.abs", "(int): int", absInt},
    {"math.abs", "(uint): uint", same},
    {"math.sign", "(double): double", real<signOf>},
    {"math.sign", "(int): int", signInt},
    {"math.sign", "(uint): uint", signUint},
    {"math.sqrt", "(double): double", real<rootOf>},
    {"math.sqrt", "(int): double", rootOfInt},
    {"math.sqrt", "(uint): double", rootOfUint},
    {"math.isNaN", "(double): bool", test<isNaN>},
    {"math.isInf", "(double): bool", test<isInf>},
    {"math.isFinite", "(double): bool", test<isFinite>},
    {"math.bitAnd", "(int, int): int", bitAnd},
    {"math.bitAnd", "(uint, uint): uint", bitAnd},
    {"math.bitOr", "(int, int): int", bitOr},
    {"math.bitOr", "(uint, uint): uint", bitOr},
    {"math.bitXor", "(int, int): int", bitXor},
    {"math.bitXor", "(uint, uint): uint", bitXor},
    {"math.bitNot", "(int): int", bitNot},
    {"math.bitNot", "(uint): uint", bitNot},
    {"math.bitShiftLeft", "(int, int): int", shift<true>},
    {"math.bitShiftLeft", "(uint, int): uint", shift<true>},
    {"math.bitShiftRight", "(int, int): int", shift<false>},
    {"math.bitShiftRight", "(uint, int): uint", shift<false>},
};

}  // namespace

std::span<const FunctionEntry> mathFunctions() noexcept { return kTable; }

}  // namespace weir::cel
