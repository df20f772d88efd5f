// Shape: which keys an object of the flow document may have, in canonical order; the one table behind strict reading,
// formatting and the published schema.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/flow/problem.h"
#include "engine/json/value.h"

namespace weir::flow {

enum class Form : std::uint8_t {
  any,
  string,
  integer,  // not negative
  number,
  boolean,
  map,      // an object with keys of its own
  object,   // of `shape`
  list,     // of objects of `shape`
  strings,  // a list of strings
  objects,  // a map whose values are of `shape`
};

struct Shape;

struct Key {
  std::string_view name;
  Form form = Form::any;
  const Shape* shape = nullptr;
  bool required = false;
  std::string_view choices = {};  // string: one of these, separated by '|' (number: allowed beside a number)
  double most = 1e18;
  bool nullable = false;
  std::int64_t least = 0;  // of integers
};

struct Shape {
  std::string_view name;  // for messages: "an edge"
  std::span<const Key> keys;

  [[nodiscard]] const Key* find(std::string_view key) const;
  /// Its place among the keys, or their number if there is none. Looked for from `from` on: documents mostly have the
  /// canonical order.
  [[nodiscard]] std::size_t placeOf(std::string_view key, std::size_t from) const;
};
/// At least as many keys as any shape has.
inline constexpr std::size_t kMostKeys = 32;

[[nodiscard]] const Shape& flowShape();

/// Reports everything in `value` that is not of `shape`.
void checkShape(const json::Value& value, const Shape& shape, const std::string& pointer, Problems& problems);

}  // namespace weir::flow
