// Which row of a batch a breakpoint means, and how a link holds it, lets it go, changes or drops it.
#include "engine/runtime/link-watch.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/data/value-json.h"
#include "engine/runtime/link.h"

namespace weir::runtime {

Result<LogTemplate> LogTemplate::compile(std::string_view text, const cel::ExpressionOptions& options) {
  LogTemplate made;
  made.parts_.emplace_back();
  while (!text.empty()) {
    const auto brace = text.find_first_of("{}");
    made.parts_.back().text += text.substr(0, brace);
    if (brace == std::string_view::npos) break;
    const char found = text[brace];
    text.remove_prefix(brace + 1);
    if (text.starts_with(found)) {
      made.parts_.back().text += found;
      text.remove_prefix(1);
      continue;
    }
    const auto end = text.find('}');
    if (found == '}' || end == std::string_view::npos) {
      return fail("settings.invalid",
                  "a log message has a brace without its partner; write {row.field}, or {{ for a brace");
    }
    WEIR_ASSIGN(made.parts_.back().expression, cel::Expression::compile(text.substr(0, end), options));
    made.parts_.emplace_back();
    text.remove_prefix(end + 1);
  }
  return made;
}

std::string LogTemplate::of(const Batch& row) const {
  std::string text;
  for (const auto& part : parts_) {
    text += part.text;
    if (!part.expression) continue;
    const auto value = part.expression.evaluate(row);
    if (!value) {
      text += "(" + value.error().message + ")";
    } else if (!value->errors.empty()) {
      text += "(" + value->errors.front().error.message + ")";
    } else {
      const auto made = value->column.value(0);
      text += made.kind() == ValueKind::string ? std::string(made.text()) : toJson(made);
    }
  }
  return text;
}

std::vector<std::int64_t> LinkWatch::matches(Stop& stop, const Batch& dense) const {
  std::vector<std::int64_t> rows;
  if (stop.trace) {
    for (std::int64_t row = 0; row < dense.rows(); ++row) {
      if (listener->traceOf(dense, row) == *stop.trace) rows.push_back(row);
    }
    return rows;
  }
  rows.resize(static_cast<std::size_t>(dense.rows()));
  std::iota(rows.begin(), rows.end(), 0);
  if (!stop.condition) return rows;
  const auto selected = stop.condition.select(dense);
  const auto note = [&stop](std::int64_t count, const std::string& why) {
    stop.failed += count;
    if (stop.problem.empty()) stop.problem = why;
  };
  if (!selected) {
    note(dense.rows(), selected.error().message);
    return {};
  }
  if (!selected->errors.empty()) {
    note(static_cast<std::int64_t>(selected->errors.size()), selected->errors.front().error.message);
  }
  if (selected->all) return rows;
  const auto* first = reinterpret_cast<const std::uint32_t*>(selected->rows.data());
  rows.assign(first, first + selected->count);
  return rows;
}

std::optional<Hit> LinkWatch::examine(const Batch& batch) {
  if (batch.rows() == 0) return std::nullopt;
  auto dense = batch.dense();
  if (!dense) return std::nullopt;
  std::vector<std::vector<std::int64_t>> found;
  Hit hit{batch.rows(), nullptr};
  for (const auto& stop : stops) {
    found.push_back(matches(*stop, *dense));
    if (stop->message) continue;
    // The match that makes the count full, or the first one after it.
    const auto skipped = static_cast<std::size_t>(std::max<std::int64_t>(0, stop->after - 1 - stop->hits));
    if (skipped < found.back().size() && found.back()[skipped] < hit.row) hit = Hit{found.back()[skipped], stop};
  }
  for (std::size_t i = 0; i < stops.size(); ++i) {
    for (const auto row : found[i]) {
      if (row > hit.row) break;
      ++stops[i]->hits;
      if (stops[i]->message) listener->logged(*stops[i], dense->slice(row, 1));
    }
  }
  return hit.stop ? std::optional(hit) : std::nullopt;
}

namespace {

/// The rows of `entry` from `row` on; it keeps those before.
Entry splitOff(Entry& entry, std::int64_t row) {
  Entry rest = entry;
  rest.batch = entry.batch.slice(row, entry.batch.rows() - row);
  entry.batch = entry.batch.slice(0, row);
  rest.rows = rest.batch.representedRows();
  rest.firstRow = entry.firstRow + entry.rows - rest.rows;
  entry.rows -= rest.rows;
  rest.bytes = rest.batch.logicalBytes();
  entry.bytes = entry.batch.logicalBytes();
  rest.seen = true;  // joined to nothing: whoever looks sees the same rows
  return rest;
}

}  // namespace

Entry Link::splitHeld(Entry& entry, std::int64_t row) {
  bytes_ -= entry.bytes;
  auto rest = splitOff(entry, row);
  bytes_ += entry.bytes + rest.bytes;
  ++outstanding_;
  if (watched()) heldFirst_.push_back(rest.firstRow);
  return rest;
}

Result<void> Link::takeWatched(std::int64_t rows, std::size_t entries, std::vector<Entry>& into,
                               MemoryAccount& account) {
  if (watch->holdsBack()) {
    // Nothing behind it is looked at before it has gone: step by step there is one row at a time.
    std::ranges::move(watch->passing, std::back_inserter(into));
    watch->passing.clear();
    return {};
  }
  if (watch->stops.empty()) return takeNow(rows, entries, into, account);
  std::vector<Entry> taken;
  WEIR_TRY(takeNow(rows, entries, taken, account));
  for (std::size_t i = 0; i < taken.size(); ++i) {
    auto& entry = taken[i];
    const auto hit = watch->examine(entry.batch);
    const auto number = hit ? watch->listener->holds(*this, hit->stop) : std::nullopt;
    if (!number) {
      into.push_back(std::move(entry));
      continue;
    }
    auto rest = hit->row > 0 ? splitHeld(entry, hit->row) : Entry{};
    if (hit->row > 0) into.push_back(std::move(entry));
    watch->held =
        HeldEntry{*number, hit->row > 0 ? std::move(rest) : std::move(entry), hit->stop, watch->listener->nowMicros()};
    if (i + 1 < taken.size()) giveBack(std::span(taken).subspan(i + 1));
    break;
  }
  return {};
}

Entry Link::takeHeld() {
  auto entry = std::move(watch->held->entry);
  watch->held.reset();
  if (entry.batch.rows() > 1) {
    auto rest = splitHeld(entry, 1);
    giveBack(std::span(&rest, 1));
  }
  return entry;
}

void Link::passHeld() { watch->passing.push_back(takeHeld()); }

void Link::dropHeld() {
  const auto entry = takeHeld();
  forget(entry);
  metrics_.discarded += entry.rows;
  rows_ -= entry.rows;
  bytes_ -= entry.bytes;
}

void Link::changeHeld(Batch row) {
  auto& entry = watch->held->entry;
  if (entry.batch.rows() > 1) {
    auto rest = splitHeld(entry, 1);
    giveBack(std::span(&rest, 1));
  }
  bytes_ -= entry.bytes;
  entry.batch = entry.rows == 1 ? std::move(row) : row.withRepresentedRows(entry.rows);
  entry.bytes = entry.batch.logicalBytes();
  bytes_ += entry.bytes;
}

void Link::discardWatched() {
  auto gone = std::exchange(watch->passing, {});
  if (watch->held) gone.push_back(std::move(watch->held->entry));
  watch->held.reset();
  for (const auto& entry : gone) {
    forget(entry);
    metrics_.discarded += entry.rows;
    rows_ -= entry.rows;
    bytes_ -= entry.bytes;
  }
}

}  // namespace weir::runtime
