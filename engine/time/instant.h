// Points in time and lengths of time, with the ranges of CEL's timestamp and duration, and their text forms.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "engine/time/civil.h"

namespace weir {

inline constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;

/// A point in time, UTC: seconds since 1970-01-01T00:00:00Z rounded down, nanos 0..999999999.
/// Range 0001-01-01T00:00:00Z .. 9999-12-31T23:59:59.999999999Z; makeInstant checks it.
struct Instant {
  static constexpr std::int64_t kMinSeconds = -62'135'596'800;
  static constexpr std::int64_t kMaxSeconds = 253'402'300'799;

  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  auto operator<=>(const Instant&) const = default;
};

/// A length of time: seconds rounded down, nanos 0..999999999 (-1.5 s is {-2, 500000000}).
/// Range -315576000000 s .. 315576000000 s (about 10,000 years); makeSpan checks it.
struct Span {
  static constexpr std::int64_t kMaxSeconds = 315'576'000'000;

  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  auto operator<=>(const Span&) const = default;
};

/// Normalises (nanos may be any number) and checks the range.
[[nodiscard]] std::optional<Instant> makeInstant(std::int64_t seconds, std::int64_t nanos = 0) noexcept;
[[nodiscard]] std::optional<Span> makeSpan(std::int64_t seconds, std::int64_t nanos = 0) noexcept;

/// Checked arithmetic: `time.range` or `duration.range` if the result leaves its range.
[[nodiscard]] Result<Instant> add(Instant instant, Span span);
[[nodiscard]] Result<Instant> subtract(Instant instant, Span span);
[[nodiscard]] Result<Span> add(Span left, Span right);
[[nodiscard]] Result<Span> subtract(Span left, Span right);
/// Two instants are never further apart than a span reaches.
[[nodiscard]] Span difference(Instant later, Instant earlier) noexcept;
[[nodiscard]] Span negate(Span span) noexcept;

/// Whole microseconds, rounded down. Every instant and span fits.
[[nodiscard]] constexpr std::int64_t toMicros(Instant instant) noexcept {
  return instant.seconds * kMicrosPerSecond + instant.nanos / 1000;
}
[[nodiscard]] constexpr std::int64_t toMicros(Span span) noexcept {
  return span.seconds * kMicrosPerSecond + span.nanos / 1000;
}
/// Nothing if the value is beyond int64 (1677..2262 for instants, 292 years for spans).
[[nodiscard]] std::optional<std::int64_t> toNanos(Instant instant) noexcept;
[[nodiscard]] std::optional<std::int64_t> toNanos(Span span) noexcept;
[[nodiscard]] std::optional<Instant> instantFromMicros(std::int64_t micros) noexcept;
[[nodiscard]] std::optional<Span> spanFromMicros(std::int64_t micros) noexcept;
/// Every int64 of nanoseconds is in range.
[[nodiscard]] Instant instantFromNanos(std::int64_t nanos) noexcept;
[[nodiscard]] Span spanFromNanos(std::int64_t nanos) noexcept;

/// The clock fields in UTC.
[[nodiscard]] constexpr CivilTime civilFromInstant(Instant instant) noexcept {
  return civilFromSeconds(instant.seconds, instant.nanos);
}
/// The instant at which a clock `offsetSeconds` ahead of UTC shows `time`; nothing if a field or the result is out of
/// range.
[[nodiscard]] std::optional<Instant> instantFromCivil(const CivilTime& time, std::int32_t offsetSeconds = 0) noexcept;

/// RFC 3339: `2024-02-29T12:34:56[.fraction](Z|+hh:mm)`, `t` and `z` too. Digits after the ninth of the fraction are
/// dropped. No leap seconds, as in CEL.
[[nodiscard]] std::optional<Instant> tryParseInstant(std::string_view text) noexcept;
/// As tryParseInstant, saying what is wrong: `time.syntax`, `time.range`.
[[nodiscard]] Result<Instant> parseInstant(std::string_view text);

/// A buffer that holds any text of this file.
inline constexpr int kTimeTextBytes = 40;
/// Writes RFC 3339 in UTC with 0, 3, 6 or 9 digits of fraction, the fewest that are exact; returns the length.
int writeInstant(Instant instant, char (&out)[kTimeTextBytes]) noexcept;
[[nodiscard]] std::string formatInstant(Instant instant);

/// Go's and CEL's durations: `1h30m`, `-1.5s`, `100ms`, `5us`, `7ns`, `0`; the units h m s ms us (µs) ns. Digits finer
/// than a nanosecond are dropped. `duration.syntax`, `duration.range`.
[[nodiscard]] Result<Span> parseSpan(std::string_view text);
/// Writes seconds with the fewest digits that are exact: `3.5s`, `-0.000000007s`, `5400s`; returns the length.
int writeSpan(Span span, char (&out)[kTimeTextBytes]) noexcept;
[[nodiscard]] std::string formatSpan(Span span);

}  // namespace weir
