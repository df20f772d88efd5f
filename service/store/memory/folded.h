// Text as it is searched: without regard to case, the same in every store.
#pragma once

#include <string>
#include <string_view>

namespace weir::store {

/// Letters that differ in their case alone become one (Unicode simple folding), those of ASCII the small one.
[[nodiscard]] std::string folded(std::string_view text);

}  // namespace weir::store
