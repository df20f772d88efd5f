// weir nodes, version, completion: what this program knows.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "apps/cli/command.h"
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

void printOne(const NodeType& type) {
  std::printf("%s %s: %s\n%s\n", type.id.c_str(), type.version.c_str(), type.name.c_str(), type.description.c_str());
  const auto ports = [](const char* title, const std::vector<PortSpec>& list) {
    std::printf("%s:", title);
    for (const auto& port : list) std::printf(" %s%s", port.name.c_str(), port.required ? " (required)" : "");
    std::printf("\n");
  };
  ports("inputs", type.inputs);
  ports("outputs", type.outputs);
  std::printf("settings:\n");
  for (const auto& setting : type.settings) {
    const auto value =
        setting.defaultValue != nullptr ? "  default " + json::write(*setting.defaultValue) : std::string();
    std::printf("  %-18s %s%s%s\n", setting.name.c_str(), setting.help.c_str(), setting.required ? "  (required)" : "",
                value.c_str());
  }
}

Result<int> listNodes(const NodesArguments& arguments, const Shared& shared) {
  WEIR_ASSIGN(const auto catalogue, loadCatalogue(shared));
  if (!arguments.id.empty()) {
    const auto* type = catalogue.newestOf(arguments.id);
    if (type == nullptr) {
      return fail("flow.unknown_type", "there is no node '" + arguments.id + "'; the nearest is '" +
                                           std::string(catalogue.nearest(arguments.id)) + "'");
    }
    if (arguments.schema) {
      std::printf("%s\n", json::write(settingsJsonSchema(*type), json::Layout::pretty).c_str());
    } else if (arguments.json) {
      std::printf("%s\n", json::write(type->document.root(), json::Layout::pretty).c_str());
    } else {
      printOne(*type);
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

/// Every command and its options, for the shell to complete.
std::string bashCompletion(const CLI::App& app) {
  std::string names;
  std::string cases;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names += " " + command->get_name();
    std::string options;
    for (const auto* option : command->get_options()) {
      for (const auto& name : option->get_lnames()) options += " --" + name;
    }
    cases += "    " + command->get_name() + ") words=\"" + options.substr(options.empty() ? 0 : 1) + "\" ;;\n";
  }
  return "_weir() {\n  local current=\"${COMP_WORDS[COMP_CWORD]}\" words=\"\"\n  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    words=\"" +
         names.substr(1) + "\"\n  else\n    case \"${COMP_WORDS[1]}\" in\n" + cases +
         "    esac\n  fi\n  COMPREPLY=($(compgen -W \"$words\" -- \"$current\") $(compgen -f -- "
         "\"$current\"))\n}\ncomplete -o filenames -F _weir weir\n";
}

}  // namespace

void addNodes(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand("nodes", "List the nodes there are, or explain one");
  auto arguments = std::make_shared<NodesArguments>();
  command->add_option("id", arguments->id, "A node, such as logic/filter");
  command->add_option("--nodes", shared.nodeFolders, "A folder of node packages (may be repeated)");
  command->add_flag("--json", arguments->json, "As JSON (schema.json)");
  command->add_flag("--schema", arguments->schema, "The settings of the node as JSON Schema");
  command->callback([arguments, &shared, &exitCode] {
    const auto code = listNodes(*arguments, shared);
    finish(code, exitCode);
  });
}

void addVersion(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand("version", "Say which engine this is");
  command->callback([&shared, &exitCode] {
    const auto catalogue = loadCatalogue(shared);
    std::printf("weir %.*s\nflow documents %.*s\nnodes %zu\nvectors %s\n", static_cast<int>(kEngineVersion.size()),
                kEngineVersion.data(), static_cast<int>(flow::kDocumentVersion.size()), flow::kDocumentVersion.data(),
                catalogue ? catalogue->all().size() : std::size_t{0}, simd::hasAvx2() ? "AVX2" : "baseline");
    exitCode = catalogue ? kDone : kFailed;
  });
}

void addCompletion(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand("completion", "Print completions for a shell:  source <(weir completion bash)");
  auto shell = std::make_shared<std::string>("bash");
  command->add_option("shell", *shell, "bash, or zsh (through bashcompinit)")->check(CLI::IsMember({"bash", "zsh"}));
  command->callback([&app, shell, &exitCode] {
    const auto text = (*shell == "zsh" ? std::string("autoload -U +X bashcompinit && bashcompinit\n") : std::string()) +
                      bashCompletion(app);
    std::fwrite(text.data(), 1, text.size(), stdout);
    exitCode = kDone;
  });
}

}  // namespace weir::cli
