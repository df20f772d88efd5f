// Decimals of more than 15 digits, as text with all of them.
#include <algorithm>
#include <array>
#include <cstring>

#include "engine/data/arrow-decode.h"
#include "engine/data/column-copy.h"

namespace weir::arrow {
namespace {

constexpr std::uint64_t kChunk = 1'000'000'000;

/// Little-endian two's complement in 32-bit limbs; `count` of them.
void appendDecimal(std::string& out, std::array<std::uint32_t, 8> limbs, std::size_t count, std::int32_t scale) {
  const bool negative = (limbs[count - 1] >> 31) != 0;
  if (negative) {
    std::uint64_t carry = 1;
    for (std::size_t i = 0; i < count; ++i) {
      carry += static_cast<std::uint32_t>(~limbs[i]);
      limbs[i] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    out += '-';
  }
  std::string digits;  // least significant first
  const auto isZero = [&] { return std::ranges::all_of(limbs, [](std::uint32_t limb) { return limb == 0; }); };
  std::fill(limbs.begin() + static_cast<std::ptrdiff_t>(count), limbs.end(), 0u);
  while (!isZero()) {
    std::uint64_t rest = 0;
    for (std::size_t i = count; i-- > 0;) {
      const auto now = (rest << 32) | limbs[i];
      limbs[i] = static_cast<std::uint32_t>(now / kChunk);
      rest = now % kChunk;
    }
    for (int k = 0; k < 9; ++k, rest /= 10) digits += static_cast<char>('0' + rest % 10);
  }
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  if (scale < 0 && !digits.empty()) digits.insert(0, static_cast<std::size_t>(-scale), '0');
  const auto fraction = static_cast<std::size_t>(std::max(scale, 0));
  while (digits.size() <= fraction) digits += '0';
  std::ranges::reverse(digits);
  out.append(digits, 0, digits.size() - fraction);
  if (fraction > 0) {
    out += '.';
    out.append(digits, digits.size() - fraction);
  }
}

}  // namespace

Result<void> decodeDecimalText(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                               Column& column) {
  const std::int64_t width = field.bits / 8;
  const auto end = view.offset + view.length;
  if (view.length > 0) WEIR_TRY(needBytes(field, view.buffers[1], end, width));
  std::string text;
  std::vector<std::int32_t> offsets(static_cast<std::size_t>(end) + 1, 0);
  for (auto i = view.offset; i < end; ++i) {
    if (!column.isNull(i - view.offset)) {
      std::array<std::uint32_t, 8> limbs{};
      std::memcpy(limbs.data(), view.buffers[1].data + i * width, static_cast<std::size_t>(width));
      appendDecimal(text, limbs, static_cast<std::size_t>(width / 4), field.scale);
    }
    if (static_cast<std::int64_t>(text.size()) > kMaxColumnTextBytes)
      return invalidArray(field, "more than 1 GiB of digits in one batch; write smaller batches");
    offsets[static_cast<std::size_t>(i) + 1] = static_cast<std::int32_t>(text.size());
  }
  ColumnArena::Plan plan;
  plan.add((end + 1) * 4);
  plan.add(static_cast<std::int64_t>(text.size()));
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, context.account));
  auto* kept = arena.take<std::int32_t>(end + 1);
  std::ranges::copy(offsets, kept);
  auto* chars = arena.take<char>(static_cast<std::int64_t>(text.size()));
  std::ranges::copy(text, chars);
  column.offsets = kept;
  column.values = chars;
  column.owner = arena.block();
  return {};
}

}  // namespace weir::arrow
