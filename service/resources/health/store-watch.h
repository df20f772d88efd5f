// StoreWatch: whether what a server stores gets to the disk in time.
#pragma once

#include <optional>

namespace weir::api {

class StoreWatch {
 public:
  virtual ~StoreWatch() = default;
  /// Changes take far longer than they should: who sends requests had better send them elsewhere. Any thread.
  [[nodiscard]] virtual bool slow() const = 0;
  /// Whether it answers, as it is known without asking; nothing where only asking tells. Any thread.
  [[nodiscard]] virtual std::optional<bool> answers() const { return std::nullopt; }
  /// Changes are refused, for there is no room for them. Any thread.
  [[nodiscard]] virtual bool full() const { return false; }
  /// Changes are refused, for the disk cannot be written to. Any thread.
  [[nodiscard]] virtual bool readOnly() const { return false; }
};

}  // namespace weir::api
