// Text of a Slack message: what would mean something to Slack is escaped.
#pragma once

#include <string>
#include <string_view>

namespace weir::nodes::notify {

[[nodiscard]] inline std::string slackText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace weir::nodes::notify
