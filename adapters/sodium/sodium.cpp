// libsodium's C interface, called.
#include "adapters/sodium/sodium.h"

#include <sodium.h>

#include <algorithm>
#include <mutex>

#include "engine/data/check.h"

namespace weir::sodium {
namespace {

void initialize() {
  static std::once_flag once;
  std::call_once(once, [] { WEIR_CHECK(sodium_init() >= 0); });
}

const unsigned char* in(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* into(char* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kNonceBytes + kTagBytes == kSealBytes);
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == Key::kBytes);
constexpr std::size_t kSumBytes = 32;

}  // namespace

std::string randomBytes(std::size_t bytes) {
  initialize();
  std::string made(bytes, '\0');
  randombytes_buf(made.data(), made.size());
  return made;
}

bool equalBytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& text) {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

Key::~Key() { sodium_memzero(bytes_.data(), bytes_.size()); }

Key Key::random() {
  initialize();
  Key key;
  randombytes_buf(key.bytes_.data(), key.bytes_.size());
  return key;
}

Key Key::of(std::string_view bytes) {
  WEIR_CHECK(bytes.size() == kBytes);
  Key key;
  std::ranges::copy(bytes, key.bytes_.begin());
  return key;
}

Key Key::derive(std::string_view purpose) const {
  auto sum = sumOf(purpose, this);
  const auto key = of(sum);
  sodium::wipe(sum);
  return key;
}

std::string Key::name() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto sum = sumOf("weir key name", this);
  std::string name;
  for (std::size_t i = 0; i < 8; ++i) {
    const auto byte = static_cast<unsigned char>(sum[i]);
    name += kDigits[byte >> 4U];
    name += kDigits[byte & 15U];
  }
  return name;
}

void seal(const Key& key, std::string_view associated, std::string_view plain, std::string& out) {
  initialize();
  const auto before = out.size();
  out.resize(before + plain.size() + kSealBytes);
  auto* nonce = into(out.data() + before);
  randombytes_buf(nonce, kNonceBytes);
  unsigned long long written = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonceBytes, &written, in(plain), plain.size(), in(associated),
                                             associated.size(), nullptr, nonce, in(key.bytes()));
  WEIR_CHECK(written == plain.size() + kTagBytes);
}

bool open(const Key& key, std::string_view associated, std::string_view sealed, std::string& out) {
  if (sealed.size() < kSealBytes) return false;
  const auto before = out.size();
  out.resize(before + sealed.size() - kSealBytes);
  unsigned long long written = 0;
  const auto* nonce = in(sealed);
  const int code = crypto_aead_xchacha20poly1305_ietf_decrypt(
      into(out.data() + before), &written, nullptr, nonce + kNonceBytes, sealed.size() - kNonceBytes, in(associated),
      associated.size(), nonce, in(key.bytes()));
  if (code == 0) return true;
  out.resize(before);
  return false;
}

struct Sum::State {
  crypto_generichash_state state;
};

Sum::Sum(const Key* key) : state_(std::make_unique<State>()) {
  initialize();
  const auto* bytes = key == nullptr ? nullptr : in(key->bytes());
  crypto_generichash_init(&state_->state, bytes, key == nullptr ? 0 : Key::kBytes, kSumBytes);
}
Sum::~Sum() { sodium_memzero(&state_->state, sizeof(state_->state)); }
void Sum::add(std::string_view bytes) { crypto_generichash_update(&state_->state, in(bytes), bytes.size()); }
std::string Sum::end() {
  std::string sum(kSumBytes, '\0');
  crypto_generichash_final(&state_->state, into(sum.data()), sum.size());
  return sum;
}

std::string sumOf(std::string_view bytes, const Key* key) {
  Sum sum(key);
  sum.add(bytes);
  return sum.end();
}

}  // namespace weir::sodium
