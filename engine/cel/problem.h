// Problem: what is wrong in an expression, where, and what to write instead.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"

namespace weir::cel {

struct Problem {
  std::string_view code;     // cel.syntax, cel.type, cel.unknown_variable, ...
  std::string message;       // what was found and what was expected
  std::string suggestion;    // what to write instead, as a sentence; or empty
  std::uint32_t offset = 0;  // bytes from the start of the source
  std::uint32_t length = 0;  // bytes; at least 1 unless the source ended
  std::int32_t line = 1;     // from 1
  std::int32_t column = 1;   // in characters, from 1
  std::string excerpt;       // the line, and below it carets under the place
};

/// Makes line, column and excerpt from offset and length.
void locate(Problem& problem, std::string_view source);

/// `1:9: unknown field "pirce" of row ... Did you mean "price"?`, and the excerpt on the next lines.
[[nodiscard]] std::string describe(const Problem& problem);

/// All problems as one Error: the code of the first, their descriptions one below the other.
[[nodiscard]] Error toError(std::span<const Problem> problems);

/// The candidate closest to `name`, if it is close enough to be a slip of the fingers; else empty.
[[nodiscard]] std::string nearestName(std::string_view name, std::span<const std::string> candidates);

}  // namespace weir::cel
