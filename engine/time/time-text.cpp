// RFC 3339 texts of instants, and duration texts of spans.
#include <array>
#include <cstring>

#include "engine/time/digits.h"
#include "engine/time/instant.h"

namespace weir {
namespace {

using digits::isDigit;

// "YYYY-MM-" and "DDtHH:MM": where digits are, and what stands between them.
constexpr std::uint64_t kDateDigits = 0x00FFFF00FFFFFFFFULL;
constexpr std::uint64_t kDateSeparators = 0x2D00002D00000000ULL;
constexpr std::uint64_t kTimeDigits = 0xFFFF00FFFF00FFFFULL;
constexpr std::uint64_t kTimeSeparators = 0x00003A0000540000ULL;
constexpr std::uint64_t kLowerCaseT = 0x0000000000200000ULL;

bool readZone(std::string_view zone, std::int32_t& offsetSeconds) noexcept {
  if (zone.size() == 1) return zone[0] == 'Z' || zone[0] == 'z';
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return false;
  const unsigned hours = digits::two(zone.data() + 1);
  const unsigned minutes = digits::two(zone.data() + 4);
  if (hours > 23 || minutes > 59) return false;
  const auto seconds = static_cast<std::int32_t>(hours * 3600 + minutes * 60);
  offsetSeconds = zone[0] == '-' ? -seconds : seconds;
  return true;
}

struct TimeUnit {
  std::string_view name;
  std::int64_t nanos;
};

constexpr std::array<TimeUnit, 8> kUnits{{{"ns", 1},
                                          {"us", 1'000},
                                          {"\xC2\xB5s", 1'000},
                                          {"\xCE\xBCs", 1'000},
                                          {"ms", 1'000'000},
                                          {"s", kNanosPerSecond},
                                          {"m", 60 * kNanosPerSecond},
                                          {"h", 3600 * kNanosPerSecond}}};

std::string quoted(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string out = "'";
  out += text.substr(0, kShown);
  out += text.size() > kShown ? "...'" : "'";
  return out;
}

std::unexpected<Error> spanSyntax(std::string_view text, std::size_t at, std::string_view what) {
  return fail("duration.syntax", "The duration " + quoted(text) + " cannot be read at character " +
                                     std::to_string(at + 1) + ": " + std::string(what) +
                                     ". Write it as 1h30m, 1.5s, 100ms, 5us or 7ns.");
}

std::unexpected<Error> spanRange(std::string_view text) {
  return fail("duration.range", "The duration " + quoted(text) +
                                    " is longer than 315,576,000,000 seconds (about 10,000 years); use a shorter one.");
}

// The most that a duration can hold, in nanoseconds.
constexpr __int128 kMaxSpanNanos = static_cast<__int128>(Span::kMaxSeconds) * kNanosPerSecond;

// Reads one `<number><unit>` from `at` and adds it to `total`, which stays within kMaxSpanNanos.
Result<Unit> readPart(std::string_view text, std::size_t& at, __int128& total) {
  const std::size_t start = at;
  __int128 whole = 0;
  for (; at < text.size() && isDigit(text[at]); ++at)
    if (whole <= kMaxSpanNanos) whole = whole * 10 + (text[at] - '0');
  std::int64_t fraction = 0;
  std::int64_t scale = 1;
  std::size_t digitCount = at - start;
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && isDigit(text[at]); ++at, ++digitCount) {
      if (scale >= 100'000'000'000'000LL) continue;
      fraction = fraction * 10 + (text[at] - '0');
      scale *= 10;
    }
  }
  if (digitCount == 0) return spanSyntax(text, start, "a number is expected here");
  const std::size_t unitAt = at;
  while (at < text.size() && !isDigit(text[at]) && text[at] != '.') ++at;
  const std::string_view name = text.substr(unitAt, at - unitAt);
  for (const TimeUnit& unit : kUnits) {
    if (unit.name != name) continue;
    total += whole * unit.nanos + static_cast<__int128>(fraction) * unit.nanos / scale;
    if (total > kMaxSpanNanos) return spanRange(text);
    return Unit{};
  }
  if (name.empty()) return spanSyntax(text, unitAt, "a unit (h, m, s, ms, us or ns) is missing after the number");
  return spanSyntax(text, unitAt, "the unit " + quoted(name) + " is none of h, m, s, ms, us, ns");
}

}  // namespace

std::optional<Instant> tryParseInstant(std::string_view text) noexcept {
  if (text.size() < 20 || text[16] != ':') return std::nullopt;
  const char* at = text.data();
  std::uint64_t datePairs = 0;
  std::uint64_t timePairs = 0;
  if (!digits::readPairs(digits::load8(at), kDateDigits, kDateSeparators, datePairs) ||
      !digits::readPairs(digits::load8(at + 8) & ~kLowerCaseT, kTimeDigits, kTimeSeparators, timePairs))
    return std::nullopt;
  CivilTime time{.date = {.year = digits::lane(datePairs, 0) * 100 + digits::lane(datePairs, 2),
                          .month = digits::lane(datePairs, 5),
                          .day = digits::lane(timePairs, 0)},
                 .hour = digits::lane(timePairs, 3),
                 .minute = digits::lane(timePairs, 6),
                 .second = static_cast<int>(digits::two(at + 17)),
                 .nanos = 0};
  std::size_t zoneAt = 19;
  if (text[19] == '.') {
    const int taken = digits::readFraction(text.substr(20), time.nanos);
    if (taken == 0) return std::nullopt;
    zoneAt = 20 + static_cast<std::size_t>(taken);
  }
  std::int32_t offsetSeconds = 0;
  if (!readZone(text.substr(zoneAt), offsetSeconds)) return std::nullopt;
  return instantFromCivil(time, offsetSeconds);
}

Result<Instant> parseInstant(std::string_view text) {
  if (const auto instant = tryParseInstant(text)) return *instant;
  // A text that has the shape with other digits is right in form, so the date or time itself does not exist.
  std::string shape(text.substr(0, 64));
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (isDigit(shape[i])) shape[i] = i == 6 || i == 9 ? '1' : '0';
  if (shape.size() >= 4) shape[0] = isDigit(shape[0]) ? '2' : shape[0];
  if (tryParseInstant(shape))
    return fail("time.range", "The timestamp " + quoted(text) +
                                  " names a date, time or offset that does not exist, or is outside the years 1 to "
                                  "9999. Correct the value.");
  return fail("time.syntax", "The timestamp " + quoted(text) +
                                 " is not in RFC 3339 form. Write it as 2024-02-29T12:34:56Z, " +
                                 "2024-02-29T12:34:56.789Z or 2024-02-29T12:34:56+01:00.");
}

int writeInstant(Instant instant, char (&out)[kTimeTextBytes]) noexcept {
  const CivilTime time = civilFromInstant(instant);
  digits::putFour(out, time.date.year);
  out[4] = '-';
  digits::putTwo(out + 5, time.date.month);
  out[7] = '-';
  digits::putTwo(out + 8, time.date.day);
  out[10] = 'T';
  digits::putTwo(out + 11, time.hour);
  out[13] = ':';
  digits::putTwo(out + 14, time.minute);
  out[16] = ':';
  digits::putTwo(out + 17, time.second);
  int length = 19;
  if (instant.nanos != 0) {
    std::int32_t value = instant.nanos;
    int count = 9;
    for (; value % 1000 == 0; value /= 1000) count -= 3;
    out[length] = '.';
    for (int i = count; i > 0; --i, value /= 10) out[length + i] = static_cast<char>('0' + value % 10);
    length += count + 1;
  }
  out[length] = 'Z';
  return length + 1;
}

std::string formatInstant(Instant instant) {
  char out[kTimeTextBytes];
  return {out, static_cast<std::size_t>(writeInstant(instant, out))};
}

Result<Span> parseSpan(std::string_view text) {
  std::size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) ++at;
  if (text.substr(at) == "0") return Span{};
  if (at == text.size()) return spanSyntax(text, at, "it is empty");
  __int128 total = 0;
  while (at < text.size()) WEIR_TRY(readPart(text, at, total));
  if (negative) total = -total;
  return *makeSpan(static_cast<std::int64_t>(total / kNanosPerSecond),
                   static_cast<std::int64_t>(total % kNanosPerSecond));
}

int writeSpan(Span span, char (&out)[kTimeTextBytes]) noexcept {
  const bool negative = span.seconds < 0;
  const Span size = negative ? negate(span) : span;
  char* at = out;
  if (negative) *at++ = '-';
  char reversed[20];
  int count = 0;
  for (std::int64_t value = size.seconds; value != 0 || count == 0; value /= 10)
    reversed[count++] = static_cast<char>('0' + value % 10);
  while (count > 0) *at++ = reversed[--count];
  if (size.nanos != 0) {
    std::int32_t value = size.nanos;
    int fraction = 9;
    for (; value % 10 == 0; value /= 10) --fraction;
    *at = '.';
    for (int i = fraction; i > 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
    at += fraction + 1;
  }
  *at++ = 's';
  return static_cast<int>(at - out);
}

std::string formatSpan(Span span) {
  char out[kTimeTextBytes];
  return {out, static_cast<std::size_t>(writeSpan(span, out))};
}

}  // namespace weir
