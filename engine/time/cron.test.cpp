// Cron lines and schedules against a clock that is read second by second.
#include "engine/time/cron.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "engine/data/random-rows.h"
#include "engine/time/schedule.h"

using namespace weir;

namespace {

using testing::Dice;

std::int64_t at(const char* text) { return parseInstant(text)->seconds * 1'000'000; }
std::string shown(std::optional<std::int64_t> micros) {
  return micros ? formatInstant(*instantFromMicros(*micros)) : "never";
}

std::vector<std::string> nextOf(std::string_view line, const TimeZone& zone, const char* from, int count) {
  const auto cron = Cron::parse(line);
  REQUIRE_MESSAGE(cron.has_value(), std::string(line));
  const auto schedule = Schedule::ofCron(*cron, std::make_shared<const TimeZone>(zone));
  std::vector<std::string> all;
  std::optional<std::int64_t> next = at(from);
  for (int i = 0; i < count && next; ++i) {
    next = schedule.next(*next);
    all.push_back(shown(next));
  }
  return all;
}

/// A zone with the changes of Berlin in 2024 and 2025, by a TZif file without data and with a footer.
TimeZone berlin() {
  std::string bytes = "TZif2";
  bytes.append(15, '\0');
  const auto counts = [&] {
    for (const char count : {'\0', '\0', '\0', '\0', '\1', '\4'}) bytes.append(3, '\0').push_back(count);
  };
  const auto body = [&] {
    bytes.append("\0\0\x0e\x10\0\0", 6);  // +1 h
    bytes.append("CET\0", 4);
  };
  counts();
  body();
  bytes.append("TZif2").append(15, '\0');
  counts();
  body();
  bytes.append("\nCET-1CEST,M3.5.0,M10.5.0/3\n");
  auto zone = TimeZone::fromTzif("Europe/Berlin", bytes);
  REQUIRE_MESSAGE(zone.has_value(), zone.error().message);
  return *zone;
}

struct Set {
  std::set<int> values;
  std::string text;
};

/// Some values of a field, and one of the ways to write them.
Set randomSet(Dice& dice, int least, int most) {
  Set set;
  const int parts = 1 + static_cast<int>(dice.below(3));
  for (int i = 0; i < parts; ++i) {
    const auto width = static_cast<std::uint32_t>(most - least + 1);
    const int from = least + static_cast<int>(dice.below(width));
    const int to = from + static_cast<int>(dice.below(static_cast<std::uint32_t>(most - from + 1)));
    const int step = 1 + static_cast<int>(dice.below(7));
    if (i > 0) set.text += ",";
    switch (dice.below(3)) {
      case 0:
        set.values.insert(from);
        set.text += std::to_string(from);
        break;
      case 1:
        for (int v = from; v <= to; ++v) set.values.insert(v);
        set.text += std::to_string(from) + "-" + std::to_string(to);
        break;
      default:
        for (int v = from; v <= to; v += step) set.values.insert(v);
        set.text += std::to_string(from) + "-" + std::to_string(to) + "/" + std::to_string(step);
    }
  }
  return set;
}

}  // namespace

TEST_CASE("the next time of random cron lines is that of a clock read minute by minute") {
  Dice dice(7);
  for (int round = 0; round < 60; ++round) {
    const auto minutes = randomSet(dice, 0, 59), hours = randomSet(dice, 0, 23), months = randomSet(dice, 1, 12);
    const bool everyDay = dice.below(2) == 0, everyWeekday = dice.below(2) == 0;
    const auto days = randomSet(dice, 1, 28), weekdays = randomSet(dice, 0, 6);
    const auto line = minutes.text + " " + hours.text + " " + (everyDay ? "*" : days.text) + " " + months.text + " " +
                      (everyWeekday ? "*" : weekdays.text);
    const auto cron = Cron::parse(line);
    REQUIRE_MESSAGE(cron.has_value(), line);
    const auto fits = [&](std::int64_t second) {
      const auto time = civilFromSeconds(second);
      const bool day = days.values.contains(time.date.day);
      const bool weekday = weekdays.values.contains(weekdayFromDays(daysFromCivil(time.date)));
      const bool goodDay = everyDay ? everyWeekday || weekday : everyWeekday ? day : day || weekday;
      return goodDay && minutes.values.contains(time.minute) && hours.values.contains(time.hour) &&
             months.values.contains(time.date.month);
    };
    std::int64_t from = secondsFromCivil({{2023, 12, 1}, 0, 0, 0, 0}) + dice.below(100'000'000);
    for (int i = 0; i < 5; ++i) {
      const auto found = cron->nextLocal(from);
      REQUIRE(found.has_value());
      auto expected = (from / 60 + 1) * 60;
      const auto bound = expected + 500 * kSecondsPerDay;
      while (!fits(expected) && expected < bound) expected += 60;
      if (expected < bound) CHECK_MESSAGE(*found == expected, line);
      from = *found;
    }
  }
}

TEST_CASE("cron lines with seconds, names, macros and special days") {
  const TimeZone utc;
  CHECK(nextOf("*/20 59 23 31 DEC ?", utc, "2024-12-31T23:59:10Z", 3) ==
        std::vector<std::string>{"2024-12-31T23:59:20Z", "2024-12-31T23:59:40Z", "2025-12-31T23:59:00Z"});
  CHECK(nextOf("0 9 * * mon-fri", utc, "2024-05-03T09:00:00Z", 1) == std::vector<std::string>{"2024-05-06T09:00:00Z"});
  CHECK(nextOf("0 0 * * 7", utc, "2024-05-03T00:00:00Z", 1) == std::vector<std::string>{"2024-05-05T00:00:00Z"});
  CHECK(nextOf("@hourly", utc, "2024-02-28T23:30:00Z", 2) ==
        std::vector<std::string>{"2024-02-29T00:00:00Z", "2024-02-29T01:00:00Z"});
  CHECK(nextOf("@weekly", utc, "2024-05-03T00:00:00Z", 1) == std::vector<std::string>{"2024-05-05T00:00:00Z"});
  CHECK(nextOf("0 0 29 2 *", utc, "2023-01-01T00:00:00Z", 2) ==
        std::vector<std::string>{"2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z"});
  CHECK(nextOf("0 0 L * *", utc, "2024-01-31T00:00:00Z", 3) ==
        std::vector<std::string>{"2024-02-29T00:00:00Z", "2024-03-31T00:00:00Z", "2024-04-30T00:00:00Z"});
  CHECK(nextOf("0 0 L-3 * *", utc, "2024-02-01T00:00:00Z", 1) == std::vector<std::string>{"2024-02-26T00:00:00Z"});
  CHECK(nextOf("0 0 LW * *", utc, "2024-03-01T00:00:00Z", 2) ==
        std::vector<std::string>{"2024-03-29T00:00:00Z", "2024-04-30T00:00:00Z"});
  // 1 June 2024 is a Saturday, 30 June a Sunday: the nearest weekday stays in the month.
  CHECK(nextOf("0 0 1W,30W 6 ?", utc, "2024-05-31T00:00:00Z", 2) ==
        std::vector<std::string>{"2024-06-03T00:00:00Z", "2024-06-28T00:00:00Z"});
  CHECK(nextOf("0 0 ? * 5#3", utc, "2024-05-01T00:00:00Z", 2) ==
        std::vector<std::string>{"2024-05-17T00:00:00Z", "2024-06-21T00:00:00Z"});
  CHECK(nextOf("0 0 ? * FRIL", utc, "2024-05-01T00:00:00Z", 2) ==
        std::vector<std::string>{"2024-05-31T00:00:00Z", "2024-06-28T00:00:00Z"});
  CHECK(nextOf("0 0 13 * 5", utc, "2024-09-06T00:00:00Z", 2) ==
        std::vector<std::string>{"2024-09-13T00:00:00Z", "2024-09-20T00:00:00Z"});
  CHECK(nextOf("0 0 1 1 *", utc, "9999-01-01T00:00:00Z", 2) == std::vector<std::string>{"never"});
}

TEST_CASE("a wrong cron line says which field, and what to write") {
  struct Case {
    const char *line, *part;
  };
  for (const auto& each : {Case{"", "has 0 fields"}, Case{"* * * *", "has 4 fields"},
                           Case{"61 * * * *", "61 is not within 0 to 59"}, Case{"* 24 * * *", "Midnight is hour 0"},
                           Case{"60 * * * *", "The full one is 0"}, Case{"* * 0 * *", "0 is not within 1 to 31"},
                           Case{"* * * JANN *", "Did you mean 'JAN'?"}, Case{"* * * * FRI-MON", "write 5-6,0-1."},
                           Case{"* 22-2 * * *", "write 22-23,0-2."}, Case{"*/0 * * * *", "the step behind /"},
                           Case{"1,,2 * * * *", "a value is missing"}, Case{"* * * * 5#6", "behind #"},
                           Case{"* * L+1 * *", "'L+1' is no day"}, Case{"@dayly", "Did you mean '@daily'?"},
                           Case{"@every 5m", "has 2 fields"}, Case{"a b c d e", "'a' is no value"}}) {
    const auto cron = Cron::parse(each.line);
    REQUIRE_MESSAGE(!cron.has_value(), each.line);
    CHECK(cron.error().code == "cron.syntax");
    CHECK_MESSAGE(cron.error().message.contains(each.part), cron.error().message);
  }
  CHECK(Cron::parse("0 0 30 2 *").error().code == "cron.never");
  CHECK(Cron::parse("0 0 31 4,6 ?").error().code == "cron.never");
  CHECK(Cron::parse(std::string(5000, '*')).error().code == "cron.syntax");
}

TEST_CASE("R15: a local time that is skipped is planned once behind the gap, one that comes twice once") {
  const auto zone = berlin();
  // 31 March 2024: 02:00 becomes 03:00.
  CHECK(nextOf("30 2 * * *", zone, "2024-03-30T00:00:00Z", 3) ==
        std::vector<std::string>{"2024-03-30T01:30:00Z", "2024-03-31T01:00:00Z", "2024-04-01T00:30:00Z"});
  CHECK(nextOf("*/20 * * * *", zone, "2024-03-31T00:40:00Z", 2) ==
        std::vector<std::string>{"2024-03-31T01:00:00Z", "2024-03-31T01:20:00Z"});
  // 27 October 2024: 03:00 becomes 02:00.
  CHECK(nextOf("30 2 * * *", zone, "2024-10-26T12:00:00Z", 2) ==
        std::vector<std::string>{"2024-10-27T00:30:00Z", "2024-10-28T01:30:00Z"});
  CHECK(nextOf("30 * * * *", zone, "2024-10-27T00:00:00Z", 2) ==
        std::vector<std::string>{"2024-10-27T00:30:00Z", "2024-10-27T02:30:00Z"});
}

TEST_CASE("R15: moments come in order, each once, and none between two of them is left out") {
  const auto zone = berlin();
  const auto shared = std::make_shared<const TimeZone>(zone);
  for (const char* line : {"*/7 * * * *", "15 2,3 * * *", "0 0 * * *", "30 30 1-3 * * 0"}) {
    const auto cron = *Cron::parse(line);
    const auto schedule = Schedule::ofCron(cron, shared);
    for (const char* day : {"2024-03-30T12:00:00Z", "2024-10-26T12:00:00Z", "2024-02-28T12:00:00Z"}) {
      // What the rule says, from the local times of three days.
      std::set<std::int64_t> planned;
      const auto from = at(day) / 1'000'000;
      for (auto local = from - 86400; local < from + 12 * 86400; ++local) {
        const auto time = civilFromSeconds(local);
        if (!cron.fitsDay(time.date) || !cron.fitsTime(time.hour, time.minute, time.second)) continue;
        planned.insert(zone.meaningOf(local).earlierSeconds);
      }
      for (auto now = from; now < from + 2 * 86400; now += 61) {
        const auto expected = planned.upper_bound(now);
        REQUIRE(expected != planned.end());
        CHECK(schedule.next(now * 1'000'000) == *expected * 1'000'000);
        if (schedule.next(now * 1'000'000) != *expected * 1'000'000) break;
      }
    }
  }
}

TEST_CASE("an interval counts from its anchor") {
  const auto schedule = Schedule::ofInterval(1'500'000, at("2024-01-01T00:00:00Z"));
  CHECK(shown(schedule.next(at("2023-01-01T00:00:00Z"))) == "2024-01-01T00:00:00Z");
  CHECK(shown(schedule.next(at("2024-01-01T00:00:00Z"))) == "2024-01-01T00:00:01.500Z");
  CHECK(shown(schedule.next(at("2024-01-01T00:00:02Z"))) == "2024-01-01T00:00:03Z");
  CHECK(shown(schedule.next(at("9999-12-31T23:59:59Z"))) == "never");
}

TEST_CASE("names of time zones are looked at before a run") {
  for (const char* good : {"UTC", "+02:00", "Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "Japan"})
    CHECK_MESSAGE(checkZoneName(good).has_value(), good);
  for (const char* bad : {"", "Europe/", "/etc/passwd", "../x", "Europe Paris"})
    CHECK_MESSAGE(!checkZoneName(bad).has_value(), bad);
  const auto meant = [](const char* name) { return checkZoneName(name).error().message; };
  CHECK(meant("Europ/Berlin").contains("did you mean 'Europe/Berlin'?"));
  CHECK(meant("europe/berlin").contains("did you mean 'Europe/Berlin'?"));
  CHECK(meant("america/argentina/buenos_aires").contains("'America/Argentina/Buenos_Aires'?"));
  CHECK(meant("europe/isle_of_man").contains("'Europe/Isle_of_Man'?"));
  CHECK(meant("america/port-au-prince").contains("'America/Port-au-Prince'?"));
}

TEST_CASE("any text is a cron line or refused, and what is planned fits, in order") {
  Dice dice(1);
  constexpr std::string_view kLetters = "0123456789*/,-?LW#@ \tJANSUNMFRI";
  int good = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string line;
    for (int field = 0; field < 5; ++field) {
      const auto length = 1 + dice.below(3);
      for (std::uint32_t c = 0; c < length; ++c)
        line += kLetters[dice.below(static_cast<std::uint32_t>(kLetters.size()))];
      line += ' ';
    }
    const auto cron = Cron::parse(line);
    if (!cron) continue;
    ++good;
    const auto next = cron->nextLocal(1'700'000'000);
    if (!next) continue;
    const auto time = civilFromSeconds(*next);
    CHECK_MESSAGE((cron->fitsDay(time.date) && cron->fitsTime(time.hour, time.minute, time.second)), line);
  }
  CHECK(good > 10);
}
