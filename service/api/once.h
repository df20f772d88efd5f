// Once: what was answered to requests that may be sent again under the same Idempotency-Key.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/clock.h"
#include "service/api/job.h"
#include "service/api/refusal.h"

namespace weir::api {

struct Call;

/// Kept in memory: for a day, the newest 10,000. What was done before a restart is not known after it; a change of a
/// flow is safe all the same if it says If-Match. One thread, that of the Api.
class Once {
 public:
  explicit Once(Clock& clock) : clock_(clock) {}
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;

  /// Handles the call, or gives what was answered to the same one before; a second one that comes meanwhile waits for
  /// the first. `api.idempotency` (422) if the key was used for another request. Streams, and answers of trouble (5xx,
  /// 429), are not kept.
  [[nodiscard]] Job<Response> handle(Call& call, std::string_view key);

  static constexpr std::size_t kMost = 10'000;
  static constexpr std::int64_t kKeptBytes = std::int64_t{32} << 20;
  static constexpr std::int64_t kDayNanos = std::int64_t{24} * 3600 * 1'000'000'000;

 private:
  struct Kept {
    std::uint64_t request = 0;  // of its path, query and body
    bool done = false;
    int status = 0;
    std::vector<Header> headers{};
    std::string body{};
    std::int64_t atNanos = 0;
    std::vector<Completion<Unit>> waiting{};
  };
  class Turn;

  void keep(const std::string& name, const Response& response);
  void forget(const std::string& name);
  void dropOld();

  Clock& clock_;
  std::map<std::string, Kept> kept_;
  std::vector<std::string> order_;  // names, oldest first
  std::int64_t bytes_ = 0;
};

}  // namespace weir::api
