// The folder that has most gives first.
#include "apps/cli/serve/fair-share.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace weir::cli {

std::vector<std::size_t> beyondShare(std::span<const KeptItem> items, std::int64_t most) {
  struct Share {
    std::int64_t size = 0;
    std::vector<std::size_t> items{};  // the oldest last
  };
  std::map<std::string_view, Share> shares;
  std::int64_t all = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].size <= 0) continue;
    auto& share = shares[items[i].folder];
    share.size += items[i].size;
    share.items.push_back(i);
    all += items[i].size;
  }
  std::vector<std::size_t> gone;
  while (all > most) {
    const auto largest = std::ranges::max_element(shares, {}, [](const auto& one) { return one.second.size; });
    if (largest == shares.end() || largest->second.items.empty()) return gone;
    auto& share = largest->second;
    const auto item = share.items.back();
    share.items.pop_back();
    share.size -= items[item].size;
    all -= items[item].size;
    gone.push_back(item);
  }
  return gone;
}

}  // namespace weir::cli
