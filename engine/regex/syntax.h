// The pattern's syntax tree and the parser that builds it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "engine/regex/char-set.h"

namespace weir::regex {

enum class NodeKind : std::uint8_t { empty, set, concat, alternate, repeat, capture, assertion };

enum class Assertion : std::uint8_t { beginText, endText, beginLine, endLine, wordBoundary, notWordBoundary };

/// One node of the tree; which fields count depends on `kind`.
struct Node {
  NodeKind kind = NodeKind::empty;
  Assertion assertion = Assertion::beginText;
  bool greedy = true;
  bool nullable = true;    // can match the empty text
  std::int32_t index = 0;  // set: index into Syntax::sets; capture: group number
  std::int32_t min = 0;    // repeat
  std::int32_t max = -1;   // repeat; -1 is unbounded
  std::vector<std::int32_t> children;
};

struct Syntax {
  std::vector<Node> nodes;
  std::vector<CharSet> sets;
  std::vector<std::string> groupNames;  // [0] is the whole match; "" for groups without a name
  std::int32_t root = 0;
};

struct SyntaxFlags {
  bool ignoreCase = false;
  bool multiLine = false;
  bool dotAll = false;
  bool ungreedy = false;
};

/// Parses RE2 syntax. `literal` takes the pattern as plain text. Fails with `regex.syntax` or `regex.too_large`.
[[nodiscard]] Result<Syntax> parse(std::string_view pattern, SyntaxFlags flags, bool literal);

}  // namespace weir::regex
