// Learns from the syntax tree which literals every match must contain.
#pragma once

#include <string>
#include <vector>

#include "engine/regex/syntax.h"

namespace weir::regex {

struct LiteralSet {
  std::vector<std::string> literals;  // none: nothing is known
  bool ignoreCase = false;            // ASCII letters match in both cases
};

struct LiteralFacts {
  LiteralSet required;  // every match contains one of these
  LiteralSet prefixes;  // every match begins with one of these
  bool exact = false;   // the pattern matches `required` and nothing else, preferring them in that order
};

[[nodiscard]] LiteralFacts findLiterals(const Syntax& syntax);

}  // namespace weir::regex
