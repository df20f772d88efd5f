// VectorRun: computes a VectorProgram for one batch, block by block (only for the files vector-*.cpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engine/cel/column/specialised.h"
#include "engine/cel/column/vector-program.h"

namespace weir::cel {

/// How many words hold this many bits.
[[nodiscard]] constexpr std::int64_t wordsFor(std::int64_t bits) noexcept { return (bits + 63) >> 6; }
/// The bits of the last word that belong to rows.
[[nodiscard]] constexpr std::uint64_t lastBits(std::int64_t rows) noexcept {
  return (rows & 63) == 0 ? ~std::uint64_t{0} : (std::uint64_t{1} << (rows & 63)) - 1;
}

/// Sets row `row` of a register's data; false if the value is not one of the lane.
[[nodiscard]] bool storeValue(const VectorRegister& as, const Value& value, void* data, std::int64_t row);

class VectorRun {
 public:
  static constexpr std::int64_t kWords = VectorProgram::kBlockRows / 64;

  VectorRun(const Specialised& specialised, const Batch& batch, const Value& params);
  VectorRun(const VectorRun&) = delete;
  VectorRun& operator=(const VectorRun&) = delete;
  ~VectorRun();

  /// Rows per block.
  [[nodiscard]] std::int64_t blockRows() const noexcept { return blockRows_; }
  /// Logical rows first..first+rows-1. The root's data goes to `target` if that is not null.
  void compute(std::int64_t first, std::int64_t rows, void* target);
  [[nodiscard]] const VectorSlot& root() const noexcept { return slots_[program_.root]; }
  /// Rows of this block whose result only the row evaluator knows, whatever `root` says; null if there are none.
  [[nodiscard]] const std::uint64_t* doubtful() const noexcept { return doubtful_ ? doubt_.data() : nullptr; }
  /// The whole expression for one logical row.
  [[nodiscard]] Result<Value> byRow(std::int64_t row);
  /// Where the root's data went if it had no target.
  [[nodiscard]] std::uint64_t* roomOf(std::uint16_t number) noexcept {
    return number == program_.root && target_ != nullptr ? static_cast<std::uint64_t*>(target_) : ownRoom(number);
  }
  /// Word arrays of a register, for its null and failure bits.
  [[nodiscard]] std::uint64_t* nullRoom(std::uint16_t number) noexcept { return ownRoom(number) + dataWords_; }
  [[nodiscard]] std::uint64_t* errorRoom(std::uint16_t number) noexcept { return nullRoom(number) + (blockRows_ >> 6); }

 private:
  [[nodiscard]] std::uint64_t* ownRoom(std::uint16_t number) noexcept {
    return room_ + static_cast<std::int64_t>(number) * registerWords_;
  }
  void step(const VectorStep& step, std::size_t index);
  void load(const VectorStep& step);
  void loadTexts(const Column& column, const VectorStep& step);
  void compute(const VectorStep& step);
  void propagate(const VectorStep& step, bool failed);
  void equal(const VectorStep& step);
  void equalOf(const VectorStep& step, std::uint64_t* bits);
  void testNull(const VectorStep& step);
  void logical(const VectorStep& step);
  void negate(const VectorStep& step);
  void choose(const VectorStep& step);
  void chooseTexts(const VectorStep& step);
  void presence(const VectorStep& step);
  void joinErrors(const VectorStep& step);
  // vector-texts.cpp
  void testTexts(const VectorStep& step);
  void testEntries(const VectorStep& step, std::size_t index);
  void entryNulls(const VectorStep& step, const Column& column);
  void fillTable(const VectorStep& step, const Column& column, std::vector<std::uint8_t>& table);
  void entryBits(const VectorStep& step, const Column& column, std::size_t index);
  void sizeTexts(const VectorStep& step);
  void matchTexts(const VectorStep& step);
  void among(const VectorStep& step);
  void concatenate(const VectorStep& step);
  void byRows(const VectorStep& step);

  /// Bits of the rows that are null, in `words`; false if there are none.
  [[nodiscard]] bool nullsOf(const Column& column, std::uint64_t* words) const;
  [[nodiscard]] std::int64_t physical(std::int64_t row) const noexcept {
    return selection_ != nullptr ? static_cast<std::int64_t>(selection_[first_ + row]) : first_ + row;
  }
  [[nodiscard]] std::uint64_t needed(const VectorStep& step, std::int64_t word) const;
  [[nodiscard]] const std::string_view* textsOf(std::uint16_t number, std::int64_t& stride) const noexcept {
    stride = program_.registers[number].constant ? 0 : 1;
    return static_cast<const std::string_view*>(slots_[number].data);
  }
  void doubt(std::int64_t row);

  // Small batches live on the stack.
  static constexpr std::int64_t kNarrowRows = 64;
  static constexpr std::size_t kNarrowWords = 1536;
  static constexpr std::size_t kNarrowSlots = 24;

  /// What few batches need; small ones should cost nothing for it.
  struct Extra {
    std::vector<VectorSlot> slots;
    std::vector<std::vector<std::uint8_t>> tables;  // by step: an entryTest's answers
    std::deque<std::string> joined;                 // texts that this block made
    std::deque<Value> held;                         // likewise
    SpareRoom::Room room;
  };
  [[nodiscard]] Extra& extra() {
    if (extra_ == nullptr) extra_ = std::make_unique<Extra>();
    return *extra_;
  }

  const Specialised& specialised_;
  const VectorProgram& program_;
  const Batch& batch_;
  const std::uint32_t* selection_;
  RowActivation activation_;
  std::int64_t blockRows_;
  std::int64_t dataWords_;
  std::int64_t registerWords_;
  std::int64_t first_ = 0, rows_ = 0, words_ = 0;
  VectorSlot* slots_;
  std::uint64_t* room_;
  void* target_ = nullptr;
  bool doubtful_ = false;
  std::array<std::uint64_t, kWords> doubt_;  // only if doubtful_
  std::unique_ptr<Extra> extra_;
  alignas(VectorSlot) std::array<std::byte, kNarrowSlots * sizeof(VectorSlot)> fewSlots_;  // uninitialised
  std::array<std::uint64_t, kNarrowWords> narrow_;                                         // uninitialised
};

/// As evaluateRows, by columns; `specialised.vector` is there.
[[nodiscard]] Result<Evaluated> evaluateColumns(const Specialised& specialised, const Batch& batch,
                                                const Value& params);
/// The same for a condition.
[[nodiscard]] Result<Selected> selectColumns(const Specialised& specialised, const Batch& batch, const Value& params);

}  // namespace weir::cel
