// What every answer over HTTP says in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::native {

/// "Not Found"
[[nodiscard]] std::string_view reasonOf(int status);
/// `Sat, 21 Nov 2026 10:00:00 GMT`
[[nodiscard]] std::string httpDate(std::int64_t seconds);

}  // namespace weir::native
