// Rows as a table of text that grows line by line.
#pragma once

#include <string>
#include <vector>

#include "engine/data/batch.h"

namespace weir::cli {

/// The head is printed again where the columns change; widths follow the first rows, longer cells are cut.
class RowTable {
 public:
  /// `width` of a line; 0: as long as it gets.
  explicit RowTable(int width) : width_(width) {}
  /// Whole lines for the rows, safe to show.
  [[nodiscard]] std::string of(const Batch& batch);

 private:
  [[nodiscard]] std::string line(const std::vector<std::string>& cells) const;
  int width_;
  SchemaRef schema_;
  std::vector<std::size_t> widths_;
};

}  // namespace weir::cli
