// The pages that are written from the table of settings.
#include <span>
#include <string>
#include <string_view>

#include "apps/cli/serve/config-table.h"

namespace weir::cli {
namespace {

using Kind = Setting::Kind;

std::string withoutDashes(std::string_view name) {
  std::string out;
  for (const char c : name) out += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

/// Lines of a comment that end before `most`.
void appendWrapped(std::string& out, std::string_view text, std::size_t most) {
  while (text.size() > most) {
    const auto end = text.rfind(' ', most);
    if (end == std::string_view::npos || end == 0) break;
    out.append("# ").append(text.substr(0, end)).append("\n");
    text.remove_prefix(end + 1);
  }
  out.append("# ").append(text).append("\n");
}

std::string joined(std::string_view words, std::string_view between) {
  std::string out;
  for (auto rest = words; !rest.empty();) {
    const auto end = rest.find(' ');
    if (!out.empty()) out += between;
    out += rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return out;
}

}  // namespace

std::string variableOf(const Setting& setting) { return "WEIR_" + withoutDashes(setting.name); }

std::string_view formOf(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "a text";
    case Kind::path:
      return "a path";
    case Kind::number:
      return "a whole number";
    case Kind::flag:
      return "true or false";
    case Kind::duration:
      return "a duration such as 90s or 5m";
    case Kind::size:
      return "a size such as 64MiB";
    case Kind::choice:
      return "a choice";
    case Kind::list:
      return "a list";
  }
  return {};
}

std::string envExample(std::span<const Setting> settings) {
  std::string out =
      "# The settings of `weir serve` as variables; what is commented out is the default.\n"
      "# docs/reference/configuration.md says more. A flag goes before a variable, a variable before the config "
      "file.\n";
  std::string_view group;
  for (const auto& setting : settings) {
    if (setting.group != group) {
      group = setting.group;
      out.append("\n# ==== ").append(group).append("\n");
    }
    std::string text(setting.help);
    if (setting.kind == Kind::choice) {
      text += ": " + joined(setting.choices, ", ");
    } else if (setting.kind == Kind::list) {
      text += "; several with commas between";
    }
    text += ".";
    if (!setting.aliases.empty()) {
      text += " Also read: " + joined(setting.aliases, ", ") + ".";
    }
    appendWrapped(out, text, 116);
    out.append("#").append(variableOf(setting)).append("=").append(setting.otherwise).append("\n");
  }
  return out;
}

std::string configurationTables(std::span<const Setting> settings) {
  std::string out;
  std::string_view group;
  for (const auto& setting : settings) {
    if (setting.group != group) {
      group = setting.group;
      out.append(out.empty() ? "" : "\n").append("## ").append(group);
      out.append("\n\n| name | variable | value | default | what it does |\n|---|---|---|---|---|\n");
    }
    out.append("| `").append(setting.name).append("` | `").append(variableOf(setting)).append("`");
    if (!setting.aliases.empty()) out += ", `" + joined(setting.aliases, "`, `") + "`";
    out += " | ";
    if (setting.kind == Kind::choice) {
      out += "`" + joined(setting.choices, "`, `") + "`";
    } else {
      out += formOf(setting.kind);
    }
    out += " | ";
    out += setting.otherwise.empty() ? "-" : "`" + std::string(setting.otherwise) + "`";
    out.append(" | ").append(setting.help).append(setting.secret ? ". Secret: not as a flag" : "").append(" |\n");
  }
  return out;
}

}  // namespace weir::cli
