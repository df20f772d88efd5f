// libsodium's primitives: keys that are wiped, sealing with associated data, keyed sums, random bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::sodium {

/// So many bytes from the system's generator.
[[nodiscard]] std::string randomBytes(std::size_t bytes);
/// In a time that depends on the lengths alone.
[[nodiscard]] bool equalBytes(std::string_view a, std::string_view b);
/// Nothing of it can be read from memory any more; it is empty afterwards.
void wipe(std::string& text);

/// 256 bits that are wiped when they go. Never printed.
class Key {
 public:
  static constexpr std::size_t kBytes = 32;
  /// All zeros: no key.
  Key() = default;
  ~Key();
  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  [[nodiscard]] static Key random();
  /// Of exactly 32 bytes; others are a mistake of ours.
  [[nodiscard]] static Key of(std::string_view bytes);
  /// A key for one purpose, from which neither this key nor those of other purposes can be told.
  [[nodiscard]] Key derive(std::string_view purpose) const;
  /// Says which key it is without saying anything about it: 16 hexadecimal digits.
  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }
  [[nodiscard]] bool operator==(const Key& other) const { return equalBytes(bytes(), other.bytes()); }

 private:
  std::array<char, kBytes> bytes_{};
};

/// What sealing adds: a random nonce of 24 bytes in front, 16 bytes that authenticate behind.
inline constexpr std::size_t kSealBytes = 40;
/// XChaCha20-Poly1305. Appends to `out` what only the holder of the key can open, and only with the same `associated`.
void seal(const Key& key, std::string_view associated, std::string_view plain, std::string& out);
/// Appends the plain bytes to `out`. False, and `out` as it was: not sealed by this key, not with this `associated`, or
/// changed since.
[[nodiscard]] bool open(const Key& key, std::string_view associated, std::string_view sealed, std::string& out);

/// A sum of bytes that nobody can find other bytes for (BLAKE2b, 32 bytes); with a key nobody else can make it.
class Sum {
 public:
  explicit Sum(const Key* key = nullptr);
  ~Sum();
  Sum(const Sum&) = delete;
  Sum& operator=(const Sum&) = delete;
  void add(std::string_view bytes);
  /// Once, at the end.
  [[nodiscard]] std::string end();

 private:
  struct State;
  std::unique_ptr<State> state_;
};
[[nodiscard]] std::string sumOf(std::string_view bytes, const Key* key = nullptr);

}  // namespace weir::sodium
