// Takes the address out of a mailbox.
#include "engine/text/mail-address.h"

#include <algorithm>

namespace weir {
namespace {

bool isPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool hasControls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

Result<std::string> addressIn(std::string_view text) {
  const auto bad = [text](std::string_view why) {
    return fail("mail.address", "'" + std::string(text) + "' " + std::string(why) +
                                    "; write ada@example.com, or Ada <ada@example.com>");
  };
  auto address = trimmed(text);
  auto name = std::string_view();
  if (const auto open = address.rfind('<'); open != std::string_view::npos) {
    if (!address.ends_with('>')) return bad("has no closing >");
    name = address.substr(0, open);
    address = address.substr(open + 1, address.size() - open - 2);
  }
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == address.size()) return bad("is no mail address");
  if (!isPlain(address)) return bad("has letters that mail addresses cannot have");
  if (address.size() > 254 || address.find_first_of(" <>,;:\"()[]\\") != std::string_view::npos) {
    return bad("is no mail address");
  }
  if (hasControls(name)) return fail("mail.header", "the name of a mail address has a line break or control character");
  return std::string(address);
}

}  // namespace weir
