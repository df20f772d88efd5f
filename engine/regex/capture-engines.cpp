// Simulation of threads, and backtracking with memory.
#include "engine/regex/capture-engines.h"

#include <algorithm>

namespace weir::regex {
namespace {

constexpr std::int64_t kBacktrackBits = 256 * 1024;

const std::uint8_t* bytes(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

}  // namespace

std::uint32_t assertionsBetween(const Alphabet& alphabet, std::string_view text, std::int64_t position) {
  const auto* begin = bytes(text);
  const auto* end = begin + text.size();
  const auto* at = begin + position;
  const bool atBegin = at == begin;
  const bool atEnd = at == end;
  const auto before = atBegin ? 0 : alphabet.symbolOf(decodeBackward(begin, at).code);
  const auto after = atEnd ? 0 : alphabet.symbolOf(decodeForward(at, end).code);
  const bool boundary = (!atBegin && alphabet.isWord(before)) != (!atEnd && alphabet.isWord(after));
  std::uint32_t bits = assertionBit(boundary ? Assertion::wordBoundary : Assertion::notWordBoundary);
  if (atBegin) bits |= assertionBit(Assertion::beginText);
  if (atEnd) bits |= assertionBit(Assertion::endText);
  if (atBegin || alphabet.isNewline(before)) bits |= assertionBit(Assertion::beginLine);
  if (atEnd || alphabet.isNewline(after)) bits |= assertionBit(Assertion::endLine);
  return bits;
}

void PikeVm::add(Threads& threads, std::int32_t start, std::uint32_t assertions, std::int64_t position) {
  stack_.push_back({start, 0});
  while (!stack_.empty()) {
    const auto job = stack_.back();
    stack_.pop_back();
    if (job.instruction < 0) {
      working_[static_cast<std::size_t>(-1 - job.instruction)] = job.value;
      continue;
    }
    const auto index = static_cast<std::size_t>(job.instruction);
    const auto place = static_cast<std::size_t>(threads.place[index]);
    if (place < threads.order.size() && threads.order[place] == job.instruction) continue;
    threads.place[index] = static_cast<std::int32_t>(threads.order.size());
    threads.order.push_back(job.instruction);
    const auto& at = program_->instructions[index];
    switch (at.op) {
      case Op::split:
        stack_.push_back({at.other, 0});
        stack_.push_back({at.out, 0});
        break;
      case Op::save: {
        const auto slot = static_cast<std::size_t>(at.argument);
        if (slot < slotCount_) {
          stack_.push_back({-1 - at.argument, working_[slot]});
          working_[slot] = position;
        }
        stack_.push_back({at.out, 0});
        break;
      }
      case Op::assertion:
        if ((assertions & static_cast<std::uint32_t>(at.argument)) != 0) stack_.push_back({at.out, 0});
        break;
      case Op::symbol:
      case Op::match:
        std::copy(working_.begin(), working_.end(),
                  threads.slots.begin() + static_cast<std::ptrdiff_t>(index * slotCount_));
        break;
      case Op::fail:
        break;
    }
  }
}

// Moves every thread over one character; true if one matched before it, which ends the threads that come after.
bool PikeVm::step(const Alphabet& alphabet, std::int32_t symbol, std::uint32_t nextAssertions,
                  std::int64_t nextPosition, bool acceptHere, std::span<std::int64_t> best) {
  for (const auto index : current_.order) {
    const auto& at = program_->instructions[static_cast<std::size_t>(index)];
    const auto slots =
        current_.slots.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(index) * slotCount_);
    if (at.op == Op::match && acceptHere) {
      std::copy_n(slots, slotCount_, best.begin());
      return true;
    }
    if (at.op != Op::symbol || symbol < 0 || !alphabet.contains(at.argument, symbol)) continue;
    std::copy_n(slots, slotCount_, working_.begin());
    add(next_, at.out, nextAssertions, nextPosition);
  }
  return false;
}

bool PikeVm::run(const Program& program, const Alphabet& alphabet, const Window& window,
                 std::span<std::int64_t> slots) {
  program_ = &program;
  slotCount_ = slots.size();
  const auto instructions = program.instructions.size();
  for (auto* threads : {&current_, &next_}) {
    threads->order.clear();
    threads->place.assign(instructions, 0);
    threads->slots.resize(instructions * slotCount_);
  }
  working_.resize(slotCount_);
  std::fill(slots.begin(), slots.end(), -1);
  bool matched = false;
  const auto assertionsAt = [&](std::int64_t position) {
    return program.hasAssertions ? assertionsBetween(alphabet, window.text, position) : 0U;
  };
  auto assertions = assertionsAt(window.from);
  for (auto position = window.from;;) {
    if (!matched && (!window.anchored || position == window.from)) {
      std::fill(working_.begin(), working_.end(), -1);
      add(current_, program.anchored, assertions, position);
    }
    if (current_.order.empty()) break;
    const bool atEnd = position >= window.to;
    const auto decoded =
        atEnd ? Decoded{0, 0} : decodeForward(bytes(window.text) + position, bytes(window.text) + window.text.size());
    const auto after = position + decoded.size;
    if (!atEnd) assertions = assertionsAt(after);
    next_.order.clear();
    const bool hit =
        step(alphabet, atEnd ? -1 : alphabet.symbolOf(decoded.code), assertions, after, !window.toEnd || atEnd, slots);
    matched = matched || hit;
    if (atEnd) break;
    std::swap(current_, next_);
    position = after;
    if (current_.order.empty() && (matched || window.anchored)) break;
  }
  return matched;
}

bool Backtracker::fits(const Program& program, const Window& window) {
  return window.anchored &&
         static_cast<std::int64_t>(program.instructions.size()) <= kBacktrackBits / (window.to - window.from + 1);
}

bool Backtracker::run(const Program& program, const Alphabet& alphabet, const Window& window,
                      std::span<std::int64_t> slots) {
  const auto width = static_cast<std::size_t>(window.to - window.from + 1);
  visited_.assign(program.instructions.size() * width / 64 + 1, 0);
  std::fill(slots.begin(), slots.end(), -1);
  const auto* const data = bytes(window.text);
  const auto* const end = data + window.text.size();
  stack_.clear();
  stack_.push_back({program.anchored, window.from});
  while (!stack_.empty()) {
    auto [index, position] = stack_.back();
    stack_.pop_back();
    if (index < 0) {
      slots[static_cast<std::size_t>(-1 - index)] = position;
      continue;
    }
    for (bool going = true; going;) {
      const auto bit = static_cast<std::size_t>(index) * width + static_cast<std::size_t>(position - window.from);
      if ((visited_[bit / 64] >> (bit % 64) & 1U) != 0) break;
      visited_[bit / 64] |= std::uint64_t{1} << (bit % 64);
      const auto& at = program.instructions[static_cast<std::size_t>(index)];
      index = at.out;
      switch (at.op) {
        case Op::split:
          stack_.push_back({at.other, position});
          break;
        case Op::save: {
          const auto slot = static_cast<std::size_t>(at.argument);
          if (slot < slots.size()) {
            stack_.push_back({-1 - at.argument, slots[slot]});
            slots[slot] = position;
          }
          break;
        }
        case Op::assertion:
          going = (assertionsBetween(alphabet, window.text, position) & static_cast<std::uint32_t>(at.argument)) != 0;
          break;
        case Op::symbol: {
          if (position >= window.to) {
            going = false;
            break;
          }
          const auto decoded = decodeForward(data + position, end);
          going = alphabet.contains(at.argument, alphabet.symbolOf(decoded.code));
          position += decoded.size;
          break;
        }
        case Op::match:
          if (!window.toEnd || position == window.to) return true;
          going = false;
          break;
        case Op::fail:
          going = false;
          break;
      }
    }
  }
  return false;
}

}  // namespace weir::regex
