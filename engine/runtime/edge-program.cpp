// Applies an edge's filter and transform to a batch.
#include "engine/runtime/edge-program.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/data/batch-builder.h"

namespace weir::runtime {
namespace {

void noteFailures(std::vector<cel::RowError>& errors, const Batch& batch, OnWire& out) {
  for (auto& failed : errors) {
    // Envelopes are kept by physical row.
    const auto physical = batch.hasSelection() ? batch.selection()[failed.row] : failed.row;
    const auto& envelope = batch.envelope();
    out.failures.push_back(EdgeFailure{batch.row(failed.row), std::move(failed.error), envelope.place(physical),
                                       envelope.at(physical).trace});
  }
}

Result<Batch> applyFilter(const cel::Expression& filter, const Batch& batch, OnWire& out) {
  WEIR_ASSIGN(auto selected, filter.select(batch));
  if (selected.all) return batch;
  const auto failed = static_cast<std::int64_t>(selected.errors.size());
  out.filtered = batch.rows() - selected.count - failed;
  out.filteredNull = selected.nulls;
  noteFailures(selected.errors, batch, out);
  if (selected.count == 0) return batch.slice(0, 0);
  return batch.withSelection(std::move(selected.rows), selected.count);
}

/// A struct column becomes a batch of its fields; anything else is read row by row.
Result<Batch> batchFromMaps(const Column& column, const Batch& source, MemoryAccount& account) {
  if (column.type->kind == Kind::map && !column.mayHaveNulls()) {
    std::vector<Column> columns;
    columns.reserve(column.type->fields.size());
    for (std::size_t i = 0; i < column.type->fields.size(); ++i) {
      columns.push_back(column.children[i].slice(column.offset, column.length));
    }
    return Batch::of(Schema::of(column.type->fields), std::move(columns), column.length, source.envelope(), account);
  }
  std::vector<Value> rows;
  rows.reserve(static_cast<std::size_t>(column.length));
  for (std::int64_t row = 0; row < column.length; ++row) rows.push_back(column.value(row));
  WEIR_ASSIGN(auto batch, batchOfRows(rows, account));
  return batch.withEnvelope(source.envelope());
}

bool isRow(const Value& value) {
  return value.kind() == ValueKind::map && std::ranges::all_of(value.entries(), [](const MapEntry& entry) {
           return entry.key.kind() == ValueKind::string;
         });
}

/// Each value that cannot be a row becomes an error of its row.
void refuseOtherThanMaps(cel::Evaluated& evaluated) {
  const auto& column = evaluated.column;
  if (column.type->kind == Kind::map && !column.mayHaveNulls()) return;
  std::vector<cel::RowError> errors;
  auto failed = evaluated.errors.begin();
  for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(column.length); ++row) {
    if (failed != evaluated.errors.end() && failed->row == row) {
      errors.push_back(std::move(*failed++));
    } else if (const auto value = column.value(row); !isRow(value)) {
      errors.push_back(
          {row, Error{"schema.mismatch", "the transform of an edge gives a map with text keys, for this row it gave " +
                                             std::string(value.typeText()) + ". Write {'name': value, …}."}});
    }
  }
  evaluated.errors = std::move(errors);
}

/// Of no rows only the schema is left, if the expression says it without rows.
Result<Batch> emptyTransformed(const cel::Expression& transform, const Batch& batch, MemoryAccount& account) {
  WEIR_ASSIGN(const auto type, transform.typeFor(batch.schema()));
  if (!type || type->kind != Kind::map || type->fields.empty()) return Batch{};
  return emptyBatch(Schema::of(type->fields), account);
}

Result<Batch> applyTransform(const cel::Expression& transform, const Batch& batch, OnWire& out,
                             MemoryAccount& account) {
  WEIR_ASSIGN(const auto rows, batch.dense());
  WEIR_ASSIGN(auto evaluated, transform.evaluate(rows));
  refuseOtherThanMaps(evaluated);
  if (evaluated.errors.empty()) return batchFromMaps(evaluated.column, rows, account);
  std::vector<std::uint32_t> good;
  auto failed = evaluated.errors.begin();
  for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(rows.rows()); ++row) {
    if (failed != evaluated.errors.end() && failed->row == row) {
      ++failed;
    } else {
      good.push_back(row);
    }
  }
  noteFailures(evaluated.errors, rows, out);
  if (good.empty()) return emptyTransformed(transform, rows, account);
  WEIR_ASSIGN(const auto kept, rows.gather(good));
  WEIR_ASSIGN(auto again, transform.evaluate(kept));
  return batchFromMaps(again.column, kept, account);
}

}  // namespace

Result<OnWire> sendThrough(const Link& link, const Batch& batch, MemoryAccount& account) {
  OnWire out;
  out.batch = batch;
  if (link.filter) {
    WEIR_ASSIGN(out.batch, applyFilter(link.filter, out.batch, out));
  }
  if (link.transform && out.batch) {
    WEIR_ASSIGN(out.batch, out.batch.rows() > 0 ? applyTransform(link.transform, out.batch, out, account)
                                                : emptyTransformed(link.transform, out.batch, account));
  }
  return out;
}

}  // namespace weir::runtime
