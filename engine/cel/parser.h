// Parses CEL source into an Ast.
#pragma once

#include <expected>
#include <string_view>

#include "engine/cel/ast.h"
#include "engine/cel/problem.h"

namespace weir::cel {

/// Bounds of what is accepted; beyond them parsing ends with `cel.too_complex`.
struct ParseLimits {
  std::uint32_t sourceBytes = 100'000;
  std::uint32_t nesting = 200;  // of brackets and conditionals, while parsing
  std::uint32_t height = 400;   // of the finished tree
  std::uint32_t expressions = 50'000;
};

/// The whole grammar of CEL with the macros has, all, exists, exists_one, map, filter, the two-variable
/// comprehensions, cel.bind, optMap, optFlatMap, sortBy, and optional syntax. Ends at the first problem.
[[nodiscard]] std::expected<Ast, Problem> parse(std::string_view source, const ParseLimits& limits = {});

}  // namespace weir::cel
