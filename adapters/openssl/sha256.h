// SHA-256 (FIPS 180-4) of bytes that come in pieces, by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace weir::openssl {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void add(std::string_view bytes);
  /// 64 lower-case hexadecimal digits; once, then nothing is added any more.
  [[nodiscard]] std::string finish();

  [[nodiscard]] static std::string of(std::string_view bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir::openssl
