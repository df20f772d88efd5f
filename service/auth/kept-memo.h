// KeptMemo: what is kept of secrets, remembered for those that come with every request.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "adapters/sodium/short-sum.h"
#include "service/auth/secret-text.h"

namespace weir::auth {

/// keptOf() without its work for secrets that were right before. It knows neither the secrets nor whether they still
/// are: whoever asks looks that up, each time. One thread.
class KeptMemo {
 public:
  static constexpr std::size_t kMost = 4096;

  /// keptOf(secret). Holds until the next call.
  [[nodiscard]] const std::string& of(std::string_view secret) {
    last_ = sums_.of(secret);
    const auto known = kept_.find(last_);
    made_ = known == kept_.end();
    if (!made_) return known->second;
    lastKept_ = keptOf(secret);
    return lastKept_;
  }
  /// The secret of the last call was a right one: guesses are not remembered.
  void wasRight() {
    if (!std::exchange(made_, false)) return;
    if (kept_.size() >= kMost) kept_.clear();
    kept_.emplace(last_, lastKept_);
  }

 private:
  struct Hash {
    std::size_t operator()(const sodium::ShortSum& sum) const { return sum.first; }
  };
  sodium::ShortSums sums_;
  std::unordered_map<sodium::ShortSum, std::string, Hash> kept_;
  sodium::ShortSum last_;
  std::string lastKept_;
  bool made_ = false;
};

}  // namespace weir::auth
