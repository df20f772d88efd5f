// Expansion of braces in globs: `a{b,c}` into `ab` and `ac`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"

namespace weir {

inline constexpr std::size_t kMostGlobAlternatives = 1000;

/// `glob.syntax` for a pattern that is empty, no UTF-8 or longer than 4,096 bytes, for an open brace or a trailing
/// backslash, and for more than kMostGlobAlternatives or nesting deeper than 16.
[[nodiscard]] Result<std::vector<std::string>> expandBraces(std::string_view pattern);

/// The error of a glob at a byte of its text.
[[nodiscard]] std::unexpected<Error> wrongGlob(std::string_view pattern, std::size_t at, std::string_view what);

}  // namespace weir
