// ConfigTable: every setting of `weir serve`, once. Flags, variables, the config file, `.env.example`, the reference
// page and the manual are made of it.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace weir::cli {

struct Setting {
  enum class Kind : std::uint8_t {
    text,
    path,
    number,
    flag,
    duration,  // `90s`, `2m30s`
    size,      // `512MiB`
    choice,    // one of `choices`
    list       // texts: the flag repeats, a variable has commas, the file has a list
  };
  std::string_view group;      // the heading above it on pages
  std::string_view name;       // `--name`, `WEIR_NAME`, and "name" in the file
  std::string_view value;      // what stands for the value in help texts
  std::string_view otherwise;  // the default, written as one would write it; empty: none
  std::string_view help;       // one sentence without its full stop
  Kind kind = Kind::text;
  std::string_view aliases = {};  // variables of other programs that do as well, spaces between; WEIR_… goes first
  std::string_view choices = {};  // spaces between
  std::string_view alike = {};    // other words for choices: `warning=warn critical=error`
  std::int64_t least = 0, most = std::numeric_limits<std::int64_t>::max();  // of a number, duration (ms) or size
  bool secret = false;  // never shown; better not given as a flag, which others on the machine can see
};

/// In the order of pages: settings of one group stand together.
[[nodiscard]] std::span<const Setting> serveSettings();
/// The last of them: the groups Keeping and Watching.
[[nodiscard]] std::span<const Setting> keepingSettings();

/// "trusted-proxy" -> "WEIR_TRUSTED_PROXY"
[[nodiscard]] std::string variableOf(const Setting& setting);
/// "seconds such as 30s", for people.
[[nodiscard]] std::string_view formOf(Setting::Kind kind);

/// `.env.example`: every variable with its meaning and default, commented out.
[[nodiscard]] std::string envExample(std::span<const Setting> settings);
/// The tables of docs/reference/configuration.md.
[[nodiscard]] std::string configurationTables(std::span<const Setting> settings);

}  // namespace weir::cli
