// What --help prints.
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "apps/cli/arguments.h"

namespace weir::cli {
namespace {

constexpr std::size_t kNames = 24, kLine = 100;

/// Breaks at spaces, so that the lines end before `kLine` when they begin behind the names.
std::string wrapped(const std::string& text) {
  std::string out;
  std::size_t begin = 0;
  constexpr std::size_t most = kLine - kNames;
  while (text.size() - begin > most) {
    auto end = text.rfind(' ', begin + most);
    if (end == std::string::npos || end <= begin) break;
    out.append(text, begin, end - begin).append("\n");
    begin = end + 1;
  }
  return out.append(text, begin);
}

class HelpPage final : public CLI::Formatter {
 public:
  HelpPage() { column_width(kNames); }

  // The footer ends with its line end, as every page should.
  std::string make_footer(const CLI::App* app) const override { return app->get_footer(); }

  std::string make_description(const CLI::App* app) const override { return app->get_description() + "\n\n"; }

  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_size() == 0 || option->get_positional() ? "" : " " + option->get_type_name();
  }

  std::string make_option_desc(const CLI::Option* option) const override {
    auto text = option->get_description();
    if (!option->get_default_str().empty()) text += "; default: " + option->get_default_str();
    return wrapped(text);
  }

  std::string make_subcommands(const CLI::App* app, CLI::AppFormatMode) const override {
    std::string text;
    for (const auto* command : app->get_subcommands([](const CLI::App*) { return true; })) {
      std::string name = "  " + command->get_name();
      name.resize(std::max(kNames - 8, name.size() + 2), ' ');
      const auto about = command->get_description();
      text += name + about.substr(0, about.find(".\n")) + "\n";
    }
    return text.empty() ? text : "\nCommands:\n" + text;
  }
};

}  // namespace

void useHelpPages(CLI::App& app) {
  auto page = std::make_shared<HelpPage>();
  page->label("Positionals", "Arguments");
  page->label("SUBCOMMAND", "COMMAND");

  app.formatter(std::move(page));
}

}  // namespace weir::cli
