// Three counts for each try: the account from this address, the account from anywhere, the address. The account alone
// is allowed most, so that others cannot keep somebody out by failing in their name.
#include "service/auth/slow-down.h"

#include <algorithm>
#include <array>
#include <vector>

namespace weir::auth {
namespace {

constexpr std::size_t kMostKeys = 20'000;
constexpr std::int64_t kForgetMs = 15 * 60'000, kHalveMs = 5 * 60'000;

struct Kind {
  char letter;
  std::int64_t free;    // failures that cost nothing
  std::int64_t mostMs;  // the longest pause
};
constexpr Kind kPair{'p', 5, 300'000}, kAccount{'a', 50, 10'000}, kAddress{'h', 20, 60'000};

const Kind& kindOf(char letter) { return letter == 'p' ? kPair : letter == 'a' ? kAccount : kAddress; }

std::array<std::string, 3> keysOf(std::string_view account, std::string_view address) {
  const std::string who(account.substr(0, 200));
  const std::string where(address.substr(0, 64));
  return {std::string(1, kPair.letter).append(where).append("\n").append(who), std::string(1, kAccount.letter) + who,
          std::string(1, kAddress.letter) + where};
}

/// One second after the last free failure, then twice as long each time.
std::int64_t pauseMs(const Kind& kind, std::int64_t count) {
  if (count < kind.free) return 0;
  const auto doublings = std::min<std::int64_t>(count - kind.free, 20);
  return std::min(kind.mostMs, std::int64_t{1000} << doublings);
}

/// What is left of failures by now: half after each while without another one.
std::int64_t leftOf(std::int64_t count, std::int64_t sinceMs, std::int64_t nowMs) {
  return count >> std::clamp<std::int64_t>((nowMs - sinceMs) / kHalveMs, 0, 62);
}

}  // namespace

std::int64_t SlowDown::waitMs(std::string_view account, std::string_view address, std::int64_t nowMs) const {
  std::int64_t wait = 0;
  for (const auto& key : keysOf(account, address)) {
    const auto found = failures_.find(key);
    if (found == failures_.end()) continue;
    const auto& failures = found->second;
    const auto count = leftOf(failures.count, failures.halvedMs, nowMs);
    wait = std::max(wait, failures.lastMs + pauseMs(kindOf(key.front()), count) - nowMs);
  }
  return wait;
}

/// Makes room at once for many, so that a flood of names costs little each.
void SlowDown::forget(std::int64_t nowMs) {
  std::erase_if(failures_, [nowMs](const auto& entry) { return entry.second.lastMs + kForgetMs < nowMs; });
  if (failures_.size() < kMostKeys / 2) return;
  std::vector<std::int64_t> times;
  for (const auto& [key, failures] : failures_) times.push_back(failures.lastMs);
  const auto middle = times.begin() + std::ssize(times) / 2;
  std::ranges::nth_element(times, middle);
  std::erase_if(failures_, [latest = *middle](const auto& entry) { return entry.second.lastMs < latest; });
  if (failures_.size() >= kMostKeys) failures_.clear();
}

void SlowDown::add(std::string key, std::int64_t nowMs) {
  if (failures_.size() >= kMostKeys && !failures_.contains(key)) forget(nowMs);
  const auto [at, isNew] = failures_.try_emplace(std::move(key), Failures{.lastMs = nowMs, .halvedMs = nowMs});
  auto& failures = at->second;
  if (failures.lastMs + kForgetMs < nowMs) failures.count = 0;
  failures.count = leftOf(failures.count, failures.halvedMs, nowMs);
  failures.lastBeforeMs = isNew ? 0 : failures.lastMs;
  failures.halvedBeforeMs = failures.halvedMs + (nowMs - failures.halvedMs) / kHalveMs * kHalveMs;
  ++failures.count;
  failures.lastMs = failures.halvedMs = nowMs;
}

void SlowDown::failed(std::string_view account, std::string_view address, std::int64_t nowMs) {
  for (auto& key : keysOf(account, address)) add(std::move(key), nowMs);
}

void SlowDown::succeeded(std::string_view account, std::string_view address) {
  const auto keys = keysOf(account, address);
  failures_.erase(keys.front());
  for (const auto& key : {keys[1], keys[2]}) {
    const auto found = failures_.find(key);
    if (found == failures_.end()) continue;
    auto& failures = found->second;
    --failures.count;
    // As if it had not been tried: who comes in again and again does not keep old failures alive.
    failures.lastMs = failures.lastBeforeMs;
    failures.halvedMs = failures.halvedBeforeMs;
  }
}

}  // namespace weir::auth
