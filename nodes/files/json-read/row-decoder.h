// RowDecoder: JSON values become rows of a batch; only the columns of the plan are decoded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/json/fields.h"
#include "engine/node/node-context.h"
#include "nodes/files/json-read/read-plan.h"
#include "nodes/files/json-read/text-codes.h"

namespace weir::nodes::json_read {

/// Keeps its memory from batch to batch. Used by one worker at a time.
class RowDecoder {
 public:
  enum class Outcome : std::uint8_t {
    good,    // to be kept with commit()
    syntax,  // the cursor tells
    drift    // drift() tells; the cursor stands somewhere in the value
  };
  RowDecoder(const ReadPlan& plan, NodeContext& context);

  [[nodiscard]] Outcome read(json::Cursor& cursor);
  void commit() noexcept {
    ++row_;
    abandoned_ = false;
  }
  [[nodiscard]] Error drift() const { return {driftCode_, drift_}; }
  [[nodiscard]] std::int64_t rows() const noexcept { return row_; }
  [[nodiscard]] bool full() const noexcept { return row_ == kMaxBatchRows; }
  /// The rows so far; empty if there are none.
  [[nodiscard]] Result<Batch> finish(Envelope envelope);
  /// Forgets the rows so far.
  void reset();
  /// A key that the columns do not have, once.
  [[nodiscard]] std::string takeUnknown();

 private:
  struct Slot {
    weir::Kind kind = weir::Kind::null;
    bool dictionary = false, micros = true, nulls = false, rawText = false;
    std::uint64_t setIn = 0, wrongIn = 0;  // the last reading that set it, and that found it wrong
    Error wrong{};
    std::vector<std::uint64_t> words{};   // numbers, times
    std::vector<std::uint8_t> truths{};   // a byte a row
    std::vector<std::int32_t> numbers{};  // codes, or offsets (one more)
    std::vector<std::uint8_t> validity{};
    std::string text{};
    std::vector<Value> values{};
    TextCodes codes{};
  };
  [[nodiscard]] Outcome readObject(json::Cursor& cursor);
  [[nodiscard]] Outcome readColumn(std::size_t column, json::Cursor& cursor);
  [[nodiscard]] Outcome firstWrong();
  [[nodiscard]] Outcome tooLarge(json::Cursor& cursor);
  [[nodiscard]] Outcome drifted(std::string message);
  void forgetRow();
  [[nodiscard]] Outcome readKnown(json::Cursor& cursor);
  [[nodiscard]] Outcome readField(Slot& slot, json::Cursor& cursor);
  [[nodiscard]] Outcome readNumber(Slot& slot, json::Cursor& cursor);
  [[nodiscard]] Outcome readBoolean(Slot& slot, json::Cursor& cursor);
  [[nodiscard]] Outcome readText(Slot& slot, json::Cursor& cursor);
  [[nodiscard]] Outcome readEncoded(Slot& slot, json::Cursor& cursor);
  [[nodiscard]] Outcome readNested(Slot& slot, json::Cursor& cursor);
  [[nodiscard]] Outcome wrongKind(const Slot& slot, json::Cursor& cursor);
  void putText(Slot& slot, std::string_view text);
  void putNull(Slot& slot);
  void fillMissing();
  [[nodiscard]] Result<void> fill(BatchWriter& writer, std::int64_t at, Slot& slot);

  const ReadPlan& plan_;
  NodeContext& context_;
  bool namesChecked_;
  std::vector<Slot> slots_;
  json::Fields fields_;
  std::int64_t row_ = 0;
  std::uint64_t reading_ = 0;  // counts the calls of read()
  std::size_t set_ = 0;        // slots that the row has filled
  std::size_t wrong_ = 0;      // of these, with what does not fit
  std::string_view driftCode_;
  std::string drift_, buffer_, unknown_;
  bool unknownTaken_ = false;
  bool abandoned_ = false;  // the last reading was not kept
};

}  // namespace weir::nodes::json_read
