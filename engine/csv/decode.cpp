// Decodes columns: a quick loop for the usual field, the general reader for the others.
#include "engine/csv/decode.h"

#include <bit>
#include <cstring>

#include "engine/simd/simd.h"

// Every include stands above: what follows is compiled per instruction set.
#include "engine/simd/base-begin.h"
//
#include "engine/csv/decode.kernel.h"
//
#include "engine/simd/base-end.h"
#if WEIR_SIMD_HAS_AVX2
#include "engine/simd/avx2-begin.h"
//
#include "engine/csv/decode.kernel.h"
//
#include "engine/simd/avx2-end.h"
#endif

namespace weir::csv {
namespace {

/// Reads one field the general way: null, bad, or what `read` makes of its text.
template <class Value, class Read>
class SlowField {
 public:
  SlowField(const FieldTexts& fields, const FieldReader& reader, Marks& marks, Read read)
      : fields_(fields), reader_(reader), marks_(marks), read_(read) {}

  Value operator()(std::int64_t row) {
    if (fields_.length(row) < 0) return null(row);
    const FieldContent field = reader_.content(fields_.text(row), scratch_);
    if (reader_.isNull(field)) return null(row);
    const auto value = read_(field.text);
    if (value) return *value;
    marks_.markBad(row);
    return Value{};
  }

 private:
  Value null(std::int64_t row) {
    marks_.markNull(row);
    return Value{};
  }

  const FieldTexts& fields_;
  const FieldReader& reader_;
  Marks& marks_;
  Read read_;
  std::string scratch_;
};

/// The quick loops know neither named nulls nor thousands separators nor blanks to trim.
bool quickNumbers(const FieldReader& reader) {
  return !reader.hasNamedNulls() && reader.numbers().thousands == 0 && reader.plain();
}

template <class Value, class Slow>
void decodeSlowly(const FieldTexts& fields, Value* out, Slow& slow) {
  for (std::int64_t row = 0; row < fields.rows; ++row) out[row] = slow(row);
}

}  // namespace

void decodeIntegers(const FieldTexts& fields, const FieldReader& reader, bool exact, std::int64_t* out, Marks& marks) {
  const auto read = [&](std::string_view text) { return reader.integer(text, exact); };
  SlowField<std::int64_t, decltype(read)> slow(fields, reader, marks, read);
  const auto slowly = [&slow](std::int64_t row) { return slow(row); };
  if (!quickNumbers(reader)) return decodeSlowly(fields, out, slow);
#if WEIR_SIMD_HAS_AVX2
  if (simd::hasAvx2()) return avx2::integers(fields, out, slowly);
#endif
  base::integers(fields, out, slowly);
}

void decodeNumbers(const FieldTexts& fields, const FieldReader& reader, bool exact, double* out, Marks& marks) {
  const auto read = [&](std::string_view text) { return reader.number(text, exact); };
  SlowField<double, decltype(read)> slow(fields, reader, marks, read);
  const auto slowly = [&slow](std::int64_t row) { return slow(row); };
  if (!quickNumbers(reader)) return decodeSlowly(fields, out, slow);
#if WEIR_SIMD_HAS_AVX2
  if (simd::hasAvx2()) return avx2::numbers(fields, reader.numbers().decimal, out, slowly);
#endif
  base::numbers(fields, reader.numbers().decimal, out, slowly);
}

void decodeTimestamps(const FieldTexts& fields, const FieldReader& reader, std::int64_t* out, Marks& marks) {
  const auto read = [&](std::string_view text) { return reader.timestamp(text); };
  SlowField<std::int64_t, decltype(read)> slow(fields, reader, marks, read);
  decodeSlowly(fields, out, slow);
}

void decodeBooleans(const FieldTexts& fields, const FieldReader& reader, std::uint8_t* out, Marks& marks) {
  const auto read = [](std::string_view text) { return FieldReader::boolean(text); };
  SlowField<bool, decltype(read)> slow(fields, reader, marks, read);
  for (std::int64_t row = 0; row < fields.rows; ++row)
    if (slow(row)) out[row >> 3] = static_cast<std::uint8_t>(out[row >> 3] | (1U << (row & 7)));
}

std::int64_t textBytes(const FieldTexts& fields) noexcept {
  std::int64_t bytes = 0;
  for (std::int64_t row = 0; row < fields.rows; ++row) bytes += fields.length(row) > 0 ? fields.length(row) : 0;
  return bytes;
}

void decodeTexts(const FieldTexts& fields, const FieldReader& reader, std::int32_t* offsets, char* bytes,
                 Marks& marks) {
  const bool plain = reader.plain() && !reader.hasNamedNulls();
  const char quote = reader.dialect().quote;
  std::string scratch;
  std::int32_t used = 0;
  offsets[0] = 0;
  for (std::int64_t row = 0; row < fields.rows; ++row) {
    const std::int32_t length = fields.length(row);
    std::string_view text = fields.text(row);
    if (length <= 0 || !plain || text.front() == quote) {
      const FieldContent field = reader.content(text, scratch);
      text = field.text;
      if (length < 0 || reader.isNull(field)) {
        marks.markNull(row);
        text = {};
      }
    }
    if (!text.empty()) std::memcpy(bytes + used, text.data(), text.size());
    used += static_cast<std::int32_t>(text.size());
    offsets[row + 1] = used;
  }
}

bool decodeDictionary(const FieldTexts& fields, const FieldReader& reader, TextDictionary& dictionary,
                      std::int32_t* out, Marks& marks) {
  dictionary.clear();
  std::string scratch;
  const auto slow = [&](std::int64_t row, bool& going) {
    const FieldContent field = reader.content(fields.text(row), scratch);
    if (fields.length(row) < 0 || reader.isNull(field)) {
      marks.markNull(row);
      return 0;
    }
    const std::int32_t entry = dictionary.find(field.text);
    if (entry < 0 || (row >= 4096 && std::int64_t{entry} * 2 >= row)) going = false;
    return entry < 0 ? 0 : entry;
  };
  bool kept = true;
  if (reader.hasNamedNulls() || !reader.plain()) {
    for (std::int64_t row = 0; row < fields.rows && kept; ++row) out[row] = slow(row, kept);
  } else {
    const char quote = reader.dialect().quote;
#if WEIR_SIMD_HAS_AVX2
    kept = simd::hasAvx2() ? avx2::codes(fields, dictionary, quote, out, slow)
                           : base::codes(fields, dictionary, quote, out, slow);
#else
    kept = base::codes(fields, dictionary, quote, out, slow);
#endif
  }
  return kept && std::int64_t{dictionary.size()} * 2 < fields.rows;
}

}  // namespace weir::csv
