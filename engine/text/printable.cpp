// Control characters as escapes.
#include "engine/text/printable.h"

#include <cstdint>

#include "engine/text/utf8.h"

namespace weir {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void escape(std::string& out, std::uint32_t code) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(code >> static_cast<unsigned>(shift)) & 15U];
}

bool turnsDirection(std::uint32_t code) {
  return code == 0x200E || code == 0x200F || code == 0x061C || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

bool commands(std::uint32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0) || turnsDirection(code);
}

struct Sign {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
  bool valid = true;
};

Sign signAt(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  const auto part = text.substr(at, bytes);
  if (part.size() < bytes || static_cast<std::size_t>(utf8::validPrefix(part)) != bytes) return {lead, 1, false};
  std::uint32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) code = code << 6U | (static_cast<unsigned char>(part[i]) & 0x3FU);
  return {code, bytes, true};
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto sign = signAt(text, at);
    if (!sign.valid || commands(sign.code)) {
      escape(out, sign.code);
    } else {
      out += text.substr(at, sign.bytes);
      if (sign.code == '\n' && at + 1 < text.size()) out += "  ";
    }
    at += sign.bytes;
  }
  return out;
}

bool hasControls(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto sign = signAt(text, at);
    if (!sign.valid || commands(sign.code) || sign.code == '\n' || sign.code == '\t') return true;
    at += sign.bytes;
  }
  return false;
}

}  // namespace weir
