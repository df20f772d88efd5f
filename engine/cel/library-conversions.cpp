// Library: conversions between types.
#include <cmath>
#include <limits>

#include "engine/cel/frame.h"
#include "engine/cel/library.h"
#include "engine/cel/text-form.h"
#include "engine/data/number-text.h"
#include "engine/text/utf8.h"
#include "engine/time/instant.h"

namespace weir::cel {
namespace {

using Args = std::span<const Value>;

[[nodiscard]] bool cannot(CallFrame& frame, const Value& value, std::string_view target, std::string_view why) {
  return frame.fail("cel.conversion",
                    showValue(value) + " cannot become " + std::string(target) + ": " + std::string(why) + ".");
}

bool same(CallFrame&, Args args, Value& out) {
  out = args[0];
  return true;
}

bool typeOf(CallFrame&, Args args, Value& out) {
  out = Value::type(args[0].typeText());
  return true;
}

bool intFromUint(CallFrame& frame, Args args, Value& out) {
  if (args[0].uint64() > static_cast<std::uint64_t>(INT64_MAX)) return cannot(frame, args[0], "int", "it is too large");
  out = Value::int64(static_cast<std::int64_t>(args[0].uint64()));
  return true;
}

bool intFromDouble(CallFrame& frame, Args args, Value& out) {
  const double value = args[0].float64();
  // The bounds themselves are excluded: doubles near them stand for many integers.
  if (!(value > -9223372036854775808.0 && value < 9223372036854775808.0))
    return cannot(frame, args[0], "int", "it is out of range");
  out = Value::int64(static_cast<std::int64_t>(value));
  return true;
}

bool intFromString(CallFrame& frame, Args args, Value& out) {
  const auto parsed = parseInt64(args[0].text());
  if (!parsed.ok())
    return cannot(frame, args[0], "int",
                  parsed.status == NumberStatus::kOverflow ? "it is out of range" : "it is not a whole number");
  out = Value::int64(parsed.value);
  return true;
}

bool intFromTimestamp(CallFrame&, Args args, Value& out) {
  out = Value::int64(args[0].seconds());
  return true;
}

bool uintFromInt(CallFrame& frame, Args args, Value& out) {
  if (args[0].int64() < 0) return cannot(frame, args[0], "uint", "it is negative");
  out = Value::uint64(static_cast<std::uint64_t>(args[0].int64()));
  return true;
}

bool uintFromDouble(CallFrame& frame, Args args, Value& out) {
  const double value = args[0].float64();
  if (!(value > -1.0 && value < 18446744073709551616.0) || (value < 0.0 && std::trunc(value) != 0.0) || value < 0.0)
    return cannot(frame, args[0], "uint", "it is out of range");
  out = Value::uint64(static_cast<std::uint64_t>(value));
  return true;
}

bool uintFromString(CallFrame& frame, Args args, Value& out) {
  const auto parsed = parseUint64(args[0].text());
  if (!parsed.ok() || args[0].text().starts_with('+'))
    return cannot(frame, args[0], "uint",
                  parsed.status == NumberStatus::kOverflow ? "it is out of range" : "it is not a whole number");
  out = Value::uint64(parsed.value);
  return true;
}

bool doubleFromInt(CallFrame&, Args args, Value& out) {
  out = Value::float64(static_cast<double>(args[0].int64()));
  return true;
}

bool doubleFromUint(CallFrame&, Args args, Value& out) {
  out = Value::float64(static_cast<double>(args[0].uint64()));
  return true;
}

bool doubleFromString(CallFrame& frame, Args args, Value& out) {
  const auto parsed = parseDouble(args[0].text());
  if (parsed.ok()) {
    out = Value::float64(parsed.value);
    return true;
  }
  auto word = args[0].text();
  const bool negative = word.starts_with('-');
  if (negative || word.starts_with('+')) word.remove_prefix(1);
  if (utf8::equalsIgnoringAsciiCase(word, "nan")) {
    out = Value::float64(std::numeric_limits<double>::quiet_NaN());
    return true;
  }
  if (utf8::equalsIgnoringAsciiCase(word, "inf") || utf8::equalsIgnoringAsciiCase(word, "infinity")) {
    out = Value::float64(negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity());
    return true;
  }
  return cannot(frame, args[0], "double",
                parsed.status == NumberStatus::kOverflow ? "it is out of range" : "it is not a number");
}

bool boolFromString(CallFrame& frame, Args args, Value& out) {
  const auto word = args[0].text();
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"})
    if (word == yes) {
      out = Value::boolean(true);
      return true;
    }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"})
    if (word == no) {
      out = Value::boolean(false);
      return true;
    }
  return cannot(frame, args[0], "bool", "expected true or false");
}

bool stringFromScalar(CallFrame&, Args args, Value& out) {
  std::string text;
  (void)appendText(text, args[0]);
  out = Value::string(text);
  return true;
}

bool stringFromDouble(CallFrame&, Args args, Value& out) {
  out = Value::string(doubleText(args[0].float64()));
  return true;
}

bool stringFromBytes(CallFrame& frame, Args args, Value& out) {
  if (!frame.chargeBytes(args[0].size())) return false;
  if (!utf8::isValid(args[0].text())) return cannot(frame, args[0], "string", "the bytes are not valid UTF-8");
  out = Value::string(args[0].text());
  return true;
}

bool bytesFromString(CallFrame& frame, Args args, Value& out) {
  if (!frame.chargeBytes(args[0].size())) return false;
  out = Value::bytes(args[0].text());
  return true;
}

bool timestampFromInt(CallFrame& frame, Args args, Value& out) {
  if (!makeInstant(args[0].int64())) return cannot(frame, args[0], "timestamp", "it is outside of the years 1 to 9999");
  out = Value::timestamp(args[0].int64(), 0);
  return true;
}

bool timestampFromString(CallFrame& frame, Args args, Value& out) {
  const auto parsed = parseInstant(args[0].text());
  if (!parsed) return frame.fail("cel.conversion", parsed.error().message);
  out = Value::timestamp(parsed->seconds, parsed->nanos);
  return true;
}

bool durationFromString(CallFrame& frame, Args args, Value& out) {
  const auto parsed = parseSpan(args[0].text());
  if (!parsed) return frame.fail("cel.conversion", parsed.error().message);
  out = Value::duration(parsed->seconds, parsed->nanos);
  return true;
}

constexpr FunctionEntry kTable[] = {
    {"dyn", "(A): dyn", same},
    {"type", "(A): type<A>", typeOf},
    {"int", "(int): int", same},
    {"int", "(uint): int", intFromUint},
    {"int", "(double): int", intFromDouble},
    {"int", "(string): int", intFromString},
    {"int", "(timestamp): int", intFromTimestamp},
    {"uint", "(uint): uint", same},
    {"uint", "(int): uint", uintFromInt},
    {"uint", "(double): uint", uintFromDouble},
    {"uint", "(string): uint", uintFromString},
    {"double", "(double): double", same},
    {"double", "(int): double", doubleFromInt},
    {"double", "(uint): double", doubleFromUint},
    {"double", "(string): double", doubleFromString},
    {"bool", "(bool): bool", same},
    {"bool", "(string): bool", boolFromString},
    {"string", "(string): string", same},
    {"string", "(bool): string", stringFromScalar},
    {"string", "(int): string", stringFromScalar},
    {"string", "(uint): string", stringFromScalar},
    {"string", "(double): string", stringFromDouble},
    {"string", "(bytes): string", stringFromBytes},
    {"string", "(timestamp): string", stringFromScalar},
    {"string", "(duration): string", stringFromScalar},
    {"string", "(ip): string", stringFromScalar},
    {"string", "(cidr): string", stringFromScalar},
    {"bytes", "(bytes): bytes", same},
    {"bytes", "(string): bytes", bytesFromString},
    {"timestamp", "(timestamp): timestamp", same},
    {"timestamp", "(string): timestamp", timestampFromString},
    {"timestamp", "(int): timestamp", timestampFromInt},
    {"duration", "(duration): duration", same},
    {"duration", "(string): duration", durationFromString},
};

}  // namespace

std::span<const FunctionEntry> conversionFunctions() noexcept { return kTable; }

}  // namespace weir::cel
