// Arithmetic and conversions of instants and spans.
#include "engine/time/instant.h"

#include <limits>

namespace weir {
namespace {

struct Normal {
  std::int64_t seconds;
  std::int32_t nanos;
};

// Nothing only if the seconds leave int64.
std::optional<Normal> normalise(std::int64_t seconds, std::int64_t nanos) noexcept {
  std::int64_t carry = nanos / kNanosPerSecond;
  std::int64_t rest = nanos % kNanosPerSecond;
  if (rest < 0) {
    rest += kNanosPerSecond;
    --carry;
  }
  std::int64_t sum = 0;
  if (__builtin_add_overflow(seconds, carry, &sum)) return std::nullopt;
  return Normal{.seconds = sum, .nanos = static_cast<std::int32_t>(rest)};
}

std::optional<std::int64_t> joinNanos(std::int64_t seconds, std::int32_t nanos) noexcept {
  const __int128 total = static_cast<__int128>(seconds) * kNanosPerSecond + nanos;
  if (total < std::numeric_limits<std::int64_t>::min() || total > std::numeric_limits<std::int64_t>::max())
    return std::nullopt;
  return static_cast<std::int64_t>(total);
}

std::unexpected<Error> instantRange() {
  return fail("time.range",
              "The result is outside the years 1 to 9999 that a timestamp can hold; check the duration that is added.");
}

std::unexpected<Error> spanRange() {
  return fail("duration.range",
              "The result is longer than 315,576,000,000 seconds (about 10,000 years), the longest duration; use "
              "shorter durations.");
}

}  // namespace

std::optional<Instant> makeInstant(std::int64_t seconds, std::int64_t nanos) noexcept {
  const auto normal = normalise(seconds, nanos);
  if (!normal || normal->seconds < Instant::kMinSeconds || normal->seconds > Instant::kMaxSeconds) return std::nullopt;
  return Instant{.seconds = normal->seconds, .nanos = normal->nanos};
}

std::optional<Span> makeSpan(std::int64_t seconds, std::int64_t nanos) noexcept {
  const auto normal = normalise(seconds, nanos);
  if (!normal || normal->seconds < -Span::kMaxSeconds || normal->seconds > Span::kMaxSeconds ||
      (normal->seconds == Span::kMaxSeconds && normal->nanos != 0))
    return std::nullopt;
  return Span{.seconds = normal->seconds, .nanos = normal->nanos};
}

Result<Instant> add(Instant instant, Span span) {
  const auto sum = makeInstant(instant.seconds + span.seconds, std::int64_t{instant.nanos} + span.nanos);
  if (!sum) return instantRange();
  return *sum;
}

Result<Instant> subtract(Instant instant, Span span) {
  const auto rest = makeInstant(instant.seconds - span.seconds, std::int64_t{instant.nanos} - span.nanos);
  if (!rest) return instantRange();
  return *rest;
}

Result<Span> add(Span left, Span right) {
  const auto sum = makeSpan(left.seconds + right.seconds, std::int64_t{left.nanos} + right.nanos);
  if (!sum) return spanRange();
  return *sum;
}

Result<Span> subtract(Span left, Span right) {
  const auto rest = makeSpan(left.seconds - right.seconds, std::int64_t{left.nanos} - right.nanos);
  if (!rest) return spanRange();
  return *rest;
}

Span difference(Instant later, Instant earlier) noexcept {
  const auto normal = normalise(later.seconds - earlier.seconds, std::int64_t{later.nanos} - earlier.nanos);
  return {.seconds = normal->seconds, .nanos = normal->nanos};
}

Span negate(Span span) noexcept {
  if (span.nanos == 0) return {.seconds = -span.seconds, .nanos = 0};
  return {.seconds = -span.seconds - 1, .nanos = static_cast<std::int32_t>(kNanosPerSecond - span.nanos)};
}

std::optional<std::int64_t> toNanos(Instant instant) noexcept { return joinNanos(instant.seconds, instant.nanos); }
std::optional<std::int64_t> toNanos(Span span) noexcept { return joinNanos(span.seconds, span.nanos); }

std::optional<Instant> instantFromMicros(std::int64_t micros) noexcept {
  return makeInstant(micros / kMicrosPerSecond, micros % kMicrosPerSecond * 1000);
}

std::optional<Span> spanFromMicros(std::int64_t micros) noexcept {
  return makeSpan(micros / kMicrosPerSecond, micros % kMicrosPerSecond * 1000);
}

Instant instantFromNanos(std::int64_t nanos) noexcept {
  const auto normal = normalise(0, nanos);
  return {.seconds = normal->seconds, .nanos = normal->nanos};
}

Span spanFromNanos(std::int64_t nanos) noexcept {
  const auto normal = normalise(0, nanos);
  return {.seconds = normal->seconds, .nanos = normal->nanos};
}

std::optional<Instant> instantFromCivil(const CivilTime& time, std::int32_t offsetSeconds) noexcept {
  if (!isValid(time)) return std::nullopt;
  const std::int64_t seconds = secondsFromCivil(time) - offsetSeconds;
  if (seconds < Instant::kMinSeconds || seconds > Instant::kMaxSeconds) return std::nullopt;
  return Instant{.seconds = seconds, .nanos = time.nanos};
}

}  // namespace weir
