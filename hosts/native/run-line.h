// RunLine: requests to a run and what it sends by itself, whatever lies between.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/data/batch.h"
#include "engine/live/control.h"

namespace weir::native {

/// What came by itself: a message of a subscription or of the run, or rows of a tap.
struct LiveNews {
  std::uint32_t subscription = 0;
  std::uint64_t rowsShed = 0;
  live::Control message{};  // if there is no batch
  std::optional<Batch> batch{};
};

class RunLine {
 public:
  virtual ~RunLine() = default;
  /// Sends a request and waits for its answer's data; what comes meanwhile is kept for next(). Errors: those that the
  /// run answers, `live.gone`.
  [[nodiscard]] virtual Result<json::Value> ask(std::string_view type, json::Value data = {},
                                                std::optional<std::uint32_t> subscription = {}) = 0;
  /// The next news, or nothing within `waitMs`. Gives credit for what it takes. Error `live.gone`: the other side
  /// closed the connection.
  [[nodiscard]] virtual Result<std::optional<LiveNews>> next(int waitMs) = 0;
};

}  // namespace weir::native
