// Whether a password is among those that are tried first.
#pragma once

#include <string_view>

namespace weir::auth {

/// Repeated or walked over a keyboard; or made of at most two words that lists of stolen passwords begin with, of the
/// name, or of this program's, whatever digits and signs stand for letters or around them.
[[nodiscard]] bool isEasyPassword(std::string_view password, std::string_view name);

}  // namespace weir::auth
