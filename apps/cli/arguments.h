// How commands say what they take: help pages, options that may be repeated, and what is told about a mistake.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/command.h"

namespace CLI {
class App;
class Option;
class ParseError;
class Validator;
}  // namespace CLI

namespace weir::cli {

/// An option that takes exactly one value and may be given again: what follows the value is never swallowed.
CLI::Option* addRepeated(CLI::App& command, const std::string& name, std::vector<std::string>& values,
                         const std::string& valueName, const std::string& help);
CLI::Option* addNodeFolders(CLI::App& command, Shared& shared);
CLI::Option* addParameters(CLI::App& command, std::vector<std::string>& sets);
/// Takes one of `values`, separated by spaces; the shell completes them: they are the validator's name.
CLI::Validator oneOf(const std::string& values);
CLI::Option* addThreads(CLI::App& command, int& threads);

/// What stands below the options: exit codes, one a line, and examples, one a line.
void addFooter(CLI::App& command, std::string_view exitCodes, std::string_view examples, std::string_view about = {});

/// Help pages with names, defaults and wrapped sentences, for the program and every command added later.
void useHelpPages(CLI::App& app);

/// "there is no command 'rnu'. Did you mean 'run'?"
[[nodiscard]] std::string unknownCommand(const CLI::App& app, const std::string& word);

/// Prints help or version if they were asked for, else what is wrong with the command line and the nearest name that
/// there is; gives the exit code.
[[nodiscard]] int explainMistake(const CLI::App& app, const CLI::ParseError& problem);

}  // namespace weir::cli
