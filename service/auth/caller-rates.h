// CallerRates: how many requests in a second the server takes of one caller, by what they cost it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>  // unordered: no answer depends on its order

#include "service/metrics/registry.h"

namespace weir::auth {

/// What requests are counted as.
enum class RequestKind : std::uint8_t { read, change, signIn };
inline constexpr std::size_t kRequestKinds = 3;

/// Of one caller, by kind; 0: no limit.
struct CallerLimits {
  std::int64_t readsPerSecond = 0, changesPerSecond = 0, signInsPerSecond = 0;
};

/// What `remote` counts as: an address, of IPv6 the network of 64 bits that one customer is given.
[[nodiscard]] std::string addressKey(std::string_view remote);

/// One thread, that of the Api. Bounded: it forgets those first who may send most.
class CallerRates final : public metrics::Source {
 public:
  /// Whoever was quiet so long may send what this time allows at once.
  static constexpr std::int64_t kBurstSeconds = 10;
  static constexpr std::size_t kMostCallers = 50'000;  // that are remembered

  explicit CallerRates(CallerLimits limits = {}) { set(limits); }
  void set(CallerLimits limits);
  /// 0: the request is taken, and counted. Otherwise it is not, and one will be after so many milliseconds. Time is
  /// steady.
  [[nodiscard]] std::int64_t waitMs(RequestKind kind, std::string_view caller, std::int64_t nowNanos);
  /// Requests that had to wait, by kind.
  void write(metrics::Exposition& out) override;

 private:
  /// A bucket that drips evenly is full, or not, by the time at which it will be empty.
  struct Kind {
    std::int64_t perSecond = 0, eachNanos = 0, mostNanos = 0;
    std::int64_t refused = 0;
    std::unordered_map<std::string, std::int64_t> emptyAt{};  // of who has sent
  };
  static void forget(Kind& kind, std::int64_t nowNanos);
  std::array<Kind, kRequestKinds> kinds_;
};

}  // namespace weir::auth
