// Config: the settings of one start, whichever way they were given.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/cli/serve/config-table.h"
#include "engine/data/error.h"

namespace CLI {
class App;
}

namespace weir::cli {

/// What was given for a name; of all but lists the last counts.
using GivenTexts = std::map<std::string, std::vector<std::string>, std::less<>>;
using Environment = std::map<std::string, std::string, std::less<>>;

/// Where settings come from, the first that has one counts: flags, variables, the file, the default.
struct ConfigSources {
  GivenTexts flags{};         // by name
  Environment environment{};  // by variable; an empty one is none
  std::string file{};         // a JSON object by name; empty: there is none
  std::string fileName{};     // for messages
};

class Config {
 public:
  /// `config.unknown` with the nearest name; `config.value` for what is not of its kind, which says where it was given
  /// and never quotes a secret.
  [[nodiscard]] static Result<Config> make(std::span<const Setting> settings, const ConfigSources& sources);

  /// Each only for a name of the table and a kind that fits: anything else is a bug. Without a default a text is empty,
  /// a number, duration (milliseconds) or size (bytes) 0, a flag false. A path may begin with `~/`.
  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] std::int64_t number(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& list(std::string_view name) const;
  /// Whether it was given at all.
  [[nodiscard]] bool given(std::string_view name) const;
  /// "--listen", "WEIR_LISTEN", "weir.json", or "default": for messages about the value.
  [[nodiscard]] const std::string& origin(std::string_view name) const;

  /// The file that settings were read from; empty: none.
  [[nodiscard]] const std::string& file() const { return file_; }

  /// A text in the place of the one that was given: what a reference has led to.
  void put(std::string_view name, std::string text);
  [[nodiscard]] std::vector<std::string_view> secrets() const;

  /// What was seen on the way that is worth a word.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  void warn(std::vector<std::string> warnings) { warnings_ = std::move(warnings); }
  /// Whether it came by a variable of another name than ours, which was perhaps set for another program.
  [[nodiscard]] bool byAlias(std::string_view name) const;

  /// One line a setting: name, value (secrets as ***), and where it comes from.
  [[nodiscard]] std::string describe() const;

 private:
  struct Value {
    const Setting* setting = nullptr;
    std::vector<std::string> texts;  // one, but for lists
    std::int64_t number = 0;
    std::string origin;
  };
  [[nodiscard]] static Result<void> check(Value& value, const Environment& environment);
  [[nodiscard]] const Value& find(std::string_view name) const;

  std::vector<Value> values_;
  std::string file_;
  std::vector<std::string> warnings_;
};

/// Adds a flag for each setting, and `--config FILE`; what the command line gave is in `flags` when its callback runs.
void addSettings(CLI::App& command, std::span<const Setting> settings, GivenTexts& flags);

/// From the flags of a command line, the variables of this process, and the file that `--config` or WEIR_CONFIG names.
/// A variable that is nearly one of ours is warned of; `config.file` for a file that is not there.
[[nodiscard]] Result<Config> readConfig(std::span<const Setting> settings, const GivenTexts& flags);

}  // namespace weir::cli
