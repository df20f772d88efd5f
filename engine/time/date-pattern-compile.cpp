// Turns a date pattern's letters into items.
#include <algorithm>

#include "engine/time/date-pattern.h"

namespace weir {
namespace {

using Field = DatePattern::Field;
using Item = DatePattern::Item;
using Items = std::vector<Item>;

constexpr std::size_t kLongestPattern = 256;

constexpr Item numeric(Field field, int least, int most, int written) {
  return {.field = field,
          .leastDigits = static_cast<std::uint8_t>(least),
          .mostDigits = static_cast<std::uint8_t>(most),
          .writtenDigits = static_cast<std::uint8_t>(written)};
}

constexpr Item named(Field field) { return {.field = field}; }

void addLiteral(Items& items, std::string_view text) {
  for (const char c : text) items.push_back({.literal = c});
}

// Two letters mean exactly two digits, one letter one or two.
Item upToTwo(Field field, int count) { return numeric(field, count, 2, count); }

std::optional<Item> letterItem(char letter, int count) {
  switch (letter) {
    case 'y':
    case 'Y':
      if (count == 2) return numeric(Field::shortYear, 2, 2, 2);
      if (count == 1) return numeric(Field::year, 1, 4, 1);
      return count == 4 ? std::optional(numeric(Field::year, 4, 4, 4)) : std::nullopt;
    case 'M':
      if (count == 3) return named(Field::shortMonthName);
      if (count == 4) return named(Field::monthName);
      return count <= 2 ? std::optional(upToTwo(Field::month, count)) : std::nullopt;
    case 'D':
      if (count == 3) return numeric(Field::dayOfYear, 3, 3, 3);
      [[fallthrough]];
    case 'd':
      return count <= 2 ? std::optional(upToTwo(Field::day, count)) : std::nullopt;
    case 'E':
      if (count == 4) return named(Field::weekdayName);
      return count <= 3 ? std::optional(named(Field::shortWeekdayName)) : std::nullopt;
    case 'H':
      return count <= 2 ? std::optional(upToTwo(Field::hour, count)) : std::nullopt;
    case 'h':
      return count <= 2 ? std::optional(upToTwo(Field::hour12, count)) : std::nullopt;
    case 'm':
      return count <= 2 ? std::optional(upToTwo(Field::minute, count)) : std::nullopt;
    case 's':
      return count <= 2 ? std::optional(upToTwo(Field::second, count)) : std::nullopt;
    case 'S':
      return count <= 9 ? std::optional(numeric(Field::fraction, count, count, count)) : std::nullopt;
    case 'a':
      return count == 1 ? std::optional(named(Field::halfDay)) : std::nullopt;
    case 'X':
    case 'x':
      if (count == 1) return named(Field::zoneHours);
      if (count == 2) return named(Field::zoneCompact);
      return count == 3 ? std::optional(named(Field::zoneColon)) : std::nullopt;
    case 'Z':
      return count <= 3 ? std::optional(named(Field::zoneCompact)) : std::nullopt;
    case 'z':
      return count <= 3 ? std::optional(named(Field::zoneColon)) : std::nullopt;
    default:
      return std::nullopt;
  }
}

// A letter behind % that stands for one item.
struct PercentLetter {
  char letter;
  Item item;
};

constexpr PercentLetter kPercentLetters[] = {
    {'Y', numeric(Field::year, 4, 4, 4)},
    {'y', numeric(Field::shortYear, 2, 2, 2)},
    {'m', numeric(Field::month, 1, 2, 2)},
    {'d', numeric(Field::day, 1, 2, 2)},
    {'e', numeric(Field::spacedDay, 1, 2, 2)},
    {'j', numeric(Field::dayOfYear, 1, 3, 3)},
    {'H', numeric(Field::hour, 1, 2, 2)},
    {'I', numeric(Field::hour12, 1, 2, 2)},
    {'M', numeric(Field::minute, 1, 2, 2)},
    {'S', numeric(Field::second, 1, 2, 2)},
    {'f', numeric(Field::fraction, 1, 9, 6)},
    {'L', numeric(Field::fraction, 3, 3, 3)},
    {'s', numeric(Field::epochSeconds, 1, 12, 1)},
    {'p', named(Field::halfDay)},
    {'b', named(Field::shortMonthName)},
    {'h', named(Field::shortMonthName)},
    {'B', named(Field::monthName)},
    {'a', named(Field::shortWeekdayName)},
    {'A', named(Field::weekdayName)},
    {'z', named(Field::zoneCompact)},
    {'Z', named(Field::zoneColon)},
};

// Letters that are short for other letters and the text between them.
std::string_view percentShorthand(char letter) {
  switch (letter) {
    case 'F':
      return "Y-m-d";
    case 'T':
      return "H:M:S";
    case 'R':
      return "H:M";
    case 'D':
      return "m/d/y";
    default:
      return {};
  }
}

std::string_view percentLiteral(char letter) {
  switch (letter) {
    case 'n':
      return "\n";
    case 't':
      return "\t";
    case '%':
      return "%";
    default:
      return {};
  }
}

bool addPercent(char letter, Items& items) {
  if (const auto* found = std::ranges::find(kPercentLetters, letter, &PercentLetter::letter);
      found != std::ranges::end(kPercentLetters)) {
    items.push_back(found->item);
    return true;
  }
  if (const auto literal = percentLiteral(letter); !literal.empty()) {
    addLiteral(items, literal);
    return true;
  }
  const auto shorthand = percentShorthand(letter);
  for (const char& c : shorthand) {
    // Every second character of a shorthand is a separator.
    if ((&c - shorthand.data()) % 2 == 1) {
      addLiteral(items, {&c, 1});
    } else if (!addPercent(c, items)) {
      return false;
    }
  }
  return !shorthand.empty();
}

std::unexpected<Error> wrong(std::string_view pattern, std::size_t at, const std::string& what) {
  return fail("date.pattern", "The date format '" + std::string(pattern.substr(0, kLongestPattern)) +
                                  "' is wrong at character " + std::to_string(at + 1) + ": " + what +
                                  ". Write it as yyyy-MM-dd HH:mm:ss.SSS or %Y-%m-%d %H:%M:%S; text goes in 'quotes'.");
}

Result<Items> percentItems(std::string_view pattern) {
  Items items;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      addLiteral(items, pattern.substr(i, 1));
      continue;
    }
    if (i + 1 == pattern.size()) return wrong(pattern, i, "the letter after % is missing");
    ++i;
    if (!addPercent(pattern[i], items))
      return wrong(pattern, i, "%" + std::string(1, pattern[i]) + " is not a known field");
  }
  return items;
}

Result<Items> letterItems(std::string_view pattern) {
  Items items;
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (c == '\'') {
      const std::size_t close = pattern.find('\'', i + 1);
      if (close == std::string_view::npos) return wrong(pattern, i, "the quote is not closed");
      addLiteral(items, close == i + 1 ? "'" : pattern.substr(i + 1, close - i - 1));
      i = close + 1;
      continue;
    }
    const char lower = static_cast<char>(c | 0x20);
    const bool bareT = c == 'T' || c == 't';  // yyyy-MM-ddTHH:mm:ss, which everyone writes
    if (lower < 'a' || lower > 'z' || bareT) {
      addLiteral(items, pattern.substr(i, 1));
      ++i;
      continue;
    }
    const std::size_t end = std::min(pattern.find_first_not_of(c, i), pattern.size());
    const auto item = letterItem(c, static_cast<int>(end - i));
    if (!item) return wrong(pattern, i, "'" + std::string(pattern.substr(i, end - i)) + "' is not a known field");
    items.push_back(*item);
    i = end;
  }
  return items;
}

bool isTime(Field field) {
  return field == Field::hour || field == Field::hour12 || field == Field::minute || field == Field::second ||
         field == Field::fraction || field == Field::epochSeconds;
}

bool isZone(Field field) {
  return field == Field::zoneHours || field == Field::zoneCompact || field == Field::zoneColon ||
         field == Field::epochSeconds;
}

}  // namespace

Result<DatePattern> DatePattern::compile(std::string_view pattern) {
  if (pattern.size() > kLongestPattern)
    return fail("date.pattern", "The date format is longer than 256 characters; shorten it.");
  DatePattern compiled;
  compiled.text_ = pattern;
  WEIR_ASSIGN(compiled.items_, pattern.contains('%') ? percentItems(pattern) : letterItems(pattern));
  for (const Item& item : compiled.items_) {
    compiled.hasTime_ = compiled.hasTime_ || isTime(item.field);
    compiled.hasZone_ = compiled.hasZone_ || isZone(item.field);
  }
  if (std::ranges::all_of(compiled.items_, [](const Item& item) { return item.field == Field::literal; }))
    return wrong(pattern, 0, "it has no field such as yyyy or %Y");
  return compiled;
}

}  // namespace weir
