// Numbers and times: taken as they are where they have 64 bits in our unit, else converted.
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/data/arrow-decode.h"

namespace weir::arrow {
namespace {

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

/// Unaligned and little-endian, as all our targets are.
template <class T>
T loadAt(const std::byte* data, std::int64_t index) noexcept {
  T value;
  std::memcpy(&value, data + index * static_cast<std::int64_t>(sizeof(T)), sizeof value);
  return value;
}

double halfToDouble(std::uint16_t half) noexcept {
  const int exponent = (half >> 10) & 31;
  const double fraction = half & 1023;
  double value = 0;
  if (exponent == 31) {
    value = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == 0) {
    value = std::ldexp(fraction, -24);
  } else {
    value = std::ldexp(fraction + 1024, exponent - 25);
  }
  return (half & 0x8000) != 0 ? -value : value;
}

std::int64_t perOurUnit(const ArrowField& field) noexcept {
  switch (field.unit) {
    case kSeconds:
      return 1'000'000;
    case kMillis:
      return 1'000;
    case kDays:
      return kMicrosPerDay;
    default:
      return 1;
  }
}

template <class From, class Convert>
Result<void> convertAll(const ArrowField& field, const ArrayView& view, const DecodeContext& context, Column& column,
                        Convert convert) {
  const auto end = view.offset + view.length;
  WEIR_TRY(needBytes(field, view.buffers[1], end, static_cast<std::int64_t>(sizeof(From))));
  ColumnArena::Plan plan;
  plan.add(end * 8);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, context.account));
  auto* values = arena.take<std::uint64_t>(end);
  // Rows before the offset are nobody's; zero them all the same.
  for (std::int64_t i = 0; i < view.offset; ++i) values[i] = 0;
  bool fits = true;
  for (auto i = view.offset; i < end; ++i) {
    const auto from = loadAt<From>(view.buffers[1].data, i);
    if (!convert(from, values[i])) {
      fits = fits && column.isNull(i - view.offset);
      values[i] = 0;
    }
  }
  if (!fits) return invalidArray(field, "a value beyond the range of " + typeName(*field.type));
  column.values = values;
  column.owner = arena.block();
  return {};
}

template <class From>
Result<void> widen(const ArrowField& field, const ArrayView& view, const DecodeContext& context, Column& column) {
  return convertAll<From>(field, view, context, column, [](From from, std::uint64_t& to) {
    to = static_cast<std::uint64_t>(static_cast<std::int64_t>(from));
    return true;
  });
}

Result<void> takeWords(const ArrowField& field, const ArrayView& view, const DecodeContext& context, Column& column) {
  WEIR_TRY(needBytes(field, view.buffers[1], view.offset + view.length, 8));
  if (reinterpret_cast<std::uintptr_t>(view.buffers[1].data) % 8 != 0)
    return widen<std::int64_t>(field, view, context, column);
  column.values = view.buffers[1].data;
  column.owner = context.owner;
  return {};
}

template <class From>
Result<void> scaleTime(const ArrowField& field, const ArrayView& view, const DecodeContext& context, Column& column) {
  const auto factor = perOurUnit(field);
  return convertAll<From>(field, view, context, column, [factor](From from, std::uint64_t& to) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(static_cast<std::int64_t>(from), factor, &product)) return false;
    to = static_cast<std::uint64_t>(product);
    return true;
  });
}

struct Wide {
  std::int64_t words[2];
};
struct Wider {
  std::int64_t words[4];
};

template <class From>
Result<void> decimalToDouble(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                             Column& column) {
  // Both are exact (precision at most 15, scale at most 22), so that the quotient is correctly rounded.
  double power = 1;
  for (std::int32_t i = 0; i < field.scale; ++i) power *= 10;
  return convertAll<From>(field, view, context, column, [power](const From& from, std::uint64_t& to) {
    const auto low = from.words[0];
    for (std::size_t i = 1; i < sizeof(From) / 8; ++i)
      if (from.words[i] != (low < 0 ? -1 : 0)) return false;
    to = std::bit_cast<std::uint64_t>(static_cast<double>(low) / power);
    return true;
  });
}

Result<void> decodeInteger(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                           Column& column) {
  switch (field.bits) {
    case 8:
      return field.isSigned ? widen<std::int8_t>(field, view, context, column)
                            : widen<std::uint8_t>(field, view, context, column);
    case 16:
      return field.isSigned ? widen<std::int16_t>(field, view, context, column)
                            : widen<std::uint16_t>(field, view, context, column);
    case 32:
      return field.isSigned ? widen<std::int32_t>(field, view, context, column)
                            : widen<std::uint32_t>(field, view, context, column);
    default:
      return takeWords(field, view, context, column);
  }
}

Result<void> decodeFloating(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                            Column& column) {
  if (field.bits == 64) return takeWords(field, view, context, column);
  if (field.bits == 32)
    return convertAll<float>(field, view, context, column, [](float from, std::uint64_t& to) {
      to = std::bit_cast<std::uint64_t>(static_cast<double>(from));
      return true;
    });
  return convertAll<std::uint16_t>(field, view, context, column, [](std::uint16_t from, std::uint64_t& to) {
    to = std::bit_cast<std::uint64_t>(halfToDouble(from));
    return true;
  });
}

}  // namespace

Result<void> decodeWords(const ArrowField& field, const ArrayView& view, const DecodeContext& context, Column& column) {
  if (view.length == 0) return {};
  switch (field.layout) {
    case Layout::integer:
      return decodeInteger(field, view, context, column);
    case Layout::floating:
      return decodeFloating(field, view, context, column);
    case Layout::decimal:
      return field.bits == 128 ? decimalToDouble<Wide>(field, view, context, column)
                               : decimalToDouble<Wider>(field, view, context, column);
    case Layout::date:
    case Layout::time:
      if (field.bits == 32) return scaleTime<std::int32_t>(field, view, context, column);
      break;
    case Layout::null:
    case Layout::binary:
    case Layout::utf8:
    case Layout::boolean:
    case Layout::timestamp:
    case Layout::duration:
    case Layout::list:
    case Layout::structure:
    case Layout::fixedBinary:
    case Layout::fixedList:
    case Layout::map:
    case Layout::largeBinary:
    case Layout::largeUtf8:
    case Layout::largeList:
      break;
  }
  if (perOurUnit(field) == 1) return takeWords(field, view, context, column);
  return scaleTime<std::int64_t>(field, view, context, column);
}

}  // namespace weir::arrow
