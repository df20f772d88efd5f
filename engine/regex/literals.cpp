// Combines, from the leaves up, what each part of the pattern can consume.
#include "engine/regex/literals.h"

#include <algorithm>
#include <optional>

#include "engine/regex/utf8.h"

namespace weir::regex {
namespace {

constexpr std::size_t kMaxCount = 16;
constexpr std::size_t kMaxBytes = 128;
constexpr std::int32_t kMaxCopies = 32;

// Text whose bytes may each stand for both cases of an ASCII letter (`folds`; the byte is then in lower case).
struct Word {
  std::string text;
  std::string folds;
  bool operator==(const Word&) const = default;
};
using Words = std::vector<Word>;

// What is known of a part of the pattern.
struct Facts {
  bool complete = false;  // `words` are all the texts that the part consumes
  bool precise = true;    // ... and it always matches them: no assertions
  Words words;
  Words prefixes;  // if not complete
  Words required;  // if not complete
};

bool usable(const Words& words) {
  return !words.empty() && std::all_of(words.begin(), words.end(), [](const Word& word) { return !word.text.empty(); });
}

// Longer is better, then fewer.
std::size_t quality(const Words& words) {
  if (!usable(words)) return 0;
  std::size_t shortest = kMaxBytes;
  for (const auto& word : words) shortest = std::min(shortest, word.text.size());
  return std::min<std::size_t>(shortest, 8) * 32 - words.size();
}

void keepBetter(Words& best, const Words& other) {
  if (quality(other) > quality(best)) best = other;
}

// All words of `left` followed by all of `right`; nothing if that is too much.
std::optional<Words> product(const Words& left, const Words& right) {
  if (left.size() * right.size() > kMaxCount) return std::nullopt;
  Words out;
  for (const auto& first : left) {
    for (const auto& second : right) {
      if (first.text.size() + second.text.size() > kMaxBytes) return std::nullopt;
      out.push_back({first.text + second.text, first.folds + second.folds});
    }
  }
  return out;
}

Words requiredOf(const Facts& facts) {
  return facts.complete ? (usable(facts.words) ? facts.words : Words{}) : facts.required;
}
Words prefixesOf(const Facts& facts) { return facts.complete ? facts.words : facts.prefixes; }

// Appends, unless that makes too many or one of the two knows nothing.
void unite(Words& all, const Words& more, bool& known) {
  known = known && !more.empty() && all.size() + more.size() <= kMaxCount;
  if (known) all.insert(all.end(), more.begin(), more.end());
}

class Finder {
 public:
  explicit Finder(const Syntax& syntax) : syntax_(syntax) {}

  [[nodiscard]] Facts find(std::int32_t index) const {
    const auto& node = syntax_.nodes[static_cast<std::size_t>(index)];
    switch (node.kind) {
      case NodeKind::empty:
        return {.complete = true, .words = {Word{}}, .prefixes = {}, .required = {}};
      case NodeKind::assertion:
        return {.complete = true, .precise = false, .words = {Word{}}, .prefixes = {}, .required = {}};
      case NodeKind::set:
        return ofSet(syntax_.sets[static_cast<std::size_t>(node.index)]);
      case NodeKind::capture:
        return find(node.children[0]);
      case NodeKind::concat:
        return ofConcat(node.children);
      case NodeKind::alternate:
        return ofAlternate(node);
      case NodeKind::repeat:
        return ofRepeat(node);
    }
    return {};
  }

 private:
  [[nodiscard]] static Facts ofSet(const CharSet& set) {
    Facts facts;
    std::vector<std::uint32_t> codes;
    for (const auto range : set.ranges()) {
      // Invalid bytes match as U+FFFD, which no literal covers.
      if (range.high - range.low >= 8 || codes.size() > 8 || (range.low <= kReplacement && kReplacement <= range.high))
        return facts;
      for (auto code = range.low; code <= range.high; ++code) codes.push_back(code);
    }
    const auto isLower = [](std::uint32_t code) { return code >= 'a' && code <= 'z'; };
    if (codes.size() == 2 && isLower(codes[1]) && codes[0] + 32 == codes[1]) {
      facts.words = {Word{std::string(1, static_cast<char>(codes[1])), "i"}};
    } else {
      for (const auto code : codes) {
        char buffer[4];
        const auto size = static_cast<std::size_t>(encodeUtf8(code, buffer));
        facts.words.push_back({std::string(buffer, size), std::string(size, '.')});
      }
    }
    facts.complete = !facts.words.empty();
    return facts;
  }

  // Takes the parts one by one: `run` is the words of the latest complete neighbours.
  template <class Next>
  [[nodiscard]] static Facts join(std::size_t count, const Next& next) {
    Facts all{.complete = true, .words = {Word{}}, .prefixes = {}, .required = {}};
    Words run = {Word{}};
    for (std::size_t i = 0; i < count; ++i) {
      const Facts part = next(i);
      all.precise = all.precise && part.precise;
      const auto extended = product(run, prefixesOf(part));
      if (part.complete && extended) {
        run = *extended;
        if (all.complete) all.words = run;
        continue;
      }
      // The run ends here, with as much of this part as is known.
      const bool longer = extended && usable(*extended);
      const auto ended = longer ? *extended : run;
      if (all.complete) all.prefixes = usable(ended) ? ended : Words{};
      all.complete = false;
      keepBetter(all.required, ended);
      keepBetter(all.required, requiredOf(part));
      run = part.complete && usable(part.words) ? part.words : Words{Word{}};
    }
    if (!all.complete) keepBetter(all.required, run);
    return all;
  }

  [[nodiscard]] Facts ofConcat(const std::vector<std::int32_t>& children) const {
    return join(children.size(), [&](std::size_t i) { return find(children[i]); });
  }

  [[nodiscard]] Facts ofAlternate(const Node& node) const {
    Facts all{.complete = true, .words = {}, .prefixes = {}, .required = {}};
    bool prefixesKnown = true;
    bool requiredKnown = true;
    for (const auto child : node.children) {
      const auto part = find(child);
      all.precise = all.precise && part.precise;
      all.complete = all.complete && part.complete && all.words.size() + part.words.size() <= kMaxCount;
      if (all.complete) all.words.insert(all.words.end(), part.words.begin(), part.words.end());
      unite(all.prefixes, prefixesOf(part), prefixesKnown);
      unite(all.required, requiredOf(part), requiredKnown);
    }
    if (!prefixesKnown || !usable(all.prefixes)) all.prefixes.clear();
    if (!requiredKnown) all.required.clear();
    return all;
  }

  [[nodiscard]] Facts ofRepeat(const Node& node) const {
    const auto child = find(node.children[0]);
    if (node.min == 0) {
      if (node.max != 1 || !child.complete || child.words.size() >= kMaxCount) return {};
      auto facts = child;
      facts.words.insert(node.greedy ? facts.words.end() : facts.words.begin(), Word{});
      return facts;
    }
    const auto copies = std::min(node.min, kMaxCopies);
    auto facts = join(static_cast<std::size_t>(copies), [&](std::size_t) { return child; });
    if (node.max == copies || !facts.complete) return facts;
    // More may follow: what is known is only how it begins.
    Facts open;
    open.precise = facts.precise;
    open.prefixes = usable(facts.words) ? facts.words : Words{};
    open.required = requiredOf(facts);
    return open;
  }

  const Syntax& syntax_;
};

// `exact` is cleared when the set cannot say precisely which cases are meant.
LiteralSet toSet(const Words& words, bool& exact) {
  LiteralSet set;
  if (!usable(words) || words.size() > kMaxCount) {
    exact = false;
    return set;
  }
  for (const auto& word : words) set.ignoreCase = set.ignoreCase || word.folds.find('i') != std::string::npos;
  for (const auto& word : words) {
    for (std::size_t i = 0; set.ignoreCase && i < word.text.size(); ++i) {
      const char c = word.text[i];
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      exact = exact && (!letter || word.folds[i] == 'i');
    }
    if (std::find(set.literals.begin(), set.literals.end(), word.text) == set.literals.end())
      set.literals.push_back(word.text);
  }
  return set;
}

}  // namespace

LiteralFacts findLiterals(const Syntax& syntax) {
  const auto facts = Finder(syntax).find(syntax.root);
  LiteralFacts out;
  bool ignored = true;
  out.exact = facts.complete && facts.precise;
  out.required = toSet(requiredOf(facts), out.exact);
  out.prefixes = toSet(prefixesOf(facts), ignored);
  return out;
}

}  // namespace weir::regex
