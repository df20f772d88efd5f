// Runs cases of the public CEL conformance suite, given as one JSON object a line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "engine/data/value.h"

namespace weir {
class Zones;
}

namespace weir::cel {

enum class CaseOutcome : std::uint8_t { passed, failed, skipped };

struct CaseResult {
  std::string file;
  std::string section;
  std::string name;
  CaseOutcome outcome = CaseOutcome::failed;
  std::string got;  // the value as JSON, or the error's code and sentence
  std::string why;  // failed: what was expected; skipped: the reason
};

/// Runs one case `{file, section, name, expr, container?, bindings?, value | error}`; values have the JSON form of
/// cel.expr.Value. The expression is compiled in profile strict; where the type checker refuses it, it runs unchecked,
/// as the suite asks of many cases. Never fails: what cannot be read is a failed case.
[[nodiscard]] CaseResult runConformanceCase(std::string_view line, Zones* zones = nullptr);

/// `{"file": ..., "section": ..., "name": ..., "pass": true | false | null, "got": ..., "why": ...}`; null: skipped.
[[nodiscard]] std::string conformanceLine(const CaseResult& result);

struct ConformanceCount {
  std::int64_t passed = 0;
  std::int64_t failed = 0;
  std::int64_t skipped = 0;
  void add(const CaseResult& result) noexcept;
  /// `N passed, M failed, K skipped`.
  [[nodiscard]] std::string text() const;
};

}  // namespace weir::cel
