// Building of states: subset construction on demand, with the pending assertions kept in the state.
#include "engine/regex/dfa.h"

#include <algorithm>

namespace weir::regex {
namespace {

constexpr std::int32_t kDeadState = 1;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 29);
}

}  // namespace

Dfa::Dfa(const Program& program, const Alphabet& alphabet, DfaKind kind, std::int64_t capacityBytes)
    : program_(program),
      alphabet_(alphabet),
      kind_(kind),
      capacityBytes_(capacityBytes),
      stride_(alphabet.count() + 1),
      visited_(program.instructions.size(), 0) {
  clear();
}

void Dfa::clear() {
  transitions_.assign(static_cast<std::size_t>(stride_) * 2, 0);
  states_.assign(2, State{});
  lists_.clear();
  table_.assign(64, -1);
  for (auto& byAnchor : starts_) std::fill(std::begin(byAnchor), std::end(byAnchor), 0);
  jumpRow_ = -1;
  // The dead state leads to itself.
  std::fill(transitions_.begin() + stride_, transitions_.end(), -stride_ * kDeadState);
}

std::int64_t Dfa::usedBytes() const {
  return static_cast<std::int64_t>((transitions_.size() + lists_.size() + table_.size()) * sizeof(std::int32_t) +
                                   states_.size() * sizeof(State));
}

void Dfa::newRun(std::int64_t position) {
  clears_ = 0;
  clearedAt_ = position;
}

// Three times full after few characters: building states costs more than it saves.
bool Dfa::thrashing(std::int64_t position) {
  cleared_ = false;
  const auto distance = position > clearedAt_ ? position - clearedAt_ : clearedAt_ - position;
  clearedAt_ = position;
  clears_ = distance < capacityBytes_ / 16 ? clears_ + 1 : 0;
  return clears_ >= 3;
}

void Dfa::beginVisit() {
  if (++visit_ != 0) return;
  std::fill(visited_.begin(), visited_.end(), 0U);
  visit_ = 1;
}

// Appends what is reachable without reading while `assertions` hold, in order of preference.
void Dfa::follow(std::int32_t instruction, std::uint32_t assertions, std::vector<std::int32_t>& out) {
  stack_.push_back(instruction);
  while (!stack_.empty()) {
    const auto index = stack_.back();
    stack_.pop_back();
    auto& visited = visited_[static_cast<std::size_t>(index)];
    if (visited == visit_) continue;
    visited = visit_;
    const auto& at = program_.instructions[static_cast<std::size_t>(index)];
    switch (at.op) {
      case Op::split:
        stack_.push_back(at.other);
        stack_.push_back(at.out);
        break;
      case Op::save:
        stack_.push_back(at.out);
        break;
      case Op::assertion:
        if ((assertions & static_cast<std::uint32_t>(at.argument)) != 0) stack_.push_back(at.out);
        break;
      case Op::symbol:
      case Op::match:
        out.push_back(index);
        break;
      case Op::fail:
        break;
    }
  }
}

// Adds to the next state. With assertions a state holds the entries only: what they lead to depends on the character
// that comes next, and looking ahead without it would lose the order of preference.
void Dfa::enter(std::int32_t instruction) {
  if (!program_.hasAssertions) return follow(instruction, 0, next_);
  auto& visited = visited_[static_cast<std::size_t>(instruction)];
  if (visited != visit_) next_.push_back(instruction);
  visited = visit_;
}

std::uint32_t Dfa::assertionsAt(std::uint32_t flags, std::int32_t symbol) const {
  const bool atEnd = symbol == endSymbol();
  const bool newline = !atEnd && alphabet_.isNewline(symbol);
  const bool wordBefore = (flags & kAfterWord) != 0;
  const bool wordAfter = !atEnd && alphabet_.isWord(symbol);
  std::uint32_t bits = assertionBit(wordBefore != wordAfter ? Assertion::wordBoundary : Assertion::notWordBoundary);
  if ((flags & kBegin) != 0) bits |= assertionBit(Assertion::beginText);
  if ((flags & (kBegin | kAfterNewline)) != 0) bits |= assertionBit(Assertion::beginLine);
  if (atEnd) bits |= assertionBit(Assertion::endText);
  if (atEnd || newline) bits |= assertionBit(Assertion::endLine);
  return bits;
}

std::uint32_t Dfa::contextAfter(std::uint16_t symbol) const {
  if (!program_.hasAssertions) return 0;
  return alphabet_.isNewline(symbol) ? kAfterNewline : alphabet_.isWord(symbol) ? kAfterWord : 0;
}

bool Dfa::isSpecial(std::int32_t row) const {
  const auto state = row / stride_;
  return state == kDeadState || row == jumpRow_ || (states_[static_cast<std::size_t>(state)].flags & kMatched) != 0;
}

std::int32_t Dfa::startRow(std::uint32_t context, bool anchored) {
  if (!program_.hasAssertions) context = 0;
  auto& known = starts_[anchored ? 1 : 0][context];
  if (known == 0) {
    next_.clear();
    beginVisit();
    enter(anchored ? program_.anchored : program_.unanchored);
    const auto row = intern(context);
    starts_[anchored ? 1 : 0][context] = row;
    // Without assertions there is one start state, so no transition to it can have been stored before.
    if (!anchored && jumps_ && !program_.hasAssertions) jumpRow_ = row;
    return row;
  }
  return known;
}

// Finds or adds the state made of next_ and `flags`; returns its row.
std::int32_t Dfa::intern(std::uint32_t flags) {
  if (kind_ == DfaKind::longest) std::sort(next_.begin(), next_.end());
  if (next_.empty() && (flags & kMatched) == 0) return kDeadState * stride_;
  std::uint64_t hash = mix(0, flags);
  for (const auto index : next_) hash = mix(hash, static_cast<std::uint32_t>(index));
  const auto mask = table_.size() - 1;
  auto slot = static_cast<std::size_t>(hash) & mask;
  for (; table_[slot] >= 0; slot = (slot + 1) & mask) {
    const auto& state = states_[static_cast<std::size_t>(table_[slot])];
    if (state.flags == flags && static_cast<std::size_t>(state.count) == next_.size() &&
        std::equal(next_.begin(), next_.end(), lists_.begin() + state.first))
      return table_[slot] * stride_;
  }
  const auto index = static_cast<std::int32_t>(states_.size());
  table_[slot] = index;
  states_.push_back({static_cast<std::int32_t>(lists_.size()), static_cast<std::int32_t>(next_.size()), flags});
  lists_.insert(lists_.end(), next_.begin(), next_.end());
  transitions_.resize(transitions_.size() + static_cast<std::size_t>(stride_), 0);
  if (states_.size() * 2 > table_.size()) growTable();
  return index * stride_;
}

void Dfa::growTable() {
  table_.assign(table_.size() * 2, -1);
  const auto mask = table_.size() - 1;
  for (std::size_t index = 2; index < states_.size(); ++index) {
    const auto& state = states_[index];
    std::uint64_t hash = mix(0, state.flags);
    for (std::int32_t i = 0; i < state.count; ++i)
      hash = mix(hash, static_cast<std::uint32_t>(lists_[static_cast<std::size_t>(state.first + i)]));
    auto slot = static_cast<std::size_t>(hash) & mask;
    while (table_[slot] >= 0) slot = (slot + 1) & mask;
    table_[slot] = static_cast<std::int32_t>(index);
  }
}

// Computes, stores and returns the transition; the cache may be emptied first, which makes all other rows invalid.
std::int32_t Dfa::step(std::int32_t row, std::int32_t symbol) {
  if (usedBytes() > capacityBytes_) {
    const auto state = states_[static_cast<std::size_t>(row / stride_)];
    next_.assign(lists_.begin() + state.first, lists_.begin() + state.first + state.count);
    clear();
    cleared_ = true;
    row = intern(state.flags);
  }
  const auto next = compute(row, symbol);
  const auto stored = isSpecial(next) ? -next : next;
  transitions_[static_cast<std::size_t>(row + symbol)] = stored;
  return stored;
}

std::int32_t Dfa::compute(std::int32_t row, std::int32_t symbol) {
  const auto state = states_[static_cast<std::size_t>(row / stride_)];
  const auto first = lists_.begin() + state.first;
  current_.assign(first, first + state.count);
  if (program_.hasAssertions) {
    next_.clear();
    beginVisit();
    const auto assertions = assertionsAt(state.flags, symbol);
    for (const auto index : current_) follow(index, assertions, next_);
    current_.swap(next_);
  }
  next_.clear();
  beginVisit();
  bool matched = false;
  for (const auto index : current_) {
    const auto& at = program_.instructions[static_cast<std::size_t>(index)];
    if (at.op == Op::match) {
      matched = true;
      if (kind_ == DfaKind::leftmostFirst) break;
    } else if (at.op == Op::symbol && symbol != endSymbol() && alphabet_.contains(at.argument, symbol)) {
      enter(at.out);
    }
  }
  const auto context = symbol == endSymbol() ? 0U : contextAfter(static_cast<std::uint16_t>(symbol));
  return intern(context | (matched ? kMatched : 0U));
}

DfaResult Dfa::runForward(std::string_view text, std::int64_t from, const ForwardOptions& options) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto* const end = data + text.size();
  const auto* at = data + from;
  if (options.prefixes != nullptr && !jumps_ && !program_.hasAssertions) {
    jumps_ = true;
    clear();
  }
  newRun(from);
  std::uint32_t context = kBegin;
  if (from > 0 && program_.hasAssertions) context = contextAfter(alphabet_.symbolOf(decodeBackward(data, at).code));
  auto row = startRow(context, options.anchored);
  DfaResult result;
  const auto* ascii = alphabet_.ascii();
  const auto* transitions = transitions_.data();
  if (row == jumpRow_) {
    const auto hit = options.prefixes == nullptr ? LiteralHit{from, 0} : options.prefixes->find(text, from);
    if (hit.position < 0) return result;
    at = data + hit.position;
  }
  for (;;) {
    std::int32_t symbol = endSymbol();
    std::int32_t size = 0;
    if (at < end) [[likely]] {
      size = 1;
      if (*at < 0x80) [[likely]] {
        symbol = ascii[*at];
      } else {
        const auto decoded = decodeMultibyte(at, end);
        symbol = alphabet_.symbolOf(decoded.code);
        size = decoded.size;
      }
    }
    auto next = transitions[row + symbol];
    if (next <= 0) [[unlikely]] {
      if (next == 0) {
        next = step(row, symbol);
        transitions = transitions_.data();
        if (cleared_ && thrashing(at - data)) return {DfaOutcome::gaveUp, -1};
      }
      if (next < 0) {
        next = -next;
        if (next == kDeadState * stride_) return result;
        if ((states_[static_cast<std::size_t>(next / stride_)].flags & kMatched) != 0) {
          result = {DfaOutcome::match, at - data};
          if (options.earliest) return result;
        }
        if (next == jumpRow_ && options.prefixes != nullptr && size > 0) {
          const auto hit = options.prefixes->find(text, at + size - data);
          if (hit.position < 0) return result;
          at = data + hit.position;
          size = 0;
          row = next;
          continue;
        }
      }
    }
    if (at == end) return result;
    row = next;
    at += size;
  }
}

DfaResult Dfa::runBackward(std::string_view text, std::int64_t from, std::int64_t to) {
  const auto* const data = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto* const end = data + text.size();
  const auto* const stop = data + from;
  const auto* at = data + to;
  newRun(to);
  std::uint32_t context = kBegin;
  if (at < end && program_.hasAssertions) context = contextAfter(alphabet_.symbolOf(decodeForward(at, end).code));
  auto row = startRow(context, true);
  DfaResult result;
  for (;;) {
    std::int32_t symbol = endSymbol();
    std::int32_t size = 0;
    if (at > data) {
      // At `from` the character before is only looked at, to decide assertions.
      const auto decoded = decodeBackward(at > stop ? stop : data, at);
      symbol = alphabet_.symbolOf(decoded.code);
      size = decoded.size;
    }
    auto next = transitions_[static_cast<std::size_t>(row + symbol)];
    if (next <= 0) [[unlikely]] {
      if (next == 0) {
        next = step(row, symbol);
        if (cleared_ && thrashing(at - data)) return {DfaOutcome::gaveUp, -1};
      }
      if (next < 0) {
        next = -next;
        if (next == kDeadState * stride_) return result;
        if ((states_[static_cast<std::size_t>(next / stride_)].flags & kMatched) != 0)
          result = {DfaOutcome::match, at - data};
      }
    }
    if (at <= stop) return result;
    row = next;
    at -= size;
  }
}

}  // namespace weir::regex
