// VectorProgram: an expression as steps over registers that hold one value per row of a block.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/cel/column/vector-kernels.h"
#include "engine/cel/program.h"
#include "engine/data/batch.h"
#include "engine/regex/regex.h"

namespace weir::cel {

/// What a register holds. boolean: bits, 64 a word; text: string_views; the others 8 bytes a row, times in `unit`.
enum class Lane : std::uint8_t { boolean, int64, uint64, float64, text, timestamp, duration };

enum class VectorOp : std::uint8_t {
  load,         // a column; never after another kind of step
  compute,      // kernel(a, b): null and failure of an operand are those of the result
  equality,     // kernel(a, b), null equal to null only
  equalBits,    // == and != of truth values
  equalTexts,   // == and != of texts
  isNull,       // a is null
  logicalAnd,   // of a and b
  logicalOr,    // of a and b
  logicalNot,   // of a
  choose,       // c ? a : b
  presence,     // strict: a, failing where it is null
  textTest,     // test(a, b)
  entryTest,    // test(column, b, or list or regex `operand`), once per entry of a dictionary
  textSize,     // code points of a
  matches,      // regex on a
  inNumbers,    // a is one of a list of 8-byte numbers
  inTexts,      // a is one of a list of texts
  concatenate,  // texts a and b
  rows,         // part of the expression, row by row
};

enum class TextTest : std::uint8_t {
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  contains,
  startsWith,
  endsWith,
  matches,
  among,
};

/// Rows whose value cannot matter need not be computed (only costly steps look at it).
enum class Guard : std::uint8_t { none, unlessFalse, unlessTrue, ifTrue, ifFalse };

inline constexpr std::uint16_t kNoRegister = 0xffff;

/// Compiled once; scratch survives from block to block, and a second thread at work makes its own.
class BlockRegex {
 public:
  using Scratch = regex::Regex::Scratch;
  explicit BlockRegex(regex::Regex compiled) : regex_(std::move(compiled)) {}
  BlockRegex(const BlockRegex&) = delete;
  BlockRegex& operator=(const BlockRegex&) = delete;
  ~BlockRegex() { std::unique_ptr<Scratch>(spare_.load()).reset(); }
  [[nodiscard]] std::unique_ptr<Scratch> borrow() const {
    std::unique_ptr<Scratch> scratch(spare_.exchange(nullptr, std::memory_order_acquire));
    return scratch != nullptr ? std::move(scratch) : std::make_unique<Scratch>();
  }
  void giveBack(std::unique_ptr<Scratch> scratch) const {
    scratch.reset(spare_.exchange(scratch.release(), std::memory_order_acq_rel));
  }
  [[nodiscard]] const regex::Regex& regex() const noexcept { return regex_; }

 private:
  regex::Regex regex_;
  mutable std::atomic<Scratch*> spare_{nullptr};
};

struct VectorStep {
  VectorOp op = VectorOp::load;
  TextTest test = TextTest::equal;
  Guard guard = Guard::none;
  bool negated = false;  // isNull, equalBits, equalTexts: the opposite
  std::uint16_t a = kNoRegister, b = kNoRegister, c = kNoRegister, out = 0;
  std::uint16_t guardedBy = kNoRegister;
  std::uint16_t table = 0;    // load, entryTest: the column; inNumbers, inTexts: which list; matches: which regex
  std::uint16_t operand = 0;  // entryTest: which list (among) or regex (matches)
  ExprId part = kNoExpr;      // rows
  Kernel kernel = nullptr;    // compute, equality
  std::int64_t bounds[2]{};   // compute with Kernels::within (b is kNoRegister then)
};

struct VectorRegister {
  Lane lane = Lane::int64;
  TimeUnit unit = TimeUnit::micros;
  bool constant = false;  // one value for all rows; truth values are spread over all bits all the same
};

/// One register while a block is computed. Null and failure bits: words as of truth values; nullptr: none.
struct VectorSlot {
  const void* data = nullptr;
  const std::uint64_t* nulls = nullptr;
  const std::uint64_t* errors = nullptr;
};

/// What a constant register points to.
struct VectorConstant {
  std::uint64_t bits = 0;
  std::string_view text;
  Value kept;  // keeps `text` alive
};

/// The lists behind `in`.
struct VectorList {
  std::vector<std::uint64_t> bits;  // int64, uint64, times
  std::vector<double> doubles;
  std::vector<std::string_view> texts;  // sorted
  Value kept;
  bool hasNull = false;
};

/// Room for the registers of whole blocks, kept from call to call.
class SpareRoom {
 public:
  using Room = std::unique_ptr<std::vector<std::uint64_t>>;
  SpareRoom() = default;
  SpareRoom(const SpareRoom&) = delete;
  SpareRoom& operator=(const SpareRoom&) = delete;
  ~SpareRoom() { Room(spare_.load()).reset(); }
  [[nodiscard]] Room take(std::size_t words) {
    Room room(spare_.exchange(nullptr, std::memory_order_acquire));
    return room != nullptr ? std::move(room) : std::make_unique<std::vector<std::uint64_t>>(words);
  }
  void give(Room room) { room.reset(spare_.exchange(room.release(), std::memory_order_acq_rel)); }

 private:
  std::atomic<std::vector<std::uint64_t>*> spare_{nullptr};
};

struct VectorProgram {
  bool flow = true;
  std::vector<VectorStep> steps;
  std::vector<VectorRegister> registers;
  std::vector<VectorSlot> initial;  // by register: constants are set
  std::vector<std::unique_ptr<VectorConstant>> constants;
  std::vector<VectorList> lists;
  std::vector<std::unique_ptr<BlockRegex>> regexes;
  std::uint16_t root = 0;
  bool keepsTexts = false;  // steps make texts
  /// A row with a longer text is computed by the row evaluator, which counts what texts cost.
  std::int64_t longestText = 0;
  std::int64_t bytesARow = 8;                                            // of the widest register
  bool oneRow = false;                                                   // computeOneRow can do it
  std::vector<std::pair<std::uint16_t, std::uint64_t>> oneRowConstants;  // registers that are set from the start
  mutable SpareRoom spare;

  static constexpr std::int64_t kBlockRows = 1024;
  static constexpr std::size_t kOneRowRegisters = 32;

  [[nodiscard]] const VectorRegister& rootRegister() const noexcept { return registers[root]; }
};

/// The program is one of numbers and truth values only.
[[nodiscard]] bool suitsOneRow(const VectorProgram& program);
/// The root's word for a batch of one row; false if something is null or fails. Only where `oneRow` is set.
[[nodiscard]] bool computeOneRow(const VectorProgram& program, const Batch& batch, std::uint64_t& result);

/// nullptr if the expression (or its result) is nothing for columns. `resultType`: of the column wanted.
[[nodiscard]] std::shared_ptr<const VectorProgram> vectorise(const Program& program, const SchemaRef& schema,
                                                             const TypeRef& resultType, const Value* params);

}  // namespace weir::cel
