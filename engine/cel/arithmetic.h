// Arithmetic on two values, by their kinds; what both evaluators do for single values.
#pragma once

#include "engine/cel/ast.h"
#include "engine/cel/frame.h"

namespace weir::cel {

enum class Computed : std::uint8_t { done, failed, undefined };

/// add, subtract, multiply, divide, modulo. `flow`: int and uint meet double as double. `undefined`: CEL has no such
/// operation for these kinds (nothing noted); `failed`: noted in the frame. Nulls are the caller's business.
[[nodiscard]] Computed compute(Operator op, bool flow, const Value& left, const Value& right, CallFrame& frame,
                               Value& out);

/// `==` of CEL: like equalValues, but an int or uint meets a double as double, even where that loses digits.
[[nodiscard]] bool equalAsCel(const Value& left, const Value& right) noexcept;
/// The ordering of CEL, with the same rule.
[[nodiscard]] Ordering compareAsCel(const Value& left, const Value& right) noexcept;

}  // namespace weir::cel
