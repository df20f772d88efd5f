// RowParser: chunks of whole records become batches, and what is no row becomes an error row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/csv/decode.h"
#include "engine/csv/structure.h"
#include "engine/data/batch-builder.h"
#include "engine/node/node-context.h"
#include "engine/node/step-io.h"
#include "nodes/files/csv-read/read-plan.h"

namespace weir::nodes::csv_read {

/// How much of a bad record is shown.
inline constexpr std::size_t kShownBytes = 512;
/// The beginning of a text as valid UTF-8.
[[nodiscard]] std::string shownText(std::string_view text);

[[nodiscard]] Error recordTooLong(std::int64_t maxRecordBytes, bool insideQuotes);

/// An error row {file, line, text}.
void failRecord(Outbox& out, std::string_view path, std::int64_t line, std::string_view text, std::string_view column,
                Error error);

struct Chunk {
  std::string_view text;  // csv::kPaddingBytes readable bytes behind it
  const Layout* layout = nullptr;
  std::string_view path;
  std::int64_t line = 1;
  std::uint32_t partition = 0;
  std::uint64_t sequence = 0;
};

/// Keeps its memory from chunk to chunk. Used by one worker at a time.
class RowParser {
 public:
  RowParser(const ReadPlan& plan, NodeContext& context, std::int64_t maxRecordBytes)
      : plan_(plan), context_(context), structure_(plan.dialect()), maxRecordBytes_(maxRecordBytes) {}

  /// Finds the records of a chunk; its bad ones go to `out` at once. The chunk must stay until the last batch.
  void start(const Chunk& chunk, Outbox& out);
  [[nodiscard]] bool finished() const noexcept { return next_ >= structure_.rows(); }
  /// The next kMaxBatchRows rows at most; empty if none of them is good.
  [[nodiscard]] Result<Batch> next(Outbox& out);

 private:
  static constexpr std::int32_t kHoldsNul = -1, kTooLong = -2;
  struct BadValue {
    std::int64_t row;
    std::int32_t column;  // or kHoldsNul, kTooLong
  };
  [[nodiscard]] csv::FieldTexts slice(std::int32_t column, std::int64_t from, std::int64_t rows) const;
  [[nodiscard]] Result<void> decode(BatchWriter& writer, std::int64_t at, std::int32_t column, std::int64_t from,
                                    std::int64_t rows);
  [[nodiscard]] Result<void> decodeText(BatchWriter& writer, std::int64_t at, const csv::FieldTexts& fields,
                                        const Column& column);
  [[nodiscard]] Result<weir::Column> entries();
  void check(std::int32_t column, std::int64_t from, std::int64_t rows);
  void noteBad(const csv::Marks& marks, std::int32_t column);
  void findTooLong(std::int64_t from, std::int64_t rows);
  void findNuls(std::int64_t from, std::int64_t rows);
  [[nodiscard]] Result<Batch> withoutBad(Batch batch, std::int64_t from, Outbox& out);
  void report(const BadValue& bad, std::int64_t from, Outbox& out);
  [[nodiscard]] std::int64_t lineOf(std::int64_t position);

  const ReadPlan& plan_;
  NodeContext& context_;
  csv::Structure structure_;
  csv::TextDictionary dictionary_;
  Chunk chunk_;
  std::int64_t maxRecordBytes_;
  bool holdsNul_ = false;
  std::int64_t next_ = 0;
  std::int64_t linePosition_ = 0, lineAt_ = 0;
  std::vector<BadValue> bad_;
  std::vector<ColumnRoom> room_;
  std::vector<std::int64_t> scratch_;
  std::vector<std::uint8_t> scratchBits_;
};

}  // namespace weir::nodes::csv_read
