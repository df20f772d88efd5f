// Random small patterns match the same in all engines and in a backtracker that is too simple to be wrong.
#include <doctest/doctest.h>

#include <functional>
#include <vector>

#include "engine/regex/capture-engines.h"
#include "engine/regex/dfa.h"
#include "engine/regex/line-search.h"
#include "engine/regex/program.h"
#include "engine/regex/regex.h"
#include "engine/regex/syntax.h"

namespace {

using namespace weir;
using namespace weir::regex;

struct Random {
  std::uint64_t state;
  std::uint32_t below(std::uint32_t limit) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>(state >> 33) % limit;
  }
};

std::string randomPattern(Random& random, int depth) {
  constexpr std::string_view kAtoms[] = {"a", "b", "c",   "ab",  ".",   "[ab]",     "[^a]", "^",     "$",
                                         "",  "a", "\\b", "\\B", "cab", "\xC3\xA9", "\n",   "(?i)A", "[^\\n]"};
  if (depth == 0) return std::string(kAtoms[random.below(std::size(kAtoms))]);
  switch (random.below(7)) {
    case 0:
      return "(" + randomPattern(random, depth - 1) + ")";
    case 1:
      return "(?:" + randomPattern(random, depth - 1) + "|" + randomPattern(random, depth - 1) + ")";
    case 2: {
      constexpr std::string_view kRepeats[] = {"*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?"};
      return "(?:" + randomPattern(random, depth - 1) + ")" + std::string(kRepeats[random.below(std::size(kRepeats))]);
    }
    case 3:
      return "(?m:" + randomPattern(random, depth - 1) + ")";
    default:
      return randomPattern(random, depth - 1) + randomPattern(random, depth - 1);
  }
}

std::string randomText(Random& random) {
  constexpr std::string_view kParts[] = {"a", "b", "c", "A", "\n", "\xC3\xA9", "\xC3", " ", "a", "b"};
  std::string text;
  for (auto size = random.below(12); size > 0; --size) text += kParts[random.below(std::size(kParts))];
  return text;
}

// Walks the tree with continuations, trying the ways in order.
class Naive {
 public:
  using Continue = std::function<bool(std::int64_t)>;

  Naive(const Syntax& syntax, const Alphabet& alphabet, std::string_view text)
      : syntax_(syntax), alphabet_(alphabet), text_(text) {}

  std::optional<std::vector<Span>> find() {
    const auto size = static_cast<std::int64_t>(text_.size());
    const auto* data = reinterpret_cast<const std::uint8_t*>(text_.data());
    for (std::int64_t from = 0; from <= size;) {
      groups_.assign(syntax_.groupNames.size(), Span{});
      const bool found = walk(syntax_.root, from, [&](std::int64_t end) {
        groups_[0] = {from, end};
        return true;
      });
      if (steps_ > 200'000) return std::nullopt;
      if (found) return groups_;
      from += from < size ? decodeForward(data + from, data + size).size : 1;
    }
    return std::vector<Span>{};
  }

 private:
  bool walk(std::int32_t index, std::int64_t at, const Continue& next) {
    if (++steps_ > 200'000) return false;
    const auto& node = syntax_.nodes[static_cast<std::size_t>(index)];
    switch (node.kind) {
      case NodeKind::empty:
        return next(at);
      case NodeKind::assertion:
        return (assertionsBetween(alphabet_, text_, at) & assertionBit(node.assertion)) != 0 && next(at);
      case NodeKind::set: {
        if (at >= static_cast<std::int64_t>(text_.size())) return false;
        const auto* data = reinterpret_cast<const std::uint8_t*>(text_.data());
        const auto decoded = decodeForward(data + at, data + text_.size());
        return syntax_.sets[static_cast<std::size_t>(node.index)].contains(decoded.code) && next(at + decoded.size);
      }
      case NodeKind::concat:
        return walkAll(node, 0, at, next);
      case NodeKind::alternate:
        for (const auto child : node.children)
          if (walk(child, at, next)) return true;
        return false;
      case NodeKind::capture: {
        const auto old = groups_[static_cast<std::size_t>(node.index)];
        const bool found = walk(node.children[0], at, [&](std::int64_t end) {
          const auto inner = groups_[static_cast<std::size_t>(node.index)];
          groups_[static_cast<std::size_t>(node.index)] = {at, end};
          if (next(end)) return true;
          groups_[static_cast<std::size_t>(node.index)] = inner;
          return false;
        });
        if (!found) groups_[static_cast<std::size_t>(node.index)] = old;
        return found;
      }
      case NodeKind::repeat:
        return walkRepeat(node, 0, at, next);
    }
    return false;
  }

  bool walkAll(const Node& node, std::size_t child, std::int64_t at, const Continue& next) {
    if (child == node.children.size()) return next(at);
    return walk(node.children[child], at, [&, child](std::int64_t end) { return walkAll(node, child + 1, end, next); });
  }

  bool walkRepeat(const Node& node, std::int32_t done, std::int64_t at, const Continue& next) {
    const auto again = [&] {
      if (node.max >= 0 && done >= node.max) return false;
      return walk(node.children[0], at, [&](std::int64_t end) { return walkRepeat(node, done + 1, end, next); });
    };
    if (done < node.min) return again();
    return node.greedy ? again() || next(at) : next(at) || again();
  }

  const Syntax& syntax_;
  const Alphabet& alphabet_;
  std::string_view text_;
  std::vector<Span> groups_;
  std::int64_t steps_ = 0;
};

// Loops whose body can be empty have rules of their own; there the engines are compared with each other only.
bool isSimple(const Syntax& syntax) {
  for (const auto& node : syntax.nodes)
    if (node.kind == NodeKind::repeat && node.max < 0 &&
        syntax.nodes[static_cast<std::size_t>(node.children[0])].nullable)
      return false;
  return true;
}

}  // namespace

TEST_CASE("random patterns match as the naive matcher says") {
  Random random{20240517};
  int compared = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto pattern = randomPattern(random, 1 + static_cast<int>(random.below(4)));
    auto compiled = Regex::compile(pattern);
    if (!compiled) continue;
    auto syntax = parse(pattern, {}, false);
    REQUIRE(syntax);
    Alphabet alphabet;
    REQUIRE(alphabet.build(syntax->sets, true));
    Regex::Scratch scratch;
    auto sets = syntax->sets;
    sets.emplace_back().add(0, kMaxCodePoint);
    Alphabet own;
    REQUIRE(own.build(sets, true));
    const auto program = compileProgram(*syntax, false, static_cast<std::int32_t>(syntax->sets.size()), 10'000);
    REQUIRE(program);
    for (int i = 0; i < 4; ++i) {
      const auto text = randomText(random);
      CAPTURE(pattern);
      CAPTURE(text);
      std::vector<Span> groups(syntax->groupNames.size());
      const bool found = compiled->captures(text, 0, scratch, groups);
      CHECK(compiled->search(text, scratch) == found);
      // The simulation, without the help of the automata, agrees on every group.
      std::vector<std::int64_t> slots(2 * groups.size());
      PikeVm pike;
      const Window window{.text = text, .to = static_cast<std::int64_t>(text.size())};
      REQUIRE(pike.run(*program, own, window, slots) == found);
      for (std::size_t group = 0; found && group < groups.size(); ++group)
        REQUIRE(groups[group] == Span{slots[2 * group], slots[2 * group + 1]});
      if (!isSimple(*syntax)) continue;
      const auto expected = Naive(*syntax, alphabet, text).find();
      if (!expected) continue;
      ++compared;
      REQUIRE(found == !expected->empty());
      for (std::size_t group = 0; found && group < groups.size(); ++group) REQUIRE(groups[group] == (*expected)[group]);
    }
  }
  CHECK(compared > 40'000);
}

TEST_CASE("the lines found are those that match one by one") {
  Random random{7};
  for (int round = 0; round < 5'000; ++round) {
    const auto pattern = randomPattern(random, 1 + static_cast<int>(random.below(3)));
    auto compiled = Regex::compile(pattern);
    if (!compiled) continue;
    std::string chunk;
    for (auto parts = random.below(12); parts > 0; --parts) {
      chunk += randomText(random);
      if (random.below(3) == 0) chunk += "\r\n";
      if (random.below(4) == 0) chunk += std::string(random.below(150), 'x');
      if (random.below(5) == 0) chunk += '\0';
    }
    const bool invert = random.below(2) == 0;
    Regex::Scratch scratch;
    std::vector<LineSpan> expected;
    std::int64_t lines = 0;
    for (std::size_t begin = 0; begin < chunk.size(); ++lines) {
      const auto newline = chunk.find('\n', begin);
      const auto stop = newline == std::string::npos ? chunk.size() : newline;
      const bool crlf = newline != std::string::npos && stop > begin && chunk[stop - 1] == '\r';
      const auto end = crlf ? stop - 1 : stop;
      if (compiled->search(std::string_view(chunk).substr(begin, end - begin), scratch) != invert)
        expected.push_back({static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end)});
      begin = stop + 1;
    }
    std::vector<LineSpan> found;
    CAPTURE(pattern);
    CAPTURE(chunk);
    REQUIRE(LineMatcher(*compiled, invert).match(chunk, scratch, found) == lines);
    REQUIRE(found == expected);
  }
}
