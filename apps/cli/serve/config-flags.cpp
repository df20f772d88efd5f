// Settings on the command line, in the variables of the process, and in the file that it names.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/serve/config.h"
#include "engine/text/printable.h"
#include "engine/text/suggest.h"

namespace weir::cli {
namespace {

constexpr const char* kFile = "config";
constexpr std::string_view kFileVariable = "WEIR_CONFIG";

std::string helpOf(const Setting& setting) {
  std::string text(setting.help);
  if (setting.kind == Setting::Kind::choice) text += ": " + std::string(setting.choices);
  if (setting.kind == Setting::Kind::list) text += "; may be repeated";
  if (!setting.otherwise.empty() && setting.kind != Setting::Kind::flag)
    text += "; default: " + std::string(setting.otherwise);
  text += " [" + variableOf(setting);
  for (const char c : std::string(setting.aliases.empty() ? "" : " ") + std::string(setting.aliases))
    text += c == ' ' ? std::string(", ") : std::string(1, c);
  return text + "]";
}

Environment environmentOfProcess() {
  Environment environment;
  for (char** at = ::environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view text(*at);
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      environment.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  }
  return environment;
}

/// Others set variables of that beginning too (a Kubernetes service named weir does), so only a slip is worth a word.
std::vector<std::string> slipsIn(std::span<const Setting> settings, const Environment& environment) {
  std::vector<std::string> warnings;
  std::vector<std::string> names{std::string(kFileVariable)};
  for (const auto& setting : settings) names.push_back(variableOf(setting));
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("WEIR_") || std::ranges::contains(names, name)) continue;
    const auto near = nearestName(name, names);
    if (near.empty() || editDistance(name, near, 2) > 2) continue;
    warnings.push_back("the variable " + printable(name) + " is no setting; is " + std::string(near) + " meant?");
  }
  return warnings;
}

}  // namespace

void addSettings(CLI::App& command, std::span<const Setting> settings, GivenTexts& flags) {
  command
      .add_option_function<std::string>(
          "--config", [&flags](const std::string& path) { flags[kFile] = {path}; },
          "A JSON file with settings under the names of these options [WEIR_CONFIG]")
      ->type_name("FILE");
  for (const auto& setting : settings) {
    const auto name = std::string(setting.name);
    const auto keep = [&flags, name](const std::vector<std::string>& texts) { flags[name] = texts; };
    CLI::Option* option = nullptr;
    if (setting.kind == Setting::Kind::flag) {
      const auto count = [&flags, name](std::int64_t times) { flags[name] = {times > 0 ? "true" : "false"}; };
      option = command.add_flag_function("--" + name, count, helpOf(setting));
    } else {
      option = command.add_option_function<std::vector<std::string>>("--" + name, keep, helpOf(setting));
      option->allow_extra_args(false)->type_name(std::string(setting.value));
    }
    // A command line is seen by everybody on the machine: taken, and not offered.
    option->group(setting.secret ? std::string() : std::string(setting.group));
  }
}

Result<Config> readConfig(std::span<const Setting> settings, const GivenTexts& flags) {
  ConfigSources sources{.flags = flags, .environment = environmentOfProcess(), .file = {}, .fileName = {}};
  auto warnings = slipsIn(settings, sources.environment);
  if (const auto named = sources.flags.find(kFile); named != sources.flags.end()) {
    sources.fileName = named->second.back();
    sources.flags.erase(named);
  } else if (const auto variable = sources.environment.find(kFileVariable); variable != sources.environment.end()) {
    sources.fileName = variable->second;
  }
  if (!sources.fileName.empty()) {
    auto text = readText(sources.fileName);
    if (!text) return fail("config.file", "the config file: " + text.error().message);
    sources.file = std::move(*text);
    if (sources.file.empty())
      return fail("config.value", "the config file '" + sources.fileName + "' is empty; write {} at least");
  }
  WEIR_ASSIGN(auto config, Config::make(settings, sources));
  config.warn(std::move(warnings));
  return config;
}

}  // namespace weir::cli
