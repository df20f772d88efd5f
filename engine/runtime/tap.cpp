// Watching an edge: what waits, what matches, what the budget lets through.
#include "engine/runtime/tap.h"

#include <algorithm>
#include <utility>

#include "engine/data/batch-builder.h"

namespace weir::runtime {

void TapBudget::pass(std::int64_t nowNanos) {
  const auto seconds =
      seenNanos_ < 0 ? 0.0 : static_cast<double>(std::max<std::int64_t>(0, nowNanos - seenNanos_)) / 1e9;
  seenNanos_ = nowNanos;
  rows_ = std::min(rowsPerSecond_, rows_ + seconds * rowsPerSecond_);
  bytes_ = std::min(bytesPerSecond_, bytes_ + seconds * bytesPerSecond_);
}

Tap::Tap(TapOptions options, cel::Expression where, SensitiveNames sensitive)
    : options_(std::move(options)),
      where_(std::move(where)),
      sensitive_(std::move(sensitive)),
      budget_(options_.rowsPerSecond, options_.bytesPerSecond) {
  if (options_.reveal || !where_ || sensitive_.empty()) return;
  const auto& reads = where_.fieldsRead();
  asksHidden_ =
      reads.all || std::ranges::any_of(reads.names, [this](const auto& name) { return sensitive_.hides(name); });
}

void Tap::offered(std::span<const Entry> entries) {
  for (const auto& entry : entries) passed_ += entry.batch.rows();
  // Of many only the newest can stay.
  if (entries.size() > kMostBatches) entries = entries.last(kMostBatches);
  for (const auto& entry : entries) {
    if (entry.batch.rows() == 0) continue;
    waiting_.push_back(entry.batch);
    waitingBytes_ += entry.bytes;
  }
  while (waiting_.size() > 1 && (waitingBytes_ > options_.holdBytes || waiting_.size() > kMostBatches)) {
    waitingBytes_ -= waiting_.front().logicalBytes();
    waiting_.pop_front();
  }
}

std::deque<Batch> Tap::swapOut() {
  waitingBytes_ = 0;
  counts_.passed = passed_;
  return std::exchange(waiting_, {});
}

Batch Tap::matching(const Batch& batch) {
  if (!where_) return batch;
  auto selected = where_.select(batch);
  const auto note = [this](std::int64_t rows, const std::string& why) {
    counts_.failed += rows;
    if (counts_.problem.empty()) counts_.problem = why;
  };
  if (!selected) {
    note(batch.rows(), selected.error().message);
    return {};
  }
  if (!selected->errors.empty()) {
    note(static_cast<std::int64_t>(selected->errors.size()), selected->errors.front().error.message);
  }
  if (selected->all) return batch;
  if (selected->count == 0) return {};
  auto rows = batch.withSelection(std::move(selected->rows), selected->count);
  return rows ? *rows : Batch{};
}

TapTaken Tap::look(std::deque<Batch> batches, std::int64_t nowNanos) {
  budget_.pass(nowNanos);
  TapTaken taken;
  // From the newest back, as far as the budget reaches.
  while (!batches.empty()) {
    auto batch = std::move(batches.back());
    // A condition over hidden values would tell them one guess at a time: it sees the mask.
    if (asksHidden_) batch = maskSensitive(batch, sensitive_);
    batches.pop_back();
    counts_.seen += batch.rows();
    auto rows = matching(batch);
    if (!rows || rows.rows() == 0) continue;
    counts_.matched += rows.rows();
    auto count = std::min(rows.rows(), budget_.rows());
    if (count <= 0) continue;
    // So many of its newest rows as the bytes allow, one at least.
    const auto each = std::max<std::int64_t>(1, rows.logicalBytes() / rows.rows());
    count = std::min(count, std::max<std::int64_t>(1, budget_.bytes() / each));
    auto dense = rows.slice(rows.rows() - count, count).compact(MemoryAccount::unlimited());
    if (!dense) continue;
    budget_.spend(count, dense->logicalBytes());
    counts_.shown += count;
    taken.batches.push_back(options_.reveal ? std::move(*dense) : maskSensitive(*dense, sensitive_));
  }
  std::ranges::reverse(taken.batches);
  taken.counts = counts_;
  return taken;
}

namespace {

bool holdsMore(const TypeRef& type) {
  return type->kind == Kind::map || type->kind == Kind::list || type->kind == Kind::any;
}

}  // namespace

Batch maskSensitive(const Batch& batch, const SensitiveNames& names) {
  const auto hidden = [&](const Field& field) { return field.sensitive || names.hides(field.name); };
  const auto deep = [&](const Field& field) { return !names.empty() && field.type && holdsMore(field.type); };
  const auto& schema = *batch.schema();
  if (std::ranges::none_of(schema.fields(), [&](const Field& field) { return hidden(field) || deep(field); })) {
    return batch;
  }
  auto& account = MemoryAccount::unlimited();
  // Columns that are made anew are dense.
  const auto rows = batch.compact(account);
  if (!rows) return {};
  std::vector<Field> fields(schema.fields().begin(), schema.fields().end());
  std::vector<Column> columns(rows->columns().begin(), rows->columns().end());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (hidden(fields[i])) {
      fields[i].type = Type::string();
      auto mask = constantColumn(Type::string(), Value::string(kSensitiveMask), rows->physicalRows(), account);
      if (!mask) return {};
      columns[i] = std::move(*mask);
    } else if (deep(fields[i])) {
      std::vector<Value> values;
      for (std::int64_t row = 0; row < rows->rows(); ++row)
        values.push_back(masked(rows->value(row, static_cast<std::int64_t>(i)), names));
      fields[i].type = Type::any();
      auto column = columnOf(Type::any(), values, account);
      if (!column) return {};
      columns[i] = std::move(*column);
    }
  }
  auto masked = rows->withColumns(Schema::of(std::move(fields), schema.version()), columns);
  return masked ? *masked : Batch{};
}

}  // namespace weir::runtime
