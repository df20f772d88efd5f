// VectorRun: the steps on numbers and truth values.
#include "engine/cel/column/vector-run.h"

#include <algorithm>
#include <bit>
#include <memory>

#include "engine/data/bits.h"

namespace weir::cel {
namespace {

std::uint64_t wordOf(const std::uint64_t* words, std::int64_t at) noexcept { return words != nullptr ? words[at] : 0; }

// Either of two word arrays, or both in `room`.
const std::uint64_t* joined(const std::uint64_t* a, const std::uint64_t* b, std::uint64_t* room, std::int64_t words) {
  if (a == nullptr) return b;
  if (b == nullptr || a == b) return a;
  for (std::int64_t w = 0; w < words; ++w) room[w] = a[w] | b[w];
  return room;
}

}  // namespace

VectorRun::VectorRun(const Specialised& specialised, const Batch& batch, const Value& params)
    : specialised_(specialised),
      program_(*specialised.vector),
      batch_(batch),
      selection_(batch.hasSelection() ? batch.selection().data() : nullptr),
      activation_(batch, params, specialised.origins),
      blockRows_(batch.rows() <= kNarrowRows ? kNarrowRows : VectorProgram::kBlockRows),
      dataWords_(blockRows_ * program_.bytesARow / 8),
      registerWords_(dataWords_ + 2 * (blockRows_ >> 6)) {
  const auto count = program_.registers.size();
  const auto wanted = count * static_cast<std::size_t>(registerWords_);
  if (wanted <= kNarrowWords) {
    room_ = narrow_.data();
  } else {
    const auto most = VectorProgram::kBlockRows * program_.bytesARow / 8 + 2 * kWords;
    extra().room = program_.spare.take(count * static_cast<std::size_t>(most));
    room_ = extra_->room->data();
  }
  if (count <= kNarrowSlots) {
    slots_ = reinterpret_cast<VectorSlot*>(fewSlots_.data());
  } else {
    extra().slots.resize(count);
    slots_ = extra_->slots.data();
  }
  std::uninitialized_copy_n(program_.initial.data(), count, slots_);
}

VectorRun::~VectorRun() {
  if (extra_ != nullptr && extra_->room != nullptr) program_.spare.give(std::move(extra_->room));
}

void VectorRun::compute(std::int64_t first, std::int64_t rows, void* target) {
  first_ = first;
  rows_ = rows;
  words_ = wordsFor(rows);
  target_ = target;
  doubtful_ = false;
  if (program_.keepsTexts && extra_ != nullptr) {
    extra_->joined.clear();
    extra_->held.clear();
  }
  std::size_t index = 0;
  for (const auto& one : program_.steps) step(one, index++);
}

void VectorRun::step(const VectorStep& step, std::size_t index) {
  switch (step.op) {
    case VectorOp::load:
      return load(step);
    case VectorOp::compute:
      return compute(step);
    case VectorOp::equality:
    case VectorOp::equalBits:
    case VectorOp::equalTexts:
      return equal(step);
    case VectorOp::isNull:
      return testNull(step);
    case VectorOp::logicalAnd:
    case VectorOp::logicalOr:
      return logical(step);
    case VectorOp::logicalNot:
      return negate(step);
    case VectorOp::choose:
      return choose(step);
    case VectorOp::presence:
      return presence(step);
    case VectorOp::textTest:
      return testTexts(step);
    case VectorOp::entryTest:
      return testEntries(step, index);
    case VectorOp::textSize:
      return sizeTexts(step);
    case VectorOp::matches:
      return matchTexts(step);
    case VectorOp::inNumbers:
    case VectorOp::inTexts:
      return among(step);
    case VectorOp::concatenate:
      return concatenate(step);
    case VectorOp::rows:
      return byRows(step);
  }
}

bool VectorRun::nullsOf(const Column& column, std::uint64_t* words) const {
  if (column.validity == nullptr || column.nullCount == 0) return false;
  std::uint64_t any = 0;
  for (std::int64_t w = 0; w < words_; ++w) {
    const auto count = std::min<std::int64_t>(64, rows_ - w * 64);
    std::uint64_t present = 0;
    if (selection_ == nullptr) {
      present = bits::load(column.validity, column.offset + first_ + w * 64, count);
    } else {
      for (std::int64_t i = 0; i < count; ++i)
        present |= static_cast<std::uint64_t>(bits::get(column.validity, column.offset + physical(w * 64 + i))) << i;
    }
    words[w] = ~present & (w + 1 == words_ ? lastBits(rows_) : ~std::uint64_t{0});
    any |= words[w];
  }
  return any != 0;
}

void VectorRun::load(const VectorStep& step) {
  const auto& column = batch_.column(step.table);
  auto& slot = slots_[step.out];
  slot.nulls = column.validity != nullptr && nullsOf(column, nullRoom(step.out)) ? nullRoom(step.out) : nullptr;
  const auto lane = program_.registers[step.out].lane;
  if (lane == Lane::text) return loadTexts(column, step);
  auto* room = roomOf(step.out);
  if (lane == Lane::boolean) {
    const auto* bitmap = static_cast<const std::uint8_t*>(column.values);
    for (std::int64_t w = 0; w < words_; ++w) {
      const auto count = std::min<std::int64_t>(64, rows_ - w * 64);
      if (selection_ == nullptr) {
        room[w] = bits::load(bitmap, column.offset + first_ + w * 64, count);
        continue;
      }
      room[w] = 0;
      for (std::int64_t i = 0; i < count; ++i)
        room[w] |= static_cast<std::uint64_t>(bits::get(bitmap, column.offset + physical(w * 64 + i))) << i;
    }
    slot.data = room;
    return;
  }
  const auto* values = static_cast<const std::uint64_t*>(column.values) + column.offset;
  if (selection_ == nullptr) {
    slot.data = values + first_;
    return;
  }
  for (std::int64_t i = 0; i < rows_; ++i) room[i] = values[selection_[first_ + i]];
  slot.data = room;
}

// Null and failure bits of a result that needs all its operands.
void VectorRun::propagate(const VectorStep& step, bool failed) {
  auto& out = slots_[step.out];
  const auto& a = slots_[step.a];
  const VectorSlot none;
  const auto& b = step.b != kNoRegister ? slots_[step.b] : none;
  out.nulls = out.errors = nullptr;
  if (!failed && a.nulls == nullptr && b.nulls == nullptr && a.errors == nullptr && b.errors == nullptr) [[likely]]
    return;
  const auto* nulls = joined(a.nulls, b.nulls, nullRoom(step.out), words_);
  auto* errors = errorRoom(step.out);
  if (program_.flow) {
    out.nulls = nulls;
    if (failed) {
      for (std::int64_t w = 0; w < words_; ++w)
        errors[w] = (errors[w] & ~wordOf(nulls, w)) | wordOf(a.errors, w) | wordOf(b.errors, w);
      out.errors = errors;
    } else {
      out.errors = joined(a.errors, b.errors, errors, words_);
    }
    return;
  }
  for (std::int64_t w = 0; w < words_; ++w)
    errors[w] = (failed ? errors[w] : 0) | wordOf(nulls, w) | wordOf(a.errors, w) | wordOf(b.errors, w);
  out.errors = errors;
}

void VectorRun::compute(const VectorStep& step) {
  auto& out = slots_[step.out];
  auto* room = roomOf(step.out);
  const void* right = step.b != kNoRegister ? slots_[step.b].data : step.bounds;
  const bool failed = step.kernel(slots_[step.a].data, right, room, errorRoom(step.out), rows_);
  out.data = room;
  propagate(step, failed);
}

void VectorRun::joinErrors(const VectorStep& step) {
  auto& out = slots_[step.out];
  out.nulls = nullptr;
  out.errors = joined(slots_[step.a].errors, step.b != kNoRegister ? slots_[step.b].errors : nullptr,
                      errorRoom(step.out), words_);
}

void VectorRun::equalOf(const VectorStep& step, std::uint64_t* bits) {
  if (step.op == VectorOp::equality) {
    (void)step.kernel(slots_[step.a].data, slots_[step.b].data, bits, nullptr, rows_);
  } else if (step.op == VectorOp::equalBits) {
    const auto* a = static_cast<const std::uint64_t*>(slots_[step.a].data);
    const auto* b = static_cast<const std::uint64_t*>(slots_[step.b].data);
    for (std::int64_t w = 0; w < words_; ++w) bits[w] = step.negated ? a[w] ^ b[w] : ~(a[w] ^ b[w]);
  } else {
    std::int64_t leftStep = 0;
    std::int64_t rightStep = 0;
    const auto* left = textsOf(step.a, leftStep);
    const auto* right = textsOf(step.b, rightStep);
    for (std::int64_t w = 0; w < words_; ++w) bits[w] = 0;
    for (std::int64_t i = 0; i < rows_; ++i)
      bits[i >> 6] |= static_cast<std::uint64_t>((left[i * leftStep] == right[i * rightStep]) != step.negated)
                      << (i & 63);
  }
}

// Null equals null only.
void VectorRun::equal(const VectorStep& step) {
  auto* bits = roomOf(step.out);
  equalOf(step, bits);
  slots_[step.out].data = bits;
  joinErrors(step);
  const auto* a = slots_[step.a].nulls;
  const auto* b = slots_[step.b].nulls;
  if (a == nullptr && b == nullptr) return;
  for (std::int64_t w = 0; w < words_; ++w) {
    const auto left = wordOf(a, w);
    const auto right = wordOf(b, w);
    bits[w] = (bits[w] & ~(left | right)) | (step.negated ? left ^ right : left & right);
  }
}

void VectorRun::testNull(const VectorStep& step) {
  auto* bits = roomOf(step.out);
  const auto* nulls = slots_[step.a].nulls;
  const std::uint64_t flip = step.negated ? ~std::uint64_t{0} : 0;
  for (std::int64_t w = 0; w < words_; ++w) bits[w] = wordOf(nulls, w) ^ flip;
  slots_[step.out].data = bits;
  joinErrors(step);
}

// An operand that decides absorbs failures and nulls of the other; of those, a failure absorbs a null.
void VectorRun::logical(const VectorStep& step) {
  const auto& a = slots_[step.a];
  const auto& b = slots_[step.b];
  auto& out = slots_[step.out];
  const auto* left = static_cast<const std::uint64_t*>(a.data);
  const auto* right = static_cast<const std::uint64_t*>(b.data);
  auto* bits = roomOf(step.out);
  const bool isAnd = step.op == VectorOp::logicalAnd;
  const bool plain = a.nulls == nullptr && b.nulls == nullptr && a.errors == nullptr && b.errors == nullptr;
  out = {bits, nullptr, nullptr};
  if (plain) {
    for (std::int64_t w = 0; w < words_; ++w) bits[w] = isAnd ? left[w] & right[w] : left[w] | right[w];
    return;
  }
  auto* nulls = nullRoom(step.out);
  auto* errors = errorRoom(step.out);
  const std::uint64_t flip = isAnd ? ~std::uint64_t{0} : 0;
  for (std::int64_t w = 0; w < words_; ++w) {
    auto failed = wordOf(a.errors, w) | wordOf(b.errors, w);
    const auto absent = wordOf(a.nulls, w) | wordOf(b.nulls, w);
    const auto leftKnown = ~(wordOf(a.nulls, w) | wordOf(a.errors, w));
    const auto rightKnown = ~(wordOf(b.nulls, w) | wordOf(b.errors, w));
    const auto decided = ((left[w] ^ flip) & leftKnown) | ((right[w] ^ flip) & rightKnown);
    if (!program_.flow) failed |= absent;
    bits[w] = decided ^ flip;
    errors[w] = failed & ~decided;
    nulls[w] = absent & ~decided & ~failed;
  }
  out.nulls = nulls;
  out.errors = errors;
}

void VectorRun::negate(const VectorStep& step) {
  const auto* of = static_cast<const std::uint64_t*>(slots_[step.a].data);
  auto* bits = roomOf(step.out);
  for (std::int64_t w = 0; w < words_; ++w) bits[w] = ~of[w];
  slots_[step.out].data = bits;
  propagate(step, false);
}

void VectorRun::presence(const VectorStep& step) {
  slots_[step.out].data = slots_[step.a].data;
  propagate(step, false);
}

void VectorRun::choose(const VectorStep& step) {
  const auto& condition = slots_[step.c];
  const auto& a = slots_[step.a];
  const auto& b = slots_[step.b];
  auto& out = slots_[step.out];
  const auto* truth = static_cast<const std::uint64_t*>(condition.data);
  auto* room = roomOf(step.out);
  out = {room, nullptr, nullptr};
  const auto lane = program_.registers[step.out].lane;
  const auto stepOf = [&](std::uint16_t number) { return program_.registers[number].constant ? 0 : 1; };
  if (lane == Lane::boolean) {
    const auto* left = static_cast<const std::uint64_t*>(a.data);
    const auto* right = static_cast<const std::uint64_t*>(b.data);
    for (std::int64_t w = 0; w < words_; ++w) room[w] = (left[w] & truth[w]) | (right[w] & ~truth[w]);
  } else if (lane == Lane::text) {
    chooseTexts(step);
  } else {
    kernels().choose(truth, static_cast<const std::uint64_t*>(a.data), stepOf(step.a),
                     static_cast<const std::uint64_t*>(b.data), stepOf(step.b), room, rows_);
  }
  if (condition.nulls == nullptr && condition.errors == nullptr && a.nulls == nullptr && a.errors == nullptr &&
      b.nulls == nullptr && b.errors == nullptr)
    return;
  auto* nulls = nullRoom(step.out);
  auto* errors = errorRoom(step.out);
  for (std::int64_t w = 0; w < words_; ++w) {
    const auto absent = wordOf(condition.nulls, w);
    const auto failed = wordOf(condition.errors, w) | (program_.flow ? 0 : absent);
    const auto known = ~(absent | failed);
    const auto yes = truth[w] & known;
    const auto no = ~truth[w] & known;
    nulls[w] = (absent & ~failed) | (yes & wordOf(a.nulls, w)) | (no & wordOf(b.nulls, w));
    errors[w] = failed | (yes & wordOf(a.errors, w)) | (no & wordOf(b.errors, w));
  }
  out.nulls = nulls;
  out.errors = errors;
}

std::uint64_t VectorRun::needed(const VectorStep& step, std::int64_t word) const {
  if (step.guard == Guard::none) return ~std::uint64_t{0};
  const auto& slot = slots_[step.guardedBy];
  const auto truth = static_cast<const std::uint64_t*>(slot.data)[word];
  const auto known = ~(wordOf(slot.nulls, word) | wordOf(slot.errors, word));
  switch (step.guard) {
    case Guard::unlessFalse:
      return truth | ~known;
    case Guard::unlessTrue:
      return ~(truth & known);
    case Guard::ifTrue:
      return truth & known;
    default:
      return ~truth & known;
  }
}

void VectorRun::doubt(std::int64_t row) {
  if (!doubtful_) doubt_.fill(0);
  doubtful_ = true;
  doubt_[static_cast<std::size_t>(row >> 6)] |= std::uint64_t{1} << (row & 63);
}

Result<Value> VectorRun::byRow(std::int64_t row) {
  activation_.at(selection_ != nullptr ? static_cast<std::int64_t>(selection_[row]) : row, row);
  Budget budget;
  return specialised_.program.evaluate(activation_, budget);
}

// What a value of the wrong kind would be is left to the row evaluator.
void VectorRun::byRows(const VectorStep& step) {
  auto* room = roomOf(step.out);
  auto* nulls = nullRoom(step.out);
  auto* errors = errorRoom(step.out);
  const auto& as = program_.registers[step.out];
  if (as.lane == Lane::text)
    std::uninitialized_fill_n(reinterpret_cast<std::string_view*>(room), rows_, std::string_view());
  if (as.lane != Lane::text) std::fill_n(room, as.lane == Lane::boolean ? words_ : rows_, 0);
  for (std::int64_t w = 0; w < words_; ++w) {
    nulls[w] = errors[w] = 0;
    auto wanted = needed(step, w) & (w + 1 == words_ ? lastBits(rows_) : ~std::uint64_t{0});
    for (; wanted != 0; wanted &= wanted - 1) {
      const auto bit = wanted & (0 - wanted);
      const auto row = w * 64 + std::countr_zero(wanted);
      activation_.at(physical(row), first_ + row);
      Budget budget;
      auto value = specialised_.program.evaluatePart(step.part, activation_, budget);
      if (!value) {
        errors[w] |= bit;
        if (value.error().code == "cel.cost_limit") doubt(row);
        continue;
      }
      if (value->isNull()) {
        nulls[w] |= bit;
        continue;
      }
      if (as.lane == Lane::text) value = extra().held.emplace_back(std::move(*value));
      if (as.lane == Lane::text && extra_->held.back().kind() == ValueKind::string) {
        reinterpret_cast<std::string_view*>(room)[row] = extra_->held.back().text();
      } else if (!storeValue(as, *value, room, row)) {
        errors[w] |= bit;
      }
    }
  }
  slots_[step.out] = {room, nulls, errors};
}

}  // namespace weir::cel
