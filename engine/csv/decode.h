// Columns of values straight from the matrix of fields: only the columns that somebody needs, one pass each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/csv/field-reader.h"
#include "engine/csv/structure.h"

namespace weir::csv {

/// What a decoder says besides values. `validity` is the column's bitmap, all ones at first.
class Marks {
 public:
  explicit Marks(std::uint8_t* validity) noexcept : validity_(validity) {}
  void markNull(std::int64_t row) noexcept {
    validity_[row >> 3] = static_cast<std::uint8_t>(validity_[row >> 3] & ~(1U << (row & 7)));
    ++nulls_;
  }
  /// The field's text is no value of the column's type; the row counts as null here.
  void markBad(std::int64_t row) {
    markNull(row);
    badRows_.push_back(row);
  }
  [[nodiscard]] std::int64_t nulls() const noexcept { return nulls_; }
  [[nodiscard]] const std::vector<std::int64_t>& badRows() const noexcept { return badRows_; }

 private:
  std::uint8_t* validity_;
  std::int64_t nulls_ = 0;
  std::vector<std::int64_t> badRows_;
};

/// Each writes `fields.rows` values; rows that are null or bad get 0. `exact`: see FieldReader.
void decodeIntegers(const FieldTexts& fields, const FieldReader& reader, bool exact, std::int64_t* out, Marks& marks);
void decodeNumbers(const FieldTexts& fields, const FieldReader& reader, bool exact, double* out, Marks& marks);
/// Microseconds since 1970.
void decodeTimestamps(const FieldTexts& fields, const FieldReader& reader, std::int64_t* out, Marks& marks);
/// `out` is a bitmap, zero at first.
void decodeBooleans(const FieldTexts& fields, const FieldReader& reader, std::uint8_t* out, Marks& marks);

/// Bytes that decodeTexts may write, at most (unescaping only shortens).
[[nodiscard]] std::int64_t textBytes(const FieldTexts& fields) noexcept;
/// Arrow utf8: rows + 1 offsets, the bytes one after the other. Needs kPaddingBytes of room behind textBytes.
void decodeTexts(const FieldTexts& fields, const FieldReader& reader, std::int32_t* offsets, char* bytes, Marks& marks);

/// The distinct texts of one column of one batch, numbered in order of appearance.
class TextDictionary {
 public:
  static constexpr std::int32_t kMaxEntries = 65'536;
  static constexpr std::int64_t kMaxBytes = 1'048'576;

  TextDictionary();
  /// Empties it for the next batch; its memory stays.
  void clear();
  /// The number of `text`, added if new; -1 if there is no room for it.
  [[nodiscard]] std::int32_t find(std::string_view text);
  [[nodiscard]] std::int32_t size() const noexcept { return static_cast<std::int32_t>(ends_.size()); }
  [[nodiscard]] std::string_view operator[](std::int32_t entry) const noexcept;
  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }

  /// A text of up to eight bytes is its own key; of a longer one the key is a hash.
  struct Slot {
    std::uint64_t key = 0;
    std::int32_t length = -1;
    std::int32_t entry = 0;
  };
  [[nodiscard]] const Slot& firstSlot(std::uint64_t key) const noexcept {
    return slots_[static_cast<std::size_t>(mix(key) >> shift_)];
  }

 private:
  static std::uint64_t mix(std::uint64_t key) noexcept { return key * 0x9E3779B97F4A7C15ULL; }
  [[nodiscard]] std::int32_t add(std::string_view text, std::uint64_t key, std::size_t slot);
  void grow();

  std::vector<Slot> slots_;
  std::vector<std::int32_t> ends_;
  std::string bytes_;
  int shift_ = 0;
};

/// Fills `codes` and `dictionary`. False if the column does not suit a dictionary (too many or too large entries, or
/// as many as half the rows): then nothing of the output counts, and decodeTexts does it.
[[nodiscard]] bool decodeDictionary(const FieldTexts& fields, const FieldReader& reader, TextDictionary& dictionary,
                                    std::int32_t* codes, Marks& marks);

}  // namespace weir::csv
