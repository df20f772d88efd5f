// Guesses a file's dialect from its first bytes.
#pragma once

#include <string_view>

#include "engine/csv/dialect.h"

namespace weir::csv {

/// What may be guessed; what the person has set is kept.
struct SniffWish {
  bool delimiter = true;
  bool newline = true;
  bool header = true;
};

/// The delimiter (, ; tab | :) that cuts the records of `sample` into the same number of fields, two or more; a comma
/// if none does. CR as line end if the sample has no LF. A header if the first record is all texts and some column
/// under it is not, or if everything is text and the names differ. A record that the sample cuts off is not looked at,
/// unless it is the only one.
[[nodiscard]] Dialect sniff(std::string_view sample, const Dialect& settings, const SniffWish& wish,
                            const ValueFormat& format);

}  // namespace weir::csv
