// The decoding loops, eight digits at a time; instantiated once per instruction set (engine/simd/simd.h).

namespace weir::csv::WEIR_SIMD_ISA {

inline std::uint64_t loadWord(const char* at) {
  std::uint64_t word = 0;
  __builtin_memcpy(&word, at, 8);
  return word;
}

/// The first `length` (1..8) bytes of a word, the others zero.
inline std::uint64_t firstBytes(std::uint64_t word, std::uint32_t length) {
  return word & (~0ULL >> (64 - 8 * length));
}

/// Eight bytes less '0', the first digit lowest: whether each is a digit, and their number.
inline bool areDigits(std::uint64_t values) {
  return (((values + 0x7676767676767676ULL) | values) & 0x8080808080808080ULL) == 0;
}
inline std::uint64_t eightDigits(std::uint64_t values) {
  values = values * 10 + (values >> 8);
  return (((values & 0x000000FF000000FFULL) * 0x000F424000000064ULL) +
          (((values >> 16) & 0x000000FF000000FFULL) * 0x0000271000000001ULL)) >>
         32;
}

inline constexpr std::uint64_t kZeros = 0x3030303030303030ULL;

/// `length` digits (1..8), a number of up to eight digits.
inline bool shortInteger(const char* at, std::uint32_t length, std::uint64_t& value) {
  const std::uint64_t values = (loadWord(at) ^ kZeros) << (64 - 8 * length);
  value = eightDigits(values);
  return areDigits(values);
}

/// [-]digits with up to 16 digits and no leading zero. False: the general way decides.
inline bool quickInteger(const char* at, std::uint32_t length, std::int64_t& value) {
  const std::uint32_t negative = *at == '-' ? 1 : 0;
  at += negative;
  length -= negative;
  if (*at == '0' && length != 1) [[unlikely]]
    return false;
  std::uint64_t low = 0;
  if (length - 1 < 8) [[likely]] {
    if (!shortInteger(at, length, low)) return false;
  } else {
    if (length - 9 >= 8) return false;
    std::uint64_t high = 0;
    const bool digits = shortInteger(at, length - 8, high);
    if (!shortInteger(at + (length - 8), 8, low) || !digits) return false;
    low += high * 100'000'000;
  }
  if (negative != 0 && low == 0) [[unlikely]]
    return false;
  value = negative != 0 ? -static_cast<std::int64_t>(low) : static_cast<std::int64_t>(low);
  return true;
}

inline constexpr double kPowers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};

/// [-]digits[.digits] with up to eight bytes behind the sign: exact, because both operands of the division are. Leading
/// zeros only as "0.x". False: the general way decides.
inline bool quickNumber(const char* at, std::uint32_t length, char decimalSign, double& value) {
  const std::uint32_t negative = *at == '-' ? 1 : 0;
  at += negative;
  length -= negative;
  if (length - 1 >= 8) return false;
  const std::uint64_t word = loadWord(at);
  const std::uint64_t signs = 0x0101010101010101ULL * static_cast<std::uint8_t>(decimalSign);
  const std::uint64_t different = word ^ signs;
  std::uint64_t found = (different - 0x0101010101010101ULL) & ~different & 0x8080808080808080ULL;
  found &= ~0ULL >> (64 - 8 * length);
  const auto sign = found == 0 ? length : static_cast<std::uint32_t>(std::countr_zero(found)) >> 3;
  const std::uint32_t digits = length - (found == 0 ? 0 : 1);
  if (sign == 0 || digits == 0 || (found != 0 && sign == digits)) return false;  // ".5", "5.", "."
  if (*at == '0' && sign != 1) [[unlikely]]
    return false;
  std::uint64_t values = word ^ kZeros;
  const std::uint64_t before = sign >= 8 ? ~0ULL : (1ULL << (8 * sign)) - 1;
  values = (values & before) | ((values >> 8) & ~before);
  values <<= 64 - 8 * digits;
  if (!areDigits(values)) return false;
  const double whole = static_cast<double>(eightDigits(values)) / kPowers[digits - sign];
  value = negative != 0 ? -whole : whole;
  return true;
}

template <class Value, class Quick, class Slow>
inline void decodeColumn(const FieldTexts& texts, Value* out, Quick quick, Slow slow) {
  const FieldTexts fields = texts;
  const std::uint32_t* starts = fields.starts;
  const std::uint32_t* ends = fields.ends;
  for (std::int64_t row = 0; row < fields.rows; ++row) {
    const std::uint32_t start = *starts + fields.startBias;
    const std::uint32_t length = *ends - start;
    starts += fields.startStride;
    ends += fields.endStride;
    if (length - 1 < 64 && quick(fields.data + start, length, out[row])) [[likely]]
      continue;
    out[row] = slow(row);
  }
}

template <class Slow>
inline void integers(const FieldTexts& fields, std::int64_t* out, Slow slow) {
  decodeColumn(
      fields, out,
      [](const char* at, std::uint32_t length, std::int64_t& value) { return quickInteger(at, length, value); }, slow);
}

template <class Slow>
inline void numbers(const FieldTexts& fields, char decimalSign, double* out, Slow slow) {
  decodeColumn(
      fields, out,
      [decimalSign](const char* at, std::uint32_t length, double& value) {
        return quickNumber(at, length, decimalSign, value);
      },
      slow);
}

/// A text of one to eight bytes that is met in its first slot costs one multiplication and one compare.
template <class Slow>
inline bool codes(const FieldTexts& fields, const TextDictionary& dictionary, char quote, std::int32_t* out,
                  Slow slow) {
  bool going = true;
  decodeColumn(
      fields, out,
      [&dictionary, quote](const char* at, std::uint32_t length, std::int32_t& value) {
        if (length > 8 || *at == quote) return false;
        const std::uint64_t key = firstBytes(loadWord(at), length);
        const TextDictionary::Slot& slot = dictionary.firstSlot(key);
        if (slot.key != key || slot.length != static_cast<std::int32_t>(length)) return false;
        value = slot.entry;
        return true;
      },
      [&](std::int64_t row) { return going ? slow(row, going) : 0; });
  return going;
}

}  // namespace weir::csv::WEIR_SIMD_ISA
