// Problem: one thing wrong in a document (schema.json, settings, a flow), and what to do about it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir {

struct Problem {
  std::string pointer;     // JSON pointer (RFC 6901) to what is wrong
  std::string_view code;   // of engine/data/error-codes.tsv
  std::string message;     // what was found and what was expected, without the pointer
  std::string suggestion;  // what to write instead, or empty
};

using Problems = std::vector<Problem>;

}  // namespace weir
