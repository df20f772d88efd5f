// Looks up offsets, and keeps the zones that were read.
#include "engine/time/zone.h"

#include <algorithm>
#include <limits>

#include "engine/time/digits.h"

namespace weir {
namespace {

constexpr std::int64_t kBeginning = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

// Names may come from data, so the cache has a bound.
constexpr std::size_t kMostKnown = 2048;
constexpr std::size_t kLongestName = 64;

bool isZoneName(std::string_view name) {
  if (name.empty() || name.size() > kLongestName) return false;
  char previous = '/';
  for (const char c : name) {
    const char lower = static_cast<char>(c | 0x20);
    const bool word = (lower >= 'a' && lower <= 'z') || digits::isDigit(c) || c == '_' || c == '+' || c == '-';
    if (!word && (c != '/' || previous == '/')) return false;
    previous = c;
  }
  return previous != '/';
}

std::string fixedName(std::int32_t offsetSeconds) {
  if (offsetSeconds == 0) return "UTC";
  const std::int32_t size = offsetSeconds < 0 ? -offsetSeconds : offsetSeconds;
  char text[6] = {offsetSeconds < 0 ? '-' : '+', 0, 0, ':', 0, 0};
  digits::putTwo(text + 1, size / 3600 % 100);
  digits::putTwo(text + 4, size / 60 % 60);
  return {text, sizeof text};
}

}  // namespace

TimeZone::TimeZone() : name_("UTC"), kinds_(1), abbreviations_("UTC", 4) {}

TimeZone TimeZone::fromOffset(std::int32_t offsetSeconds) {
  TimeZone zone;
  zone.name_ = fixedName(offsetSeconds);
  zone.kinds_.front().offsetSeconds = offsetSeconds;
  zone.abbreviations_ = zone.name_ + '\0';
  return zone;
}

std::optional<TimeZone> TimeZone::fromOffsetText(std::string_view text) {
  if (text == "UTC" || text == "Z" || text == "z") return TimeZone();
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const unsigned hours = digits::two(text.data());
  const unsigned minutes = digits::two(text.data() + 3);
  if (hours > 23 || minutes > 59) return std::nullopt;
  const auto seconds = static_cast<std::int32_t>(hours * 3600 + minutes * 60);
  return fromOffset(negative ? -seconds : seconds);
}

std::string_view TimeZone::abbreviation(const Kind& kind) const noexcept {
  const std::string_view from = std::string_view(abbreviations_).substr(kind.abbreviationAt);
  return from.substr(0, from.find('\0'));
}

ZonePeriod TimeZone::periodAt(std::int64_t seconds) const noexcept {
  const auto next = std::ranges::upper_bound(changes_, seconds);
  const std::int64_t from = next == changes_.begin() ? kBeginning : *(next - 1);
  if (next == changes_.end() && rule_) {
    const ZoneRule::Period period = rule_->periodAt(seconds);
    return {.from = std::max(from, period.from),
            .until = period.until,
            .offsetSeconds = period.daylight ? rule_->daylightOffset : rule_->standardOffset,
            .daylight = period.daylight,
            .abbreviation = period.daylight ? rule_->daylightName : rule_->standardName};
  }
  const Kind& kind =
      kinds_[next == changes_.begin() ? 0 : kindOfChange_[static_cast<std::size_t>(next - changes_.begin()) - 1]];
  return {.from = from,
          .until = next == changes_.end() ? kEnd : *next,
          .offsetSeconds = kind.offsetSeconds,
          .daylight = kind.daylight,
          .abbreviation = abbreviation(kind)};
}

CivilTime TimeZone::localAt(Instant instant) const noexcept {
  return civilFromSeconds(instant.seconds + offsetAt(instant.seconds), instant.nanos);
}

LocalMeaning TimeZone::meaningOf(std::int64_t localSeconds) const noexcept {
  // No offset reaches 26 hours, so what the clock showed a day and a half before and after bounds the candidates.
  constexpr std::int64_t kReach = 36 * 3600;
  std::optional<std::int64_t> first;
  std::int64_t last = 0;
  std::int64_t change = 0;
  for (ZonePeriod period = periodAt(localSeconds - kReach);; period = periodAt(period.until)) {
    const std::int64_t candidate = localSeconds - period.offsetSeconds;
    if (period.covers(candidate)) {
      if (!first) first = candidate;
      last = candidate;
    } else if (period.from != kBeginning && candidate < period.from && !first && change == 0) {
      change = period.from;
    }
    if (period.until > localSeconds + kReach) break;
  }
  if (first) return {.earlierSeconds = *first, .laterSeconds = last};
  return {.earlierSeconds = change, .laterSeconds = change, .skipped = true};
}

std::optional<Instant> TimeZone::instantOf(const CivilTime& local) const noexcept {
  if (!isValid(local)) return std::nullopt;
  const LocalMeaning meaning = meaningOf(secondsFromCivil(local));
  return makeInstant(meaning.earlierSeconds, meaning.skipped ? 0 : local.nanos);
}

Result<std::shared_ptr<const TimeZone>> Zones::find(std::string_view name) {
  {
    const Locked held(lock_);
    if (const auto known = known_.find(name); known != known_.end()) return known->second;
  }
  std::shared_ptr<const TimeZone> zone;
  if (auto fixed = TimeZone::fromOffsetText(name)) {
    zone = std::make_shared<const TimeZone>(std::move(*fixed));
  } else if (!isZoneName(name)) {
    return fail("zone.unknown", "'" + std::string(name.substr(0, kLongestName)) +
                                    "' is not a time zone. Use an IANA name such as Europe/Paris, an offset such as "
                                    "+02:00, or UTC.");
  } else {
    WEIR_ASSIGN(const std::string bytes, source_.load(name));
    WEIR_ASSIGN(TimeZone read, TimeZone::fromTzif(name, bytes));
    zone = std::make_shared<const TimeZone>(std::move(read));
  }
  const Locked held(lock_);
  if (known_.size() < kMostKnown) known_.try_emplace(std::string(name), zone);
  return zone;
}

}  // namespace weir
