// Objects: large texts of a store, in a folder beside its database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"

namespace weir::store {

/// Each has a name that its text gives, so that equal ones are kept once. Thread-safe.
class Objects {
 public:
  virtual ~Objects() = default;
  /// On the disk when it returns, whole or not at all; what has the name is replaced. `storage.full`,
  /// `storage.unavailable`.
  virtual Result<void> put(const std::string& name, std::string_view text) = 0;
  /// `storage.corrupt`: it is not there, or no more what was put there; the message names it.
  [[nodiscard]] virtual Result<std::string> get(const std::string& name) = 0;
  /// One that is not there is as good as removed.
  virtual Result<void> remove(const std::string& name) = 0;
  /// The names of all that lies there, half-written ones by names that no object has; remove() takes those too.
  [[nodiscard]] virtual Result<std::vector<std::string>> list() = 0;
  /// All of it is being copied: nothing may go now.
  [[nodiscard]] virtual bool isCopied() = 0;
};

}  // namespace weir::store
