// Groups as result rows, many windows to a batch.
#include <algorithm>
#include <utility>

#include "engine/node/saved-rows.h"
#include "nodes/aggregate/window/windows.h"

namespace weir::nodes::window {
namespace {

constexpr std::int64_t kRowsEach = 4096;

Value timestampOf(Timestamp micros) {
  const auto seconds = floorTo(micros, 1'000'000) / 1'000'000;
  return Value::timestamp(seconds, static_cast<std::int32_t>((micros - seconds * 1'000'000) * 1000));
}

}  // namespace

group::EvaluatedRows WindowRows::evaluated(const Batch& some) const {
  const auto all = some.columns();
  group::EvaluatedRows rows;
  rows.keys.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(keys));
  rows.values.assign(all.begin() + static_cast<std::ptrdiff_t>(keys), all.end());
  return rows;
}

SchemaRef Results::schemaOf(const group::Groups& groups) const {
  std::vector<Field> before{Field{"windowStart", Type::timestamp(), false, false},
                            Field{"windowEnd", Type::timestamp(), false, false}};
  if (plan_->early > 0) before.push_back(Field{"windowFinal", Type::boolean(), false, false});
  return groups.schema(before);
}

Result<void> Results::add(Timestamp start, Timestamp end, bool last, const group::Groups& groups,
                          std::span<const std::uint32_t> which, StepIo& io) {
  auto schema = schemaOf(groups);
  if (building_ && building_->schema() != schema) WEIR_TRY(flush());
  std::vector<Value> before{timestampOf(start), timestampOf(end)};
  if (plan_->early > 0) before.push_back(Value::boolean(last));
  while (!which.empty()) {
    if (!building_) building_.emplace(schema, *plan_->groups.account);
    const auto room = static_cast<std::size_t>(kRowsEach - building_->rows());
    const auto some = which.first(std::min(room, which.size()));
    WEIR_TRY(groups.append(some, before, *building_, &io));
    which = which.subspan(some.size());
    if (building_->rows() >= kRowsEach) WEIR_TRY(flush());
  }
  return {};
}

Result<void> Results::flush() {
  if (!building_) return {};
  auto builder = std::move(*building_);
  building_.reset();
  if (builder.rows() == 0) return {};
  WEIR_ASSIGN(auto batch, builder.finish());
  ready_.push_back(std::move(batch));
  return {};
}

Result<void> Results::tell(const group::Groups& groups) {
  WEIR_ASSIGN(auto batch, emptyBatch(schemaOf(groups), *plan_->groups.account));
  ready_.push_back(std::move(batch));
  return {};
}

Result<void> Results::save(StateWriter& to) const {
  WEIR_TRY(to.write(static_cast<std::int64_t>(ready_.size())));
  for (const auto& rows : ready_) WEIR_TRY(saveRows(rows, to));
  return {};
}

Result<void> Results::restore(StateReader& from) {
  std::int64_t count = 0;
  WEIR_TRY(from.read(count));
  for (std::int64_t i = 0; i < count; ++i) {
    WEIR_ASSIGN(auto rows, restoreRows(from, *plan_->groups.account));
    ready_.push_back(std::move(rows));
  }
  return {};
}

Batch Results::pop() {
  auto batch = std::move(ready_.front());
  ready_.pop_front();
  return batch;
}

}  // namespace weir::nodes::window
