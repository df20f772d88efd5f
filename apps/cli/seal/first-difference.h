// The first place where two files of rows differ: row, column, and both values.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "apps/cli/seal/seal.h"

namespace weir::cli {

/// How the rows of a file are told apart.
enum class RowForm : std::uint8_t { csv, ndjson, lines };

/// By how it was written, else by the ending of its name; nothing for a file whose rows are no lines.
[[nodiscard]] std::optional<RowForm> rowFormOf(const SealedFile& file);

/// Counts rows of a file that comes in pieces; the header of a CSV file is none.
class RowCount {
 public:
  explicit RowCount(const SealedFile& file);
  void add(std::string_view piece);
  /// Nothing for a file whose rows are no lines.
  [[nodiscard]] std::optional<std::int64_t> rows() const;

 private:
  std::optional<RowForm> form_;
  bool header_ = false, quoted_ = false, open_ = false;
  std::int64_t lines_ = 0;
};

struct CellDifference {
  std::int64_t row = 0;                      // from 1; 0: the header
  std::string column;                        // empty: the whole row
  std::optional<std::string> before, after;  // nothing: it is not there
};

/// Compares row by row, and cell by cell in the first that differs. Nothing if the rows are the same (then only how
/// they are written differs), or if the rows of the file are no lines. Both are read once, some rows at a time.
[[nodiscard]] std::optional<CellDifference> firstDifference(const SealedFile& file, std::istream& before,
                                                            std::istream& after);

/// `row 3, column 'price': 9.5 in the seal, 9.6 here`; values are printable and cut where they are long.
[[nodiscard]] std::string textOf(const CellDifference& difference);

}  // namespace weir::cli
