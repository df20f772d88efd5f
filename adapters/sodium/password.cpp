// Calls libsodium.
#include "adapters/sodium/password.h"

#include <sodium.h>

#include <array>

#include "engine/data/check.h"

namespace weir::sodium {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemory = std::size_t{19} << 20;

/// Safe from any thread, and quick after the first time.
void setUp() { WEIR_CHECK(sodium_init() >= 0); }

const unsigned char* bytesOf(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string sha256(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), bytesOf(text), text.size());
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

Result<std::string> hashPassword(std::string_view password) {
  setUp();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), kPasses, kMemory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail("memory.limit", "there are no 19 MiB of memory to hash a password with; try again", true);
  }
  return std::string(text.data());
}

bool passwordFits(std::string_view password, const std::string& hash) {
  setUp();
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace weir::sodium
