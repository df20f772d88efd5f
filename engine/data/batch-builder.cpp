// BatchBuilder: a ColumnBuilder a field; a row goes in whole or not at all.
#include "engine/data/batch-builder.h"

#include <algorithm>

#include "engine/data/check.h"
#include "engine/data/column-builder.h"
#include "engine/data/column-copy.h"

namespace weir {
namespace {

/// The account hears of growth in steps of this size.
constexpr std::int64_t kChargeBytes = 64 * 1024;

}  // namespace

struct BatchBuilder::Impl {
  Impl(SchemaRef from, MemoryAccount& charged) : schema(std::move(from)), account(charged) {
    for (const auto& field : schema->fields()) columns.emplace_back(field.type, field.nullable);
  }
  ~Impl() { account.release(chargedBytes); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::int64_t bytes() const noexcept {
    std::int64_t total = 0;
    for (const auto& column : columns) total += column.bytes();
    return total;
  }

  /// Ends a row: undoes it on error, else counts it.
  Result<void> settle(Result<void> outcome) {
    if (outcome && ++sinceCharge >= 256) outcome = charge();
    if (outcome) {
      ++rows;
      return outcome;
    }
    for (auto& column : columns) column.truncate(rows);
    return outcome;
  }

  Result<void> charge() {
    const auto now = bytes();
    if (now <= chargedBytes) {
      sinceCharge = 0;
      return {};
    }
    const auto more = (now - chargedBytes + kChargeBytes - 1) / kChargeBytes * kChargeBytes;
    if (!account.tryCharge(more)) return memoryLimit(more, account);
    chargedBytes += more;
    sinceCharge = 0;
    return {};
  }

  SchemaRef schema;
  MemoryAccount& account;
  std::vector<ColumnBuilder> columns;
  std::int64_t rows = 0;
  std::int64_t chargedBytes = 0;
  std::int64_t sinceCharge = 0;
};

BatchBuilder::BatchBuilder(SchemaRef schema, MemoryAccount& account)
    : impl_(std::make_unique<Impl>(std::move(schema), account)) {}
BatchBuilder::~BatchBuilder() = default;
BatchBuilder::BatchBuilder(BatchBuilder&&) noexcept = default;
BatchBuilder& BatchBuilder::operator=(BatchBuilder&&) noexcept = default;

const SchemaRef& BatchBuilder::schema() const noexcept { return impl_->schema; }
std::int64_t BatchBuilder::rows() const noexcept { return impl_->rows; }
std::int64_t BatchBuilder::bytes() const noexcept { return impl_->bytes(); }

Result<void> BatchBuilder::append(std::span<const Value> values) {
  const auto expected = impl_->columns.size();
  if (values.size() != expected)
    return fail("schema.mismatch", "The row has " + std::to_string(values.size()) + " values; the schema " +
                                       impl_->schema->describe() + " has " + std::to_string(expected) + ".");
  Result<void> outcome;
  for (std::size_t i = 0; outcome && i < expected; ++i)
    outcome = impl_->columns[i].append(values[i], {.name = impl_->schema->fields()[i].name});
  return impl_->settle(std::move(outcome));
}

Result<void> BatchBuilder::appendRow(const Value& map) {
  if (map.kind() != ValueKind::map)
    return fail("schema.mismatch", "A row must be a map with the fields " + impl_->schema->describe() + "; found " +
                                       std::string(map.typeText()) + ".");
  Result<void> outcome;
  std::size_t known = 0;
  for (std::size_t i = 0; outcome && i < impl_->columns.size(); ++i) {
    const auto& field = impl_->schema->fields()[i];
    const auto* value = map.find(field.name);
    if (value != nullptr) ++known;
    outcome = impl_->columns[i].append(value != nullptr ? *value : Value(), {.name = field.name});
  }
  if (outcome && known != map.entries().size()) {
    for (const auto& entry : map.entries()) {
      if (entry.key.kind() == ValueKind::string && impl_->schema->indexOf(entry.key.text()) >= 0) continue;
      const auto key =
          entry.key.kind() == ValueKind::string ? std::string(entry.key.text()) : std::string(entry.key.typeText());
      outcome = fail("schema.mismatch", "The row has the unknown field `" + key + "`; the schema is " +
                                            impl_->schema->describe() + ". Remove it, or add it to the schema.");
      break;
    }
  }
  return impl_->settle(std::move(outcome));
}

Result<void> BatchBuilder::appendRow(const Batch& from, std::int64_t physicalRow) {
  WEIR_CHECK(from.schema() == impl_->schema);
  Result<void> outcome;
  for (std::size_t i = 0; outcome && i < impl_->columns.size(); ++i)
    outcome = impl_->columns[i].appendFrom(from.columns()[i], physicalRow, {.name = impl_->schema->fields()[i].name});
  return impl_->settle(std::move(outcome));
}

Result<Batch> BatchBuilder::finish(Envelope envelope) {
  auto* data = Batch::Data::make(impl_->schema, impl_->account);
  if (data == nullptr) return memoryLimit(impl_->bytes(), impl_->account);
  auto batch = Batch::Data::wrap(data);
  ColumnArena::Plan plan;
  for (const auto& column : impl_->columns) column.plan(plan);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, impl_->account));
  for (std::size_t i = 0; i < impl_->columns.size(); ++i) {
    WEIR_ASSIGN(data->columns()[i], impl_->columns[i].finish(arena, impl_->account));
  }
  data->rows = data->physicalRows = data->represented = std::exchange(impl_->rows, 0);
  data->envelope = std::move(envelope);
  impl_->account.release(std::exchange(impl_->chargedBytes, 0));
  impl_->sinceCharge = 0;
  return batch;
}

Result<Column> columnOf(TypeRef type, std::span<const Value> values, MemoryAccount& account) {
  ColumnBuilder builder(std::move(type), true);
  for (const auto& value : values) WEIR_TRY(builder.append(value, {.name = "value"}));
  ColumnArena::Plan plan;
  builder.plan(plan);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, account));
  return builder.finish(arena, account);
}

Result<Column> constantColumn(TypeRef type, const Value& value, std::int64_t rows, MemoryAccount& account) {
  if (value.isNull()) return nullColumn(std::move(type), rows, account);
  WEIR_ASSIGN(auto one, columnOf(type, {&value, 1}, account));
  if (type->kind != Kind::string || !keepsDictionary(1, rows)) {
    const std::vector<std::uint32_t> zeros(static_cast<std::size_t>(rows), 0);
    return gatherColumn(one, zeros, account);
  }
  ColumnArena::Plan plan;
  plan.children = 1;
  plan.add(rows * 4);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, account));
  auto* codes = arena.take<std::int32_t>(rows);
  std::fill_n(codes, rows, 0);
  auto* entries = arena.takeChildren(1);
  *entries = std::move(one);
  Column column;
  column.type = std::move(type);
  column.owner = arena.block();
  column.values = codes;
  column.children = entries;
  column.length = rows;
  column.dictionary = true;
  return column;
}

Result<Batch> emptyBatch(const SchemaRef& schema, MemoryAccount& account) {
  return BatchBuilder(schema, account).finish();
}

}  // namespace weir
