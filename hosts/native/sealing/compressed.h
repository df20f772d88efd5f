// Small texts compressed as zstd frames, where that makes them smaller.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::native {

/// Appends a frame to `out` and answers true; false, and `out` as it was, if it would not be smaller by an eighth.
[[nodiscard]] bool compressInto(std::string_view text, std::string& out);
/// Appends the text of one frame. `seal.corrupt`: it is none, or longer than `mostBytes`.
Result<void> decompressInto(std::string_view frame, std::int64_t mostBytes, std::string& out);

}  // namespace weir::native
