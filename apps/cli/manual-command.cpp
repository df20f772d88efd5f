// weir manual: the manual page of the program, out of what its commands say of themselves.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "apps/cli/command.h"
#include "engine/node/version.h"

namespace weir::cli {
namespace {

/// As roff wants it: nothing in it is a request or an escape, and dashes stay dashes when they are copied.
std::string roff(std::string_view text) {
  std::string out;
  bool lineBegins = true;
  for (const char c : text) {
    if (lineBegins && (c == '.' || c == '\'')) out += "\\&";
    lineBegins = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else if (c == '`') {
      out += "\\(ga";
    } else if (c == '~') {
      out += "\\(ti";
    } else if (c == '^') {
      out += "\\(ha";
    } else {
      out += c;
    }
  }
  return out;
}

std::string namesOf(const CLI::Option& option) {
  if (option.get_positional()) return "\\fI" + roff(option.get_single_name()) + "\\fR";
  std::string names;
  for (const auto& name : option.get_snames())
    names += (names.empty() ? "" : ", ") + ("\\fB" + roff("-" + name)) + "\\fR";
  for (const auto& name : option.get_lnames())
    names += (names.empty() ? "" : ", ") + ("\\fB" + roff("--" + name)) + "\\fR";
  if (option.get_type_size() > 0) names += " \\fI" + roff(option.get_type_name()) + "\\fR";
  return names;
}

void appendOptions(std::string& out, const CLI::App& command) {
  for (const auto* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    out += ".TP\n" + namesOf(*option) + "\n" + roff(option->get_description());
    if (!option->get_default_str().empty()) out += "; default: " + roff(option->get_default_str());
    out += "\n";
  }
}

void appendCommand(std::string& out, const CLI::App& command, const std::string& before) {
  const auto name = before + command.get_name();
  out += ".SS \"" + roff(name) + "\"\n" + roff(command.get_description()) + "\n";
  appendOptions(out, command);
  if (const auto footer = command.get_footer(); !footer.empty()) out += ".PP\n.nf\n" + roff(footer) + ".fi\n";
  for (const auto* inner : command.get_subcommands([](const CLI::App*) { return true; }))
    appendCommand(out, *inner, name + " ");
}

std::string manual(const CLI::App& app) {
  std::string out = ".TH WEIR 1 \"\" \"weir " + roff(kEngineVersion) + "\" \"User commands\"\n";
  out +=
      ".SH NAME\nweir \\- draws, checks, runs and serves flows\n.SH SYNOPSIS\n.B weir\n\\fICOMMAND\\fR "
      "[\\fIOPTION\\fR]...\n";
  out += ".SH DESCRIPTION\n" + roff(app.get_description()) + "\n.SH COMMANDS\n";
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    appendCommand(out, *command, "");
  out += ".SH FILES\n.TP\n.I ~/.local/share/weir\nThe data folder of weir serve, unless another one is named.\n";
  return out;
}

}  // namespace

void addManual(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("manual", "Print the manual page, for man(1)");
  command->footer("Examples:\n  weir manual > /usr/local/share/man/man1/weir.1\n  weir manual | man -l -\n");
  command->callback([&app, &exitCode] {
    const auto text = manual(app);
    std::fwrite(text.data(), 1, text.size(), stdout);
    exitCode = kDone;
  });
}

}  // namespace weir::cli
