// Text encodings of files, and their change to UTF-8 while the bytes arrive in chunks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir {

/// windows1252 is WHATWG's (its five free bytes are the C1 controls); latin1 is ISO 8859-1.
enum class Encoding : std::uint8_t { utf8, utf16le, utf16be, windows1252, latin1 };

/// `utf-8`, `utf-16le`, `utf-16be`, `windows-1252`, `iso-8859-1`.
[[nodiscard]] std::string_view nameOf(Encoding encoding) noexcept;
/// Reads a name in any case, with or without `-` and `_`: `UTF8`, `cp1252`, `latin1`, `iso-8859-1`, ...
/// `text.encoding` lists what is known.
[[nodiscard]] Result<Encoding> parseEncoding(std::string_view name);

struct ByteOrderMark {
  Encoding encoding = Encoding::utf8;
  int bytes = 0;
};
/// The mark at the start of a file, of which the first 3 bytes are enough.
[[nodiscard]] std::optional<ByteOrderMark> detectByteOrderMark(std::string_view start) noexcept;

/// Changes one file's bytes to UTF-8. A byte order mark at the start is dropped.
class Utf8Reader {
 public:
  explicit Utf8Reader(Encoding encoding) : encoding_(encoding) {}

  /// Appends the text of the bytes; what a later chunk must complete is kept. On `text.utf8` (bytes that are no UTF-8)
  /// or `text.utf16` (a lone surrogate) `out` has all text before the named byte of the file.
  [[nodiscard]] Result<Unit> add(std::string_view bytes, std::string& out);
  /// The file is over: fails if a character is unfinished.
  [[nodiscard]] Result<Unit> finish();

 private:
  Result<Unit> addUtf8(std::string_view bytes, std::string& out);
  Result<Unit> addUtf16(std::string_view bytes, std::string& out);
  void addSingleBytes(std::string_view bytes, std::string& out) const;
  std::unexpected<Error> wrong(std::int64_t byte, std::string_view found) const;

  Encoding encoding_;
  std::string partial_;             // at most 3 bytes
  std::int64_t consumedBytes_ = 0;  // of the file, before partial_
  bool atStart_ = true;
};

}  // namespace weir
