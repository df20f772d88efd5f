// Writes fields as CSV: quoted where they must be, so that reading gives back the same texts and nulls.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::csv {

/// `minimal`: where a field would read as something else: delimiter, quote, CR, LF, blanks at its ends, the empty
/// string, a text equal to the null text. `always`: every text and number; nulls stay bare.
enum class Quoting : std::uint8_t { minimal, always };

struct WriteStyle {
  char delimiter = ',';
  char quote = '"';
  std::string lineEnd = "\n";
  Quoting quoting = Quoting::minimal;
  /// How null is written, never quoted.
  std::string nullText = {};
  /// Texts that a spreadsheet would take for a formula (= + - @, tab or CR in front) get a ' in front and quotes.
  bool guardFormulas = false;
};

class FieldWriter {
 public:
  /// `settings.invalid` for signs that collide or a null text that would need quotes.
  [[nodiscard]] static Result<FieldWriter> make(WriteStyle style);

  void appendText(std::string& out, std::string_view text) const;
  /// A number, truth value or time as already written.
  void appendScalar(std::string& out, std::string_view text) const;
  void appendNull(std::string& out) const { out += style_.nullText; }
  void appendDelimiter(std::string& out) const { out += style_.delimiter; }
  void appendLineEnd(std::string& out) const { out += style_.lineEnd; }
  [[nodiscard]] const WriteStyle& style() const noexcept { return style_; }

 private:
  [[nodiscard]] bool needsQuotes(std::string_view text) const noexcept;
  void appendQuoted(std::string& out, std::string_view text) const;

  WriteStyle style_;
  std::array<bool, 256> special_{};
};

}  // namespace weir::csv
