// Conditions and keys over batches, and the sums.
#include "engine/runtime/row-counter.h"

#include <utility>

#include "engine/data/value-json.h"

namespace weir::runtime {
namespace {

void noteFailure(RowTally& into, std::int64_t rows, const std::string& why) {
  into.failed += rows;
  if (into.problem.empty()) into.problem = why;
}

std::string keyText(const Value& value) {
  auto text = value.kind() == ValueKind::string ? std::string(value.text()) : toJson(value);
  if (text.size() <= RowCounter::kMostKeyBytes) return text;
  auto end = RowCounter::kMostKeyBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + "…";
}

}  // namespace

void RowTally::add(std::string_view key, std::int64_t count) {
  if (const auto known = rows.find(key); known != rows.end()) {
    known->second += count;
  } else if (rows.size() < kMostKeys) {
    rows.emplace(key, count);
  } else {
    beyond += count;
  }
}

void RowTally::add(const RowTally& other) {
  for (const auto& [key, count] : other.rows) add(key, count);
  beyond += other.beyond;
  failed += other.failed;
  if (problem.empty()) problem = other.problem;
}

Result<std::unique_ptr<RowCounter>> RowCounter::compile(std::string_view where, std::string_view key,
                                                        const cel::ExpressionOptions& options) {
  auto made = std::make_unique<RowCounter>();
  if (!where.empty()) {
    auto conditions = options;
    conditions.expected = Type::boolean();
    WEIR_ASSIGN(made->where_, cel::Expression::compile(where, conditions));
  }
  if (!key.empty()) {
    WEIR_ASSIGN(made->key_, cel::Expression::compile(key, options));
  }
  return made;
}

void RowCounter::count(const Batch& batch, RowTally& into) const {
  if (batch.rows() == 0) return;
  if (!where_) return countKeys(batch, into);
  auto selected = where_.select(batch);
  if (!selected) return noteFailure(into, batch.rows(), selected.error().message);
  if (!selected->errors.empty()) {
    noteFailure(into, static_cast<std::int64_t>(selected->errors.size()), selected->errors.front().error.message);
  }
  if (selected->all) return countKeys(batch, into);
  if (selected->count == 0) return;
  if (!key_) return into.add({}, selected->count);
  const auto rows = batch.withSelection(std::move(selected->rows), selected->count);
  if (!rows) return noteFailure(into, selected->count, rows.error().message);
  countKeys(*rows, into);
}

void RowCounter::countKeys(const Batch& batch, RowTally& into) const {
  if (!key_) return into.add({}, batch.rows());
  const auto keys = key_.evaluate(batch);
  if (!keys) return noteFailure(into, batch.rows(), keys.error().message);
  if (!keys->errors.empty()) {
    noteFailure(into, static_cast<std::int64_t>(keys->errors.size()), keys->errors.front().error.message);
  }
  auto failed = keys->errors.begin();
  // Rows of one key often follow each other.
  std::string text;
  std::int64_t run = 0;
  for (std::int64_t row = 0; row < keys->column.length; ++row) {
    if (failed != keys->errors.end() && static_cast<std::int64_t>(failed->row) == row) {
      ++failed;
      continue;
    }
    const auto key = keys->column.value(row);
    if (run > 0 && key.kind() == ValueKind::string && key.text() == text) {
      ++run;
      continue;
    }
    if (run > 0) into.add(text, run);
    text = keyText(key);
    run = 1;
  }
  if (run > 0) into.add(text, run);
}

RowTally RowCounter::take() { return std::exchange(tally_, RowTally{}); }

}  // namespace weir::runtime
