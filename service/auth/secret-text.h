// Secrets that a server hands out, session ids and tokens, and the hashes that it keeps of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::auth {

/// 256 random bits, as 43 characters of base64url.
[[nodiscard]] std::string newSecret();
/// 96 random bits, as 16 characters of base64url: for what may be seen.
[[nodiscard]] std::string newId();
/// What is kept of a secret: with so many random bits a plain hash is enough.
[[nodiscard]] std::string keptOf(std::string_view secret);

/// `weir_pat_<id>_<secret>`
struct TokenText {
  std::string id, secret;
};
[[nodiscard]] std::string write(const TokenText& token);
/// The parts of one, in its text.
struct TokenParts {
  std::string_view id, secret;
};
[[nodiscard]] std::optional<TokenParts> readToken(std::string_view text);

}  // namespace weir::auth
