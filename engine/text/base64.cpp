// Tables and loops of base64 and hex.
#include "engine/text/base64.h"

#include <array>
#include <cstdint>

namespace weir {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::uint8_t kNone = 0xFF;

constexpr std::array<std::uint8_t, 256> base64Values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNone);
  for (std::uint8_t i = 0; i < 64; ++i) {
    values[static_cast<unsigned char>(kStandard[i])] = i;
    values[static_cast<unsigned char>(kUrl[i])] = i;
  }
  return values;
}
constexpr auto kValues = base64Values();

constexpr std::array<std::uint8_t, 256> hexValues() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNone);
  for (std::uint8_t i = 0; i < 16; ++i) {
    values[static_cast<unsigned char>(kHex[i])] = i;
    if (i >= 10) values[static_cast<unsigned char>(kHex[i] - 0x20)] = i;
  }
  return values;
}
constexpr auto kHexValues = hexValues();

std::uint32_t byteAt(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

std::string encode(std::string_view bytes, std::string_view alphabet, bool padded) {
  std::string out;
  out.reserve((bytes.size() / 3 + 1) * 4);
  std::size_t at = 0;
  for (; at + 3 <= bytes.size(); at += 3) {
    const std::uint32_t group = byteAt(bytes, at) << 16 | byteAt(bytes, at + 1) << 8 | byteAt(bytes, at + 2);
    const char four[4] = {alphabet[group >> 18], alphabet[group >> 12 & 63], alphabet[group >> 6 & 63],
                          alphabet[group & 63]};
    out.append(four, 4);
  }
  const std::size_t rest = bytes.size() - at;
  if (rest == 0) return out;
  const std::uint32_t group = byteAt(bytes, at) << 16 | (rest == 2 ? byteAt(bytes, at + 1) << 8 : 0);
  out += alphabet[group >> 18];
  out += alphabet[group >> 12 & 63];
  if (rest == 2) out += alphabet[group >> 6 & 63];
  if (padded) out.append(3 - rest, '=');
  return out;
}

std::unexpected<Error> wrong(std::size_t at, std::string_view what) {
  return fail("base64.syntax", "The base64 text is wrong at character " + std::to_string(at + 1) + ": " +
                                   std::string(what) + ". Give base64 without spaces or line breaks.");
}

}  // namespace

std::string encodeBase64(std::string_view bytes) { return encode(bytes, kStandard, true); }
std::string encodeBase64Url(std::string_view bytes) { return encode(bytes, kUrl, false); }

Result<std::string> decodeBase64(std::string_view text) {
  std::string_view digits = text;
  if (text.size() % 4 == 0 && digits.ends_with('=')) {
    digits.remove_suffix(1);
    if (digits.ends_with('=')) digits.remove_suffix(1);
  }
  std::string out;
  out.reserve(digits.size() / 4 * 3 + 3);
  std::uint32_t group = 0;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(digits[at])];
    if (value == kNone) return wrong(at, digits[at] == '=' ? "the padding does not fit" : "this is no base64 digit");
    group = group << 6 | value;
    if (at % 4 != 3) continue;
    const char three[3] = {static_cast<char>(group >> 16), static_cast<char>(group >> 8), static_cast<char>(group)};
    out.append(three, 3);
    group = 0;
  }
  const std::size_t rest = digits.size() % 4;
  if (rest == 1) return wrong(text.size(), "it ends in the middle of a byte");
  if (rest == 0) return out;
  group <<= 6 * (4 - rest);
  if ((rest == 2 ? group & 0xFFFF : group & 0xFF) != 0)
    return wrong(digits.size() - 1, "the last digit has bits that belong to no byte");
  out += static_cast<char>(group >> 16);
  if (rest == 3) out += static_cast<char>(group >> 8);
  return out;
}

std::string encodeHex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    out += kHex[byteAt(bytes, at) >> 4];
    out += kHex[byteAt(bytes, at) & 15];
  }
  return out;
}

Result<std::string> decodeHex(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::uint8_t value = kHexValues[static_cast<unsigned char>(text[at])];
    if (value == kNone)
      return fail("hex.syntax", "The hexadecimal text is wrong at character " + std::to_string(at + 1) +
                                    ": only 0-9, a-f and A-F are digits.");
    if (at % 2 == 0)
      out += static_cast<char>(value << 4);
    else
      out.back() = static_cast<char>(out.back() | value);
  }
  if (text.size() % 2 != 0)
    return fail("hex.syntax",
                "The hexadecimal text has " + std::to_string(text.size()) + " digits; two are needed for each byte.");
  return out;
}

}  // namespace weir
