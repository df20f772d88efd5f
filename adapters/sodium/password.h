// Passwords by Argon2id, and SHA-256, by libsodium.
#pragma once

#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::sodium {

/// The 32 bytes of SHA-256.
[[nodiscard]] std::string sha256(std::string_view text);

/// Argon2id with 19 MiB and two passes, as `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. It takes about 20 ms and that
/// memory; `memory.limit` if there is none.
[[nodiscard]] Result<std::string> hashPassword(std::string_view password);
/// Takes as long as hashPassword, with whatever limits the hash was made.
[[nodiscard]] bool passwordFits(std::string_view password, const std::string& hash);

}  // namespace weir::sodium
