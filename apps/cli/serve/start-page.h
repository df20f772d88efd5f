// The page that a server shows at its root.
#pragma once

#include <string_view>

namespace weir::cli {

/// Names of the other two as `@style@` and `@script@`, the version as `@version@`.
extern const std::string_view kStartPage;
extern const std::string_view kStartStyle, kStartScript;

}  // namespace weir::cli
