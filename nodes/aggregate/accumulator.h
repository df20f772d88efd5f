// Accumulator: the state of one kind of measure for all groups, in columns.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/data/batch.h"
#include "nodes/aggregate/group/group.gen.h"

namespace weir::nodes::group {

using Function = Settings::Measure::Function;

/// The rows of one batch: the group of each, and where each stands among all rows of the run.
struct GroupedRows {
  const std::uint32_t* groups = nullptr;  // null (for counts of rows only): all are of group 0
  std::int64_t count = 0;
  std::int64_t firstOrdinal = 0;
  std::span<const std::uint32_t> offsets{};  // ordinal = firstOrdinal + offsets[row]; empty: + row
  [[nodiscard]] std::int64_t ordinal(std::int64_t row) const {
    return firstOrdinal + (offsets.empty() ? row : static_cast<std::int64_t>(offsets[static_cast<std::size_t>(row)]));
  }
};

/// Results do not depend on the order of rows, nor on how they were divided before merging.
class Accumulator {
 public:
  virtual ~Accumulator() = default;
  /// From now on there are so many groups.
  virtual void resize(std::int64_t groups) = 0;
  /// Nulls are left out. Error `settings.type` if the function cannot work on the column's type.
  virtual Result<void> add(const GroupedRows& rows, const Column& values) = 0;
  /// Group g of `other` (of the same class) adds to group `to[g]`.
  virtual void merge(const Accumulator& other, std::span<const std::uint32_t> to) = 0;
  /// What kinds of values came, without the values.
  virtual void mergeTypes(const Accumulator& other) = 0;
  /// The same from a saved type(); for those whose load() cannot tell.
  virtual void noteType(const TypeRef&) {}
  /// One group as bytes; adding them to a group is as merging.
  virtual Result<void> save(std::int64_t group, std::vector<std::uint8_t>& to) const = 0;
  virtual Result<void> load(std::int64_t group, std::span<const std::uint8_t>& from) = 0;
  /// `group.overflow` if a sum does not fit.
  [[nodiscard]] virtual Result<Value> result(std::int64_t group, Function function, double q) const = 0;
  [[nodiscard]] virtual TypeRef type(Function function) const = 0;
  [[nodiscard]] virtual std::int64_t memoryBytes() const = 0;
  /// No groups any more; types stay.
  virtual void clear() = 0;
};

/// The accumulator that serves a function; functions with the same kind can share one over the same values.
enum class AccumulatorKind : std::uint8_t {
  rows,
  present,
  numbers,
  moments,
  min,
  max,
  first,
  last,
  quantile,
  distinct
};
[[nodiscard]] AccumulatorKind accumulatorFor(Function function);
[[nodiscard]] std::unique_ptr<Accumulator> makeAccumulator(AccumulatorKind kind);
/// Whether it takes numbers only.
[[nodiscard]] bool needsNumbers(AccumulatorKind kind);

// One for each file of accumulators.
[[nodiscard]] std::unique_ptr<Accumulator> makeCount(bool allRows);
[[nodiscard]] std::unique_ptr<Accumulator> makeNumbers();
[[nodiscard]] std::unique_ptr<Accumulator> makeMoments();
[[nodiscard]] std::unique_ptr<Accumulator> makeExtreme(bool greatest);
[[nodiscard]] std::unique_ptr<Accumulator> makeEdge(bool last);
[[nodiscard]] std::unique_ptr<Accumulator> makeQuantile();
[[nodiscard]] std::unique_ptr<Accumulator> makeDistinct();

/// Calls with (row, double) for each number of the column; values of `any` that are no numbers are skipped.
template <class Each>
void eachDouble(const Column& column, std::int64_t rows, Each&& each) {
  const auto run = [&](auto&& get) {
    if (!column.mayHaveNulls()) {
      for (std::int64_t row = 0; row < rows; ++row) each(row, get(row));
    } else {
      for (std::int64_t row = 0; row < rows; ++row) {
        if (!column.isNull(row)) each(row, get(row));
      }
    }
  };
  if (column.type->kind == Kind::float64) {
    run([values = column.doubles().data()](std::int64_t row) { return values[row]; });
  } else if (column.type->kind == Kind::int64) {
    run([values = column.ints().data()](std::int64_t row) { return static_cast<double>(values[row]); });
  } else if (column.type->kind == Kind::uint64) {
    run([values = column.uints().data()](std::int64_t row) { return static_cast<double>(values[row]); });
  } else if (column.type->kind == Kind::any) {
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto value = column.value(row);
      if (value.kind() == ValueKind::float64) each(row, value.float64());
      if (value.kind() == ValueKind::int64) each(row, static_cast<double>(value.int64()));
      if (value.kind() == ValueKind::uint64) each(row, static_cast<double>(value.uint64()));
    }
  }
}

}  // namespace weir::nodes::group
