// weir nodes, version, completion, help: what this program knows.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/node-page.h"
#include "engine/flow/document.h"
#include "engine/json/writer.h"
#include "engine/node/settings-check.h"
#include "engine/node/version.h"
#include "engine/simd/simd.h"

namespace weir::cli {
namespace {

struct NodesArguments {
  std::string id;
  bool json = false, schema = false;
};

/// `id`, or `id@version`.
Result<const NodeType*> typeOf(const std::string& asked, const Catalogue& catalogue) {
  const auto at = asked.find('@');
  const auto id = asked.substr(0, at);
  const auto versions = catalogue.versionsOf(id);
  if (versions.empty()) {
    const auto near = catalogue.nearest(id);
    return fail("flow.unknown_type",
                "there is no node '" + id + "'" +
                    (near.empty() ? "; weir nodes lists them" : "; the nearest is '" + std::string(near) + "'"));
  }
  if (at == std::string::npos) return catalogue.newestOf(id);
  std::string known;
  for (const auto* type : versions) {
    if (type->version == asked.substr(at + 1)) return type;
    known += (known.empty() ? "" : ", ") + type->version;
  }
  return fail("flow.unknown_type",
              "there is no version '" + asked.substr(at + 1) + "' of '" + id + "'; there is " + known);
}

Result<int> listNodes(const NodesArguments& arguments, const Shared& shared) {
  WEIR_ASSIGN(const auto catalogue, loadCatalogue(shared));
  if (!arguments.id.empty()) {
    WEIR_ASSIGN(const auto* type, typeOf(arguments.id, catalogue));
    if (arguments.schema) {
      std::printf("%s\n", json::write(settingsJsonSchema(*type), json::Layout::pretty).c_str());
    } else if (arguments.json) {
      std::printf("%s\n", json::write(type->document.root(), json::Layout::pretty).c_str());
    } else {
      const auto page = nodePage(*type, catalogue);
      std::fwrite(page.data(), 1, page.size(), stdout);
    }
    return kDone;
  }
  if (arguments.json) {
    auto list = json::Value::array();
    for (const auto* type : catalogue.all()) list.push(type->document.root());
    std::printf("%s\n", json::write(list).c_str());
    return kDone;
  }
  for (const auto* type : catalogue.all())
    std::printf("%-22s %-8s %s\n", type->id.c_str(), type->version.c_str(), type->description.c_str());
  return kDone;
}

/// What an option takes, if it takes some words only.
std::string choicesOf(CLI::Option& option) {
  try {
    return option.get_validator(0)->get_name();
  } catch (const CLI::OptionNotFound&) {
    return {};
  }
}

/// Every command, its options and the words they take, for the shell to complete.
std::string bashCompletion(CLI::App& app) {
  std::string names;
  std::string cases;
  std::string values;  // of the option before
  for (auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names += " " + command->get_name();
    std::string options;
    for (auto* option : command->get_options()) {
      const auto choices = choicesOf(*option);
      if (option->get_positional() && !choices.empty()) options += " " + choices;
      for (const auto& name : option->get_lnames()) {
        options += " --" + name;
        if (!choices.empty())
          values += "    " + command->get_name() + "\\ --" + name + ") words=\"" + choices + "\"; only=1 ;;\n";
      }
    }
    if (command->get_name() == "help") options += " $commands";
    cases += "    " + command->get_name() + ") words=\"" + options.substr(options.empty() ? 0 : 1) + "\" ;;\n";
  }
  return "_weir() {\n  local current=\"${COMP_WORDS[COMP_CWORD]}\" words=\"\" only=\"\"\n  local commands=\"" +
         names.substr(1) +
         "\"\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    words=\"$commands\"\n  else\n"
         "    case \"${COMP_WORDS[1]}\" in\n" +
         cases + "    esac\n    case \"${COMP_WORDS[1]} ${COMP_WORDS[COMP_CWORD-1]}\" in\n" + values +
         "    esac\n  fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  [ -n \"$only\" ] || COMPREPLY+=($(compgen -f -- \"$current\"))\n}\n"
         "complete -o filenames -F _weir weir\n";
}

}  // namespace

void addNodes(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand(
      "nodes", "List the nodes there are, or explain one.\nIts ports, every setting with its default, and an example.");
  auto arguments = std::make_shared<NodesArguments>();
  command->add_option("ID", arguments->id, "A node, such as logic/filter or flow/limit@1.0.0; default: all");
  addNodeFolders(*command, shared);
  command->add_flag("--json", arguments->json, "Print schema.json of the node, or a list of all");
  command->add_flag("--schema", arguments->schema, "Print the settings of the node as JSON Schema");
  addFooter(*command, "0 done\n2 there is no such node",
            "weir nodes\nweir nodes aggregate/group\nweir nodes files/csv-read --schema");
  command->callback([arguments, &shared, &exitCode] {
    const auto code = listNodes(*arguments, shared);
    finish(code, exitCode);
  });
}

void addVersion(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand(
      "version",
      "Say which engine this is.\nWith the document version, how many nodes there are, and the vectors used.");
  addFooter(*command, "0 done", "weir version");
  command->callback([&shared, &exitCode] {
    const auto catalogue = loadCatalogue(shared);
    std::printf("weir %.*s\nflow documents %.*s\nnodes %zu\nvectors %s\n", static_cast<int>(kEngineVersion.size()),
                kEngineVersion.data(), static_cast<int>(flow::kDocumentVersion.size()), flow::kDocumentVersion.data(),
                catalogue ? catalogue->all().size() : std::size_t{0}, simd::hasAvx2() ? "AVX2" : "baseline");
    exitCode = catalogue ? kDone : kFailed;
  });
}

void addCompletion(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand(
      "completion", "Print completions for a shell.\nThe shell then completes commands, options and files.");
  auto shell = std::make_shared<std::string>("bash");
  command->add_option("SHELL", *shell, "bash, or zsh (through bashcompinit)")
      ->check(oneOf("bash zsh"))
      ->capture_default_str();
  addFooter(*command, "0 done\n2 there is no completion for that shell", "source <(weir completion bash)");
  command->callback([&app, shell, &exitCode] {
    const auto text = (*shell == "zsh" ? std::string("autoload -U +X bashcompinit && bashcompinit\n") : std::string()) +
                      bashCompletion(app);
    std::fwrite(text.data(), 1, text.size(), stdout);
    exitCode = kDone;
  });
}

void addHelp(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("help", "Say what a command takes.\nAs 'weir COMMAND --help' does.");
  auto name = std::make_shared<std::string>();
  command->add_option("COMMAND", *name, "The command; default: list them all");
  addFooter(*command, "0 done\n2 there is no such command", "weir help run");
  command->callback([&app, name, &exitCode] {
    const auto found = app.get_subcommands([&](const CLI::App* each) { return each->get_name() == *name; });
    const auto* asked = name->empty() ? &app : found.empty() ? nullptr : found.front();
    if (asked == nullptr) {
      std::fprintf(stderr, "error: weir help: %s\n", unknownCommand(app, *name).c_str());
      exitCode = kUsage;
      return;
    }
    const auto text = asked == &app ? app.help() : asked->help(app.get_name());
    std::fwrite(text.data(), 1, text.size(), stdout);
  });
}

}  // namespace weir::cli
