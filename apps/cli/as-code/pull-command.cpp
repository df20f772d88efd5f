// weir pull: writes a server's flows into a folder.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/as-code/pull-plan.h"
#include "apps/cli/command.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace fs = std::filesystem;
namespace {

using Change = PulledFile::Change;

struct PullArguments {
  ServerArguments server;
  PullRequest request;
};

Result<void> write(const std::string& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error) return fail("files.io", "cannot make the folder of '" + path + "': " + error.message());
  return writeText(path, text);
}

Result<void> remove(const std::string& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) return fail("files.io", "cannot delete '" + path + "': " + error.message());
  return {};
}

Result<void> carryOut(const PulledFile& file) {
  switch (file.change) {
    case Change::made:
    case Change::changed:
      return write(file.path, file.text);
    case Change::moved:
      WEIR_TRY(write(file.path, file.text));
      return remove(file.former);
    case Change::removed:
      return remove(file.path);
    case Change::same:
    case Change::left:
    case Change::held:
      return {};
  }
  return {};
}

const char* signOf(Change change) {
  switch (change) {
    case Change::made:
      return "+";
    case Change::changed:
    case Change::moved:
      return "~";
    case Change::removed:
      return "-";
    case Change::held:
      return "!";
    case Change::same:
    case Change::left:
      return "=";
  }
  return "";
}

void tell(const PulledFile& file) {
  if (file.change == Change::same) return;
  const auto from = file.former.empty() ? std::string() : printable(file.former) + " → ";
  std::printf("%s %s%s%s%s\n", signOf(file.change), from.c_str(), printable(file.path).c_str(),
              file.why.empty() ? "" : ": ", printable(file.why).c_str());
}

void tellCounts(std::map<Change, int>& counts) {
  std::printf("%d made, %d changed, %d as they are", counts[Change::made], counts[Change::changed],
              counts[Change::same]);
  if (counts[Change::moved] > 0) std::printf(", %d moved", counts[Change::moved]);
  if (counts[Change::removed] > 0) std::printf(", %d deleted", counts[Change::removed]);
  if (counts[Change::left] > 0) std::printf(", %d only here", counts[Change::left]);
  if (counts[Change::held] > 0) std::printf(", %d held back", counts[Change::held]);
  std::printf("\n");
}

Result<int> pull(const PullArguments& arguments) {
  const auto& request = arguments.request;
  std::error_code error;
  std::vector<FolderFlow> files;
  if (fs::exists(request.root, error)) {
    WEIR_ASSIGN(files, readFlowFolder(request.root, request.base));
  }
  WEIR_ASSIGN(const auto server, ServerClient::make(arguments.server));
  WEIR_ASSIGN(const auto plan, pullPlanFor(*server, files, request));
  fs::create_directories(request.root, error);
  std::map<Change, int> counts;
  for (const auto& file : plan) {
    WEIR_TRY(carryOut(file));
    tell(file);
    ++counts[file.change];
  }
  tellCounts(counts);
  return counts[Change::held] > 0 ? kFailed : kDone;
}

}  // namespace

void addPull(CLI::App& app, int& exitCode) {
  auto arguments = std::make_shared<PullArguments>();
  auto& request = arguments->request;
  auto* command = app.add_subcommand("pull",
                                     "Write a server's flows into a folder: the inverse of weir apply.\n"
                                     "A file is only overwritten, moved or deleted if git has what stands in it.");
  command->add_option("DIR", request.root, "The folder; it is made if it is not there")->required();
  addServerOptions(*command, arguments->server);
  command
      ->add_option("--folder", request.base,
                   "The folder of the server that DIR is, such as team/reports; the root unless said")
      ->type_name("FOLDER");
  command->add_flag("--published", request.published, "The published versions instead of the documents as they are");
  command->add_flag("--prune", request.prune, "Delete files whose flows are not in that folder of the server any more");
  command->add_flag("--force", request.force, "Overwrite, move and delete files that git does not have too");
  addFooter(*command, "0 done\n1 some files were held back\n2 a document, the server or the token is not right",
            "weir pull flows --server https://weir.example.com --folder team\ngit diff flows");
  command->callback([arguments, &exitCode] { finish(pull(*arguments), exitCode); });
}

}  // namespace weir::cli
