// Options that several commands have, and what is told about a mistake on the command line.
#include "apps/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <ranges>
#include <utility>

#include "engine/text/suggest.h"

namespace weir::cli {
namespace {

/// Names by which other programs call what these commands do.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kOtherNames{{{"format", "fmt"},
                                                                                    {"check", "validate"},
                                                                                    {"lint", "validate"},
                                                                                    {"list", "nodes"},
                                                                                    {"show", "inspect"},
                                                                                    {"init", "new"}}};

/// The nearest of `names`; else the only one that begins with `wanted`.
std::string nearestOf(std::string_view wanted, const std::vector<std::string>& names) {
  if (const auto near = nearestName(wanted, names); !near.empty()) return std::string(near);
  std::string found;
  for (const auto& name : names) {
    if (wanted.size() < 2 || !name.starts_with(wanted)) continue;
    if (!found.empty()) return {};
    found = name;
  }
  return found;
}

std::string question(const std::string& name) { return name.empty() ? "" : " Did you mean '" + name + "'?"; }

std::string optionMistake(const CLI::App& command, const std::string& word) {
  const auto bare = word.substr(word.find_first_not_of('-'), word.find('=') - word.find_first_not_of('-'));
  std::vector<std::string> names;
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back(name);
  }
  const auto near = nearestOf(bare, names);
  return "there is no option '" + word.substr(0, word.find('=')) + "'." + question(near.empty() ? near : "--" + near);
}

/// What is wrong, in one sentence: a name that is not known comes first, it may be why something else is missing.
std::string mistake(const CLI::App& app, const CLI::App& command, const CLI::ParseError& problem) {
  const auto rest = app.remaining(true);
  const auto isOption = [](const std::string& word) {
    return word.size() > 1 && word[0] == '-' && word != "--" && (word[1] < '0' || word[1] > '9');
  };
  if (const auto unknown = std::ranges::find_if(rest, isOption); unknown != rest.end())
    return optionMistake(command, *unknown);
  if (rest.empty() || rest.front() == "--") {
    const std::string text = problem.what();
    return text == "A subcommand is required" ? "give a command." : text;
  }
  const bool ofCommands = !command.get_subcommands([](const CLI::App*) { return true; }).empty();
  if (ofCommands) return unknownCommand(command, rest.front());
  return "'" + rest.front() + "' is more than it takes; put a text with spaces in quotes.";
}

}  // namespace

std::string unknownCommand(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  const auto* other = std::ranges::find(kOtherNames, std::string_view(word), &decltype(kOtherNames)::value_type::first);
  const auto near = other != kOtherNames.end() ? std::string(other->second) : nearestOf(word, names);
  return "there is no command '" + word + "'." + question(near);
}

CLI::Option* addRepeated(CLI::App& command, const std::string& name, std::vector<std::string>& values,
                         const std::string& valueName, const std::string& help) {
  return command.add_option(name, values, help + "; may be repeated")->allow_extra_args(false)->type_name(valueName);
}

CLI::Option* addNodeFolders(CLI::App& command, Shared& shared) {
  return addRepeated(command, "--nodes", shared.nodeFolders, "DIR",
                     "A folder of node packages, beside the nodes that are built in");
}

CLI::Option* addParameters(CLI::App& command, std::vector<std::string>& sets) {
  return addRepeated(command, "--set", sets, "NAME=VALUE", "A value for a parameter of the flow");
}

CLI::Validator oneOf(const std::string& values) {
  std::vector<std::string> list;
  for (const auto value : std::views::split(values, ' ')) list.emplace_back(value.begin(), value.end());
  return CLI::IsMember(std::move(list)).description("").name(values);
}

CLI::Option* addThreads(CLI::App& command, int& threads) {
  return command.add_option("--threads", threads, "Workers, 1 to 1024; default: as the flow says, else all processors")
      ->check(CLI::Range(1, 1024).description(""))
      ->type_name("N");
}

void addFooter(CLI::App& command, std::string_view exitCodes, std::string_view examples, std::string_view about) {
  auto text = std::string(about) + (about.empty() ? "" : "\n") + "Exit codes:\n";
  const auto indented = [&text](std::string_view lines) {
    for (const auto line : std::views::split(lines, '\n'))
      text.append("  ").append(std::string_view(line.begin(), line.end())).append("\n");
  };
  indented(exitCodes);
  text += "\nExamples:\n";
  indented(examples);
  command.footer(text);
}

int explainMistake(const CLI::App& app, const CLI::ParseError& problem) {
  if (problem.get_exit_code() == 0) {
    app.exit(problem);
    return kDone;
  }
  const auto* chosen = &app;
  auto called = app.get_name();
  while (!chosen->get_subcommands().empty()) {
    chosen = chosen->get_subcommands().front();
    called += " " + chosen->get_name();
  }
  const auto& command = *chosen;
  std::fprintf(stderr, "error: %s: %s\n'%s --help' says what it takes\n", called.c_str(),
               mistake(app, command, problem).c_str(), called.c_str());
  return kUsage;
}

}  // namespace weir::cli
