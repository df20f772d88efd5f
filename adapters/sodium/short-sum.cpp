// libsodium's SipHash, called.
#include "adapters/sodium/short-sum.h"

#include <sodium.h>

#include <cstring>

#include "adapters/sodium/sodium.h"

namespace weir::sodium {

static_assert(crypto_shorthash_siphashx24_KEYBYTES == 16);
static_assert(crypto_shorthash_siphashx24_BYTES == sizeof(ShortSum));

ShortSums::ShortSums() {
  const auto key = randomBytes(key_.size());
  std::memcpy(key_.data(), key.data(), key_.size());
}

ShortSum ShortSums::of(std::string_view text) const {
  std::array<unsigned char, sizeof(ShortSum)> bytes{};
  ::crypto_shorthash_siphashx24(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                                key_.data());
  ShortSum sum;
  std::memcpy(&sum, bytes.data(), sizeof sum);
  return sum;
}

}  // namespace weir::sodium
