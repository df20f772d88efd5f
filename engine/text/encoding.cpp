// Transcoding loops; runs of ASCII are copied whole.
#include "engine/text/encoding.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/text/utf8.h"

namespace weir {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

// Bytes 80..9F of windows-1252 (WHATWG Encoding Standard, index-windows-1252).
constexpr std::array<char16_t, 32> kWindows1252{0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                                0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

struct Alias {
  std::string_view name;
  Encoding encoding;
};
constexpr std::array<Alias, 14> kAliases{{{"utf8", Encoding::utf8},
                                          {"ascii", Encoding::utf8},
                                          {"usascii", Encoding::utf8},
                                          {"utf16", Encoding::utf16le},
                                          {"utf16le", Encoding::utf16le},
                                          {"utf16be", Encoding::utf16be},
                                          {"windows1252", Encoding::windows1252},
                                          {"cp1252", Encoding::windows1252},
                                          {"win1252", Encoding::windows1252},
                                          {"ansi", Encoding::windows1252},
                                          {"latin1", Encoding::latin1},
                                          {"iso88591", Encoding::latin1},
                                          {"88591", Encoding::latin1},
                                          {"l1", Encoding::latin1}}};

// Four UTF-16 units of ASCII have none of these bits, in memory order of the machine (little-endian everywhere we run).
constexpr std::uint64_t kNotAsciiLe = 0xFF80FF80FF80FF80ULL;
constexpr std::uint64_t kNotAsciiBe = 0x80FF80FF80FF80FFULL;

char hexDigit(unsigned value) { return "0123456789ABCDEF"[value & 15]; }

}  // namespace

std::string_view nameOf(Encoding encoding) noexcept {
  switch (encoding) {
    case Encoding::utf8:
      return "utf-8";
    case Encoding::utf16le:
      return "utf-16le";
    case Encoding::utf16be:
      return "utf-16be";
    case Encoding::windows1252:
      return "windows-1252";
    case Encoding::latin1:
      return "iso-8859-1";
  }
  return {};
}

Result<Encoding> parseEncoding(std::string_view name) {
  std::string plain;
  for (const char c : name.substr(0, 32))
    if (c != '-' && c != '_' && c != ' ') plain += utf8::toLowerAscii(c);
  for (const Alias& alias : kAliases)
    if (alias.name == plain) return alias.encoding;
  return fail("text.encoding", "The encoding '" + std::string(name.substr(0, 60)) +
                                   "' is not known. Use utf-8, utf-16le, utf-16be, windows-1252 or iso-8859-1.");
}

std::optional<ByteOrderMark> detectByteOrderMark(std::string_view start) noexcept {
  if (start.starts_with(kMark)) return ByteOrderMark{.encoding = Encoding::utf8, .bytes = 3};
  if (start.starts_with("\xFF\xFE")) return ByteOrderMark{.encoding = Encoding::utf16le, .bytes = 2};
  if (start.starts_with("\xFE\xFF")) return ByteOrderMark{.encoding = Encoding::utf16be, .bytes = 2};
  return std::nullopt;
}

std::unexpected<Error> Utf8Reader::wrong(std::int64_t byte, std::string_view found) const {
  const bool wide = encoding_ != Encoding::utf8;
  return fail(wide ? "text.utf16" : "text.utf8",
              "Byte " + std::to_string(byte) + " of the text (counted from 0) is not valid " +
                  std::string(nameOf(encoding_)) + ": " + std::string(found) +
                  ". The file may be damaged or in another encoding; set the encoding, such as windows-1252.");
}

Result<Unit> Utf8Reader::add(std::string_view bytes, std::string& out) {
  const std::size_t outStart = out.size();
  Result<Unit> done = Unit{};
  switch (encoding_) {
    case Encoding::utf8:
      done = addUtf8(bytes, out);
      break;
    case Encoding::utf16le:
    case Encoding::utf16be:
      done = addUtf16(bytes, out);
      break;
    case Encoding::windows1252:
    case Encoding::latin1:
      addSingleBytes(bytes, out);
      return Unit{};
  }
  if (atStart_ && out.size() > outStart) {
    atStart_ = false;
    if (std::string_view(out).substr(outStart).starts_with(kMark)) out.erase(outStart, kMark.size());
  }
  return done;
}

Result<Unit> Utf8Reader::addUtf8(std::string_view bytes, std::string& out) {
  // Complete the kept bytes one at a time: at most three more are needed.
  while (!partial_.empty() && !bytes.empty()) {
    partial_ += bytes.front();
    bytes.remove_prefix(1);
    if (utf8::unfinishedBytes(partial_) == static_cast<std::int64_t>(partial_.size())) continue;
    if (!utf8::isValid(partial_)) return wrong(consumedBytes_, "these bytes begin no character");
    out += partial_;
    consumedBytes_ += static_cast<std::int64_t>(partial_.size());
    partial_.clear();
  }
  if (bytes.empty()) return Unit{};
  const auto valid = static_cast<std::size_t>(utf8::validPrefix(bytes));
  out += bytes.substr(0, valid);
  consumedBytes_ += static_cast<std::int64_t>(valid);
  const std::string_view rest = bytes.substr(valid);
  if (rest.empty()) return Unit{};
  if (utf8::unfinishedBytes(rest) == static_cast<std::int64_t>(rest.size())) {
    partial_ = rest;
    return Unit{};
  }
  const auto byte = static_cast<unsigned char>(rest.front());
  return wrong(consumedBytes_, std::string("0x") + hexDigit(byte >> 4U) + hexDigit(byte) + " begins no character here");
}

Result<Unit> Utf8Reader::addUtf16(std::string_view bytes, std::string& out) {
  std::string joined;
  if (!partial_.empty()) {
    joined.reserve(partial_.size() + bytes.size());
    joined += partial_;
    joined += bytes;
    bytes = joined;
    partial_.clear();
  }
  const bool little = encoding_ == Encoding::utf16le;
  const std::uint64_t notAscii = little ? kNotAsciiLe : kNotAsciiBe;
  const auto unitAt = [bytes, little](std::size_t at) -> char32_t {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return little ? static_cast<char32_t>(first | second << 8) : static_cast<char32_t>(first << 8 | second);
  };
  out.reserve(out.size() + bytes.size() / 2);
  std::size_t at = 0;
  while (at + 2 <= bytes.size()) {
    std::uint64_t four = ~0ULL;
    if (at + 8 <= bytes.size()) std::memcpy(&four, bytes.data() + at, 8);
    if ((four & notAscii) == 0) {
      const std::size_t low = at + (little ? 0 : 1);
      const char text[4] = {bytes[low], bytes[low + 2], bytes[low + 4], bytes[low + 6]};
      out.append(text, 4);
      at += 8;
      continue;
    }
    char32_t value = unitAt(at);
    std::size_t taken = 2;
    if (value >= 0xD800 && value <= 0xDBFF) {
      if (at + 4 > bytes.size()) break;
      const char32_t low = unitAt(at + 2);
      if (low < 0xDC00 || low > 0xDFFF)
        return wrong(consumedBytes_ + static_cast<std::int64_t>(at), "the first half of a surrogate pair stands alone");
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
      taken = 4;
    } else if (value >= 0xDC00 && value <= 0xDFFF) {
      return wrong(consumedBytes_ + static_cast<std::int64_t>(at), "the second half of a surrogate pair stands alone");
    }
    utf8::append(out, value);
    at += taken;
  }
  partial_ = bytes.substr(at);
  consumedBytes_ += static_cast<std::int64_t>(at);
  return Unit{};
}

void Utf8Reader::addSingleBytes(std::string_view bytes, std::string& out) const {
  out.reserve(out.size() + bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const std::string_view rest = bytes.substr(at);
    const auto ascii = static_cast<std::size_t>(utf8::asciiPrefix(rest));
    out += rest.substr(0, ascii);
    at += ascii;
    for (; at < bytes.size() && static_cast<signed char>(bytes[at]) < 0; ++at) {
      const auto byte = static_cast<unsigned char>(bytes[at]);
      const bool mapped = encoding_ == Encoding::windows1252 && byte < 0xA0;
      utf8::append(out, mapped ? kWindows1252[byte - 0x80U] : byte);
    }
  }
}

Result<Unit> Utf8Reader::finish() {
  if (partial_.empty()) return Unit{};
  return wrong(consumedBytes_, "the text ends in the middle of a character");
}

}  // namespace weir
