// Alerts of a run, as those who watch it see and mute them.
#include "engine/live/describe.h"
#include "engine/live/session.h"

namespace weir::live {

Session::Answer Session::listAlerts() const { return describe(run_.alerts()); }

Session::Answer Session::mute(const json::Value& data) {
  constexpr std::int64_t kLongestMs = std::int64_t{366} * 86'400'000;
  WEIR_ASSIGN(const auto name, textOf(data, "alert", ""));
  WEIR_ASSIGN(const auto forMs, intOf(data, "forMs", 0));
  if (forMs < 0 || forMs > kLongestMs) {
    return fail("live.control", "an alert is muted for 0 ms (not any more) to 366 days, not " + std::to_string(forMs));
  }
  WEIR_TRY(run_.muteAlert(name, forMs * 1000));
  return std::string("{}");
}

}  // namespace weir::live
