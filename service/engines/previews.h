// Previews: short runs whose rows are looked at and kept nowhere.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/host/waker.h"
#include "service/engines/engines.h"

namespace weir::engines {

/// What a preview has given so far.
struct PreviewRows {
  std::string lines;   // NDJSON
  std::string schema;  // JSON [{name, type}], of the first rows; empty: none have come
  std::int64_t rows = 0;
  std::optional<EngineEnd> end;  // of its run, which may have been ended because there were enough rows
};

/// One of them; its end cancels it. Thread-safe.
class Preview {
 public:
  class Inbox;
  Preview(Engines& engines, RunNumber number, std::shared_ptr<Inbox> inbox)
      : engines_(engines), number_(number), inbox_(std::move(inbox)) {}
  ~Preview();
  Preview(const Preview&) = delete;
  Preview& operator=(const Preview&) = delete;

  /// Enough rows are there, or no more come.
  [[nodiscard]] bool ready() const;
  [[nodiscard]] PreviewRows take();

 private:
  Engines& engines_;
  RunNumber number_;
  std::shared_ptr<Inbox> inbox_;
};

class Previews {
 public:
  using Furnish = std::function<Result<void>(const std::string& folder, EngineOrder& order)>;
  using Sent = std::function<void(const std::string& folder, std::int64_t bytes)>;
  /// `furnish` gives an order what its folder has, the mount `project` too. `sent` is told what they send, from the
  /// thread of Engines, which it outlives.
  Previews(Engines& engines, Furnish furnish, Sent sent = {})
      : engines_(engines), furnish_(std::move(furnish)), sent_(std::move(sent)) {}

  /// Up to `most` rows of one outlet of a flow, with what its folder has, of which nothing can be written. `waker` is
  /// woken when there may be news.
  [[nodiscard]] Result<std::unique_ptr<Preview>> start(const std::string& folder, EngineOrder order,
                                                       const std::string& parameters, std::int64_t most, Waker waker);

  /// A test of a flow (flow::FlowTest as JSON) with what its folder has, of which nothing can be written. The JSON of
  /// its end has {"test": {passed, why?}}.
  [[nodiscard]] Result<std::unique_ptr<Preview>> test(const std::string& folder, EngineOrder order,
                                                      const std::string& test, Waker waker);

 private:
  /// `more`: members of the run's options beside its mounts, as JSON.
  [[nodiscard]] Result<std::unique_ptr<Preview>> begin(const std::string& folder, EngineOrder order,
                                                       const std::string& more, std::int64_t most, Waker waker);

  Engines& engines_;
  Furnish furnish_;
  Sent sent_;
};

}  // namespace weir::engines
