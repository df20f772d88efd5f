// Shows the beginning of a text.
#include "nodes/files/json-read/mistake.h"

#include <algorithm>

#include "engine/text/utf8.h"

namespace weir::nodes::json_read {

std::string shownText(std::string_view text) {
  std::string shown;
  const auto most = static_cast<std::int64_t>(std::min(text.size(), kShownBytes));
  for (std::int64_t at = 0; at < most;) {
    const auto point = utf8::decode(text, at);
    utf8::append(shown, point.value);
    at += point.bytes;
  }
  if (text.size() > kShownBytes) shown += "...";
  return shown;
}

}  // namespace weir::nodes::json_read
