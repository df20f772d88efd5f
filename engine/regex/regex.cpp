// Chooses the engine for each question.
#include "engine/regex/regex.h"

#include <algorithm>

#include "engine/data/check.h"
#include "engine/regex/capture-engines.h"
#include "engine/regex/dfa.h"
#include "engine/regex/literals.h"
#include "engine/regex/one-pass.h"
#include "engine/regex/program.h"
#include "engine/regex/syntax.h"

namespace weir::regex {

struct Regex::Compiled {
  std::string pattern;
  std::vector<std::string> groupNames;
  Alphabet alphabet;
  Program forward;
  Program backward;
  std::optional<OnePass> onePass;
  std::optional<LiteralSearcher> required;
  std::optional<LiteralSearcher> prefixes;
  bool exact = false;
  bool beginsText = false;  // can match at the text's begin only
  bool dfa = true;          // false: too many symbols for a table
};

struct Regex::Scratch::State {
  explicit State(std::shared_ptr<const Compiled> owner);

  std::shared_ptr<const Compiled> compiled;
  Dfa forward;
  Dfa backward;
  PikeVm pike;
  Backtracker backtracker;
  std::vector<std::int64_t> slots;
};

namespace {

constexpr std::int64_t kDfaBytes = 2 * 1024 * 1024;
constexpr std::int64_t kMaxSlots = 4'000'000;

// Whether every way through the node begins with \A.
bool beginsWithText(const Syntax& syntax, std::int32_t index) {
  const auto& node = syntax.nodes[static_cast<std::size_t>(index)];
  const auto child = [&](std::int32_t at) { return beginsWithText(syntax, at); };
  switch (node.kind) {
    case NodeKind::assertion:
      return node.assertion == Assertion::beginText;
    case NodeKind::capture:
      return child(node.children[0]);
    case NodeKind::concat:
      return child(node.children[0]);
    case NodeKind::alternate:
      return std::all_of(node.children.begin(), node.children.end(), child);
    case NodeKind::repeat:
      return node.min > 0 && child(node.children[0]);
    case NodeKind::empty:
    case NodeKind::set:
      return false;
  }
  return false;
}

std::int64_t sizeOf(std::string_view text) { return static_cast<std::int64_t>(text.size()); }

void fillSpans(std::span<const std::int64_t> slots, std::span<Span> groups) {
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i] = 2 * i + 1 < slots.size() && slots[2 * i] >= 0 && slots[2 * i + 1] >= 0
                    ? Span{slots[2 * i], slots[2 * i + 1]}
                    : Span{};
}

// Runs an engine that knows groups; the result stays in `state.slots`.
bool runCaptures(Regex::Scratch::State& state, const Window& window, std::size_t groups) {
  const auto& compiled = *state.compiled;
  state.slots.resize(2 * std::clamp<std::size_t>(groups, 1, compiled.groupNames.size()));
  if (compiled.onePass && window.anchored && window.toEnd)
    return compiled.onePass->run(compiled.alphabet, window, state.slots);
  return Backtracker::fits(compiled.forward, window)
             ? state.backtracker.run(compiled.forward, compiled.alphabet, window, state.slots)
             : state.pike.run(compiled.forward, compiled.alphabet, window, state.slots);
}

}  // namespace

Regex::Scratch::State::State(std::shared_ptr<const Compiled> owner)
    : compiled(std::move(owner)),
      forward(compiled->forward, compiled->alphabet, DfaKind::leftmostFirst, kDfaBytes),
      backward(compiled->backward, compiled->alphabet, DfaKind::longest, kDfaBytes) {}

Regex::Scratch::Scratch() = default;
Regex::Scratch::Scratch(Scratch&&) noexcept = default;
Regex::Scratch& Regex::Scratch::operator=(Scratch&&) noexcept = default;
Regex::Scratch::~Scratch() = default;

Regex::Scratch::State& Regex::Scratch::stateFor(const std::shared_ptr<const Compiled>& compiled) {
  if (state_ == nullptr || state_->compiled != compiled) state_ = std::make_unique<State>(compiled);
  return *state_;
}

Result<Regex> Regex::compile(std::string_view pattern, const RegexOptions& options) {
  const SyntaxFlags flags{.ignoreCase = options.ignoreCase,
                          .multiLine = options.multiLine,
                          .dotAll = options.dotAll,
                          .ungreedy = options.ungreedy};
  WEIR_ASSIGN(auto syntax, parse(pattern, flags, options.literal));
  const auto anySet = static_cast<std::int32_t>(syntax.sets.size());
  syntax.sets.emplace_back().add(0, kMaxCodePoint);
  auto compiled = std::make_shared<Compiled>();
  WEIR_ASSIGN(compiled->forward, compileProgram(syntax, false, anySet, options.maxInstructions));
  WEIR_ASSIGN(compiled->backward, compileProgram(syntax, true, anySet, options.maxInstructions));
  WEIR_TRY(compiled->alphabet.build(syntax.sets, compiled->forward.hasAssertions));
  const auto slots = static_cast<std::int64_t>(compiled->forward.instructions.size() * syntax.groupNames.size() * 2);
  if (slots > kMaxSlots)
    return fail("regex.too_large", "the pattern is too large for its " + std::to_string(syntax.groupNames.size() - 1) +
                                       " capturing groups; use (?:...) where nothing is captured");
  if (syntax.groupNames.size() > 1) compiled->onePass = OnePass::build(compiled->forward, compiled->alphabet);
  auto facts = findLiterals(syntax);
  compiled->required = LiteralSearcher::make(facts.required.literals, facts.required.ignoreCase);
  compiled->prefixes = LiteralSearcher::make(facts.prefixes.literals, facts.prefixes.ignoreCase);
  compiled->exact = facts.exact && compiled->required.has_value();
  compiled->beginsText = beginsWithText(syntax, syntax.root);
  compiled->dfa = (compiled->alphabet.count() + 1) * 4LL * 64 <= kDfaBytes;
  compiled->groupNames = std::move(syntax.groupNames);
  compiled->pattern = pattern;
  return Regex(std::move(compiled));
}

bool Regex::search(std::string_view text, Scratch& scratch) const {
  const auto& compiled = *compiled_;
  if (compiled.exact) return compiled.required->find(text, 0).position >= 0;
  if (compiled.required && !compiled.prefixes && !compiled.beginsText && compiled.required->find(text, 0).position < 0)
    return false;
  auto& state = scratch.stateFor(compiled_);
  if (compiled.dfa) {
    const auto* prefixes = compiled.prefixes && !compiled.beginsText ? &*compiled.prefixes : nullptr;
    const auto result =
        state.forward.runForward(text, 0, {.anchored = compiled.beginsText, .earliest = true, .prefixes = prefixes});
    if (result.outcome != DfaOutcome::gaveUp) return result.outcome == DfaOutcome::match;
  }
  state.slots.resize(2);
  return state.pike.run(compiled.forward, compiled.alphabet,
                        {.text = text, .from = 0, .to = sizeOf(text), .anchored = compiled.beginsText}, state.slots);
}

bool Regex::fullMatch(std::string_view text, Scratch& scratch) const {
  auto& state = scratch.stateFor(compiled_);
  if (compiled_->dfa) {
    const auto result = state.backward.runBackward(text, 0, sizeOf(text));
    if (result.outcome != DfaOutcome::gaveUp) return result.outcome == DfaOutcome::match && result.position == 0;
  }
  const Window whole{.text = text, .from = 0, .to = sizeOf(text), .anchored = true, .toEnd = true};
  return runCaptures(state, whole, 1);
}

std::optional<Match> Regex::find(std::string_view text, std::int64_t from, Scratch& scratch) const {
  WEIR_CHECK(from >= 0 && from <= sizeOf(text));
  const auto& compiled = *compiled_;
  if (compiled.exact) {
    const auto hit = compiled.required->find(text, from);
    if (hit.position < 0) return std::nullopt;
    const auto& literal = compiled.required->literals()[static_cast<std::size_t>(hit.literal)];
    return Match{hit.position, hit.position + sizeOf(literal)};
  }
  if (compiled.beginsText && from > 0) return std::nullopt;
  auto& state = scratch.stateFor(compiled_);
  if (compiled.dfa) {
    const auto* prefixes = compiled.prefixes && !compiled.beginsText ? &*compiled.prefixes : nullptr;
    const auto end = state.forward.runForward(text, from, {.anchored = compiled.beginsText, .prefixes = prefixes});
    if (end.outcome == DfaOutcome::noMatch) return std::nullopt;
    if (end.outcome == DfaOutcome::match) {
      if (compiled.beginsText) return Match{from, end.position};
      const auto begin = state.backward.runBackward(text, from, end.position);
      if (begin.outcome == DfaOutcome::match) return Match{begin.position, end.position};
    }
  }
  state.slots.resize(2);
  if (!state.pike.run(compiled.forward, compiled.alphabet,
                      {.text = text, .from = from, .to = sizeOf(text), .anchored = compiled.beginsText}, state.slots))
    return std::nullopt;
  return Match{state.slots[0], state.slots[1]};
}

std::optional<Match> Regex::findNext(std::string_view text, MatchCursor& cursor, Scratch& scratch) const {
  const auto size = sizeOf(text);
  while (cursor.from <= size) {
    const auto match = find(text, cursor.from, scratch);
    if (!match) break;
    if (match->end > match->begin) {
      cursor.from = cursor.lastEnd = match->end;
      return match;
    }
    // Behind an empty match the search goes on one character further.
    const auto* data = reinterpret_cast<const std::uint8_t*>(text.data());
    cursor.from = match->end + (match->end < size ? decodeForward(data + match->end, data + size).size : 1);
    if (match->begin == cursor.lastEnd) continue;
    cursor.lastEnd = match->end;
    return match;
  }
  cursor.from = size + 1;
  return std::nullopt;
}

void Regex::groupsOf(std::string_view text, Match match, Scratch& scratch, std::span<Span> groups) const {
  if (groups.empty()) return;
  if (groups.size() == 1 || groupCount() == 0) {
    std::fill(groups.begin(), groups.end(), Span{});
    groups[0] = match;
    return;
  }
  auto& state = scratch.stateFor(compiled_);
  const Window window{.text = text, .from = match.begin, .to = match.end, .anchored = true, .toEnd = true};
  const bool matched = runCaptures(state, window, groups.size());
  WEIR_CHECK(matched);
  fillSpans(state.slots, groups);
}

bool Regex::captures(std::string_view text, std::int64_t from, Scratch& scratch, std::span<Span> groups) const {
  const auto match = find(text, from, scratch);
  if (match) groupsOf(text, *match, scratch, groups);
  return match.has_value();
}

bool Regex::fullCaptures(std::string_view text, Scratch& scratch, std::span<Span> groups) const {
  // Without a choice there is nothing to find out first.
  if (!compiled_->onePass && !fullMatch(text, scratch)) return false;
  auto& state = scratch.stateFor(compiled_);
  const Window whole{.text = text, .from = 0, .to = sizeOf(text), .anchored = true, .toEnd = true};
  if (!runCaptures(state, whole, groups.size())) return false;
  fillSpans(state.slots, groups);
  return true;
}

std::int32_t Regex::groupCount() const { return static_cast<std::int32_t>(compiled_->groupNames.size()) - 1; }

std::span<const std::string> Regex::groupNames() const { return compiled_->groupNames; }

std::int32_t Regex::groupIndex(std::string_view name) const {
  const auto& names = compiled_->groupNames;
  const auto found = name.empty() ? names.end() : std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<std::int32_t>(found - names.begin());
}

const std::string& Regex::pattern() const { return compiled_->pattern; }

const LiteralSearcher* Regex::requiredLiterals() const { return compiled_->required ? &*compiled_->required : nullptr; }

bool Regex::isLiteralSet() const { return compiled_->exact; }

}  // namespace weir::regex
