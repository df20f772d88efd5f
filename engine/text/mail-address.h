// Mail addresses, as people write them in settings and messages.
#pragma once

#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir {

/// `ada@example.com` of `Ada <ada@example.com>`. `mail.address` for what is none, or has other letters than ASCII;
/// `mail.header` for a line break or another control character in the name.
[[nodiscard]] Result<std::string> addressIn(std::string_view mailbox);

}  // namespace weir
