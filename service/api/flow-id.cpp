// Looks at each character of an id.
#include "service/api/flow-id.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/text/utf8.h"

namespace weir::api {
namespace {

constexpr std::size_t kMostBytes = 200;

struct Range {
  char32_t first, last;
};

/// Controls, and what has no width or turns the direction of text.
constexpr std::array kUnseen = {
    Range{0x00, 0x1f},     Range{0x7f, 0x9f},     Range{0xad, 0xad},     Range{0x34f, 0x34f},
    Range{0x61c, 0x61c},   Range{0x115f, 0x1160}, Range{0x17b4, 0x17b5}, Range{0x180b, 0x180f},
    Range{0x200b, 0x200f}, Range{0x2028, 0x202e}, Range{0x2060, 0x206f}, Range{0x3164, 0x3164},
    Range{0xfeff, 0xfeff}, Range{0xffa0, 0xffa0}, Range{0xfff0, 0xfffb}, Range{0xe0000, 0xe0fff}};
constexpr std::array kSpaces = {Range{0x20, 0x20},     Range{0xa0, 0xa0},     Range{0x1680, 0x1680},
                                Range{0x2000, 0x200a}, Range{0x202f, 0x202f}, Range{0x205f, 0x205f},
                                Range{0x3000, 0x3000}};

template <std::size_t kCount>
bool isIn(const std::array<Range, kCount>& ranges, char32_t letter) {
  return std::ranges::any_of(ranges, [letter](Range range) { return letter >= range.first && letter <= range.last; });
}

/// Empty: it is good.
std::string_view troubleOf(std::string_view id) {
  if (id.empty()) return "is empty";
  if (id.size() > kMostBytes) return "has more than 200 bytes";
  if (id == "." || id == "..") return "is '.' or '..', which paths read otherwise";
  if (!utf8::isValid(id)) return "is no text in UTF-8";
  if (hasUnseen(id)) return "has a character that cannot be seen";
  bool atSpace = false;
  for (std::int64_t at = 0; at < std::ssize(id);) {
    const auto point = utf8::decode(id, at);
    atSpace = isIn(kSpaces, point.value);
    if (atSpace && at == 0) break;
    at += point.bytes;
  }
  return atSpace ? "has a space at an end" : std::string_view();
}

}  // namespace

bool hasUnseen(std::string_view text) {
  for (std::int64_t at = 0; at < std::ssize(text);) {
    const auto point = utf8::decode(text, at);
    if (isIn(kUnseen, point.value)) return true;
    at += point.bytes;
  }
  return false;
}

Expected<void> checkFlowId(std::string_view id) {
  const auto trouble = troubleOf(id);
  if (trouble.empty()) return {};
  return refuse(422, "flow.id",
                "the id of the document " + std::string(trouble) +
                    "; a flow that is kept has an id of 1 to 200 bytes, such as orders-by-day");
}

}  // namespace weir::api
