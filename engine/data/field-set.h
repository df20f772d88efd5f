// FieldSet: which fields of a port somebody downstream reads.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// Either all fields or a list of top-level names.
struct FieldSet {
  bool all = true;
  std::vector<std::string> names;  // sorted

  [[nodiscard]] static FieldSet everything() { return {}; }
  [[nodiscard]] static FieldSet none() { return {false, {}}; }
  [[nodiscard]] bool contains(std::string_view name) const {
    return all || std::binary_search(names.begin(), names.end(), name);
  }
  void add(std::string_view name) {
    if (all) return;
    const auto at = std::lower_bound(names.begin(), names.end(), name);
    if (at == names.end() || *at != name) names.emplace(at, name);
  }
  void add(const FieldSet& other) {
    if (other.all) all = true;
    for (const auto& name : other.names) add(name);
    if (all) names.clear();
  }
};

}  // namespace weir
