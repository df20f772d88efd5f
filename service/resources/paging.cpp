// Cursors of lists.
#include "service/resources/paging.h"

#include "engine/text/base64.h"
#include "engine/text/utf8.h"
#include "service/store/memory/folded.h"

namespace weir::api {

Expected<PageAsked> pageAsked(const Query& query, std::string_view list) {
  PageAsked asked{.after = {}, .limit = query.number("limit", 50)};
  const auto cursor = query.text("cursor");
  if (cursor.empty()) return asked;
  const auto decoded = decodeBase64(cursor);
  const auto head = std::string(list) + "\n";
  if (!decoded || !decoded->starts_with(head) || !utf8::isValid(*decoded) || decoded->contains('\0')) {
    return refuse(400, "api.query", "the cursor is none that this list gave; begin again without one");
  }
  asked.after = decoded->substr(head.size());
  return asked;
}

std::string cursorBehind(std::string_view list, std::string_view key) {
  return encodeBase64Url(std::string(list) + "\n" + std::string(key));
}

bool holdsWords(std::string_view search, std::initializer_list<std::string_view> texts) {
  const auto words = store::folded(search);
  if (words.find_first_not_of(' ') == std::string::npos) return true;
  std::string all;
  for (const auto text : texts) all.append(store::folded(text)).append("\n");
  for (std::size_t at = 0; at < words.size();) {
    const auto end = std::min(words.find(' ', at), words.size());
    if (!all.contains(words.substr(at, end - at))) return false;
    at = end + 1;
  }
  return true;
}

}  // namespace weir::api
