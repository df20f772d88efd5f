// What an append finds in a log, for all places.
#include "service/store/operations.h"

#include <algorithm>

namespace weir::store {

std::optional<std::size_t> alreadyThere(std::int64_t after, std::int64_t last, std::span<const LoggedOperation> behind,
                                        std::string_view author, std::span<const NewOperation> given) {
  if (after > last) return std::nullopt;
  const auto there = std::min<std::int64_t>(last - after, std::ssize(given));
  // Those that the log has forgotten cannot be compared.
  if (std::ssize(behind) < there) return std::nullopt;
  for (std::int64_t i = 0; i < there; ++i) {
    const auto& kept = behind[static_cast<std::size_t>(i)];
    const auto& one = given[static_cast<std::size_t>(i)];
    if (kept.number != after + 1 + i || kept.author != author || kept.base != one.base ||
        kept.operation != one.operation) {
      return std::nullopt;
    }
  }
  return static_cast<std::size_t>(there);
}

}  // namespace weir::store
