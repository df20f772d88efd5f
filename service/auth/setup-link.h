// SetupLink: lets whoever started a server make an account that administers it, once, within an hour: the first one, or
// one more when the owner of the machine has asked for that.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::auth {

class SetupLink {
 public:
  static constexpr std::int64_t kLivesMs = 3'600'000;
  /// No link: none fits.
  SetupLink() = default;
  /// A new one; gives the code, of which only a hash is kept here. `again`: it is good although somebody administers
  /// the server.
  [[nodiscard]] std::string make(std::int64_t nowMs, bool again = false);
  [[nodiscard]] bool fits(std::string_view code, std::int64_t nowMs) const;
  void use() { kept_.clear(); }
  /// One that was made again waits for somebody.
  [[nodiscard]] bool waitsAgain(std::int64_t nowMs) const {
    return again_ && !kept_.empty() && nowMs - madeMs_ < kLivesMs;
  }

 private:
  std::string kept_;
  std::int64_t madeMs_ = 0;
  bool again_ = false;
};

}  // namespace weir::auth
