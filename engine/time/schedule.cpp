// From clocks on walls to moments.
#include "engine/time/schedule.h"

#include <algorithm>
#include <string>

#include "engine/text/suggest.h"
#include "engine/time/instant.h"

namespace weir {
namespace {

constexpr std::int64_t kLeastMicros = Instant::kMinSeconds * kMicrosPerSecond;
constexpr std::int64_t kMostMicros = Instant::kMaxSeconds * kMicrosPerSecond;

std::int64_t floorDivide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

constexpr std::string_view kRegions[] = {"Africa",    "America", "Antarctica", "Arctic", "Asia", "Atlantic",
                                         "Australia", "Brazil",  "Canada",     "Chile",  "Etc",  "Europe",
                                         "Indian",    "Mexico",  "Pacific",    "US"};

/// What stands behind the region, as such names are written: 'new_york' is 'New_York', 'isle_of_man' is 'Isle_of_Man'.
std::string placeIn(std::string_view name) {
  std::string place(name);
  if (std::ranges::any_of(place, [](char c) { return c >= 'A' && c <= 'Z'; })) return place;
  constexpr std::string_view kSmall[] = {"of", "es", "au"};
  for (std::size_t at = 0; at < place.size();) {
    const auto end = std::min(place.find_first_of("/_-", at), place.size());
    const auto word = std::string_view(place).substr(at, end - at);
    const bool letter = !word.empty() && word.front() >= 'a' && word.front() <= 'z';
    if (letter && std::ranges::find(kSmall, word) == std::ranges::end(kSmall)) place[at] -= 'a' - 'A';
    at = end + 1;
  }
  return place;
}

}  // namespace

Schedule Schedule::ofCron(const Cron& cron, std::shared_ptr<const TimeZone> zone) {
  Schedule schedule;
  schedule.cron_ = cron;
  schedule.zone_ = zone != nullptr ? std::move(zone) : std::make_shared<const TimeZone>();
  return schedule;
}

Schedule Schedule::ofInterval(std::int64_t intervalMicros, std::int64_t anchorMicros) {
  Schedule schedule;
  schedule.interval_ = std::max<std::int64_t>(1, intervalMicros);
  schedule.anchor_ = anchorMicros;
  return schedule;
}

std::optional<std::int64_t> Schedule::next(std::int64_t micros) const noexcept {
  if (micros >= kMostMicros) return std::nullopt;
  micros = std::max(micros, kLeastMicros);
  if (!cron_) {
    if (micros < anchor_) return anchor_;
    const auto steps = (micros - anchor_) / interval_ + 1;
    std::int64_t found = 0;
    if (__builtin_mul_overflow(steps, interval_, &found) || __builtin_add_overflow(found, anchor_, &found) ||
        found > kMostMicros) {
      return std::nullopt;
    }
    return found;
  }
  const auto seconds = floorDivide(micros, kMicrosPerSecond);
  // What the wall shows now; no moment of an earlier local time is still to come.
  auto local = seconds + zone_->offsetAt(seconds);
  for (;;) {
    const auto fit = cron_->nextLocal(local);
    if (!fit) return std::nullopt;
    const auto meaning = zone_->meaningOf(*fit);
    if (meaning.earlierSeconds > Instant::kMaxSeconds) return std::nullopt;
    if (meaning.earlierSeconds * kMicrosPerSecond > micros) return meaning.earlierSeconds * kMicrosPerSecond;
    // It came when the clock showed it for the first time, or was skipped and has been made up for.
    local = *fit;
  }
}

Result<void> checkZoneName(std::string_view name) {
  if (TimeZone::fromOffsetText(name)) return {};
  const auto refuse = [&](std::string why) {
    return fail("zone.unknown", "'" + std::string(name.substr(0, 64)) + "' is no time zone" + why);
  };
  const std::string advice = "; use an IANA name such as Europe/Paris, an offset such as +02:00, or UTC.";
  if (name.empty() || name.size() > 64) return refuse(advice);
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '_' && c != '+' && c != '-' && c != '/') return refuse(advice);
  }
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) return {};  // an old name: GMT, CET, Japan
  const auto region = name.substr(0, slash);
  if (slash + 1 == name.size() || name.contains("//") || name.starts_with('/')) return refuse(advice);
  if (std::ranges::find(kRegions, region) != std::ranges::end(kRegions)) return {};
  const auto near = nearestName(region, std::span<const std::string_view>(kRegions));
  return refuse(near.empty() ? advice : "; did you mean '" + std::string(near) + placeIn(name.substr(slash)) + "'?");
}

}  // namespace weir
