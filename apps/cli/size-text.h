// Sizes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::cli {

/// `1048576`, `64k`, `512MB` (10^6), `2GiB` (2^30). Nothing if it is no size.
[[nodiscard]] std::optional<std::int64_t> parseSize(std::string_view text);

}  // namespace weir::cli
