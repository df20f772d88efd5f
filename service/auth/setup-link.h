// SetupLink: lets whoever started a server that nobody administers make the first account, once, within an hour.
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
  /// A new one; gives the code, of which only a hash is kept here.
  [[nodiscard]] std::string make(std::int64_t nowMs);
  [[nodiscard]] bool fits(std::string_view code, std::int64_t nowMs) const;
  void use() { kept_.clear(); }

 private:
  std::string kept_;
  std::int64_t madeMs_ = 0;
};

}  // namespace weir::auth
