// What the machine's error numbers mean in our words.
#pragma once

#include <string_view>

#include "engine/data/error.h"

namespace weir::native {

/// `number` is an errno; `verb` what was tried ("open", "read").
[[nodiscard]] Error fileError(int number, std::string_view path, std::string_view verb);

}  // namespace weir::native
