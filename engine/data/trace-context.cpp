// The W3C header, span ids and the choice of sampled traces.
#include "engine/data/trace-context.h"

#include <array>

#include "engine/data/hash.h"

namespace weir {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

/// Exactly the lower-case digits of `text`; nothing for anything else.
std::optional<std::uint64_t> hexOf(std::string_view text) noexcept {
  std::uint64_t bits = 0;
  for (const char letter : text) {
    const auto digit = kDigits.find(letter);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 4U) | digit;
  }
  return bits;
}

}  // namespace

void appendHex(std::string& text, std::uint64_t bits) {
  std::array<char, 16> digits{};
  for (auto at = digits.rbegin(); at != digits.rend(); ++at, bits >>= 4U) *at = kDigits[bits & 15U];
  text.append(digits.data(), digits.size());
}

std::optional<TraceId> parseTraceId(std::string_view text) noexcept {
  if (text.size() != 32) return std::nullopt;
  const auto high = hexOf(text.substr(0, 16));
  const auto low = hexOf(text.substr(16));
  if (!high || !low || (*high == 0 && *low == 0)) return std::nullopt;
  return TraceId{*high, *low};
}

std::optional<TraceContext> parseTraceparent(std::string_view text) noexcept {
  constexpr std::size_t kLength = 55;  // of version 00; later ones may be longer
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const auto version = hexOf(text.substr(0, 2));
  const auto flags = hexOf(text.substr(53, 2));
  const auto trace = parseTraceId(text.substr(3, 32));
  const auto parent = hexOf(text.substr(36, 16));
  if (!version || *version == 0xff || !flags || !trace || !parent || *parent == 0) return std::nullopt;
  if (text.size() > kLength && (*version == 0 || text[kLength] != '-')) return std::nullopt;
  return TraceContext{*trace, *parent, (*flags & 1U) != 0};
}

std::string spanIdText(std::uint64_t span) {
  std::string text;
  text.reserve(16);
  appendHex(text, span);
  return text;
}

std::string traceparentText(const TraceContext& context) {
  std::string text = "00-";
  text.reserve(55);
  appendHex(text, context.trace.high);
  appendHex(text, context.trace.low);
  text += '-';
  appendHex(text, context.parent);
  text += context.sampled ? "-01" : "-00";
  return text;
}

std::uint64_t spanIdOf(TraceId trace, std::int32_t node, std::int64_t step) noexcept {
  const auto what =
      hash::combine(static_cast<std::uint64_t>(static_cast<std::uint32_t>(node)) + 1, static_cast<std::uint64_t>(step));
  const auto span = hash::combine(hash::combine(trace.high, trace.low), what);
  return span == 0 ? 1 : span;
}

bool traceSampled(TraceId trace, std::uint64_t every) noexcept {
  if (every <= 1) return every == 1;
  // Ids from outside need not be random in every bit.
  return hash::combine(trace.high, trace.low) % every == 0;
}

}  // namespace weir
