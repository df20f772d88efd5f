// The byte-by-byte grammar's search for a line end.
#include "engine/csv/record.h"

#include <cstring>

namespace weir::csv {

std::uint32_t afterLine(const char* data, std::uint32_t at, std::uint32_t size, char newline) noexcept {
  if (at >= size) return size;
  const auto* found = static_cast<const char*>(std::memchr(data + at, newline, size - at));
  return found == nullptr ? size : static_cast<std::uint32_t>(found - data) + 1;
}

}  // namespace weir::csv
