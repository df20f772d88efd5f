// Matching a column.
#include "nodes/text/grep/pattern.h"

#include "engine/node/line-pattern.h"

namespace weir::nodes::grep {

Result<regex::Regex> compilePattern(const Settings& settings) {
  LinePattern wanted;
  wanted.pattern = settings.pattern;
  wanted.ignoreCase = settings.ignoreCase;
  wanted.literal = settings.literal;
  auto compiled = wanted.compile();
  if (!compiled) compiled.error().message = "/settings/pattern: " + compiled.error().message;
  return compiled;
}

Result<const Column*> textColumn(const Batch& batch, const std::string& field) {
  const auto* column = batch.column(field);
  if (column == nullptr) {
    return fail("text.no_field", "the rows have no field '" + field + "'; they have " + batch.schema()->describe());
  }
  if (batch.rows() > 0 && column->type->kind != Kind::string && column->type->kind != Kind::null) {
    return fail("text.not_text", "the field '" + field + "' is " + typeName(*column->type) +
                                     ", not string; convert it first, for example with string(row." + field + ")");
  }
  return column;
}

std::vector<std::uint8_t> matches(const Column& column, const regex::Regex& pattern, bool invert,
                                  regex::Regex::Scratch& scratch) {
  std::vector<std::uint8_t> kept(static_cast<std::size_t>(column.length), 0);
  if (column.type->kind == Kind::null) return kept;
  std::vector<std::uint8_t> entries;  // of the dictionary
  if (column.dictionary && column.children[0].length <= column.length) {
    const auto& texts = column.children[0];
    for (std::int64_t i = 0; i < texts.length; ++i) entries.push_back(pattern.search(texts.text(i), scratch) ? 1 : 0);
  }
  for (std::int64_t row = 0; row < column.length; ++row) {
    if (column.isNull(row)) continue;
    const bool found = entries.empty()
                           ? pattern.search(column.text(row), scratch)
                           : entries[static_cast<std::size_t>(column.codes()[static_cast<std::size_t>(row)])] != 0;
    kept[static_cast<std::size_t>(row)] = found != invert ? 1 : 0;
  }
  return kept;
}

}  // namespace weir::nodes::grep
