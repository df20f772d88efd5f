// RowWriter: rows of any schema as CSV text with one fixed list of columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/csv/write.h"
#include "engine/data/batch.h"
#include "engine/node/state.h"

namespace weir::nodes::csv_write {

class RowWriter {
 public:
  /// `columns` may be empty: then the first batch's.
  RowWriter(csv::FieldWriter fields, std::vector<std::string> columns)
      : fields_(std::move(fields)), names_(std::move(columns)), selected_(!names_.empty()) {}

  /// Every batch's schema, also of those without rows.
  void note(const Schema& schema);
  /// `rows.unknown_field` for a given column that no batch had. At the end: rows may lack columns that others have.
  [[nodiscard]] Result<void> complete() const;
  /// Columns are settled by the first batch, unless they were given.
  void settle(const Schema& schema);
  [[nodiscard]] bool settled() const noexcept { return !names_.empty(); }
  void appendHeader(std::string& out) const;
  /// `existing` is the begin of the file that rows are appended to, the whole of it if `whole`. With a header the
  /// file's order of columns is taken over. `csv.header_mismatch` if the columns are others (without header: not as
  /// many). False: the file holds no record yet.
  [[nodiscard]] Result<bool> adopt(std::string_view existing, bool whole, bool header);
  /// `csv.extra_column` if the batch has a column that the file lacks (never if columns were given).
  [[nodiscard]] Result<void> check(const Schema& schema) const;
  /// Rows from `row` on until `out` has `mostBytes` bytes; gives the row to go on with.
  /// `bad` gets the rows with a NUL byte, which no reader of CSV takes: they are not written.
  [[nodiscard]] std::int64_t append(const Batch& batch, std::int64_t row, std::int64_t mostBytes, std::string& out,
                                    std::vector<std::uint32_t>& bad);

  /// The columns that were settled, and those that were seen.
  [[nodiscard]] Result<Poll> snapshot(StateWriter& state) const;
  [[nodiscard]] Result<Poll> restore(StateReader& state);

 private:
  void appendRow(const Batch& batch, std::int64_t row, std::string& out);
  void appendDouble(double value, std::string& out);
  void appendField(const Column& column, std::int64_t row, std::string& out);

  csv::FieldWriter fields_;
  std::vector<std::string> names_;
  std::vector<std::string> seen_;  // fields of all schemas, if columns were given
  const Schema* noted_ = nullptr;  // only to see that it is the same once more
  bool selected_;
  SchemaRef known_;
  std::vector<std::int64_t> places_;  // in known_, or -1
  std::string scratch_;
};

}  // namespace weir::nodes::csv_write
