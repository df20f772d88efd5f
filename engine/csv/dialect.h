// How one CSV file is written: its characters and how its texts become values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::csv {

/// How a quote inside a quoted field is written. `doubled` is RFC 4180 (""); `backslash` also takes \" \\ and an
/// escaped delimiter or line end, quoted or not.
enum class Escape : std::uint8_t { doubled, backslash };

/// `automatic` is settled by `sniff`; the parser itself takes it for `present`.
enum class Header : std::uint8_t { automatic, present, none };

/// What happens to a row with too few or too many fields: an error row, or missing fields are null and extra fields are
/// dropped.
enum class Ragged : std::uint8_t { error, fill };

/// The characters that give a file its structure. All are single bytes below 0x80, and all different.
///
/// `newline` is '\n' (CRLF is taken as well: a CR before the LF, or before the end of the file, is not part of the
/// field) or '\r' for files that know no LF. A lone CR in an LF file is an ordinary character. `quote` and `comment`
/// are 0 when there are none. A comment is a line whose first byte, at the start of a record, is `comment`.
struct Dialect {
  char delimiter = ',';
  char quote = '"';
  char newline = '\n';
  char comment = 0;
  Escape escape = Escape::doubled;
  Header header = Header::automatic;
  Ragged ragged = Ragged::error;
  /// Spaces and tabs around a field, quoted or not, do not belong to it.
  bool trim = false;
};

/// How the text of a field becomes a value. Null values are compared with the text of unquoted fields only: by default
/// the empty unquoted field is null, and a quoted empty field is the empty string.
struct ValueFormat {
  char decimal = '.';
  /// 0: none. Otherwise taken between digits of numbers, in groups of three.
  char thousands = 0;
  std::vector<std::string> nullValues = {""};
  /// Patterns of engine/time/date-pattern.h, tried in order after the ISO forms.
  std::vector<std::string> dateFormats = {};
};

/// Readable bytes that must follow the last byte of every text given to the scanner and the decoders.
inline constexpr std::int64_t kPaddingBytes = 64;

/// A chunk's largest size: positions in it are 32-bit.
inline constexpr std::int64_t kMaxChunkBytes = std::int64_t{1} << 30;

}  // namespace weir::csv
