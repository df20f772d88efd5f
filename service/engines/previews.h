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
  /// `furnish` gives an order what its folder has, the mount `project` too.
  Previews(Engines& engines, Furnish furnish) : engines_(engines), furnish_(std::move(furnish)) {}

  /// Up to `most` rows of one outlet of a flow, with what its folder has, of which nothing can be written. `waker` is
  /// woken when there may be news.
  [[nodiscard]] Result<std::unique_ptr<Preview>> start(const std::string& folder, EngineOrder order,
                                                       const std::string& parameters, std::int64_t most, Waker waker);

 private:
  Engines& engines_;
  Furnish furnish_;
};

}  // namespace weir::engines
