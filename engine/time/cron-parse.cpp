// Reads cron lines, and says which field is wrong.
#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "engine/text/suggest.h"
#include "engine/time/cron.h"

namespace weir {
namespace {

constexpr std::size_t kLongestLine = 1000;

struct FieldKind {
  std::string_view name;
  int least, most;
  std::span<const std::string_view> names;
  int firstNamed;
};

constexpr std::string_view kMonths[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                        "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kWeekdays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr FieldKind kSecond{"second", 0, 59, {}, 0};
constexpr FieldKind kMinute{"minute", 0, 59, {}, 0};
constexpr FieldKind kHour{"hour", 0, 23, {}, 0};
constexpr FieldKind kDay{"day of month", 1, 31, {}, 0};
constexpr FieldKind kMonth{"month", 1, 12, kMonths, 1};
constexpr FieldKind kWeekday{"day of week", 0, 7, kWeekdays, 0};

struct Macro {
  std::string_view name, line;
};
constexpr Macro kMacros[] = {{"@annually", "0 0 1 1 *"}, {"@daily", "0 0 * * *"},   {"@hourly", "0 * * * *"},
                             {"@midnight", "0 0 * * *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
                             {"@yearly", "0 0 1 1 *"}};

bool isBlank(char c) { return c == ' ' || c == '\t'; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

bool sameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return upper(x) == upper(y); });
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> fields;
  while (!text.empty()) {
    const auto from = std::ranges::find_if_not(text, isBlank) - text.begin();
    text.remove_prefix(static_cast<std::size_t>(from));
    const auto length = static_cast<std::size_t>(std::ranges::find_if(text, isBlank) - text.begin());
    if (length > 0) fields.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return fields;
}

std::optional<int> number(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

struct Cron::Reader {
  std::string_view line{};
  const FieldKind* kind = nullptr;
  std::string_view field{};

  [[nodiscard]] std::unexpected<Error> wrong(std::string message) const {
    return fail("cron.syntax", "the field '" + std::string(kind->name) + "' (" + std::string(field) + ") of \"" +
                                   std::string(line) + "\": " + message);
  }

  [[nodiscard]] Result<int> value(std::string_view text) const {
    for (std::size_t i = 0; i < kind->names.size(); ++i) {
      if (sameName(text, kind->names[i])) return static_cast<int>(i) + kind->firstNamed;
    }
    const auto limits = std::to_string(kind->least) + " to " + std::to_string(kind->most);
    const auto found = number(text);
    if (!found) {
      return wrong((text.empty() ? std::string("a value is missing") : "'" + std::string(text) + "' is no value") +
                   "; write a number from " + limits + (kind->names.empty() ? "" : ", or a name such as ") +
                   (kind->names.empty() ? "" : std::string(kind->names[1])) + "." + didYouMean(text, kind->names));
    }
    if (*found >= kind->least && *found <= kind->most) return *found;
    std::string advice;
    if (kind == &kHour && *found == 24) advice = " Midnight is hour 0.";
    if ((kind == &kMinute || kind == &kSecond) && *found == 60) advice = " The full one is 0.";
    return wrong(std::to_string(*found) + " is not within " + limits + "." + advice);
  }

  /// `*`, `a`, `a-b`, each with `/step`.
  [[nodiscard]] Result<std::uint64_t> range(std::string_view text) const {
    const auto slash = text.find('/');
    auto base = text.substr(0, slash);
    int step = 1;
    if (slash != std::string_view::npos) {
      const auto found = number(text.substr(slash + 1));
      if (!found || *found < 1 || *found > kind->most) {
        return wrong("the step behind / must be a number from 1 to " + std::to_string(kind->most) + ", found '" +
                     std::string(text.substr(slash + 1)) + "'.");
      }
      step = *found;
    }
    int from = kind->least, to = kind == &kWeekday ? 6 : kind->most;
    if (base != "*" && base != "?") {
      const auto dash = base.find('-');
      WEIR_ASSIGN(from, value(base.substr(0, dash)));
      if (dash != std::string_view::npos) {
        WEIR_ASSIGN(to, value(base.substr(dash + 1)));
        if (to < from) return backwards(from, to);
      } else if (slash == std::string_view::npos) {
        to = from;
      }
    }
    std::uint64_t bits = 0;
    for (int at = from; at <= to; at += step) bits |= std::uint64_t{1} << at;
    return bits;
  }

  [[nodiscard]] std::unexpected<Error> backwards(int from, int to) const {
    const auto piece = [](int a, int b) {
      return a == b ? std::to_string(a) : std::to_string(a) + "-" + std::to_string(b);
    };
    return wrong("the range " + std::to_string(from) + "-" + std::to_string(to) + " goes backwards; write " +
                 piece(from, kind == &kWeekday ? 6 : kind->most) + "," + piece(kind->least, to) + ".");
  }

  template <class Each>
  Result<void> eachPart(Each&& each) const {
    std::string_view rest = field;
    for (;;) {
      const auto comma = rest.find(',');
      WEIR_TRY(each(rest.substr(0, comma)));
      if (comma == std::string_view::npos) return {};
      rest.remove_prefix(comma + 1);
    }
  }

  [[nodiscard]] Result<std::uint64_t> plain() const {
    std::uint64_t bits = 0;
    WEIR_TRY(eachPart([&](std::string_view part) -> Result<void> {
      WEIR_ASSIGN(const auto more, range(part));
      bits |= more;
      return {};
    }));
    return bits;
  }

  Result<void> dayOfMonth(Cron& to, std::string_view part) const {
    const bool weekday = part.size() > 1 && upper(part.back()) == 'W';
    const auto day = weekday ? part.substr(0, part.size() - 1) : part;
    if (!day.empty() && upper(day[0]) == 'L') {
      if (day.size() == 1) {
        if (weekday) to.lastWeekday_ = true;
        if (!weekday) to.fromLast_ |= 1;
        return {};
      }
      const auto back = day[1] == '-' ? number(day.substr(2)) : std::nullopt;
      if (weekday || !back || *back < 1 || *back > 30) {
        return wrong("'" + std::string(part) + "' is no day; L is the last of the month, L-3 the third before it.");
      }
      to.fromLast_ |= std::uint32_t{1} << *back;
      return {};
    }
    if (weekday) {
      WEIR_ASSIGN(const auto nearest, value(day));
      to.nearest_ |= std::uint32_t{1} << nearest;
      return {};
    }
    WEIR_ASSIGN(const auto bits, range(part));
    to.days_ |= static_cast<std::uint32_t>(bits);
    return {};
  }

  Result<void> dayOfWeek(Cron& to, std::string_view part) const {
    if (const auto hash = part.find('#'); hash != std::string_view::npos) {
      WEIR_ASSIGN(const auto day, value(part.substr(0, hash)));
      const auto nth = number(part.substr(hash + 1));
      if (!nth || *nth < 1 || *nth > 5) {
        return wrong("behind # stands which one of the month, 1 to 5; 5#3 is the third Friday.");
      }
      to.nthOfWeekday_[static_cast<std::size_t>(day % 7)] |= std::uint32_t{1} << *nth;
      return {};
    }
    if (part.size() > 1 && upper(part.back()) == 'L') {
      WEIR_ASSIGN(const auto day, value(part.substr(0, part.size() - 1)));
      to.lastOfWeekday_ |= std::uint32_t{1} << (day % 7);
      return {};
    }
    WEIR_ASSIGN(const auto bits, range(part));
    to.weekdays_ |= static_cast<std::uint32_t>((bits | bits >> 7) & 0x7F);
    return {};
  }
};

Result<Cron> Cron::parse(std::string_view text) {
  if (text.size() > kLongestLine) return fail("cron.syntax", "the schedule is longer than 1,000 letters");
  auto line = text;
  auto fields = split(line);
  if (fields.size() == 1 && fields[0].starts_with('@')) {
    const auto* macro =
        std::ranges::find_if(kMacros, [&](const Macro& each) { return sameName(each.name, fields[0]); });
    if (macro == std::ranges::end(kMacros)) {
      std::vector<std::string_view> names;
      for (const auto& each : kMacros) names.push_back(each.name);
      return fail("cron.syntax", "there is no schedule '" + std::string(fields[0]) +
                                     "'; there are @hourly, @daily, @weekly, @monthly and @yearly. For a fixed "
                                     "distance give an interval instead." +
                                     didYouMean(fields[0], std::span<const std::string_view>(names)));
    }
    fields = split(macro->line);
  }
  if (fields.size() != 5 && fields.size() != 6) {
    return fail("cron.syntax",
                "\"" + std::string(text) + "\" has " + std::to_string(fields.size()) +
                    (fields.size() == 1 ? " field" : " fields") +
                    "; a schedule has five (minute, hour, day of month, month, day of week), or six with "
                    "the second in front. 0 9 * * MON-FRI is nine o'clock on working days.");
  }
  Cron cron;
  Reader reader{.line = text};
  std::size_t at = 0;
  const auto next = [&](const FieldKind& kind) {
    reader.kind = &kind;
    reader.field = fields[at++];
  };
  if (fields.size() == 6) {
    next(kSecond);
    WEIR_ASSIGN(cron.seconds_, reader.plain());
  }
  next(kMinute);
  WEIR_ASSIGN(cron.minutes_, reader.plain());
  next(kHour);
  WEIR_ASSIGN(const auto hours, reader.plain());
  cron.hours_ = static_cast<std::uint32_t>(hours);
  next(kDay);
  cron.anyDay_ = reader.field[0] == '*' || reader.field[0] == '?';
  WEIR_TRY(reader.eachPart([&](std::string_view part) { return reader.dayOfMonth(cron, part); }));
  next(kMonth);
  WEIR_ASSIGN(const auto months, reader.plain());
  cron.months_ = static_cast<std::uint32_t>(months);
  next(kWeekday);
  cron.anyWeekday_ = reader.field[0] == '*' || reader.field[0] == '?';
  WEIR_TRY(reader.eachPart([&](std::string_view part) { return reader.dayOfWeek(cron, part); }));
  constexpr std::int64_t kSomeDay = 946'684'800;  // 2000-01-01, the begin of a cycle of the calendar
  if (!cron.nextLocal(kSomeDay)) {
    return fail("cron.never", "\"" + std::string(text) +
                                  "\" never comes: there is no such date. Correct the day of month or the month.");
  }
  return cron;
}

}  // namespace weir
