// Sums, and what is given back to the system when they fall.
#include "hosts/native/server/large-answers.h"

#include <malloc.h>

#include <algorithm>

namespace weir::native {
namespace {

/// To give back less is not worth the time.
constexpr std::size_t kTrimBytes = std::size_t{64} << 20;

}  // namespace

bool LargeAnswers::take(const std::string& client, std::size_t bytes) {
  auto& own = byClient_[client];
  const auto fits = [bytes](std::size_t held, std::size_t most) { return held == 0 || held + bytes <= most; };
  if (!fits(bytes_, most_) || !fits(own, mostOfOne_)) {
    if (own == 0) byClient_.erase(client);
    return false;
  }
  own += bytes;
  bytes_ += bytes;
  peak_ = std::max(peak_, bytes_);
  return true;
}

void LargeAnswers::release(const std::string& client, std::size_t bytes) {
  if (bytes == 0) return;
  const auto own = byClient_.find(client);
  if (own != byClient_.end() && (own->second -= std::min(bytes, own->second)) == 0) byClient_.erase(own);
  bytes_ -= std::min(bytes, bytes_);
  if (bytes_ > 0) return;
  if (peak_ >= kTrimBytes) ::malloc_trim(0);
  peak_ = 0;
}

}  // namespace weir::native
