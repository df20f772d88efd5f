// Follow: asks a store, now and then, what other servers on the same database have changed.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "engine/host/operation.h"

namespace weir::store {

/// One thread. What was read while a change of one's own was under way says nothing of that change, so it is passed
/// over and read again.
template <class T>
class Follow {
 public:
  /// Asks if it is due and nothing of one's own is under way (`quiet`); gives what others have changed once it is
  /// there. `begun` counts the changes that were begun here.
  template <class Ask>
  [[nodiscard]] std::optional<T> step(bool due, bool quiet, std::uint64_t begun, Ask ask) {
    due_ = due_ || due;
    if (asked_.active()) {
      if (!asked_.ready()) return std::nullopt;
      Result<std::optional<T>> found = asked_.take();
      if (!found) all_ = all_ || allAsked_;
      if (!found || !*found) return std::nullopt;
      if (quiet && begun == begun_) return std::move(**found);
      again(allAsked_);
      return std::nullopt;
    }
    if (!due_ || !quiet) return std::nullopt;
    due_ = false;
    begun_ = begun;
    allAsked_ = std::exchange(all_, false);
    asked_ = ask(allAsked_);
    return std::nullopt;
  }
  /// What is known may be old: it is asked for with the next step; with `all` whoever has changed it.
  void again(bool all = false) {
    due_ = true;
    all_ = all_ || all;
  }
  /// Something is still to be asked or taken.
  [[nodiscard]] bool busy() const { return due_ || asked_.active(); }

 private:
  Operation<std::optional<T>> asked_;
  bool due_ = false, all_ = false, allAsked_ = false;
  std::uint64_t begun_ = 0;
};

}  // namespace weir::store
