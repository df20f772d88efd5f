// Signatures of JSON Web Tokens (RFC 7518), checked by OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace weir::openssl {

/// A public key as RFC 7517 writes it, its numbers as bytes: RSA of at least 2048 bits (`n`, `e`), EC on P-256 (`x`,
/// `y`), OKP on Ed25519 (`x`).
struct JsonWebKey {
  std::string type;   // `kty`
  std::string curve;  // `crv`
  std::string n, e, x, y;
};

/// Whether the key made the signature of the text. `algorithm` is RS256, PS256, ES256 or EdDSA; false for any other,
/// and for one that is not of the key's type, so that no key is taken for another kind.
[[nodiscard]] bool signedBy(const JsonWebKey& key, std::string_view algorithm, std::string_view text,
                            std::string_view signature);

}  // namespace weir::openssl
