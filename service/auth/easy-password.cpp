// Rules that cover what lists of stolen passwords of twelve characters or more begin with.
#include "service/auth/easy-password.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "engine/text/utf8.h"

namespace weir::auth {
namespace {

constexpr std::size_t kFewest = 5;  // different characters

constexpr std::array<std::string_view, 9> kWalks{"abcdefghijklmnopqrstuvwxyz",
                                                 "01234567890",
                                                 "qwertyuiop",
                                                 "asdfghjkl",
                                                 "zxcvbnm",
                                                 "qwertzuiop",
                                                 "1q2w3e4r5t6y7u8i9o0p",
                                                 "qazwsxedcrfvtgbyhnujmikolp",
                                                 "1qaz2wsx3edc4rfv5tgb6yhn"};

constexpr auto kWords = std::to_array<std::string_view>(
    {"abc",       "access",    "account",  "admin",    "administrator", "again",    "andrew",    "angel",
     "apple",     "arsenal",   "asdf",     "ashley",   "august",        "autumn",   "baby",      "banana",
     "baseball",  "batman",    "battery",  "blink",    "boss",          "buster",   "butterfly", "change",
     "changeme",  "charlie",   "cheese",   "chelsea",  "chocolate",     "computer", "cookie",    "correct",
     "daniel",    "december",  "default",  "demo",     "diamond",       "dragon",   "easy",      "family",
     "february",  "flower",    "football", "forever",  "freedom",       "friend",   "friends",   "george",
     "google",    "guest",     "hallo",    "hannah",   "harley",        "hello",    "home",      "horse",
     "hunter",    "i",         "iloveyou", "in",       "internet",      "is",       "january",   "jennifer",
     "jessica",   "jesus",     "jordan",   "joshua",   "july",          "june",     "killer",    "let",
     "letmein",   "liverpool", "local",    "login",    "london",        "love",     "lovely",    "maggie",
     "manager",   "march",     "master",   "matrix",   "matthew",       "me",       "mercedes",  "merlin",
     "michael",   "michelle",  "money",    "monkey",   "monster",       "mustang",  "my",        "mynoob",
     "naruto",    "nicole",    "ninja",    "november", "october",       "oracle",   "orange",    "p",
     "pass",      "passport",  "passw",    "password", "passwort",      "pepper",   "pokemon",   "princess",
     "private",   "purple",    "q",        "qwe",      "qwer",          "qwert",    "qwerty",    "ranger",
     "robert",    "root",      "samsung",  "samantha", "secret",        "secure",   "security",  "september",
     "server",    "service",   "shadow",   "slipknot", "snoopy",        "soccer",   "spring",    "staple",
     "starwars",  "summer",    "sunday",   "sunshine", "super",         "superman", "system",    "temp",
     "temporary", "test",      "tester",   "testing",  "thomas",        "tigger",   "the",       "this",
     "trust",     "trustno",   "user",     "weir",     "welcome",       "whatever", "william",   "winner",
     "winter",    "word",      "yankees",  "you",      "zaq",           "zxcvbn",   "zxcvbnm",   "zzz"});

/// "p@ssw0rd" -> "password"
char plain(char c) {
  switch (c) {
    case '0':
      return 'o';
    case '1':
    case '!':
      return 'i';
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    case '7':
      return 't';
    default:
      return c;
  }
}

bool isLetter(char c) { return c >= 'a' && c <= 'z'; }

bool repeats(std::string_view text) {
  for (std::size_t length = 1; length <= text.size() / 2; ++length) {
    const auto again = [&](std::size_t i) { return text[i] == text[i % length]; };
    bool all = true;
    for (std::size_t i = length; i < text.size() && all; ++i) all = again(i);
    if (all) return true;
  }
  return false;
}

/// Whether nearly all of it goes from key to key, or through the alphabet, either way.
bool walks(std::string_view text) {
  std::size_t steps = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const std::array<char, 2> forth{text[i - 1], text[i]}, back{text[i], text[i - 1]};
    const auto has = [&](std::string_view walk) {
      return walk.contains(std::string_view(forth.data(), 2)) || walk.contains(std::string_view(back.data(), 2));
    };
    if (text[i] == text[i - 1] || std::ranges::any_of(kWalks, has)) ++steps;
  }
  return steps * 10 >= (text.size() - 1) * 8;
}

/// Whether it is made of so many words at most.
bool isOfWords(std::string_view text, const std::vector<std::string>& own, int most) {
  if (text.empty()) return true;
  if (most == 0) return false;
  const auto begins = [&](std::string_view word) {
    return !word.empty() && text.starts_with(word) && isOfWords(text.substr(word.size()), own, most - 1);
  };
  return std::ranges::any_of(kWords, begins) || std::ranges::any_of(own, begins);
}

std::string lettersOf(std::string_view text, bool translated) {
  std::string letters;
  for (const char c : text) {
    const char one = translated ? plain(c) : c;
    if (isLetter(one)) letters += one;
  }
  return letters;
}

/// Without the digits and signs around it.
std::string_view core(std::string_view text) {
  while (!text.empty() && !isLetter(text.front())) text.remove_prefix(1);
  while (!text.empty() && !isLetter(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

bool isEasyPassword(std::string_view password, std::string_view name) {
  const auto text = utf8::lowerAscii(password);
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) return false;
  if (std::set<char>(text.begin(), text.end()).size() < kFewest || repeats(text) || walks(text)) return true;
  const std::vector<std::string> own{lettersOf(utf8::lowerAscii(name), false), lettersOf(utf8::lowerAscii(name), true)};
  const auto isEasy = [&own](const std::string& letters) { return letters.size() < 4 || isOfWords(letters, own, 3); };
  return isEasy(lettersOf(text, false)) || isEasy(lettersOf(core(text), true));
}

}  // namespace weir::auth
