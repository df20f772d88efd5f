// LinePattern: what a search for lines looks for, for the node that searches and for the source that does it instead.
#pragma once

#include <string>

#include "engine/data/error.h"
#include "engine/json/value.h"
#include "engine/regex/regex.h"

namespace weir {

/// The settings `field`, `pattern`, `ignoreCase`, `literal`, `invert`, `contextBefore` and `contextAfter` of a node
/// that keeps lines (text/grep).
struct LinePattern {
  std::string field, pattern;
  bool ignoreCase = false, literal = false, invert = false;
  bool withContext = false;  // rows around a match are kept too

  /// Of complete, resolved settings, as the plan has them.
  [[nodiscard]] static LinePattern of(const json::Value& settings);
  /// `regex.*`
  [[nodiscard]] Result<regex::Regex> compile() const;
};

}  // namespace weir
