// Follows all ways from each state; any ambiguity gives up.
#include "engine/regex/one-pass.h"

#include <algorithm>

namespace weir::regex {
namespace {

constexpr std::size_t kMaxActions = 16'384;
constexpr std::int32_t kMaxSlots = 64;

}  // namespace

class OnePass::Builder {
 public:
  Builder(const Program& program, const Alphabet& alphabet)
      : program_(program), alphabet_(alphabet), rows_(program.instructions.size(), -1) {
    out_.stride_ = alphabet.count() + 1;
  }

  [[nodiscard]] std::optional<OnePass> build() {
    static_cast<void>(rowOf(program_.anchored));
    for (std::size_t done = 0; done < pending_.size(); ++done)
      if (!fillRow(pending_[done]) || out_.actions_.size() > kMaxActions) return std::nullopt;
    return std::move(out_);
  }

 private:
  struct Way {
    std::int32_t instruction;
    std::uint32_t assertions;
    std::uint64_t slots;
  };

  // The row of the state that begins at `instruction`.
  [[nodiscard]] std::int32_t rowOf(std::int32_t instruction) {
    auto& row = rows_[static_cast<std::size_t>(instruction)];
    if (row < 0) {
      row = static_cast<std::int32_t>(out_.actions_.size());
      out_.actions_.resize(out_.actions_.size() + static_cast<std::size_t>(out_.stride_));
      pending_.push_back(instruction);
    }
    return row;
  }

  [[nodiscard]] bool setAction(std::int32_t index, std::int32_t next, const Way& way) {
    auto& action = out_.actions_[static_cast<std::size_t>(index)];
    if (action.next >= 0) return false;
    action = {next, way.assertions, way.slots};
    return true;
  }

  [[nodiscard]] bool fillRow(std::int32_t start) {
    const auto row = rowOf(start);
    std::vector<Way> ways = {{start, 0, 0}};
    std::vector<std::int32_t> seen;
    while (!ways.empty()) {
      const auto way = ways.back();
      ways.pop_back();
      // Long chains of choices are not what this is for.
      if (seen.size() > 200 || std::find(seen.begin(), seen.end(), way.instruction) != seen.end()) return false;
      seen.push_back(way.instruction);
      const auto& at = program_.instructions[static_cast<std::size_t>(way.instruction)];
      switch (at.op) {
        case Op::split:
          ways.push_back({at.out, way.assertions, way.slots});
          ways.push_back({at.other, way.assertions, way.slots});
          break;
        case Op::save:
          if (at.argument >= kMaxSlots) return false;
          ways.push_back({at.out, way.assertions, way.slots | std::uint64_t{1} << at.argument});
          break;
        case Op::assertion:
          ways.push_back({at.out, way.assertions | static_cast<std::uint32_t>(at.argument), way.slots});
          break;
        case Op::symbol: {
          const auto next = rowOf(at.out);
          for (std::int32_t symbol = 0; symbol < alphabet_.count(); ++symbol)
            if (alphabet_.contains(at.argument, symbol) && !setAction(row + symbol, next, way)) return false;
          break;
        }
        case Op::match:
          if (!setAction(row + out_.stride_ - 1, 0, way)) return false;
          break;
        case Op::fail:
          break;
      }
    }
    return true;
  }

  const Program& program_;
  const Alphabet& alphabet_;
  std::vector<std::int32_t> rows_;     // by instruction
  std::vector<std::int32_t> pending_;  // instructions whose rows exist
  OnePass out_;
};

std::optional<OnePass> OnePass::build(const Program& program, const Alphabet& alphabet) {
  if (static_cast<std::size_t>(alphabet.count()) * 4 > kMaxActions) return std::nullopt;
  return Builder(program, alphabet).build();
}

bool OnePass::run(const Alphabet& alphabet, const Window& window, std::span<std::int64_t> slots) const {
  std::fill(slots.begin(), slots.end(), -1);
  const auto wanted = slots.size() >= kMaxSlots ? ~std::uint64_t{0} : (std::uint64_t{1} << slots.size()) - 1;
  const auto* const data = reinterpret_cast<const std::uint8_t*>(window.text.data());
  const auto* const end = data + window.text.size();
  const auto* const actions = actions_.data();
  const auto* const ascii = alphabet.ascii();
  std::int32_t row = 0;
  for (auto position = window.from;;) {
    std::int32_t symbol = stride_ - 1;
    std::int32_t size = 1;
    if (position < window.to) {
      const auto byte = data[position];
      if (byte < 0x80) {
        symbol = ascii[byte];
      } else {
        const auto decoded = decodeMultibyte(data + position, end);
        symbol = alphabet.symbolOf(decoded.code);
        size = decoded.size;
      }
    }
    const auto& action = actions[row + symbol];
    if (action.next < 0) return false;
    if (action.assertions != 0 &&
        (assertionsBetween(alphabet, window.text, position) & action.assertions) != action.assertions)
      return false;
    for (auto bits = action.slots & wanted; bits != 0; bits &= bits - 1)
      slots[static_cast<std::size_t>(__builtin_ctzll(bits))] = position;
    if (position >= window.to) return true;
    row = action.next;
    position += size;
  }
}

}  // namespace weir::regex
