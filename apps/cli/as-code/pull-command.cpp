// weir pull: writes a server's flows into a folder.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <ranges>

#include "apps/cli/arguments.h"
#include "apps/cli/as-code/server-plan.h"
#include "apps/cli/command.h"
#include "apps/cli/git-program.h"
#include "engine/flow/describe-diff.h"
#include "engine/flow/format.h"

namespace weir::cli {
namespace fs = std::filesystem;
namespace {

struct PullArguments {
  ServerArguments server;
  std::string folder, base;
  bool published = false, force = false;
};

/// Where a flow that no file has comes to be. What a server says is no path here until it was looked at.
Result<std::string> newPath(const PullArguments& arguments, const ServerFlow& flow) {
  auto path = arguments.folder;
  const auto folder = below(arguments.base, flow.folder);
  for (const auto part : std::views::split(folder, '/')) {
    const std::string name(part.begin(), part.end());
    if (folder.empty()) break;
    if (!isPlainName(name))
      return fail("server.protocol", "the server names a folder '" + flow.folder + "', which is no path here");
    path += "/" + name;
  }
  if (!isPlainName(flow.id))
    return fail("server.protocol", "the server names a flow '" + flow.id + "', which is no name of a file here");
  return path + "/" + flow.id + ".flow.json";
}

/// Whether git has what stands in a file, so that writing it loses nothing.
bool isKeptByGit(const std::string& path) {
  const auto folder = fs::path(path).parent_path().string();
  const auto name = fs::path(path).filename().string();
  const auto known = runGit({"-C", folder, "ls-files", "--error-unmatch", "--", name});
  const auto status = runGit({"-C", folder, "status", "--porcelain", "--", name});
  return known && known->code == 0 && status && status->code == 0 && status->out.empty();
}

struct Counts {
  int made = 0, changed = 0, same = 0, held = 0;
};

Result<void> write(const std::string& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error) return fail("files.io", "cannot make the folder of '" + path + "': " + error.message());
  return writeText(path, text);
}

Result<void> pullOne(ServerClient& server, const ServerFlow& flow, const FolderFlow* file,
                     const PullArguments& arguments, Counts& counts) {
  if (arguments.published && flow.publishedVersion == 0) return {};
  WEIR_ASSIGN(const auto document, readDocument(server, flow.id, arguments.published ? flow.publishedVersion : 0));
  if (document.id != flow.id)
    return fail("server.protocol", "the flow '" + flow.id + "' has a document of '" + document.id + "'");
  const auto text = flow::formatFlow(document);
  if (file == nullptr) {
    WEIR_ASSIGN(const auto path, newPath(arguments, flow));
    std::error_code unknown;
    if (fs::exists(fs::symlink_status(path, unknown)))
      return fail("files.exists", "'" + path + "' is there, and has another flow; move it away");
    WEIR_TRY(write(path, text));
    std::printf("+ %s\n", path.c_str());
    ++counts.made;
    return {};
  }
  if (file->text == text) {
    ++counts.same;
    return {};
  }
  const auto diff = flow::diffFlows(file->document, document, {.all = true});
  if (!arguments.force && !isKeptByGit(file->path)) {
    std::printf("! %s: %s; left as it is: git does not have it, --force takes the server's\n", file->path.c_str(),
                flow::summaryOf(diff).c_str());
    ++counts.held;
    return {};
  }
  WEIR_TRY(write(file->path, text));
  std::printf("~ %s: %s\n", file->path.c_str(), flow::summaryOf(diff).c_str());
  ++counts.changed;
  return {};
}

Result<int> pull(const PullArguments& arguments) {
  std::error_code error;
  fs::create_directories(arguments.folder, error);
  WEIR_ASSIGN(const auto files, readFlowFolder(arguments.folder, arguments.base));
  std::map<std::string_view, const FolderFlow*> byId;
  for (const auto& file : files) byId.emplace(file.document.id, &file);
  WEIR_ASSIGN(const auto server, ServerClient::make(arguments.server));
  WEIR_ASSIGN(const auto flows, listFlows(*server, arguments.base));
  Counts counts;
  for (const auto& flow : flows) {
    const auto known = byId.find(flow.id);
    WEIR_TRY(pullOne(*server, flow, known == byId.end() ? nullptr : known->second, arguments, counts));
  }
  std::printf("%d made, %d changed, %d as they are", counts.made, counts.changed, counts.same);
  if (counts.held > 0) std::printf(", %d held back", counts.held);
  std::printf("\n");
  return counts.held > 0 ? kFailed : kDone;
}

}  // namespace

void addPull(CLI::App& app, int& exitCode) {
  auto arguments = std::make_shared<PullArguments>();
  auto* command = app.add_subcommand("pull",
                                     "Write a server's flows into a folder: the inverse of weir apply.\n"
                                     "A file is only overwritten if git has what stands in it.");
  command->add_option("DIR", arguments->folder, "The folder; it is made if it is not there")->required();
  addServerOptions(*command, arguments->server);
  command
      ->add_option("--folder", arguments->base,
                   "The folder of the server that DIR is, such as team/reports; the root unless said")
      ->type_name("FOLDER");
  command->add_flag("--published", arguments->published, "The published versions instead of the documents as they are");
  command->add_flag("--force", arguments->force, "Overwrite files that git does not have too");
  addFooter(*command, "0 done\n1 some files were held back\n2 a document, the server or the token is not right",
            "weir pull flows --server https://weir.example.com --folder team\ngit diff flows");
  command->callback([arguments, &exitCode] { finish(pull(*arguments), exitCode); });
}

}  // namespace weir::cli
