// One bucket for each caller and kind, kept as the time at which what it holds will have dripped away.
#include "service/auth/caller-rates.h"

#include <algorithm>
#include <vector>

namespace weir::auth {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::array<std::string_view, kRequestKinds> kNames{"reads", "changes", "signIns"};

std::vector<std::string_view> groupsOf(std::string_view text) {
  std::vector<std::string_view> groups;
  while (!text.empty()) {
    const auto end = std::min(text.find(':'), text.size());
    groups.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return groups;
}

}  // namespace

std::string addressKey(std::string_view remote) {
  // One of IPv4 is also written "::ffff:10.1.2.3".
  if (remote.contains('.')) return std::string(remote.substr(remote.rfind(':') + 1));
  const auto gap = remote.find("::");
  auto groups = groupsOf(remote.substr(0, gap));
  if (gap != std::string_view::npos) {
    const auto behind = groupsOf(remote.substr(gap + 2));
    while (groups.size() + behind.size() < 8) groups.emplace_back("0");
    groups.append_range(behind);
  }
  std::string key;
  for (std::size_t i = 0; i < std::min<std::size_t>(groups.size(), 4); ++i) key.append(groups[i]).append(":");
  return key;
}

void CallerRates::set(CallerLimits limits) {
  const std::array rates{limits.readsPerSecond, limits.changesPerSecond, limits.signInsPerSecond};
  for (std::size_t i = 0; i < kRequestKinds; ++i) {
    auto& kind = kinds_[i];
    kind.perSecond = rates[i];
    kind.eachNanos = rates[i] > 0 ? std::max<std::int64_t>(kSecond / rates[i], 1) : 0;
    kind.mostNanos = kBurstSeconds * kSecond;
    kind.emptyAt.clear();
  }
}

/// Makes room at once for many, so that a flood of addresses costs little each.
void CallerRates::forget(Kind& kind, std::int64_t nowNanos) {
  std::erase_if(kind.emptyAt, [nowNanos](const auto& one) { return one.second <= nowNanos; });
  if (kind.emptyAt.size() < kMostCallers / 2) return;
  std::vector<std::int64_t> times;
  for (const auto& [caller, at] : kind.emptyAt) times.push_back(at);
  const auto middle = times.begin() + std::ssize(times) / 2;
  std::ranges::nth_element(times, middle);
  std::erase_if(kind.emptyAt, [bound = *middle](const auto& one) { return one.second <= bound; });
}

std::int64_t CallerRates::waitMs(RequestKind which, std::string_view caller, std::int64_t nowNanos) {
  auto& kind = kinds_[static_cast<std::size_t>(which)];
  if (kind.perSecond == 0) return 0;
  const auto found = kind.emptyAt.find(std::string(caller.substr(0, 200)));
  const auto before = found == kind.emptyAt.end() ? nowNanos : std::max(found->second, nowNanos);
  const auto after = before + kind.eachNanos;
  if (const auto over = after - nowNanos - kind.mostNanos; over > 0) {
    ++kind.refused;
    return (over + 999'999) / 1'000'000;
  }
  if (found != kind.emptyAt.end()) {
    found->second = after;
    return 0;
  }
  if (kind.emptyAt.size() >= kMostCallers) forget(kind, nowNanos);
  kind.emptyAt.emplace(caller.substr(0, 200), after);
  return 0;
}

void CallerRates::write(metrics::Exposition& out) {
  out.begin("weir_http_limited_total");
  for (std::size_t i = 0; i < kRequestKinds; ++i) out.sample({kNames[i]}, static_cast<double>(kinds_[i].refused));
}

}  // namespace weir::auth
