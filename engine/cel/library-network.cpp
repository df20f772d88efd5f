// Library: the extension network.
#include <algorithm>

#include "engine/cel/frame.h"
#include "engine/cel/library.h"
#include "engine/cel/network.h"

namespace weir::cel {
namespace {

using Args = std::span<const Value>;

[[nodiscard]] unsigned byteAt(std::string_view bytes, std::size_t index) noexcept {
  return static_cast<unsigned char>(bytes[index]);
}

[[nodiscard]] bool badAddress(CallFrame& frame, const Value& text) {
  return frame.fail("cel.conversion",
                    showValue(text) + " is no IP address (zones and IPv4-mapped addresses are not accepted).");
}

bool ip(CallFrame& frame, Args args, Value& out) {
  const auto bytes = parseAddress(args[0].text());
  if (!bytes) return badAddress(frame, args[0]);
  out = Value::opaque(OpaqueKind::networkAddress, *bytes);
  return true;
}

bool isIp(CallFrame&, Args args, Value& out) {
  out = Value::boolean(parseAddress(args[0].text()).has_value());
  return true;
}

bool isCanonical(CallFrame& frame, Args args, Value& out) {
  const auto bytes = parseAddress(args[0].text());
  if (!bytes) return badAddress(frame, args[0]);
  out = Value::boolean(addressText(*bytes) == args[0].text());
  return true;
}

[[nodiscard]] bool readRange(CallFrame& frame, const Value& text, std::string& out) {
  auto bytes = parseRange(text.text());
  if (!bytes)
    return frame.fail("cel.conversion", showValue(text) + " is no range of addresses; write it as 10.0.0.0/8.");
  out = std::move(*bytes);
  return true;
}

bool cidr(CallFrame& frame, Args args, Value& out) {
  std::string bytes;
  if (!readRange(frame, args[0], bytes)) return false;
  out = Value::opaque(OpaqueKind::networkRange, bytes);
  return true;
}

bool isCidr(CallFrame&, Args args, Value& out) {
  out = Value::boolean(parseRange(args[0].text()).has_value());
  return true;
}

bool family(CallFrame&, Args args, Value& out) {
  out = Value::int64(args[0].size() == 4 ? 4 : 6);
  return true;
}

[[nodiscard]] bool unspecified(std::string_view b) noexcept {
  return std::all_of(b.begin(), b.end(), [](char c) { return c == 0; });
}
[[nodiscard]] bool loopback(std::string_view b) noexcept {
  if (b.size() == 4) return byteAt(b, 0) == 127;
  return unspecified(b.substr(0, 15)) && byteAt(b, 15) == 1;
}
[[nodiscard]] bool multicast(std::string_view b) noexcept {
  return b.size() == 4 ? (byteAt(b, 0) & 0xF0U) == 0xE0 : byteAt(b, 0) == 0xFF;
}
[[nodiscard]] bool linkLocalUnicast(std::string_view b) noexcept {
  if (b.size() == 4) return byteAt(b, 0) == 169 && byteAt(b, 1) == 254;
  return byteAt(b, 0) == 0xFE && (byteAt(b, 1) & 0xC0U) == 0x80;
}
[[nodiscard]] bool linkLocalMulticast(std::string_view b) noexcept {
  if (b.size() == 4) return byteAt(b, 0) == 224 && byteAt(b, 1) == 0 && byteAt(b, 2) == 0;
  return byteAt(b, 0) == 0xFF && (byteAt(b, 1) & 0x0FU) == 2;
}
[[nodiscard]] bool globalUnicast(std::string_view b) noexcept {
  const bool broadcast = b.size() == 4 && std::all_of(b.begin(), b.end(), [](char c) { return c == '\xFF'; });
  return !broadcast && !unspecified(b) && !loopback(b) && !multicast(b) && !linkLocalUnicast(b);
}

using Test = bool (*)(std::string_view) noexcept;
template <Test f>
bool test(CallFrame&, Args args, Value& out) {
  out = Value::boolean(f(args[0].text()));
  return true;
}

[[nodiscard]] std::string_view baseOf(std::string_view range) noexcept { return range.substr(0, range.size() - 1); }
[[nodiscard]] unsigned prefixOf(std::string_view range) noexcept { return byteAt(range, range.size() - 1); }

// The bytes with all bits behind the prefix cleared.
[[nodiscard]] std::string masked(std::string_view bytes, unsigned prefix) {
  std::string made(bytes);
  for (std::size_t i = 0; i < made.size(); ++i) {
    const auto from = static_cast<unsigned>(i) * 8;
    if (from + 8 <= prefix) continue;
    const unsigned mask = from >= prefix ? 0U : (0xFFU << (8 - (prefix - from))) & 0xFFU;
    made[i] = static_cast<char>(byteAt(made, i) & mask);
  }
  return made;
}

[[nodiscard]] bool holdsAddress(std::string_view range, std::string_view address) {
  const auto base = baseOf(range);
  return base.size() == address.size() && masked(base, prefixOf(range)) == masked(address, prefixOf(range));
}

[[nodiscard]] bool holdsRange(std::string_view outer, std::string_view inner) {
  return prefixOf(outer) <= prefixOf(inner) && holdsAddress(outer, baseOf(inner));
}

bool containsIp(CallFrame&, Args args, Value& out) {
  out = Value::boolean(holdsAddress(args[0].text(), args[1].text()));
  return true;
}

bool containsIpText(CallFrame& frame, Args args, Value& out) {
  const auto bytes = parseAddress(args[1].text());
  if (!bytes) return badAddress(frame, args[1]);
  out = Value::boolean(holdsAddress(args[0].text(), *bytes));
  return true;
}

bool containsCidr(CallFrame&, Args args, Value& out) {
  out = Value::boolean(holdsRange(args[0].text(), args[1].text()));
  return true;
}

bool containsCidrText(CallFrame& frame, Args args, Value& out) {
  std::string bytes;
  if (!readRange(frame, args[1], bytes)) return false;
  out = Value::boolean(holdsRange(args[0].text(), bytes));
  return true;
}

bool addressOf(CallFrame&, Args args, Value& out) {
  out = Value::opaque(OpaqueKind::networkAddress, baseOf(args[0].text()));
  return true;
}

bool maskedRange(CallFrame&, Args args, Value& out) {
  const auto range = args[0].text();
  out = Value::opaque(OpaqueKind::networkRange, masked(baseOf(range), prefixOf(range)) + range.back());
  return true;
}

bool prefixLength(CallFrame&, Args args, Value& out) {
  out = Value::int64(prefixOf(args[0].text()));
  return true;
}

constexpr FunctionEntry kTable[] = {
    {"ip", "(string): ip", ip},
    {"ip", "cidr.(): ip", addressOf},
    {"isIP", "(string): bool", isIp},
    {"ip.isCanonical", "(string): bool", isCanonical},
    {"cidr", "(string): cidr", cidr},
    {"isCIDR", "(string): bool", isCidr},
    {"family", "ip.(): int", family},
    {"isUnspecified", "ip.(): bool", test<unspecified>},
    {"isLoopback", "ip.(): bool", test<loopback>},
    {"isGlobalUnicast", "ip.(): bool", test<globalUnicast>},
    {"isLinkLocalUnicast", "ip.(): bool", test<linkLocalUnicast>},
    {"isLinkLocalMulticast", "ip.(): bool", test<linkLocalMulticast>},
    {"containsIP", "cidr.(ip): bool", containsIp},
    {"containsIP", "cidr.(string): bool", containsIpText},
    {"containsCIDR", "cidr.(cidr): bool", containsCidr},
    {"containsCIDR", "cidr.(string): bool", containsCidrText},
    {"masked", "cidr.(): cidr", maskedRange},
    {"prefixLength", "cidr.(): int", prefixLength},
};

}  // namespace

std::span<const FunctionEntry> networkFunctions() noexcept { return kTable; }

}  // namespace weir::cel
