// Escapes of JSON strings.
#include "engine/json/text.h"

#include <array>
#include <cstring>

#include "engine/json/structure.h"
#include "engine/simd/simd.h"

namespace weir::json {
namespace {

std::uint32_t topBits(simd::u8x16 v) {
#if defined(__SSE2__)
  return static_cast<std::uint32_t>(_mm_movemask_epi8(reinterpret_cast<__m128i>(v)));
#elif defined(__wasm_simd128__)
  return wasm_i8x16_bitmask(reinterpret_cast<v128_t>(v));
#else
  std::uint32_t bits = 0;
  for (unsigned i = 0; i < 16; ++i) bits |= static_cast<std::uint32_t>(v[i] >> 7U) << i;
  return bits;
#endif
}

constexpr auto kNeedsEscape = [] {
  std::array<bool, 256> needs{};
  for (std::size_t c = 0; c < 0x20; ++c) needs[c] = true;
  needs['"'] = needs['\\'] = true;
  return needs;
}();

bool needsEscape(char c) { return kNeedsEscape[static_cast<unsigned char>(c)]; }

// Where the first byte from `at` stands that must be escaped, or size().
std::size_t findEscape(std::string_view text, std::size_t at) {
  for (; text.size() - at >= 16; at += 16) {
    simd::u8x16 v;
    std::memcpy(&v, text.data() + at, sizeof v);
    const auto hits = reinterpret_cast<simd::u8x16>((v == static_cast<std::uint8_t>('"')) |
                                                    (v == static_cast<std::uint8_t>('\\')) | (v < 0x20));
    if (const auto bits = topBits(hits); bits != 0) return at + static_cast<std::size_t>(__builtin_ctz(bits));
  }
  while (at < text.size() && !needsEscape(text[at])) ++at;
  return at;
}

void appendUtf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6U);
    put(0x80 | (point & 63U));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12U);
    put(0x80 | (point >> 6U & 63U));
    put(0x80 | (point & 63U));
  } else {
    put(0xF0 | point >> 18U);
    put(0x80 | (point >> 12U & 63U));
    put(0x80 | (point >> 6U & 63U));
    put(0x80 | (point & 63U));
  }
}

// Appends the escape that begins at the backslash `at`; returns where it ends.
std::size_t appendEscape(std::string& out, std::string_view raw, std::size_t at) {
  switch (raw[at + 1]) {
    case 'b':
      out += '\b';
      return at + 2;
    case 'f':
      out += '\f';
      return at + 2;
    case 'n':
      out += '\n';
      return at + 2;
    case 'r':
      out += '\r';
      return at + 2;
    case 't':
      out += '\t';
      return at + 2;
    case 'u':
      break;
    default:
      out += raw[at + 1];
      return at + 2;
  }
  const auto unit = static_cast<std::uint32_t>(hexQuad(raw.data() + at + 2));
  if (unit < 0xD800 || unit >= 0xE000) {
    appendUtf8(out, unit);
    return at + 6;
  }
  const auto low = static_cast<std::uint32_t>(hexQuad(raw.data() + at + 8));
  appendUtf8(out, 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00));
  return at + 12;
}

}  // namespace

std::size_t findBackslash(std::string_view raw) {
  std::size_t at = 0;
  for (; raw.size() - at >= 16; at += 16) {
    simd::u8x16 v;
    std::memcpy(&v, raw.data() + at, sizeof v);
    const auto bits = topBits(reinterpret_cast<simd::u8x16>(v == static_cast<std::uint8_t>('\\')));
    if (bits != 0) return at + static_cast<std::size_t>(__builtin_ctz(bits));
  }
  if (at == raw.size()) return at;
  const auto* found = static_cast<const char*>(std::memchr(raw.data() + at, '\\', raw.size() - at));
  return found == nullptr ? raw.size() : static_cast<std::size_t>(found - raw.data());
}

void appendUnescaped(std::string& out, std::string_view raw) {
  std::size_t at = 0;
  while (at < raw.size()) {
    const auto plain = findBackslash(raw.substr(at));
    out.append(raw, at, plain);
    at += plain;
    if (at < raw.size()) at = appendEscape(out, raw, at);
  }
}

bool rawEquals(std::string_view raw, std::string_view plain) {
  if (raw.size() < plain.size()) return false;
  if (raw.size() == plain.size() && raw == plain) return findBackslash(raw) == raw.size();
  if (findBackslash(raw) == raw.size()) return false;
  std::string meant;
  appendUnescaped(meant, raw);
  return meant == plain;
}

void appendEscaped(std::string& out, std::string_view plain) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::size_t at = 0;
  for (;;) {
    const auto next = findEscape(plain, at);
    out.append(plain, at, next - at);
    if (next == plain.size()) return;
    const char c = plain[next];
    out += '\\';
    switch (c) {
      case '"':
      case '\\':
        out += c;
        break;
      case '\b':
        out += 'b';
        break;
      case '\f':
        out += 'f';
        break;
      case '\n':
        out += 'n';
        break;
      case '\r':
        out += 'r';
        break;
      case '\t':
        out += 't';
        break;
      default:
        out.append("u00")
            .append(1, kHex[static_cast<unsigned char>(c) >> 4U])
            .append(1, kHex[static_cast<unsigned char>(c) & 15U]);
        break;
    }
    at = next + 1;
  }
}

void appendQuoted(std::string& out, std::string_view plain) { appendQuoted(out, {}, plain, {}); }

void appendQuoted(std::string& out, std::string_view before, std::string_view plain, std::string_view after) {
  const auto quoted = findEscape(plain, 0);
  const auto size = out.size();
  // At once: most texts have nothing to escape, and each append costs more than the text itself.
  out.resize_and_overwrite(size + before.size() + quoted + 2 + after.size(), [&](char* to, std::size_t) {
    const auto* const begin = to;
    to += size;
    const auto put = [&to](std::string_view text) {
      if (!text.empty()) std::memcpy(to, text.data(), text.size());
      to += text.size();
    };
    put(before);
    *to++ = '"';
    put(plain.substr(0, quoted));
    if (quoted == plain.size()) {
      *to++ = '"';
      put(after);
    }
    return static_cast<std::size_t>(to - begin);
  });
  if (quoted == plain.size()) return;
  appendEscaped(out, plain.substr(quoted));
  out += '"';
  out += after;
}

}  // namespace weir::json
