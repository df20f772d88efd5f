// weir seal: holds a folder against the seal of a run.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/progress.h"
#include "apps/cli/seal/seal-check.h"
#include "engine/node/version.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

constexpr int kSame = 0, kDifferent = 1;

struct CheckArguments {
  std::string seal, folder, flow;
  std::vector<std::string> mounts;
};

std::string countText(std::size_t count, const char* one) {
  return grouped(static_cast<std::int64_t>(count)) + " " + one + (count == 1 ? "" : "s");
}

/// The flow that was named, or the one of the seal's name in the folder; nothing if there is none.
Result<std::optional<flow::FlowDocument>> flowFor(const CheckArguments& arguments, const Seal& seal,
                                                  const std::string& folder) {
  auto path = arguments.flow;
  if (path.empty()) {
    path = folder + "/" + seal.flow + ".flow.json";
    std::error_code error;
    const bool plain = seal.flow.find('/') == std::string::npos;
    if (!plain || !std::filesystem::is_regular_file(path, error)) return std::nullopt;
  }
  auto document = readFlow(path);
  if (!document) return fail("flow.invalid", "'" + path + "' is no flow that could be held against the seal");
  return document;
}

Result<int> check(const CheckArguments& arguments) {
  WEIR_ASSIGN(const auto text, readText(arguments.seal));
  auto parsed = parseSeal(text);
  if (!parsed) return fail(parsed.error().code, "'" + arguments.seal + "': " + parsed.error().message);
  const auto& seal = *parsed;
  SealCheck check;
  const auto beside = arguments.seal == "-" ? "." : folderOf(arguments.seal);
  check.folder = arguments.folder.empty() ? beside : arguments.folder;
  if (!isFolder(check.folder)) return fail("files.not_found", "--in: '" + check.folder + "' is no folder");
  check.sealedFolder = arguments.folder.empty() ? std::string() : beside;
  WEIR_ASSIGN(check.mounts, namedTexts(arguments.mounts, "--mount"));
  for (const auto& [name, folder] : check.mounts) {
    if (!isFolder(folder)) return fail("files.not_found", "--mount " + name + ": '" + folder + "' is no folder");
  }
  WEIR_ASSIGN(const auto document, flowFor(arguments, seal, check.folder));
  WEIR_ASSIGN(auto differences, differencesFrom(seal, check));
  if (document) {
    if (auto other = flowDifference(seal, *document); !other.empty())
      differences.insert(differences.begin(), std::move(other));
  }
  if (!differences.empty()) {
    for (const auto& difference : differences) std::printf("%s\n", difference.c_str());
    return kDifferent;
  }
  std::printf("identical, byte for byte: %s%s, %s (seal %s)\n", document ? "the flow, " : "",
              countText(seal.inputs.size(), "input").c_str(), countText(seal.outputs.size(), "output").c_str(),
              shortDigest(digestOf(seal)).c_str());
  if (seal.engine != kEngineVersion) std::printf("it was sealed by engine %s\n", printable(seal.engine).c_str());
  return kSame;
}

}  // namespace

void addSeal(CLI::App& app, int& exitCode) {
  auto* command =
      app.add_subcommand("seal",
                         "Hold files against the seal of a run ('weir run --seal').\nA seal has the digests "
                         "of a flow, of what it read and of what it wrote.");
  command->require_subcommand(1);
  addFooter(*command, "0 what was asked for was done\n1 something differs\n2 wrong arguments, or no seal",
            "weir run orders.flow.json --seal orders.seal.json\nweir seal check orders.seal.json");
  auto* checking = command->add_subcommand(
      "check",
      "Say whether a folder has what the sealed run had.\nThe flow, its inputs and its outputs, or the first cell that "
      "differs. Nothing is run, and nothing is written.");
  auto arguments = std::make_shared<CheckArguments>();
  checking->add_option("FILE", arguments->seal, "The seal; - for standard input")->required();
  checking
      ->add_option("--in", arguments->folder,
                   "The folder of the flow, where the files are; default: the one that the seal lies in")
      ->type_name("FOLDER");
  addRepeated(*checking, "--mount", arguments->mounts, "NAME=DIR", "A folder that the seal names as NAME:path");
  checking
      ->add_option("--flow", arguments->flow,
                   "The flow document; default: the one of the seal's name in the folder, if it is there")
      ->type_name("FILE");
  addFooter(*checking, "0 identical, byte for byte\n1 something differs\n2 no seal, or files that cannot be read",
            "weir run orders.flow.json --seal orders.seal.json\nweir seal check orders.seal.json\n"
            "weir seal check orders.seal.json --in /srv/copy");
  checking->callback([arguments, &exitCode] {
    const auto code = check(*arguments);
    if (!code) printError(code.error());
    exitCode = code ? *code : kUsage;
  });
}

}  // namespace weir::cli
