// Rows that may still become the context of a later match are held back.
#include "nodes/text/grep/context-search.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/data/batch-builder.h"
#include "nodes/text/grep/pattern.h"

namespace weir::nodes::grep {

Result<Flow> ContextSearch::process(const Batch& batch, StepIo& io) {
  const auto there = textColumn(batch, settings_.field);
  if (!there) {
    WEIR_TRY(releaseHeld(io));
    std::vector<std::uint32_t> all(static_cast<std::size_t>(batch.rows()));
    std::iota(all.begin(), all.end(), 0U);
    io.fail(all, there.error());
    return Flow::more;
  }
  if (held_ && held_.schema() != batch.schema()) WEIR_TRY(releaseHeld(io));
  auto whole = batch;
  const auto first = held_.rows();
  if (first > 0) {
    const Batch both[] = {std::exchange(held_, Batch{}), batch};
    WEIR_ASSIGN(whole, concat(both, account_));
  }
  WEIR_ASSIGN(const auto* column, textColumn(whole, settings_.field));
  const auto kept = mark(whole, *column, first);
  // The last rows that nobody kept wait: a match may follow.
  std::int64_t holding = 0;
  const auto rows = whole.rows();
  while (holding < std::min(rows, settings_.contextBefore) && kept[static_cast<std::size_t>(rows - 1 - holding)] == 0) {
    ++holding;
  }
  WEIR_TRY(emitMatches(whole, kept, rows - holding, io));
  WEIR_TRY(emitRest(whole, kept, rows - holding, io));
  if (holding > 0) {
    WEIR_ASSIGN(held_, whole.slice(rows - holding, holding).compact(account_));
  }
  return Flow::more;
}

Result<Flow> ContextSearch::finish(StepIo& io) {
  WEIR_TRY(releaseHeld(io));
  return Flow::done;
}

Result<void> ContextSearch::releaseHeld(StepIo& io) {
  if (held_.rows() > 0) {
    if (io.wired(out::rest)) io.emit(out::rest, held_);
    lastKept_ = false;
  }
  held_ = Batch{};
  return {};
}

std::vector<std::uint8_t> ContextSearch::mark(const Batch& whole, const Column& column, std::int64_t first) {
  const auto rows = whole.rows();
  std::vector<std::uint8_t> kept(static_cast<std::size_t>(rows), 0);
  const auto found = matches(column.slice(first, rows - first), pattern_, settings_.invert, scratch_);
  const auto* file = whole.column("file");
  if (file != nullptr && file->type->kind != Kind::string) file = nullptr;
  // Rows before this one belong to other files; the rows held are followed back file by file.
  std::int64_t fileBegin = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    if (file != nullptr) {
      const auto name = file->isNull(row) ? std::string_view() : file->text(row);
      if (row == 0 ? first == 0 && name != file_ : name != file->text(row - 1)) {
        fileBegin = row;
        afterLeft_ = 0;
      }
      if (row + 1 == rows) file_ = name;
    }
    if (row < first) continue;
    auto& mine = kept[static_cast<std::size_t>(row)];
    if (found[static_cast<std::size_t>(row - first)] != 0) {
      const auto from = std::max(fileBegin, row - settings_.contextBefore);
      for (auto before = row - 1; before >= from && kept[static_cast<std::size_t>(before)] == 0; --before) {
        kept[static_cast<std::size_t>(before)] = 1;
      }
      mine = 1;
      afterLeft_ = settings_.contextAfter;
    } else if (afterLeft_ > 0) {
      --afterLeft_;
      mine = 1;
    }
  }
  return kept;
}

Result<void> ContextSearch::emitMatches(const Batch& whole, const std::vector<std::uint8_t>& kept, std::int64_t rows,
                                        StepIo& io) {
  std::vector<std::uint32_t> chosen;
  std::vector<Value> groups;
  const auto* file = whole.column("file");
  if (file != nullptr && file->type->kind != Kind::string) file = nullptr;
  for (std::int64_t row = 0; row < rows; ++row) {
    const bool keep = kept[static_cast<std::size_t>(row)] != 0;
    if (keep) {
      const bool otherFile = row > 0 && file != nullptr && file->text(row) != file->text(row - 1);
      if (!lastKept_ || otherFile) ++group_;
      chosen.push_back(static_cast<std::uint32_t>(row));
      groups.push_back(Value::int64(group_));
    }
    lastKept_ = keep;
  }
  // What is held is not kept: a group cannot go on behind it, unless it is kept later, which begins here.
  if ((chosen.empty() && !io.fresh(out::match)) || !io.wired(out::match)) return {};
  WEIR_ASSIGN(auto dense, whole.gather(chosen));
  std::vector<Field> fields(dense.schema()->fields().begin(), dense.schema()->fields().end());
  std::vector<Column> columns(dense.columns().begin(), dense.columns().end());
  WEIR_ASSIGN(auto group, columnOf(Type::int64(), groups, account_));
  if (const auto old = dense.schema()->indexOf("group"); old >= 0) {
    columns[static_cast<std::size_t>(old)] = std::move(group);
    fields[static_cast<std::size_t>(old)] = Field{"group", Type::int64(), false};
  } else {
    columns.push_back(std::move(group));
    fields.push_back(Field{"group", Type::int64(), false});
  }
  WEIR_ASSIGN(auto numbered, dense.withColumns(Schema::of(std::move(fields)), columns));
  io.emit(out::match, std::move(numbered));
  return {};
}

Result<void> ContextSearch::emitRest(const Batch& whole, const std::vector<std::uint8_t>& kept, std::int64_t rows,
                                     StepIo& io) const {
  if (!io.wired(out::rest)) return {};
  std::vector<std::uint32_t> others;
  for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(rows); ++row) {
    if (kept[row] == 0) others.push_back(row);
  }
  if (others.empty() && !io.fresh(out::rest)) return {};
  WEIR_ASSIGN(auto rest, whole.gather(others));
  io.emit(out::rest, std::move(rest));
  return {};
}

}  // namespace weir::nodes::grep
