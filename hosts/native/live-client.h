// LiveClient: the watcher's end of a run's socket; calls block, each with a limit.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/live/batch-frames.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/run-line.h"

namespace weir::native {

class LiveClient final : public RunLine {
 public:
  /// Errors as connectTo.
  [[nodiscard]] static Result<LiveClient> connect(const std::string& folder, std::string_view run);

  [[nodiscard]] Result<json::Value> ask(std::string_view type, json::Value data = {},
                                        std::optional<std::uint32_t> subscription = {}) override;
  [[nodiscard]] Result<std::optional<LiveNews>> next(int waitMs) override;
  /// To wait on, together with others.
  [[nodiscard]] int descriptor() const { return socket_.get(); }

 private:
  explicit LiveClient(Descriptor socket) : socket_(std::move(socket)) {}
  Result<void> send(const live::Control& control);
  /// Reads what is there, waiting up to `waitMs` for the first byte; false: nothing came.
  Result<bool> fill(int waitMs);
  Result<void> sort();
  Result<void> takeRows(const live::Frame& frame);

  Descriptor socket_;
  live::FrameSplitter splitter_;
  std::map<std::uint32_t, live::BatchAssembler> assemblers_;
  std::map<std::uint32_t, std::int64_t> taken_;  // bytes since the last credit
  std::deque<LiveNews> news_;
  std::deque<live::Control> answers_;
  std::int64_t lastId_ = 0;
};

}  // namespace weir::native
