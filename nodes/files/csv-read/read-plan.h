// ReadPlan: what all files of one run have in common, learned from samples and then fixed.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/field-set.h"
#include "engine/data/lock.h"
#include "engine/data/schema.h"
#include "nodes/files/csv-read/read-options.h"

namespace weir::nodes::csv_read {

/// Where the columns of the plan stand in one file.
struct Layout {
  std::int32_t columns = 0;           // of the file
  std::vector<std::int32_t> sources;  // per column of the plan: its place in the file, or -1
};

struct Column {
  std::string name;
  csv::ColumnType type = csv::ColumnType::unknown;
  bool exact = true;        // inferred: what would not read back as written does not fit
  bool dictionary = false;  // few different texts
};

class ReadPlan {
 public:
  /// Settles dialect and names from the first file's beginning; text.size() > 0. Errors of its header.
  [[nodiscard]] static Result<ReadPlan> make(const ReadOptions& options, std::string_view text, bool whole);

  /// Learns types from the beginning of a file (the first one too). Files with other columns are left out, or taken by
  /// name, as `onDrift` says.
  void learn(std::string_view text, bool whole, csv::Drift drift);
  /// No more samples: what is to be read, in file order.
  void settle(const FieldSet& needed, bool strict);

  struct Start {
    std::int64_t dataBegin = 0;      // behind the header
    std::optional<Layout> layout{};  // if it is not the plan's own
  };
  /// Checks the beginning of a file against the plan. Error `csv.drift` names the columns.
  [[nodiscard]] Result<Start> begin(std::string_view text, csv::Drift drift) const;

  [[nodiscard]] const csv::Dialect& dialect() const noexcept { return reader_.dialect(); }
  [[nodiscard]] const csv::FieldReader& reader() const noexcept { return reader_; }
  [[nodiscard]] const Layout& layout() const noexcept { return layout_; }
  [[nodiscard]] const std::vector<Column>& columns() const noexcept { return columns_; }
  /// Of all columns, also those that are not read.
  /// `rows.unknown_field` if the schema that was given names a column that the first file lacks.
  [[nodiscard]] Result<void> checkSchema(const ReadOptions& options) const;
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  /// Columns that are emitted, as indices into columns(), and their schema.
  [[nodiscard]] const std::vector<std::int32_t>& emitted() const noexcept { return emitted_; }
  [[nodiscard]] const SchemaRef& schema() const noexcept { return schema_; }
  /// The same for when no row comes: columns of which no value told the type may have any.
  [[nodiscard]] const SchemaRef& emptySchema() const noexcept { return emptySchema_; }
  /// Columns that are only checked.
  [[nodiscard]] const std::vector<std::int32_t>& checked() const noexcept { return checked_; }

 private:
  explicit ReadPlan(csv::FieldReader reader) : reader_(std::move(reader)) {}
  void nameColumns(const ReadOptions& options, std::vector<std::string> names);
  void merge(std::size_t column, csv::ColumnType found, csv::Drift drift);
  void noteDictionaries(std::string_view data);
  [[nodiscard]] Layout layoutOf(const std::vector<std::string>& names) const;

  csv::FieldReader reader_;
  std::vector<Column> columns_;
  std::vector<std::string> names_;
  Layout layout_;
  std::string headerText_;  // with its line end; empty: none, or not to be relied on
  std::vector<std::int32_t> emitted_, checked_;
  SchemaRef schema_, emptySchema_;
  bool dictionariesNoted_ = false;
};

}  // namespace weir::nodes::csv_read
