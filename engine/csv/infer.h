// What type a column has, learned from samples and then fixed for the run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/csv/field-reader.h"

namespace weir::csv {

/// In widening order: unknown (only nulls so far) -> anything; integer -> number -> text; the others -> text.
enum class ColumnType : std::uint8_t { unknown, boolean, integer, number, timestamp, text };

[[nodiscard]] std::string_view columnTypeName(ColumnType type) noexcept;

/// What is done when a later value does not fit the type of its column: an error row, or the column becomes wider
/// (numbers only), or it is a string.
enum class Drift : std::uint8_t { error, widen, string };

/// The narrowest type that holds both.
[[nodiscard]] ColumnType widened(ColumnType a, ColumnType b) noexcept;

/// The type of one unquoted or quoted text. Quoted numbers are numbers; a quoted empty field is a text; leading zeros
/// and integers beyond int64 are texts.
[[nodiscard]] ColumnType typeOfField(FieldContent field, const FieldReader& reader);

/// Learns the columns of files of one kind.
class Inference {
 public:
  /// Starts with the names of the columns (from the header, or column_1, column_2 ...).
  explicit Inference(std::vector<std::string> names) : names_(std::move(names)), types_(names_.size()) {}

  /// Takes a sample of records without the header. `text` needs kPaddingBytes behind it; a record that the sample cuts
  /// off must have been cut away.
  void learn(std::string_view text, const FieldReader& reader, std::int64_t maxRows = 10'000);

  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  /// `unknown` if the column had no value in any sample.
  [[nodiscard]] const std::vector<ColumnType>& types() const noexcept { return types_; }
  /// The types to decode with: unknown becomes text.
  [[nodiscard]] std::vector<ColumnType> settled() const;

 private:
  std::vector<std::string> names_;
  std::vector<ColumnType> types_;
};

/// How another file's header differs from the first one's: nothing if all names are there in the same order.
struct HeaderDrift {
  std::vector<std::string> missing;
  std::vector<std::string> extra;
  bool reordered = false;
  [[nodiscard]] bool any() const noexcept { return reordered || !missing.empty() || !extra.empty(); }
};
[[nodiscard]] HeaderDrift compareHeaders(const std::vector<std::string>& expected,
                                         const std::vector<std::string>& found);

/// What a table may have; more is taken for a wrong delimiter or an attack.
inline constexpr std::size_t kMostColumns = 262'144;
/// Errors: text.invalid_utf8 if a name of the header is not UTF-8 (a schema's names are text), csv.too_many_columns.
[[nodiscard]] Result<void> checkNames(const std::vector<std::string>& header);

/// Names fit for a schema: blanks around them go, an empty one becomes column_3, a repeated one gets _2, _3 ...
[[nodiscard]] std::vector<std::string> columnNames(std::vector<std::string> header);

/// The first record that is no comment and no empty line.
struct FirstRecord {
  std::vector<std::string> fields;
  /// Behind it; where the data begins.
  std::int64_t end = 0;
};
/// Nothing if the text holds no record. Error csv.unterminated_quote, csv.text_after_quote: a header must be whole.
[[nodiscard]] Result<std::optional<FirstRecord>> firstRecord(std::string_view text, const FieldReader& reader);

}  // namespace weir::csv
