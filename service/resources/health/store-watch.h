// StoreWatch: whether what a server stores gets to the disk in time.
#pragma once

namespace weir::api {

class StoreWatch {
 public:
  virtual ~StoreWatch() = default;
  /// Changes take far longer than they should: who sends requests had better send them elsewhere. Any thread.
  [[nodiscard]] virtual bool slow() const = 0;
};

}  // namespace weir::api
