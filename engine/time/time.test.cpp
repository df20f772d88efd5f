// Time: the calendar, instants, spans, zones and date patterns.
#include <doctest/doctest.h>

#include <array>
#include <string>

#include "engine/time/date-pattern.h"
#include "engine/time/instant.h"
#include "engine/time/zone.h"

using namespace weir;

TEST_CASE("every day of the range goes to a date and back, in order") {
  CivilDate previous{.year = 0, .month = 12, .day = 31};
  const std::int64_t last = daysFromCivil({.year = 9999, .month = 12, .day = 31});
  for (std::int64_t days = daysFromCivil({.year = 1, .month = 1, .day = 1}); days <= last; ++days) {
    const CivilDate date = civilFromDays(days);
    const bool follows = date.day == previous.day + 1 || (date.day == 1 && previous.day >= 28);
    if (!follows || !isValid(date) || daysFromCivil(date) != days) FAIL_CHECK("day " << days);
    previous = date;
  }
  CHECK(weekdayFromDays(0) == 4);
  CHECK(weekdayFromDays(-4) == 0);
  CHECK(weekdayFromDays(-5) == 6);
  CHECK(dayOfYear({.year = 2024, .month = 12, .day = 31}) == 366);
}

TEST_CASE("RFC 3339 texts are read and written") {
  struct Case {
    const char *text, *canonical;
  };
  const std::array<Case, 7> cases{{{"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
                                   {"2024-02-29t12:34:56.7z", "2024-02-29T12:34:56.700Z"},
                                   {"2024-02-29T00:30:00+01:00", "2024-02-28T23:30:00Z"},
                                   {"2024-02-29T00:30:00.123456-07:30", "2024-02-29T08:00:00.123456Z"},
                                   {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
                                   {"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"},
                                   {"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"}}};
  for (const Case& each : cases) {
    const auto instant = parseInstant(each.text);
    REQUIRE_MESSAGE(instant.has_value(), each.text);
    CHECK(formatInstant(*instant) == each.canonical);
  }
  for (const char* bad :
       {"", "2024-02-29", "2024-02-29 12:34:56Z", "2024-02-29T12:34:56", "2024-02-29T12:34:56.Z",
        "2024-02-29T12:34:56+1:00", "2024-02-29T12:34:56Zx", "2024_02-29T12:34:56Z", "2024-0a-29T12:34:56Z"})
    CHECK_MESSAGE(parseInstant(bad).error().code == "time.syntax", bad);
  for (const char* bad :
       {"2023-02-29T12:34:56Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:60Z",
        "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "2024-01-01T00:00:00+24:00"})
    CHECK_MESSAGE(parseInstant(bad).error().code == "time.range", bad);
}

TEST_CASE("durations are read as Go reads them") {
  struct Case {
    const char *text, *canonical;
  };
  const std::array<Case, 9> cases{{{"1h30m", "5400s"},
                                   {"-1.5s", "-1.5s"},
                                   {"100ms", "0.1s"},
                                   {"5us", "0.000005s"},
                                   {"7ns", "0.000000007s"},
                                   {"0", "0s"},
                                   {"-7ns", "-0.000000007s"},
                                   {".5m", "30s"},
                                   {"315576000000s", "315576000000s"}}};
  for (const Case& each : cases) {
    const auto span = parseSpan(each.text);
    REQUIRE_MESSAGE(span.has_value(), each.text);
    CHECK(formatSpan(*span) == each.canonical);
  }
  for (const char* bad : {"", "-", "1", "s", "1.s.", "1d", "1 s"})
    CHECK_MESSAGE(parseSpan(bad).error().code == "duration.syntax", bad);
  CHECK(parseSpan("315576000001s").error().code == "duration.range");
  CHECK(parseSpan("99999999999999999999999999999999999999999999h").error().code == "duration.range");
}

TEST_CASE("arithmetic stays within the range or fails") {
  const Instant last{.seconds = Instant::kMaxSeconds, .nanos = 999'999'999};
  CHECK(add(last, {.nanos = 1}).error().code == "time.range");
  CHECK(subtract(last, Span{.nanos = 1}).value().nanos == 999'999'998);
  CHECK(difference({.seconds = 1}, {.seconds = 1, .nanos = 1}) == Span{.seconds = -1, .nanos = 999'999'999});
  CHECK(negate(negate({.seconds = 3, .nanos = 5})) == Span{.seconds = 3, .nanos = 5});
  CHECK(instantFromMicros(-1).value() == Instant{.seconds = -1, .nanos = 999'999'000});
  CHECK(toMicros(*instantFromMicros(-1)) == -1);
  CHECK(!instantFromMicros(INT64_MAX).has_value());
  CHECK(toNanos(instantFromNanos(INT64_MIN)) == INT64_MIN);
  CHECK(!toNanos(last).has_value());
}

namespace {

// Version 2, no stored changes: the footer's rule alone.
std::string paris() {
  std::string block = "TZif2" + std::string(15, '\0') + std::string(16, '\0') + std::string("\0\0\0\1\0\0\0\4", 8);
  block += std::string("\0\0\x0E\x10\0\0", 6) + std::string("CET\0", 4);
  return block + block + "\nCET-1CEST,M3.5.0,M10.5.0/3\n";
}

class OneZone final : public ZoneSource {
 public:
  Result<std::string> load(std::string_view name) override {
    ++loads;
    if (name == "Europe/Paris") return paris();
    return fail("zone.unknown", "no such zone");
  }
  int loads = 0;
};

}  // namespace

TEST_CASE("a zone follows its rule, through gaps and repeats") {
  OneZone source;
  Zones zones(source);
  const auto zone = zones.find("Europe/Paris").value();
  CHECK(zones.find("Europe/Paris").value() == zone);
  CHECK(source.loads == 1);
  CHECK(zone->offsetAt(parseInstant("2024-01-15T00:00:00Z")->seconds) == 3600);
  CHECK(zone->offsetAt(parseInstant("2024-03-31T00:59:59Z")->seconds) == 3600);
  CHECK(zone->offsetAt(parseInstant("2024-03-31T01:00:00Z")->seconds) == 7200);
  CHECK(zone->offsetAt(parseInstant("2024-10-27T00:59:59Z")->seconds) == 7200);
  CHECK(zone->offsetAt(parseInstant("2024-10-27T01:00:00Z")->seconds) == 3600);
  CHECK(zone->periodAt(parseInstant("2024-07-01T00:00:00Z")->seconds).abbreviation == "CEST");
  const auto skipped = zone->meaningOf(parseInstant("2024-03-31T02:30:00Z")->seconds);
  CHECK(skipped.skipped);
  CHECK(skipped.earlierSeconds == parseInstant("2024-03-31T01:00:00Z")->seconds);
  const auto twice = zone->meaningOf(parseInstant("2024-10-27T02:30:00Z")->seconds);
  CHECK(!twice.skipped);
  CHECK(twice.laterSeconds - twice.earlierSeconds == 3600);
  CHECK(zone->localAt(*parseInstant("2024-07-01T12:00:00Z")).hour == 14);
  CHECK(zones.find("-07:30").value()->offsetAt(0) == -27000);
  CHECK(zones.find("../etc/passwd").error().code == "zone.unknown");
}

TEST_CASE("a damaged zone file is refused") {
  const std::string good = paris();
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(TimeZone::fromTzif("X", std::string_view(good).substr(0, size)).error().code == "zone.corrupt");
}

TEST_CASE("date patterns read and write") {
  struct Case {
    const char *pattern, *text, *instant;
  };
  const std::array<Case, 12> cases{{
      {"yyyy-MM-dd HH:mm:ss.SSS", "2024-02-29 12:34:56.789", "2024-02-29T12:34:56.789Z"},
      {"dd/MM/yyyy", "29/02/2024", "2024-02-29T00:00:00Z"},
      {"d.M.yyyy", "9.2.2024", "2024-02-09T00:00:00Z"},
      {"MMM d, yyyy", "Feb 9, 2024", "2024-02-09T00:00:00Z"},
      {"EEEE, MMMM d yyyy h:mm a", "Friday, February 9 2024 3:05 PM", "2024-02-09T15:05:00Z"},
      {"%Y-%m-%d", "2024-02-29", "2024-02-29T00:00:00Z"},
      {"%Y-%m-%dT%H:%M:%S.%f", "2024-02-29T01:02:03.000004", "2024-02-29T01:02:03.000004Z"},
      {"yyyyMMdd", "20240229", "2024-02-29T00:00:00Z"},
      {"yyyy-DDD", "2024-060", "2024-02-29T00:00:00Z"},
      {"%s", "-1", "1969-12-31T23:59:59Z"},
      {"yyyy-MM-dd'T'HH:mm:ssXXX", "2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"},
      {"MM/dd/yy", "02/29/24", "2024-02-29T00:00:00Z"},
  }};
  for (const Case& each : cases) {
    const auto pattern = DatePattern::compile(each.pattern);
    REQUIRE_MESSAGE(pattern.has_value(), each.pattern);
    const auto instant = pattern->parse(each.text);
    REQUIRE_MESSAGE(instant.has_value(), each.pattern);
    CHECK(formatInstant(*instant) == each.instant);
    CHECK(pattern->format(*instant) == each.text);
    CHECK(!pattern->parse(std::string(each.text) + "x").has_value());
  }
  CHECK(DatePattern::compile("yyyy-MM-dd HH:mm Z")->parse("2024-02-29 00:30 +0100") ==
        parseInstant("2024-02-28T23:30:00Z").value());
  CHECK(!DatePattern::compile("dd/MM/yyyy")->parse("30/02/2024").has_value());
  for (const char* bad : {"", "qq", "yyyy 'x", "%Q", "%", "---"})
    CHECK_MESSAGE(DatePattern::compile(bad).error().code == "date.pattern", bad);
}

TEST_CASE("ISO dates are recognised, other texts are not") {
  for (const char* good : {"2024-02-29", "2024-02-29 12:34", "2024-02-29T12:34:56", "2024-02-29 12:34:56.5",
                           "2024-02-29T12:34:56Z", "2024-02-29 12:34:56+0100", "2024-02-29 12:34:56 +01"})
    CHECK_MESSAGE(inferTimestamp(good).has_value(), good);
  for (const char* bad :
       {"", "2024", "2024-02-30", "2024-02-2x", "2x24-02-20", "2024-02-29 ", "2024-02-29T", "2024-02-29 12:3",
        "2024-02-29 12:34:5", "2024-02-29 25:00", "1234567890", "2024-02-29 12:34:56 "})
    CHECK_MESSAGE(!inferTimestamp(bad).has_value(), bad);
  CHECK(inferTimestamp("2024-02-29")->dateOnly);
  CHECK(formatInstant(inferTimestamp("2024-02-29 12:34:56+01")->instant) == "2024-02-29T11:34:56Z");
}
