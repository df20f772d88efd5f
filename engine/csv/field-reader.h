// What one field's text means: quotes taken off, nulls recognised, values read. The slow and general way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/csv/dialect.h"
#include "engine/data/error.h"
#include "engine/data/number-text.h"
#include "engine/time/date-pattern.h"

namespace weir::csv {

/// A field without its quotes. `text` lives as long as the raw text and the scratch string it was made with.
struct FieldContent {
  std::string_view text;
  bool quoted = false;
};

/// Dialect and ValueFormat made ready: patterns compiled, null values sorted out. Immutable, shared by all workers.
class FieldReader {
 public:
  /// `date.pattern` for a pattern that is none, `settings.invalid` for signs that collide.
  [[nodiscard]] static Result<FieldReader> make(const Dialect& dialect, const ValueFormat& format);

  /// Takes off blanks (with `trim`) and quotes, and undoes escapes, into `scratch` where needed.
  [[nodiscard]] FieldContent content(std::string_view raw, std::string& scratch) const;
  /// Only unquoted fields can be null.
  [[nodiscard]] bool isNull(FieldContent field) const noexcept {
    return !field.quoted && (field.text.empty() ? emptyIsNull_ : namedNulls_ && isNamedNull(field.text));
  }

  /// Each reads the whole text or nothing. `exact` refuses what would not read back as it was written (leading zeros,
  /// a plus sign): what inference calls a string.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view text, bool exact) const;
  [[nodiscard]] std::optional<double> number(std::string_view text, bool exact) const;
  /// true, false, True, False, TRUE, FALSE.
  [[nodiscard]] static std::optional<bool> boolean(std::string_view text) noexcept;
  /// Microseconds since 1970 UTC.
  [[nodiscard]] std::optional<std::int64_t> timestamp(std::string_view text) const noexcept;

  [[nodiscard]] const Dialect& dialect() const noexcept { return dialect_; }
  [[nodiscard]] NumberFormat numbers() const noexcept { return numbers_; }
  [[nodiscard]] bool emptyIsNull() const noexcept { return emptyIsNull_; }
  /// There are null values besides the empty field.
  [[nodiscard]] bool hasNamedNulls() const noexcept { return namedNulls_; }
  /// A raw field may be taken as it stands unless it begins with the quote: no trimming, no backslashes.
  [[nodiscard]] bool plain() const noexcept { return !dialect_.trim && dialect_.escape == Escape::doubled; }

 private:
  [[nodiscard]] bool isNamedNull(std::string_view text) const noexcept;
  void unescape(std::string_view text, bool quoted, std::string& out) const;

  Dialect dialect_;
  NumberFormat numbers_;
  std::vector<std::string> nulls_;
  std::vector<DatePattern> dates_;
  bool emptyIsNull_ = false;
  bool namedNulls_ = false;
};

}  // namespace weir::csv
