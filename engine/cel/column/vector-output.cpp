// Columns and selections out of a VectorRun; rows that failed are computed again by the row evaluator.
#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "engine/cel/column/vector-run.h"
#include "engine/data/bits.h"
#include "engine/data/column-arena.h"
#include "engine/data/column-copy.h"

namespace weir::cel {

bool storeValue(const VectorRegister& as, const Value& value, void* data, std::int64_t row) {
  auto* words = static_cast<std::uint64_t*>(data);
  const auto set = [&](ValueKind kind, std::uint64_t bits) {
    words[row] = bits;
    return value.kind() == kind;
  };
  switch (as.lane) {
    case Lane::boolean: {
      const auto bit = std::uint64_t{1} << (row & 63);
      auto& word = words[row >> 6];
      word = value.kind() == ValueKind::boolean && value.boolean() ? word | bit : word & ~bit;
      return value.kind() == ValueKind::boolean;
    }
    case Lane::int64:
      return value.kind() == ValueKind::int64 && set(ValueKind::int64, value.uint64());
    case Lane::uint64:
      return value.kind() == ValueKind::uint64 && set(ValueKind::uint64, value.uint64());
    case Lane::float64:
      return value.kind() == ValueKind::float64 && set(ValueKind::float64, value.uint64());
    case Lane::text:
      return false;
    case Lane::timestamp:
    case Lane::duration: {
      const auto kind = as.lane == Lane::timestamp ? ValueKind::timestamp : ValueKind::duration;
      if (value.kind() != kind) return false;
      const std::int64_t perSecond = as.unit == TimeUnit::nanos ? 1'000'000'000 : 1'000'000;
      const std::int64_t nanosEach = 1'000'000'000 / perSecond;
      std::int64_t number = 0;
      if (value.nanos() % nanosEach != 0 || __builtin_mul_overflow(value.seconds(), perSecond, &number) ||
          __builtin_add_overflow(number, value.nanos() / nanosEach, &number))
        return false;
      return set(kind, static_cast<std::uint64_t>(number));
    }
  }
  return false;
}

namespace {

// Null rows of a column, noted while it is made.
class Validity {
 public:
  explicit Validity(std::uint64_t* words) : words_(words) {}
  void block(std::int64_t first, const std::uint64_t* nulls, std::int64_t rows) {
    const auto count = wordsFor(rows);
    std::int64_t found = 0;
    for (std::int64_t w = 0; nulls != nullptr && w < count; ++w) found += std::popcount(nulls[w]);
    if (found != 0 && nulls_ == 0) std::fill_n(words_, first >> 6, ~std::uint64_t{0});
    nulls_ += found;
    if (nulls_ == 0) return;
    for (std::int64_t w = 0; w < count; ++w)
      words_[(first >> 6) + w] = nulls != nullptr ? ~nulls[w] : ~std::uint64_t{0};
  }
  void put(Column& column) const {
    column.nullCount = nulls_;
    if (nulls_ != 0) column.validity = reinterpret_cast<const std::uint8_t*>(words_);
  }

 private:
  std::uint64_t* words_;
  std::int64_t nulls_ = 0;
};

// The root of one block after the row evaluator settled what was open. `nulls` covers failures too.
struct Settled {
  const std::uint64_t* nulls = nullptr;
  std::uint64_t room[VectorRun::kWords];  // uninitialised
};

// False: a value does not fit the column; the row evaluator must make the whole of it.
template <class Store>
bool settle(VectorRun& run, std::int64_t first, std::int64_t rows, std::vector<RowError>& errors, Settled& out,
            Store store) {
  const auto& root = run.root();
  out.nulls = nullptr;
  if (root.nulls == nullptr && root.errors == nullptr && run.doubtful() == nullptr) [[likely]]
    return true;
  const auto count = wordsFor(rows);
  for (std::int64_t w = 0; w < count; ++w) {
    const auto live = w + 1 == count ? lastBits(rows) : ~std::uint64_t{0};
    auto open =
        ((root.errors != nullptr ? root.errors[w] : 0) | (run.doubtful() != nullptr ? run.doubtful()[w] : 0)) & live;
    auto nulls = ((root.nulls != nullptr ? root.nulls[w] : 0) & live) | open;
    for (; open != 0; open &= open - 1) {
      const auto row = w * 64 + std::countr_zero(open);
      auto value = run.byRow(first + row);
      if (!value) {
        errors.push_back(RowError{static_cast<std::uint32_t>(first + row), std::move(value.error())});
      } else if (!value->isNull()) {
        if (!store(row, *value)) return false;
        nulls &= ~(open & (0 - open));
      }
    }
    out.room[w] = nulls;
  }
  out.nulls = out.room;
  return true;
}

// What lies under a null does not depend on how it came to be null.
void clearNulls(std::uint64_t* data, bool bits, const std::uint64_t* nulls, std::int64_t rows) {
  if (nulls == nullptr) return;
  for (std::int64_t w = 0; w < wordsFor(rows); ++w) {
    if (bits) data[w] &= ~nulls[w];
    for (auto left = bits ? 0 : nulls[w]; left != 0; left &= left - 1) data[w * 64 + std::countr_zero(left)] = 0;
  }
}

Result<Evaluated> fixedColumn(const Specialised& specialised, const Batch& batch, const Value& params) {
  VectorRun run(specialised, batch, params);
  const auto& as = specialised.vector->rootRegister();
  const bool bits = as.lane == Lane::boolean;
  const auto rows = batch.rows();
  const auto dataBytes = ((bits ? wordsFor(rows) : rows) * 8 + 63) & ~std::int64_t{63};
  const auto bytes = dataBytes + wordsFor(rows) * 8;
  auto block = BlockRef::adopt(Block::make(bytes, batch.account()));
  if (!block) return memoryLimit(bytes, batch.account());
  auto* data = reinterpret_cast<std::uint64_t*>(block->payload());
  Validity validity(data + dataBytes / 8);
  Result<Evaluated> result(std::in_place);  // made in place: moving a column is most of a one-row call
  auto& out = *result;
  Settled settled;
  for (std::int64_t first = 0; first < rows; first += run.blockRows()) {
    const auto now = std::min(run.blockRows(), rows - first);
    auto* target = data + (bits ? first >> 6 : first);
    run.compute(first, now, target);
    if (run.root().data != target)
      std::memcpy(target, run.root().data, static_cast<std::size_t>(bits ? wordsFor(now) : now) * 8);
    const bool fits = settle(run, first, now, out.errors, settled,
                             [&](std::int64_t row, const Value& value) { return storeValue(as, value, target, row); });
    if (!fits) {
      result = evaluateRows(specialised, batch, params);
      return result;
    }
    clearNulls(target, bits, settled.nulls, now);
    if (bits) target[wordsFor(now) - 1] &= lastBits(now);
    validity.block(first, settled.nulls, now);
  }
  out.column.type = specialised.resultType;
  out.column.values = data;
  out.column.length = rows;
  validity.put(out.column);
  out.column.owner = std::move(block);
  return result;
}

Result<Evaluated> textColumn(const Specialised& specialised, const Batch& batch, const Value& params) {
  VectorRun run(specialised, batch, params);
  const auto rows = batch.rows();
  std::string text;
  std::vector<std::int32_t> ends(static_cast<std::size_t>(rows) + 1, 0);
  std::vector<std::uint64_t> present(static_cast<std::size_t>(wordsFor(rows)));
  Validity validity(present.data());
  Evaluated out;
  Settled settled;
  std::vector<std::pair<std::int64_t, Value>> patches;
  for (std::int64_t first = 0; first < rows; first += run.blockRows()) {
    const auto now = std::min(run.blockRows(), rows - first);
    run.compute(first, now, nullptr);
    patches.clear();
    const bool fits = settle(run, first, now, out.errors, settled, [&](std::int64_t row, const Value& value) {
      patches.emplace_back(row, value);
      return value.kind() == ValueKind::string;
    });
    if (!fits) return evaluateRows(specialised, batch, params);
    const auto* texts = static_cast<const std::string_view*>(run.root().data);
    auto patch = patches.begin();
    for (std::int64_t i = 0; i < now; ++i) {
      const bool patched = patch != patches.end() && patch->first == i;
      if (patched) {
        text.append(patch->second.text());
        ++patch;
      } else if (settled.nulls == nullptr || ((settled.nulls[i >> 6] >> (i & 63)) & 1) == 0) {
        text.append(texts[i]);
      }
      if (static_cast<std::int64_t>(text.size()) > kMaxColumnTextBytes) return evaluateRows(specialised, batch, params);
      ends[static_cast<std::size_t>(first + i) + 1] = static_cast<std::int32_t>(text.size());
    }
    validity.block(first, settled.nulls, now);
  }
  ColumnArena::Plan plan;
  plan.add((rows + 1) * 4);
  plan.add(static_cast<std::int64_t>(text.size()));
  plan.add(wordsFor(rows) * 8);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, batch.account()));
  auto* offsets = arena.take<std::int32_t>(rows + 1);
  auto* bytes = arena.take<char>(static_cast<std::int64_t>(text.size()));
  auto* words = arena.take<std::uint64_t>(wordsFor(rows));
  std::ranges::copy(ends, offsets);
  std::ranges::copy(text, bytes);
  std::ranges::copy(present, words);
  validity.put(out.column);
  if (out.column.validity != nullptr) out.column.validity = reinterpret_cast<const std::uint8_t*>(words);
  out.column.type = specialised.resultType;
  out.column.offsets = offsets;
  out.column.values = bytes;
  out.column.length = rows;
  out.column.owner = arena.block();
  return out;
}

// Physical rows of the matches; no memory while all match or none does.
class Matches {
 public:
  Matches(const Batch& batch, Selected& out)
      : batch_(batch), selection_(batch.hasSelection() ? batch.selection().data() : nullptr), out_(out) {}
  Result<void> block(std::int64_t first, const std::uint64_t* bits, std::int64_t rows) {
    std::int64_t found = 0;
    for (std::int64_t w = 0; w < wordsFor(rows); ++w) found += std::popcount(bits[w]);
    if (rows_ == nullptr) {
      const bool still = found == 0 ? out_.count == 0 : found == rows && out_.count == first;
      if (still) {
        out_.count += found;
        return {};
      }
      // compress may write a few entries too many.
      const auto most = out_.count + batch_.rows() - first;
      WEIR_ASSIGN(out_.rows, Buffer::allocate(most * 4 + 64, batch_.account()));
      rows_ = reinterpret_cast<std::uint32_t*>(out_.rows.mutableData());
      for (std::int64_t i = 0; i < out_.count; ++i)
        rows_[i] = selection_ != nullptr ? selection_[i] : static_cast<std::uint32_t>(i);
    }
    auto* to = rows_ + out_.count;
    const auto count = kernels().compress(bits, wordsFor(rows), static_cast<std::uint32_t>(first), to);
    if (selection_ != nullptr)
      for (std::int64_t i = 0; i < count; ++i) to[i] = selection_[to[i]];
    out_.count += count;
    return {};
  }

 private:
  const Batch& batch_;
  const std::uint32_t* selection_;
  Selected& out_;
  std::uint32_t* rows_ = nullptr;
};

// A batch's column as it is.
const Column* wholeColumn(const Specialised& specialised, const Batch& batch) {
  const auto& steps = specialised.vector->steps;
  if (batch.hasSelection() || steps.size() != 1 || steps[0].op != VectorOp::load) return nullptr;
  const auto& column = batch.column(steps[0].table);
  return column.type == specialised.resultType ? &column : nullptr;
}

Result<Selected> selectBlocks(const Specialised& specialised, const Batch& batch, const Value& params) {
  VectorRun run(specialised, batch, params);
  Selected out;
  Matches matches(batch, out);
  Settled settled;
  std::uint64_t truth[VectorRun::kWords];
  const auto rows = batch.rows();
  for (std::int64_t first = 0; first < rows; first += run.blockRows()) {
    const auto now = std::min(run.blockRows(), rows - first);
    run.compute(first, now, truth);
    const auto words = wordsFor(now);
    if (run.root().data != truth) std::memcpy(truth, run.root().data, static_cast<std::size_t>(words) * 8);
    const auto before = out.errors.size();
    const bool fits = settle(run, first, now, out.errors, settled, [&](std::int64_t row, const Value& value) {
      return storeValue(specialised.vector->rootRegister(), value, truth, row);
    });
    WEIR_CHECK(fits);
    truth[words - 1] &= lastBits(now);
    if (settled.nulls != nullptr) {
      std::int64_t absent = 0;
      for (std::int64_t w = 0; w < words; ++w) {
        truth[w] &= ~settled.nulls[w];
        absent += std::popcount(settled.nulls[w]);
      }
      out.nulls += absent - static_cast<std::int64_t>(out.errors.size() - before);
    }
    WEIR_TRY(matches.block(first, truth, now));
  }
  out.all = out.count == rows;
  return out;
}

Result<Evaluated> oneRowColumn(const Specialised& specialised, const Batch& batch, std::uint64_t word) {
  auto block = BlockRef::adopt(Block::make(sizeof word, batch.account()));
  if (!block) return memoryLimit(sizeof word, batch.account());
  auto* data = reinterpret_cast<std::uint64_t*>(block->payload());
  *data = specialised.vector->rootRegister().lane == Lane::boolean ? word & 1 : word;
  Result<Evaluated> result(std::in_place);
  auto& column = result->column;
  column.type = specialised.resultType;
  column.values = data;
  column.length = 1;
  column.owner = std::move(block);
  return result;
}

}  // namespace

Result<Evaluated> evaluateColumns(const Specialised& specialised, const Batch& batch, const Value& params) {
  std::uint64_t word = 0;
  if (batch.rows() == 1 && specialised.vector->oneRow && wholeColumn(specialised, batch) == nullptr &&
      computeOneRow(*specialised.vector, batch, word))
    return oneRowColumn(specialised, batch, word);
  if (batch.rows() == 0) return evaluateRows(specialised, batch, params);
  if (const auto* column = wholeColumn(specialised, batch)) {
    Evaluated out;
    out.column = *column;
    return out;
  }
  if (specialised.vector->rootRegister().lane == Lane::text) return textColumn(specialised, batch, params);
  return fixedColumn(specialised, batch, params);
}

Result<Selected> selectColumns(const Specialised& specialised, const Batch& batch, const Value& params) {
  if (std::uint64_t word = 0;
      batch.rows() == 1 && specialised.vector->oneRow && computeOneRow(*specialised.vector, batch, word)) {
    Result<Selected> one(std::in_place);
    one->count = static_cast<std::int64_t>(word & 1);
    one->all = one->count == 1;
    return one;
  }
  return selectBlocks(specialised, batch, params);
}

}  // namespace weir::cel
