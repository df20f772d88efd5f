// Writes JSON as it comes, compact or indented by two spaces.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json/value.h"

namespace weir::json {

enum class Layout : std::uint8_t { compact, pretty };

/// Appends to `out`, which outlives it. The caller sees to it that keys and values alternate and containers end.
/// Ints have all digits, doubles the shortest text that round-trips (see appendDouble), strings minimal escapes.
///
///   Writer writer(out);
///   writer.beginObject().key("rows").value(3).key("tags").beginArray().value("a").endArray().endObject();
class Writer {
 public:
  explicit Writer(std::string& out, Layout layout = Layout::compact) : out_(out), layout_(layout) {}

  Writer& beginObject();
  Writer& endObject();
  Writer& beginArray();
  Writer& endArray();
  Writer& key(std::string_view key);
  Writer& null();
  Writer& value(bool value);
  Writer& value(std::int64_t value);
  Writer& value(std::uint64_t value);
  Writer& value(int value) { return this->value(std::int64_t{value}); }
  Writer& value(double value);
  Writer& value(std::string_view value);
  Writer& value(const char* value) { return this->value(std::string_view(value)); }
  Writer& value(const std::string& value) { return this->value(std::string_view(value)); }
  Writer& value(const Value& value);
  /// JSON that is already text.
  Writer& raw(std::string_view json);

 private:
  void beforeValue();
  void newLine();
  Writer& begin(char opener);
  Writer& end(char closer);

  std::string& out_;
  Layout layout_;
  std::vector<bool> filled_;  // per open container: whether it has something
  bool afterKey_ = false;
};

void appendValue(std::string& out, const Value& value, Layout layout = Layout::compact);
[[nodiscard]] std::string write(const Value& value, Layout layout = Layout::compact);

}  // namespace weir::json
