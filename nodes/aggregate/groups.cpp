// Rows into groups, groups into rows.
#include "nodes/aggregate/groups.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/data/value-codec.h"
#include "engine/node/sorted-run.h"

namespace weir::nodes::group {
namespace {

constexpr std::int64_t kRowsBetweenChecks = 1 << 16;
constexpr std::int64_t kWorthSpilling = 1 << 20;

std::string_view asText(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::uint8_t> asBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// A function of numbers over values that are none.
Result<void> checkNumbers(const Column& column, const std::string& text, std::vector<cel::RowError>& errors) {
  switch (column.type->kind) {
    case Kind::null:
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
      return {};
    case Kind::any:
      for (std::int64_t row = 0; row < column.length; ++row) {
        const auto value = column.value(row);
        if (value.isNull() || value.isNumber()) continue;
        errors.push_back({static_cast<std::uint32_t>(row),
                          Error{"group.not_a_number", "'" + text + "' is a " + std::string(value.typeText()) +
                                                          " in this row; sums and means need numbers."}});
      }
      return {};
    default:
      return fail("settings.type",
                  "'" + text + "' is " + typeName(*column.type) +
                      ", but sums, means, deviations and quantiles need numbers. Measure another field, "
                      "or convert it: double(" +
                      text + ").");
  }
}

}  // namespace

SchemaRef stateSchema() {
  return Schema::of({Field{"key", Type::bytes(), false, false}, Field{"payload", Type::bytes(), false, false},
                     Field{"state", Type::bytes(), false, false}});
}

Groups::Groups(const GroupPlan& plan)
    : plan_(&plan), keyTypes_(plan.keys.size()), charge_(*plan.account), onlyCounts_(plan.keys.empty()) {
  for (const auto& fold : plan.folds) {
    states_.push_back(makeAccumulator(fold.kind));
    onlyCounts_ = onlyCounts_ && fold.kind == AccumulatorKind::rows;
  }
}

Result<EvaluatedRows> Groups::evaluate(const Batch& batch, std::vector<cel::RowError>& errors) const {
  EvaluatedRows result;
  for (const auto& key : plan_->keys) {
    WEIR_ASSIGN(auto column, key.evaluate(batch, errors));
    result.keys.push_back(std::move(column));
  }
  for (const auto& value : plan_->values) {
    WEIR_ASSIGN(auto column, value.evaluate(batch, errors));
    result.values.push_back(std::move(column));
  }
  for (const auto& fold : plan_->folds) {
    if (!needsNumbers(fold.kind)) continue;
    const auto value = static_cast<std::size_t>(fold.value);
    WEIR_TRY(checkNumbers(result.values[value], plan_->values[value].text(), errors));
  }
  return result;
}

void Groups::resize() {
  for (auto& state : states_) state->resize(table_.groups());
}

void Groups::noteKeyTypes(const EvaluatedRows& evaluated) {
  for (std::size_t i = 0; i < keyTypes_.size(); ++i) {
    const auto& type = evaluated.keys[i].type;
    if (!keyTypes_[i]) keyTypes_[i] = type;
    if (keyTypes_[i].get() != type.get()) keyTypes_[i] = commonType(keyTypes_[i], type);
  }
}

Result<void> Groups::accumulate(const EvaluatedRows& evaluated, GroupedRows rows) {
  if (rows.count == 0) {
    // What would have come must not mingle with the types of what does.
    typesWithoutRows_.clear();
    for (const auto& key : evaluated.keys) typesWithoutRows_.push_back(key.type);
    return {};
  }
  const auto before = table_.groups();
  if (!onlyCounts_) groupOf_.resize(static_cast<std::size_t>(rows.count));
  if (evaluated.keys.empty()) {
    if (before == 0) table_.find({}, {});
    std::ranges::fill(groupOf_, 0U);
  } else {
    WEIR_TRY(table_.assign(evaluated.keys, rows.count, groupOf_.data()));
  }
  if (table_.groups() != before) resize();
  rows.groups = onlyCounts_ ? nullptr : groupOf_.data();
  return accumulateInto(evaluated, rows);
}

Result<void> Groups::accumulateInto(const EvaluatedRows& evaluated, const GroupedRows& rows) {
  noteKeyTypes(evaluated);
  static const Column kNone{};
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto value = plan_->folds[i].value;
    WEIR_TRY(states_[i]->add(rows, value < 0 ? kNone : evaluated.values[static_cast<std::size_t>(value)]));
  }
  rowsUnchecked_ += rows.count;
  return {};
}

Result<void> Groups::add(const Batch& whole, std::int64_t from, std::int64_t count, StepIo& io) {
  const auto ordinal = io.ordinal() + from;
  if (onlyCounts_) return accumulate({}, {nullptr, count, ordinal, {}});
  if (whole.hasSelection()) {
    WEIR_ASSIGN(const auto dense, whole.dense());
    return add(dense, from, count, io);
  }
  const auto batch = count == whole.rows() ? whole : whole.slice(from, count);
  std::vector<cel::RowError> errors;
  WEIR_ASSIGN(auto evaluated, evaluate(batch, errors));
  if (errors.empty()) return accumulate(evaluated, {nullptr, batch.rows(), ordinal, {}});
  for (auto& error : errors) error.row += static_cast<std::uint32_t>(from);
  auto good = failRows(errors, from + count, io);
  std::erase_if(good, [from](std::uint32_t row) { return row < from; });
  for (auto& row : good) row -= static_cast<std::uint32_t>(from);
  if (good.empty()) return {};
  WEIR_ASSIGN(const auto kept, batch.gather(good));
  errors.clear();
  WEIR_ASSIGN(evaluated, evaluate(kept, errors));
  return accumulate(evaluated, {nullptr, kept.rows(), ordinal, good});
}

void Groups::absorbTypes(const Groups& other) {
  for (std::size_t i = 0; i < states_.size(); ++i) states_[i]->mergeTypes(*other.states_[i]);
  if (!other.typesWithoutRows_.empty()) typesWithoutRows_ = other.typesWithoutRows_;
  for (std::size_t i = 0; i < keyTypes_.size(); ++i) {
    if (!other.keyTypes_[i]) continue;
    keyTypes_[i] = keyTypes_[i] ? commonType(keyTypes_[i], other.keyTypes_[i]) : other.keyTypes_[i];
  }
}

std::uint32_t Groups::open(std::string_view key, std::string_view payload) {
  const auto group = table_.find(key, payload);
  resize();
  return group;
}

Result<void> Groups::addGroup(const Groups& other, std::int64_t group, std::int64_t to) {
  std::vector<std::uint8_t> state;
  for (const auto& each : other.states_) WEIR_TRY(each->save(group, state));
  std::span<const std::uint8_t> bytes = state;
  for (auto& each : states_) WEIR_TRY(each->load(to, bytes));
  return {};
}

void Groups::absorb(const Groups& other) {
  absorbTypes(other);
  std::vector<std::uint32_t> to(static_cast<std::size_t>(other.size()));
  for (std::size_t group = 0; group < to.size(); ++group) {
    const auto at = static_cast<std::int64_t>(group);
    to[group] = table_.find(other.table_.key(at), other.table_.payload(at));
  }
  resize();
  for (std::size_t i = 0; i < states_.size(); ++i) states_[i]->merge(*other.states_[i], to);
}

Result<void> Groups::absorbFirst(const Groups& other, std::int64_t most) {
  absorbTypes(other);
  const auto order = other.sortedByKey();
  std::vector<std::uint8_t> state;
  for (std::size_t i = 0; i < std::min(order.size(), static_cast<std::size_t>(most)); ++i) {
    state.clear();
    for (const auto& each : other.states_) WEIR_TRY(each->save(order[i], state));
    const auto group = table_.find(other.table_.key(order[i]), other.table_.payload(order[i]));
    resize();
    std::span<const std::uint8_t> bytes = state;
    for (auto& each : states_) WEIR_TRY(each->load(group, bytes));
  }
  return {};
}

Result<void> Groups::dump(RowSorter& sorter) const {
  constexpr std::int64_t kRows = 4096;
  for (std::int64_t from = 0; from < size(); from += kRows) {
    BatchBuilder builder(stateSchema(), *plan_->account);
    KeyList keys;
    const auto to = std::min(size(), from + kRows);
    std::vector<std::uint8_t> state;
    for (auto group = from; group < to; ++group) {
      state.clear();
      for (const auto& each : states_) WEIR_TRY(each->save(group, state));
      const Value values[] = {Value::view(ValueKind::bytes, table_.key(group)),
                              Value::view(ValueKind::bytes, table_.payload(group)),
                              Value::view(ValueKind::bytes, asText(state))};
      WEIR_TRY(builder.append(values));
      keys.append(table_.key(group));
    }
    WEIR_ASSIGN(const auto batch, builder.finish());
    WEIR_TRY(sorter.add(batch, keys));
  }
  return {};
}

Result<void> Groups::load(const Batch& states) {
  for (std::int64_t row = 0; row < states.rows(); ++row) {
    const auto group = table_.find(states.column(0).text(row), states.column(1).text(row));
    resize();
    auto bytes = asBytes(states.column(2).text(row));
    for (auto& each : states_) WEIR_TRY(each->load(group, bytes));
  }
  return {};
}

std::vector<std::uint32_t> Groups::sortedByKey() const { return sorting::sortedOrder(table_.keys()); }

SchemaRef Groups::schema(std::span<const Field> before) const {
  std::vector<Field> fields(before.begin(), before.end());
  for (std::size_t i = 0; i < plan_->keyNames.size(); ++i) {
    const auto type = keyTypes_[i] || i >= typesWithoutRows_.size() ? keyTypes_[i] : typesWithoutRows_[i];
    fields.push_back(Field{plan_->keyNames[i], type ? type : Type::null(), true, false});
  }
  for (const auto& measure : plan_->measures)
    fields.push_back(Field{measure.name, states_[measure.accumulator]->type(measure.function), true, false});
  return Schema::of(std::move(fields));
}

Result<void> Groups::keyRow(std::int64_t group, std::vector<Value>& to) const {
  auto key = table_.key(group);
  auto payload = table_.payload(group);
  const bool told = payload.empty();
  for (std::size_t i = 0; i < keyTypes_.size(); ++i) {
    if (told) {
      WEIR_ASSIGN(auto value, readKey(key, keyTypes_[i] ? *keyTypes_[i] : *Type::null()));
      to.push_back(std::move(value));
    } else {
      WEIR_ASSIGN(auto value, decodeValue(payload));
      to.push_back(std::move(value));
    }
  }
  return {};
}

Result<void> Groups::append(std::span<const std::uint32_t> groups, std::span<const Value> before, BatchBuilder& to,
                            StepIo* io) const {
  std::vector<Value> values;
  for (const auto group : groups) {
    values.assign(before.begin(), before.end());
    WEIR_TRY(keyRow(group, values));
    std::optional<Error> error;
    for (const auto& measure : plan_->measures) {
      auto result = states_[measure.accumulator]->result(group, measure.function, measure.q);
      if (!result && !error) error = Error{result.error().code, "'" + measure.name + "': " + result.error().message};
      values.push_back(result ? std::move(*result) : Value::null());
    }
    if (!error) {
      WEIR_TRY(to.append(values));
    } else if (io != nullptr) {
      std::vector<MapEntry> entries;
      for (std::size_t i = 0; i < values.size(); ++i) {
        entries.push_back({Value::string(to.schema()->field(static_cast<std::int64_t>(i)).name), values[i]});
      }
      io->failValue(Value::map(std::move(entries)), std::move(*error));
    }
  }
  return {};
}

Result<Batch> Groups::rows(std::span<const std::uint32_t> groups, StepIo* io) const {
  BatchBuilder builder(schema(), *plan_->account);
  WEIR_TRY(append(groups, {}, builder, io));
  return builder.finish();
}

void Groups::ensureOne() {
  if (!plan_->keys.empty()) return;
  table_.find({}, {});
  resize();
}

void Groups::clear() {
  table_.clear();
  for (auto& state : states_) state->clear();
  static_cast<void>(charge_.set(0));
}

Result<void> Groups::keepLast() {
  const auto group = size() - 1;
  const std::string key(table_.key(group));
  const std::string payload(table_.payload(group));
  std::vector<std::uint8_t> state;
  for (const auto& each : states_) WEIR_TRY(each->save(group, state));
  clear();
  table_.find(key, payload);
  resize();
  std::span<const std::uint8_t> bytes = state;
  for (auto& each : states_) WEIR_TRY(each->load(0, bytes));
  return {};
}

Result<Poll> Groups::save(StateWriter& to) const {
  for (const auto& type : keyTypes_) WEIR_TRY(to.write(type ? Value::string(typeName(*type)) : Value::null()));
  for (const auto& state : states_) WEIR_TRY(to.write(Value::string(typeName(*state->type(Function::min)))));
  WEIR_TRY(to.write(size()));
  std::vector<std::uint8_t> state;
  for (std::int64_t group = 0; group < size(); ++group) {
    state.clear();
    for (const auto& each : states_) WEIR_TRY(each->save(group, state));
    WEIR_TRY(to.write(Value::bytes(table_.key(group))));
    WEIR_TRY(to.write(Value::bytes(table_.payload(group))));
    WEIR_TRY(to.write(Value::bytes(asText(state))));
  }
  return Poll::ready;
}

Result<Poll> Groups::restore(StateReader& from) {
  for (auto& type : keyTypes_) {
    WEIR_ASSIGN(const auto name, from.readValue());
    if (name.isNull()) continue;
    const auto saved = name.kind() == ValueKind::string ? parseTypeName(name.text()) : TypeRef();
    if (!saved) return fail("state.mismatch", "the saved state of a group names an unknown type");
    type = type ? commonType(type, saved) : saved;
  }
  for (auto& state : states_) {
    WEIR_ASSIGN(const auto name, from.readValue());
    const auto saved = name.kind() == ValueKind::string ? parseTypeName(name.text()) : TypeRef();
    if (!saved) return fail("state.mismatch", "the saved state of a group names an unknown type");
    if (saved->kind != Kind::null) state->noteType(saved);
  }
  std::int64_t count = 0;
  WEIR_TRY(from.read(count));
  for (std::int64_t i = 0; i < count; ++i) {
    WEIR_ASSIGN(const auto key, from.readValue());
    WEIR_ASSIGN(const auto payload, from.readValue());
    WEIR_ASSIGN(const auto state, from.readValue());
    if (key.kind() != ValueKind::bytes || payload.kind() != ValueKind::bytes || state.kind() != ValueKind::bytes)
      return fail("state.mismatch", "the saved state of a group is damaged");
    const auto group = table_.find(key.text(), payload.text());
    resize();
    auto bytes = asBytes(state.text());
    for (auto& each : states_) WEIR_TRY(each->load(group, bytes));
  }
  return Poll::ready;
}

std::int64_t Groups::memoryBytes() const {
  auto bytes = table_.memoryBytes();
  for (const auto& state : states_) bytes += state->memoryBytes();
  return bytes;
}

Result<bool> Groups::overBound() {
  if (rowsUnchecked_ < std::max(kRowsBetweenChecks, size()) && size() * 64 < plan_->memoryBytes) return false;
  rowsUnchecked_ = 0;
  const auto bytes = memoryBytes();
  const bool charged = charge_.set(bytes);
  if (plan_->files == nullptr) {
    if (charged) return false;
    return fail("memory.limit",
                "the groups of this node need more memory than the run may use, and there is no "
                "temporary file here to spill to. Allow more memory, or group by fewer values.");
  }
  return bytes > plan_->memoryBytes || !charged || (bytes > kWorthSpilling && plan_->account->underPressure());
}

}  // namespace weir::nodes::group
