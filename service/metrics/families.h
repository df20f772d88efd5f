// Family: a name under which figures are told, and what it means; the one list of all of them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::metrics {

enum class Type : std::uint8_t { counter, gauge, histogram };

struct Family {
  std::string_view name;
  Type type = Type::counter;
  std::string_view labels;  // their names, with spaces between
  std::string_view help;    // one sentence
};

/// All that a server tells, by name. docs/reference/metrics.md is written from it.
[[nodiscard]] std::span<const Family> families();
/// The family must be of the list: anything else is a bug of the caller.
[[nodiscard]] const Family& familyNamed(std::string_view name);
[[nodiscard]] std::string_view nameOf(Type type);

}  // namespace weir::metrics
