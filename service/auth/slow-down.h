// SlowDown: makes those wait who have failed too often, by account and by address. Nobody is locked out for good.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace weir::auth {

/// Time is steady, in milliseconds. Bounded: the table forgets what is oldest.
class SlowDown {
 public:
  /// How long a try for that account from that address has to wait yet; 0: it may be made.
  [[nodiscard]] std::int64_t waitMs(std::string_view account, std::string_view address, std::int64_t nowMs) const;
  /// Said before the password is looked at, so that tries at the same time count each other.
  void failed(std::string_view account, std::string_view address, std::int64_t nowMs);
  /// Takes back what failed() has said, and forgets the failures of the account from that address.
  void succeeded(std::string_view account, std::string_view address);

 private:
  struct Failures {
    std::int64_t count = 0, lastMs = 0;
    std::int64_t halvedMs = 0;                          // since when it counts towards the next halving
    std::int64_t lastBeforeMs = 0, halvedBeforeMs = 0;  // as they were before the newest
  };
  void add(std::string key, std::int64_t nowMs);
  void forget(std::int64_t nowMs);
  std::map<std::string, Failures, std::less<>> failures_;
};

}  // namespace weir::auth
