// CRC-32C (Castagnoli), by the processor's instruction where there is one.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::journal {

/// The checksum of `before` and `bytes` put end to end, if `crc` is that of `before` (0 of nothing).
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0) noexcept;
/// The same by tables.
[[nodiscard]] std::uint32_t crc32cPortable(std::string_view bytes, std::uint32_t crc = 0) noexcept;

}  // namespace weir::journal
