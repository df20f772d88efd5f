// Looks at the beginning of a file.
#include "nodes/files/json-read/text-shape.h"

#include <algorithm>

#include "engine/json/cursor.h"
#include "engine/node/file-stream.h"

namespace weir::nodes::json_read {
namespace {

constexpr std::size_t kMostRows = 4096;

std::string_view withoutSpace(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

bool endsAsLines(std::string_view path) {
  const auto packed = compressionOf(path);
  if (!packed.empty()) path.remove_suffix(std::min(path.size(), packed.size() + 1));
  return path.ends_with(".ndjson") || path.ends_with(".jsonl");
}

/// Whether a line begins as an object does.
bool hasObjectLine(std::string_view text) {
  while (!(text = withoutSpace(text)).empty()) {
    if (text.starts_with('{')) return true;
    const auto end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return false;
}

enum class Complete : std::uint8_t { yes, cutOff, wrong };

Complete completeValue(std::string_view line) {
  const auto copy = padded(line);
  const std::string_view text(copy.data(), line.size());
  json::Structure structure;
  structure.build(text, 0, static_cast<std::uint32_t>(text.size()), json::TextKind::document);
  if (structure.count() == 0) return Complete::wrong;
  json::Cursor cursor;
  cursor.start(structure, 0);
  if (structure.problem().ok() && cursor.skip() && cursor.finish(structure)) return Complete::yes;
  if (!structure.problem().ok()) return Complete::wrong;
  return cursor.problem().position >= text.size() ? Complete::cutOff : Complete::wrong;
}

void elementTexts(const json::Structure& structure, std::string_view text, bool whole, std::size_t base,
                  std::string_view original, std::vector<std::string_view>& rows) {
  json::Cursor cursor;
  cursor.start(structure, 0);
  std::string_view raw;
  const auto add = [&] {
    if (!cursor.getRaw(raw)) return false;
    const auto at = static_cast<std::size_t>(raw.data() - text.data());
    if (!whole && at + raw.size() >= text.size()) return false;
    rows.push_back(original.substr(base + at, raw.size()));
    return true;
  };
  if (cursor.kind() != json::Kind::array) {
    static_cast<void>(add());
    return;
  }
  if (!cursor.enterArray()) return;
  while (rows.size() < kMostRows && cursor.nextElement()) {
    if (!add()) return;
  }
}

}  // namespace

std::string padded(std::string_view text) {
  std::string copy;
  copy.reserve(text.size() + json::kPaddingBytes);
  copy.append(text).append(json::kPaddingBytes, '\0');
  return copy;
}

Shape shapeOf(Format format, std::string_view path, std::string_view text, bool whole) {
  if (format == Format::lines) return Shape::lines;
  if (format != Format::automatic) return Shape::value;
  if (endsAsLines(path)) return Shape::lines;
  const auto rest = withoutSpace(text);
  if (rest.empty()) return whole ? Shape::value : Shape::lines;
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) {
    if (whole || rest.front() == '[') return Shape::value;
    return Shape::lines;
  }
  // A list is one value, unless its first line is a whole value and others follow.
  const bool more = !withoutSpace(rest.substr(end)).empty();
  if (!more && whole) return Shape::value;
  switch (completeValue(rest.substr(0, end))) {
    case Complete::yes: {
      // Numbers and words on lines of their own are no JSON, unless the name or the person says so.
      const auto next = withoutSpace(rest.substr(end));
      const auto begins = [](std::string_view row) { return row.starts_with('{') || row.starts_with('['); };
      if (begins(rest) && (next.empty() || begins(next))) return Shape::lines;
      // A line that is none among lines that are: its neighbours are rows all the same.
      return rest.starts_with('{') && hasObjectLine(next) ? Shape::lines : Shape::value;
    }
    case Complete::cutOff:
      return Shape::value;
    case Complete::wrong:
      break;
  }
  return rest.front() == '[' ? Shape::value : Shape::lines;
}

std::vector<std::string_view> rowTexts(Shape shape, std::string_view text, bool whole) {
  std::vector<std::string_view> rows;
  if (shape == Shape::value) {
    const auto copy = padded(text);
    const std::string_view sample(copy.data(), text.size());
    json::Structure structure;
    structure.build(sample, 0, static_cast<std::uint32_t>(sample.size()), json::TextKind::document);
    if (structure.count() > 0) elementTexts(structure, sample, whole && structure.problem().ok(), 0, text, rows);
    return rows;
  }
  for (std::size_t at = 0; at < text.size() && rows.size() < kMostRows;) {
    auto end = text.find('\n', at);
    if (end == std::string_view::npos) {
      if (!whole) break;
      end = text.size();
    }
    const auto line = withoutSpace(text.substr(at, end - at));
    if (!line.empty()) rows.push_back(line);
    at = end + 1;
  }
  return rows;
}

}  // namespace weir::nodes::json_read
