// Cells, widths, lines.
#include "apps/cli/row-table.h"

#include <algorithm>

#include "engine/data/value-json.h"
#include "engine/text/printable.h"
#include "engine/text/utf8.h"

namespace weir::cli {
namespace {

constexpr std::size_t kWidest = 32;

std::size_t lengthOf(const std::string& text) { return static_cast<std::size_t>(utf8::countCodePoints(text)); }

std::string cut(std::string text, std::size_t most) {
  if (lengthOf(text) <= most) return text;
  std::size_t end = 0;
  for (std::size_t characters = 0; end < text.size() && characters + 1 < most; ++characters) {
    do {
      ++end;
    } while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U);
  }
  return text.substr(0, end) + "~";
}

std::string cellOf(const Value& value) {
  auto text = value.kind() == ValueKind::string && !value.text().empty() ? std::string(value.text()) : toJson(value);
  std::ranges::replace(text, '\n', ' ');
  std::ranges::replace(text, '\t', ' ');
  return printable(text);
}

}  // namespace

std::string RowTable::line(const std::vector<std::string>& cells) const {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    auto cell = cut(cells[i], widths_[i]);
    const bool last = i + 1 == cells.size();
    const auto space = last ? 0 : widths_[i] + 2 - lengthOf(cell);
    text += cell + std::string(space, ' ');
  }
  return (width_ > 0 ? cut(std::move(text), static_cast<std::size_t>(width_)) : text) + "\n";
}

std::string RowTable::of(const Batch& batch) {
  std::vector<std::vector<std::string>> lines;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    auto& cells = lines.emplace_back();
    for (std::int64_t i = 0; i < batch.schema()->size(); ++i) cells.push_back(cellOf(batch.value(row, i)));
  }
  std::string text;
  if (batch.schema() != schema_) {
    schema_ = batch.schema();
    widths_.clear();
    std::vector<std::string> head;
    for (const auto& field : schema_->fields()) head.push_back(printable(field.name));
    for (std::size_t i = 0; i < head.size(); ++i) {
      auto widest = lengthOf(head[i]);
      for (const auto& cells : lines) widest = std::max(widest, lengthOf(cells[i]));
      widths_.push_back(std::min(std::max<std::size_t>(widest, 6), kWidest));
    }
    text += line(head);
  }
  for (const auto& cells : lines) text += line(cells);
  return text;
}

}  // namespace weir::cli
