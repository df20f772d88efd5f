// Accumulators of values of any kind: least and greatest, first and last, how many different ones.
#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/data/distinct-sketch.h"
#include "engine/data/value-codec.h"
#include "nodes/aggregate/accumulator.h"

namespace weir::nodes::group {
namespace {

std::size_t at(std::int64_t group) { return static_cast<std::size_t>(group); }

Result<void> saveValue(const Value& value, std::vector<std::uint8_t>& to) {
  std::string text;
  WEIR_TRY(encodeValue(value, text));
  to.insert(to.end(), text.begin(), text.end());
  return {};
}

Result<Value> loadValue(std::span<const std::uint8_t>& from) {
  std::string_view text(reinterpret_cast<const char*>(from.data()), from.size());
  WEIR_ASSIGN(auto value, decodeValue(text));
  from = from.subspan(from.size() - text.size());
  return value.owned();
}

/// A value that borrows its text; owned() before it is kept.
Value borrowed(const Column& column, std::int64_t row) {
  if (column.type->kind == Kind::string) return Value::view(ValueKind::string, column.text(row));
  if (column.type->kind == Kind::bytes) return Value::view(ValueKind::bytes, column.text(row));
  return column.value(row);
}

bool isNaN(const Value& value) { return value.kind() == ValueKind::float64 && value.float64() != value.float64(); }

Value ticksValue(const TypeRef& type, std::int64_t ticks) {
  if (type->kind != Kind::timestamp && type->kind != Kind::duration) return Value::int64(ticks);
  const std::int64_t perSecond = type->unit == TimeUnit::nanos ? 1'000'000'000 : 1'000'000;
  auto seconds = ticks / perSecond;
  auto rest = ticks % perSecond;
  if (rest < 0) {
    rest += perSecond;
    --seconds;
  }
  const auto nanos = static_cast<std::int32_t>(rest * (1'000'000'000 / perSecond));
  return type->kind == Kind::timestamp ? Value::timestamp(seconds, nanos) : Value::duration(seconds, nanos);
}

/// Remembers the type of what came.
class Typed : public Accumulator {
 public:
  TypeRef type(Function) const override { return type_ ? type_ : Type::null(); }
  void mergeTypes(const Accumulator& other) override {
    const auto& from = static_cast<const Typed&>(other).type_;
    if (from) note(from);
  }
  void noteType(const TypeRef& type) override { note(type); }

 protected:
  void note(const TypeRef& type) { type_ = type_ ? commonType(type_, type) : type; }
  TypeRef type_;
};

/// A quiet NaN that no data has: nothing came yet.
constexpr double kNothing = std::bit_cast<double>(std::uint64_t{0x7FF8DEADBEEF0001});
bool isNothing(double value) { return std::bit_cast<std::uint64_t>(value) == 0x7FF8DEADBEEF0001U; }

/// min and max. NaN counts only where there is nothing else.
template <bool greatest>
class Extreme final : public Typed {
 public:
  void resize(std::int64_t groups) override {
    groups_ = groups;
    if (mode_ == Mode::doubles) doubles_.resize(at(groups), kNothing);
    if (mode_ == Mode::ticks) ticks_.resize(at(groups));
    if (mode_ == Mode::values) values_.resize(at(groups));
  }
  Result<void> add(const GroupedRows& rows, const Column& values) override {
    note(values.type);
    const auto kind = values.type->kind;
    enter(kind == Kind::float64                                                      ? Mode::doubles
          : kind == Kind::int64 || kind == Kind::timestamp || kind == Kind::duration ? Mode::ticks
                                                                                     : Mode::values,
          values.type);
    if (mode_ == Mode::doubles) {
      addDoubles(rows, values);
    } else if (mode_ == Mode::ticks) {
      addTicks(rows, values);
    } else {
      for (std::int64_t row = 0; row < rows.count; ++row) {
        if (!values.isNull(row)) offer(values_[rows.groups[row]], borrowed(values, row));
      }
    }
    return {};
  }
  void merge(const Accumulator& other, std::span<const std::uint32_t> to) override {
    const auto& from = static_cast<const Extreme&>(other);
    mergeTypes(other);
    if (from.mode_ == Mode::none) return;
    enter(from.mode_, from.ticksType_);
    for (std::size_t group = 0; group < to.size(); ++group) {
      const auto target = to[group];
      if (mode_ == Mode::doubles) {
        doubles_[target] = better(doubles_[target], from.doubles_[group]);
      } else if (mode_ == Mode::ticks) {
        if (from.ticks_[group].seen) offerTicks(ticks_[target], from.ticks_[group].best);
      } else {
        offer(values_[target], from.current(static_cast<std::int64_t>(group)));
      }
    }
  }
  Result<void> save(std::int64_t group, std::vector<std::uint8_t>& to) const override {
    return saveValue(current(group), to);
  }
  Result<void> load(std::int64_t group, std::span<const std::uint8_t>& from) override {
    WEIR_ASSIGN(const auto value, loadValue(from));
    enter(Mode::values, {});
    offer(values_[at(group)], value);
    return {};
  }
  Result<Value> result(std::int64_t group, Function, double) const override {
    auto value = current(group);
    // Integers and doubles met in different batches: all are doubles.
    if (type_ && type_->kind == Kind::float64 && value.kind() == ValueKind::int64)
      return Value::float64(static_cast<double>(value.int64()));
    if (type_ && type_->kind == Kind::float64 && value.kind() == ValueKind::uint64)
      return Value::float64(static_cast<double>(value.uint64()));
    return value;
  }
  std::int64_t memoryBytes() const override {
    std::int64_t bytes = 0;
    for (const auto& value : values_) bytes += value.memoryBytes();
    return bytes + static_cast<std::int64_t>(doubles_.capacity() * 8 + ticks_.capacity() * sizeof(Ticks) +
                                             values_.capacity() * sizeof(Value));
  }
  void clear() override {
    doubles_.clear();
    ticks_.clear();
    values_.clear();
    groups_ = 0;
  }

 private:
  enum class Mode : std::uint8_t { none, doubles, ticks, values };
  struct Ticks {
    std::int64_t best = greatest ? INT64_MIN : INT64_MAX;
    bool seen = false;
  };

  /// The state of all groups in this form, or, if it is in another already, as values.
  void enter(Mode mode, const TypeRef& type) {
    if (mode_ == mode && (mode != Mode::ticks || ticksType_ == type)) return;
    if (mode_ == Mode::none) {
      mode_ = mode;
      ticksType_ = type;
      return resize(groups_);
    }
    if (mode_ == Mode::values) return;
    std::vector<Value> values(at(groups_));
    for (std::int64_t group = 0; group < groups_; ++group) values[at(group)] = current(group);
    values_ = std::move(values);
    mode_ = Mode::values;
    doubles_.clear();
    ticks_.clear();
  }
  [[nodiscard]] Value current(std::int64_t group) const {
    switch (mode_) {
      case Mode::none:
        return Value::null();
      case Mode::doubles:
        return isNothing(doubles_[at(group)]) ? Value::null() : Value::float64(doubles_[at(group)]);
      case Mode::ticks:
        return ticks_[at(group)].seen ? ticksValue(ticksType_, ticks_[at(group)].best) : Value::null();
      case Mode::values:
        return values_[at(group)];
    }
    return Value::null();
  }
  static double better(double best, double value) {
    const bool wins = greatest ? value > best : value < best;
    return wins || best != best ? (isNothing(value) ? best : value + 0.0) : best;
  }
  static void offerDouble(double& best, double value) {
    const bool wins = greatest ? value > best : value < best;
    if (wins || best != best) [[unlikely]]
      best = value + 0.0;
  }
  void addDoubles(const GroupedRows& rows, const Column& values) {
    auto* best = doubles_.data();
    const auto* numbers = values.doubles().data();
    if (!values.mayHaveNulls()) {
      for (std::int64_t row = 0; row < rows.count; ++row) offerDouble(best[rows.groups[row]], numbers[row]);
      return;
    }
    for (std::int64_t row = 0; row < rows.count; ++row) {
      if (!values.isNull(row)) offerDouble(best[rows.groups[row]], numbers[row]);
    }
  }
  static void offerTicks(Ticks& cell, std::int64_t value) {
    if (greatest ? value >= cell.best : value <= cell.best) cell = {value, true};
  }
  void addTicks(const GroupedRows& rows, const Column& values) {
    const auto* numbers = values.ints().data();
    for (std::int64_t row = 0; row < rows.count; ++row) {
      if (values.mayHaveNulls() && values.isNull(row)) continue;
      offerTicks(ticks_[rows.groups[row]], numbers[row]);
    }
  }
  static void offer(Value& best, const Value& value) {
    if (value.isNull()) return;
    if (!best.isNull() && isNaN(value)) return;
    if (!best.isNull() && !isNaN(best)) {
      const auto order = totalOrder(value, best);
      // Of equal numbers of different types the one of the lesser kind, whichever came first.
      if (order == 0 ? value.kind() >= best.kind() : greatest ? order < 0 : order > 0) return;
    }
    best = value.kind() == ValueKind::float64 ? Value::float64(value.float64() + 0.0) : value.owned();
  }

  Mode mode_ = Mode::none;
  std::int64_t groups_ = 0;
  TypeRef ticksType_;
  std::vector<double> doubles_;
  std::vector<Ticks> ticks_;
  std::vector<Value> values_;
};

/// first and last: by the place of the row among all rows of the run.
class Edge final : public Typed {
 public:
  explicit Edge(bool last) : last_(last) {}
  void resize(std::int64_t groups) override { cells_.resize(at(groups)); }
  Result<void> add(const GroupedRows& rows, const Column& values) override {
    note(values.type);
    picked_.resize(cells_.size(), -1);
    // Rows of a batch stand in order: of each group the first or the last of them.
    for (std::int64_t row = 0; row < rows.count; ++row) {
      if (values.isNull(row)) continue;
      auto& pick = picked_[rows.groups[row]];
      if (last_ || pick < 0) pick = static_cast<std::int32_t>(row);
    }
    for (std::int64_t row = 0; row < rows.count; ++row) {
      const auto group = rows.groups[row];
      if (picked_[group] != row) continue;
      picked_[group] = -1;
      const auto ordinal = rows.ordinal(row);
      if (wins(cells_[group], ordinal)) cells_[group] = {values.value(row).owned(), ordinal};
    }
    return {};
  }
  void merge(const Accumulator& other, std::span<const std::uint32_t> to) override {
    const auto& from = static_cast<const Edge&>(other);
    mergeTypes(other);
    for (std::size_t group = 0; group < to.size(); ++group) offer(cells_[to[group]], from.cells_[group]);
  }
  Result<void> save(std::int64_t group, std::vector<std::uint8_t>& to) const override {
    WEIR_TRY(saveValue(Value::int64(cells_[at(group)].ordinal), to));
    return saveValue(cells_[at(group)].value, to);
  }
  Result<void> load(std::int64_t group, std::span<const std::uint8_t>& from) override {
    WEIR_ASSIGN(const auto ordinal, loadValue(from));
    WEIR_ASSIGN(auto value, loadValue(from));
    if (ordinal.kind() != ValueKind::int64) return fail("state.mismatch", "the saved state of a group is damaged");
    offer(cells_[at(group)], Cell{std::move(value), ordinal.int64()});
    return {};
  }
  Result<Value> result(std::int64_t group, Function, double) const override {
    const auto& value = cells_[at(group)].value;
    if (type_ && type_->kind == Kind::float64 && value.kind() == ValueKind::int64)
      return Value::float64(static_cast<double>(value.int64()));
    if (type_ && type_->kind == Kind::float64 && value.kind() == ValueKind::uint64)
      return Value::float64(static_cast<double>(value.uint64()));
    return value;
  }
  std::int64_t memoryBytes() const override {
    std::int64_t bytes = 0;
    for (const auto& cell : cells_) bytes += cell.value.memoryBytes();
    return bytes + static_cast<std::int64_t>(cells_.capacity() * sizeof(Cell));
  }
  void clear() override {
    cells_.clear();
    picked_.clear();
  }

 private:
  struct Cell {
    Value value;
    std::int64_t ordinal = -1;  // nothing yet
  };
  [[nodiscard]] bool wins(const Cell& cell, std::int64_t ordinal) const {
    return cell.ordinal < 0 || (last_ ? ordinal > cell.ordinal : ordinal < cell.ordinal);
  }
  void offer(Cell& cell, const Cell& other) const {
    if (other.ordinal >= 0 && wins(cell, other.ordinal)) cell = other;
  }
  bool last_;
  std::vector<Cell> cells_;
  std::vector<std::int32_t> picked_;
};

class Distinct final : public Accumulator {
 public:
  void resize(std::int64_t groups) override { each_.resize(at(groups)); }
  Result<void> add(const GroupedRows& rows, const Column& values) override {
    if (values.type->kind == Kind::string && values.dictionary) {
      std::vector<std::uint64_t> hashes(at(values.children[0].length));
      for (std::size_t code = 0; code < hashes.size(); ++code)
        hashes[code] = hashValue(borrowed(values.children[0], static_cast<std::int64_t>(code)));
      const auto codes = values.codes();
      for (std::int64_t row = 0; row < rows.count; ++row) {
        if (!values.isNull(row)) each_[rows.groups[row]].addHash(hashes[at(codes[at(row)])]);
      }
      return {};
    }
    for (std::int64_t row = 0; row < rows.count; ++row) {
      if (values.isNull(row)) continue;
      const auto value = borrowed(values, row);
      if (!value.isNull()) each_[rows.groups[row]].addHash(hashValue(value));
    }
    return {};
  }
  void merge(const Accumulator& other, std::span<const std::uint32_t> to) override {
    const auto& from = static_cast<const Distinct&>(other).each_;
    for (std::size_t group = 0; group < to.size(); ++group) each_[to[group]].merge(from[group]);
  }
  void mergeTypes(const Accumulator&) override {}
  Result<void> save(std::int64_t group, std::vector<std::uint8_t>& to) const override {
    each_[at(group)].serialize(to);
    return {};
  }
  Result<void> load(std::int64_t group, std::span<const std::uint8_t>& from) override {
    WEIR_ASSIGN(const auto saved, DistinctSketch::deserialize(from));
    each_[at(group)].merge(saved);
    return {};
  }
  Result<Value> result(std::int64_t group, Function, double) const override {
    return Value::int64(each_[at(group)].estimate());
  }
  TypeRef type(Function) const override { return Type::int64(); }
  std::int64_t memoryBytes() const override {
    std::int64_t bytes = 0;
    for (const auto& sketch : each_) bytes += sketch.isExact() ? 512 : DistinctSketch::kRegisters;
    return bytes + static_cast<std::int64_t>(each_.capacity() * sizeof(DistinctSketch));
  }
  void clear() override { each_.clear(); }

 private:
  std::vector<DistinctSketch> each_;
};

}  // namespace

std::unique_ptr<Accumulator> makeExtreme(bool greatest) {
  if (greatest) return std::make_unique<Extreme<true>>();
  return std::make_unique<Extreme<false>>();
}
std::unique_ptr<Accumulator> makeEdge(bool last) { return std::make_unique<Edge>(last); }
std::unique_ptr<Accumulator> makeDistinct() { return std::make_unique<Distinct>(); }

AccumulatorKind accumulatorFor(Function function) {
  switch (function) {
    case Function::count:
      return AccumulatorKind::rows;
    case Function::countNonNull:
      return AccumulatorKind::present;
    case Function::sum:
    case Function::mean:
      return AccumulatorKind::numbers;
    case Function::stddev:
    case Function::variance:
      return AccumulatorKind::moments;
    case Function::min:
      return AccumulatorKind::min;
    case Function::max:
      return AccumulatorKind::max;
    case Function::first:
      return AccumulatorKind::first;
    case Function::last:
      return AccumulatorKind::last;
    case Function::quantile:
      return AccumulatorKind::quantile;
    case Function::countDistinct:
      return AccumulatorKind::distinct;
  }
  return AccumulatorKind::rows;
}

std::unique_ptr<Accumulator> makeAccumulator(AccumulatorKind kind) {
  switch (kind) {
    case AccumulatorKind::rows:
      return makeCount(true);
    case AccumulatorKind::present:
      return makeCount(false);
    case AccumulatorKind::numbers:
      return makeNumbers();
    case AccumulatorKind::moments:
      return makeMoments();
    case AccumulatorKind::min:
      return makeExtreme(false);
    case AccumulatorKind::max:
      return makeExtreme(true);
    case AccumulatorKind::first:
      return makeEdge(false);
    case AccumulatorKind::last:
      return makeEdge(true);
    case AccumulatorKind::quantile:
      return makeQuantile();
    case AccumulatorKind::distinct:
      return makeDistinct();
  }
  return makeCount(true);
}

bool needsNumbers(AccumulatorKind kind) {
  return kind == AccumulatorKind::numbers || kind == AccumulatorKind::moments || kind == AccumulatorKind::quantile;
}

}  // namespace weir::nodes::group
