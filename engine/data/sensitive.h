// Names of sensitive fields, and what stands in place of their values.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/value.h"

namespace weir {

/// By name, wherever in a flow a field of that name is.
struct SensitiveNames {
  std::vector<std::string> names{};
  /// Nobody knows which fields hold something computed from sensitive ones: all are hidden.
  bool all = false;
  /// Somebody who may has declared that these hold nothing sensitive.
  std::vector<std::string> shown{};

  [[nodiscard]] bool empty() const { return names.empty() && !all; }
  [[nodiscard]] bool hides(std::string_view name) const {
    if (std::ranges::find(shown, name) != shown.end()) return false;
    return all || std::ranges::find(names, name) != names.end();
  }
};

/// What is shown of a sensitive field.
inline constexpr std::string_view kSensitiveMask = "(sensitive)";

/// The value with the values of such fields, however deep, replaced by the mask.
[[nodiscard]] Value masked(const Value& value, const SensitiveNames& names);

/// `message` with every value of such fields in `row` replaced by the mask, as far as it is quoted there: as text, as a
/// number, as JSON. A message that may hold more than can be told apart is replaced as a whole.
[[nodiscard]] std::string withoutSensitive(std::string_view message, const Value& row, const SensitiveNames& names);

}  // namespace weir
