// The heap parts of lists, maps and optionals (only for value*.cpp).
#pragma once

#include "engine/data/value.h"

namespace weir {

struct ListPart {
  std::atomic<std::int32_t> refs{1};
  std::vector<Value> items;
};

struct MapPart {
  std::atomic<std::int32_t> refs{1};
  std::vector<MapEntry> entries;
  std::vector<std::uint32_t> table;  // open addressing over hashValue, entry + 1; empty for small maps

  [[nodiscard]] const Value* find(const Value& key) const noexcept;
};

struct OptionalPart {
  std::atomic<std::int32_t> refs{1};
  Value value;
};

/// The entry with an equal key, or -1; shared by maps and their builder.
[[nodiscard]] std::int64_t findEntry(std::span<const MapEntry> entries, std::span<const std::uint32_t> table,
                                     const Value& key) noexcept;

}  // namespace weir
