// Accumulators of numbers: counts, sums and means, deviations, quantiles.
#include <algorithm>
#include <utility>

#include "engine/data/exact-sum.h"
#include "engine/data/quantile-sketch.h"
#include "engine/data/state-bytes.h"
#include "nodes/aggregate/accumulator.h"

namespace weir::nodes::group {
namespace {

void putInt(std::vector<std::uint8_t>& to, std::int64_t value) {
  for (int i = 0; i < 8; ++i) to.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
}

Result<std::int64_t> getInt(std::span<const std::uint8_t>& from) {
  if (from.size() < 8) return fail("state.mismatch", "the saved state of a group ends too early");
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value |= static_cast<std::uint64_t>(from[i]) << (8 * i);
  from = from.subspan(8);
  return static_cast<std::int64_t>(value);
}

std::size_t at(std::int64_t group) { return static_cast<std::size_t>(group); }

/// Rows, or rows whose value is not null.
class Count final : public Accumulator {
 public:
  explicit Count(bool allRows) : allRows_(allRows) {}
  void resize(std::int64_t groups) override { counts_.resize(at(groups)); }
  Result<void> add(const GroupedRows& rows, const Column& values) override {
    auto* counts = counts_.data();
    if (rows.groups == nullptr) {
      counts[0] += rows.count;
      return {};
    }
    if (allRows_ || !values.mayHaveNulls()) {
      // Two neighbours with one group would wait for each other's store.
      if (counts_.size() <= 1024) {
        spare_.assign(counts_.size(), 0);
        auto* other = spare_.data();
        std::int64_t row = 0;
        for (; row + 1 < rows.count; row += 2) {
          ++counts[rows.groups[row]];
          ++other[rows.groups[row + 1]];
        }
        if (row < rows.count) ++counts[rows.groups[row]];
        for (std::size_t i = 0; i < counts_.size(); ++i) counts[i] += other[i];
      } else {
        for (std::int64_t row = 0; row < rows.count; ++row) ++counts[rows.groups[row]];
      }
      return {};
    }
    for (std::int64_t row = 0; row < rows.count; ++row) counts[rows.groups[row]] += values.isNull(row) ? 0 : 1;
    return {};
  }
  void merge(const Accumulator& other, std::span<const std::uint32_t> to) override {
    const auto& from = static_cast<const Count&>(other).counts_;
    for (std::size_t group = 0; group < to.size(); ++group) counts_[to[group]] += from[group];
  }
  void mergeTypes(const Accumulator&) override {}
  Result<void> save(std::int64_t group, std::vector<std::uint8_t>& to) const override {
    putInt(to, counts_[at(group)]);
    return {};
  }
  Result<void> load(std::int64_t group, std::span<const std::uint8_t>& from) override {
    WEIR_ASSIGN(const auto count, getInt(from));
    counts_[at(group)] += count;
    return {};
  }
  Result<Value> result(std::int64_t group, Function, double) const override { return Value::int64(counts_[at(group)]); }
  TypeRef type(Function) const override { return Type::int64(); }
  std::int64_t memoryBytes() const override { return static_cast<std::int64_t>(counts_.capacity() * 8); }
  void clear() override { counts_.clear(); }

 private:
  bool allRows_;
  std::vector<std::int64_t> counts_, spare_;
};

/// Sum and mean: integers in 128 bits, doubles exactly.
class Numbers final : public Accumulator {
 public:
  void resize(std::int64_t groups) override {
    cells_.resize(at(groups));
    if (doubles_) sums_.resize(at(groups));
  }
  Result<void> add(const GroupedRows& rows, const Column& values) override;
  void merge(const Accumulator& other, std::span<const std::uint32_t> to) override {
    const auto& from = static_cast<const Numbers&>(other);
    mergeTypes(other);
    for (std::size_t group = 0; group < to.size(); ++group) {
      cells_[to[group]].sum += from.cells_[group].sum;
      cells_[to[group]].count += from.cells_[group].count;
      if (from.doubles_) sums_[to[group]].merge(from.sums_[group]);
    }
  }
  void mergeTypes(const Accumulator& other) override {
    const auto& from = static_cast<const Numbers&>(other);
    signed_ = signed_ || from.signed_;
    unsigned_ = unsigned_ || from.unsigned_;
    if (from.doubles_) useDoubles();
  }
  Result<void> save(std::int64_t group, std::vector<std::uint8_t>& to) const override {
    const auto& cell = cells_[at(group)];
    to.push_back(static_cast<std::uint8_t>((signed_ ? 1 : 0) | (unsigned_ ? 2 : 0) | (doubles_ ? 4 : 0)));
    putInt(to, cell.count);
    putInt(to, static_cast<std::int64_t>(cell.sum));
    putInt(to, static_cast<std::int64_t>(cell.sum >> 64));
    if (doubles_) sums_[at(group)].serialize(to);
    return {};
  }
  Result<void> load(std::int64_t group, std::span<const std::uint8_t>& from) override {
    if (from.empty()) return fail("state.mismatch", "the saved state of a group ends too early");
    const auto flags = from[0];
    from = from.subspan(1);
    WEIR_ASSIGN(const auto count, getInt(from));
    WEIR_ASSIGN(const auto low, getInt(from));
    WEIR_ASSIGN(const auto high, getInt(from));
    auto& cell = cells_[at(group)];
    cell.count += count;
    cell.sum += static_cast<__int128>(static_cast<unsigned __int128>(static_cast<std::uint64_t>(high)) << 64 |
                                      static_cast<std::uint64_t>(low));
    signed_ = signed_ || (flags & 1) != 0;
    unsigned_ = unsigned_ || (flags & 2) != 0;
    if ((flags & 4) == 0) return {};
    useDoubles();
    WEIR_ASSIGN(const auto sum, ExactSum::deserialize(from));
    sums_[at(group)].merge(sum);
    return {};
  }
  Result<Value> result(std::int64_t group, Function function, double) const override;
  TypeRef type(Function function) const override {
    if (function == Function::mean || doubles_) return Type::float64();
    return unsigned_ && !signed_ ? Type::uint64() : Type::int64();
  }
  std::int64_t memoryBytes() const override {
    return static_cast<std::int64_t>(cells_.capacity() * sizeof(Cell) + sums_.capacity() * sizeof(ExactSum));
  }
  void clear() override {
    cells_.clear();
    sums_.clear();
  }

 private:
  struct Cell {
    __int128 sum = 0;
    std::int64_t count = 0;
  };
  void useDoubles() {
    doubles_ = true;
    sums_.resize(cells_.size());
  }
  template <class T>
  void addIntegers(const GroupedRows& rows, const Column& values, const T* numbers);
  void addDoubles(const GroupedRows& rows, const Column& values);
  void addAny(const GroupedRows& rows, const Column& values);
  /// The whole sum of a group, its integers included.
  [[nodiscard]] ExactSum total(std::int64_t group) const;

  struct SmallCell {
    std::int64_t sum = 0, count = 0;
  };
  static constexpr std::size_t kFewGroups = 1024;
  static constexpr std::uint64_t kSmall = std::uint64_t{1} << 46;

  std::vector<Cell> cells_;
  std::vector<SmallCell> small_;  // of one batch
  std::vector<ExactSum> sums_;
  bool signed_ = false, unsigned_ = false, doubles_ = false;
};

template <class T>
void Numbers::addIntegers(const GroupedRows& rows, const Column& values, const T* numbers) {
  auto* cells = cells_.data();
  if (values.mayHaveNulls()) {
    for (std::int64_t row = 0; row < rows.count; ++row) {
      if (values.isNull(row)) continue;
      auto& cell = cells[rows.groups[row]];
      cell.sum += numbers[row];
      ++cell.count;
    }
    return;
  }
  std::uint64_t magnitude = 0;
  for (std::int64_t row = 0; row < rows.count; ++row) {
    const auto bits = static_cast<std::uint64_t>(numbers[row]);
    magnitude |= bits ^ (0 - (bits >> 63));
  }
  if (cells_.size() > kFewGroups || magnitude >= kSmall || rows.count > kMaxBatchRows) {
    for (std::int64_t row = 0; row < rows.count; ++row) {
      auto& cell = cells[rows.groups[row]];
      cell.sum += numbers[row];
      ++cell.count;
    }
    return;
  }
  // The sum of a batch of small numbers fits into 64 bits. Two sets of sums, so that neighbours with one group do not
  // wait for each other's store.
  small_.assign(2 * cells_.size(), SmallCell{});
  auto* even = small_.data();
  auto* odd = even + cells_.size();
  std::int64_t row = 0;
  for (; row + 1 < rows.count; row += 2) {
    auto& first = even[rows.groups[row]];
    first.sum += static_cast<std::int64_t>(numbers[row]);
    ++first.count;
    auto& second = odd[rows.groups[row + 1]];
    second.sum += static_cast<std::int64_t>(numbers[row + 1]);
    ++second.count;
  }
  if (row < rows.count) {
    even[rows.groups[row]].sum += static_cast<std::int64_t>(numbers[row]);
    ++even[rows.groups[row]].count;
  }
  for (std::size_t group = 0; group < cells_.size(); ++group) {
    cells[group].sum += even[group].sum + odd[group].sum;
    cells[group].count += even[group].count + odd[group].count;
  }
}

void Numbers::addDoubles(const GroupedRows& rows, const Column& values) {
  useDoubles();
  auto* cells = cells_.data();
  auto* sums = sums_.data();
  eachDouble(values, rows.count, [&](std::int64_t row, double number) {
    const auto group = rows.groups[row];
    sums[group].add(number);
    ++cells[group].count;
  });
}

void Numbers::addAny(const GroupedRows& rows, const Column& values) {
  for (std::int64_t row = 0; row < rows.count; ++row) {
    const auto value = values.value(row);
    auto& cell = cells_[rows.groups[row]];
    if (!value.isNumber()) continue;
    ++cell.count;
    if (value.kind() == ValueKind::int64) {
      signed_ = true;
      cell.sum += value.int64();
    } else if (value.kind() == ValueKind::uint64) {
      unsigned_ = true;
      cell.sum += value.uint64();
    } else {
      useDoubles();
      sums_[rows.groups[row]].add(value.float64());
    }
  }
}

Result<void> Numbers::add(const GroupedRows& rows, const Column& values) {
  switch (values.type->kind) {
    case Kind::int64:
      signed_ = true;
      addIntegers(rows, values, values.ints().data());
      return {};
    case Kind::uint64:
      unsigned_ = true;
      addIntegers(rows, values, values.uints().data());
      return {};
    case Kind::float64:
      addDoubles(rows, values);
      return {};
    case Kind::any:
      addAny(rows, values);
      return {};
    default:
      return {};
  }
}

ExactSum Numbers::total(std::int64_t group) const {
  ExactSum sum;
  if (doubles_) sum.merge(sums_[at(group)]);
  // Pieces of 32 bits are doubles without rounding, and so are their powers of two.
  auto rest = cells_[at(group)].sum;
  double scale = 1;
  for (int i = 0; i < 4; ++i, scale *= 0x1p32) {
    const auto piece = static_cast<std::int64_t>(i == 3 ? rest : rest & 0xFFFFFFFF);
    sum.add(static_cast<double>(piece) * scale);
    rest >>= 32;
  }
  return sum;
}

Result<Value> Numbers::result(std::int64_t group, Function function, double) const {
  const auto& cell = cells_[at(group)];
  if (cell.count == 0) return Value::null();
  if (function == Function::mean) return Value::float64(total(group).round() / static_cast<double>(cell.count));
  if (doubles_) return Value::float64(total(group).round());
  if (type(function)->kind == Kind::uint64) {
    if (cell.sum <= static_cast<__int128>(UINT64_MAX)) return Value::uint64(static_cast<std::uint64_t>(cell.sum));
  } else if (cell.sum >= INT64_MIN && cell.sum <= INT64_MAX) {
    return Value::int64(static_cast<std::int64_t>(cell.sum));
  }
  return fail("group.overflow",
              "the sum of a group does not fit into 64 bits. Sum doubles instead: double(row.field).");
}

/// Moments and quantiles: one object of the class Per for each group, fed with doubles.
template <class Per, Value (*Result)(const Per&, Function, double)>
class Sketched final : public Accumulator {
 public:
  void resize(std::int64_t groups) override { each_.resize(at(groups)); }
  weir::Result<void> add(const GroupedRows& rows, const Column& values) override {
    eachDouble(values, rows.count, [&](std::int64_t row, double number) { each_[rows.groups[row]].add(number); });
    return {};
  }
  void merge(const Accumulator& other, std::span<const std::uint32_t> to) override {
    const auto& from = static_cast<const Sketched&>(other).each_;
    for (std::size_t group = 0; group < to.size(); ++group) each_[to[group]].merge(from[group]);
  }
  void mergeTypes(const Accumulator&) override {}
  weir::Result<void> save(std::int64_t group, std::vector<std::uint8_t>& to) const override {
    each_[at(group)].serialize(to);
    return {};
  }
  weir::Result<void> load(std::int64_t group, std::span<const std::uint8_t>& from) override {
    WEIR_ASSIGN(const auto saved, Per::deserialize(from));
    each_[at(group)].merge(saved);
    return {};
  }
  weir::Result<Value> result(std::int64_t group, Function function, double q) const override {
    const auto value = Result(each_[at(group)], function, q);
    return value.float64() != value.float64() ? Value::null() : value;
  }
  TypeRef type(Function) const override { return Type::float64(); }
  std::int64_t memoryBytes() const override {
    return static_cast<std::int64_t>(each_.capacity() * (sizeof(Per) + (kHeapBytes)));
  }
  void clear() override { each_.clear(); }

 private:
  static constexpr std::size_t kHeapBytes = 256;  // an estimate of what one holds outside of itself
  std::vector<Per> each_;
};

Value momentsResult(const ExactMoments& moments, Function function, double) {
  return Value::float64(function == Function::stddev ? moments.deviation(true) : moments.variance(true));
}

Value quantileResult(const QuantileSketch& sketch, Function, double q) { return Value::float64(sketch.quantile(q)); }

}  // namespace

std::unique_ptr<Accumulator> makeCount(bool allRows) { return std::make_unique<Count>(allRows); }
std::unique_ptr<Accumulator> makeNumbers() { return std::make_unique<Numbers>(); }
std::unique_ptr<Accumulator> makeMoments() { return std::make_unique<Sketched<ExactMoments, momentsResult>>(); }
std::unique_ptr<Accumulator> makeQuantile() { return std::make_unique<Sketched<QuantileSketch, quantileResult>>(); }

}  // namespace weir::nodes::group
