// Compares a server with a folder of flows.
#include "apps/cli/as-code/pull-plan.h"

#include <filesystem>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <utility>

#include "apps/cli/git-program.h"
#include "engine/flow/describe-diff.h"
#include "engine/flow/format.h"

namespace weir::cli {
namespace fs = std::filesystem;
namespace {

using Change = PulledFile::Change;

constexpr std::size_t kMostNameBytes = 255;  // of a file, on most disks

/// Whether git has what stands in a file, so that writing or deleting it loses nothing.
bool isKeptByGit(const std::string& path) {
  const auto folder = fs::path(path).parent_path().string();
  const auto name = fs::path(path).filename().string();
  const auto known = runGit({"-C", folder, "ls-files", "--error-unmatch", "--", name});
  const auto status = runGit({"-C", folder, "status", "--porcelain", "--", name});
  return known && known->code == 0 && status && status->code == 0 && status->out.empty();
}

std::string nameOf(const ServerFlow& flow) {
  return "'" + (flow.folder.empty() ? "" : flow.folder + "/") + flow.id + "'";
}

class Planner {
 public:
  Planner(ServerClient& server, const std::vector<FolderFlow>& files, const PullRequest& request)
      : server_(server), files_(files), request_(request) {}

  Result<std::vector<PulledFile>> plan() {
    std::map<std::string_view, const FolderFlow*> byId;
    for (const auto& file : files_) {
      byId.emplace(file.document.id, &file);
      taken_.insert(file.path);
    }
    WEIR_ASSIGN(const auto flows, listFlows(server_, request_.base));
    for (const auto& flow : flows) {
      const auto known = byId.find(flow.id);
      const auto* file = known == byId.end() ? nullptr : known->second;
      if (file != nullptr) byId.erase(known);
      WEIR_TRY(add(flow, file));
    }
    for (const auto& file : files_) {
      if (byId.contains(file.document.id)) WEIR_TRY(addLost(file));
    }
    return std::move(plan_);
  }

 private:
  /// The folder here in which a flow lies; nothing if none may have that name.
  std::optional<std::string> folderHere(const ServerFlow& flow) const {
    auto path = request_.root;
    const auto folder = below(request_.base, flow.folder);
    if (folder.empty()) return path;
    for (const auto part : std::views::split(folder, '/')) {
      const std::string name(part.begin(), part.end());
      if (!isPlainName(name)) return std::nullopt;
      path += "/" + name;
    }
    return path;
  }

  void hold(std::string path, std::string why) {
    plan_.push_back({.change = Change::held, .path = std::move(path), .former = {}, .why = std::move(why)});
  }

  /// Why nothing can be made at a path; empty: it can, and is taken from now on.
  std::string claim(const std::string& path) {
    std::error_code unknown;
    const bool there = fs::exists(fs::symlink_status(path, unknown));
    if (there || !taken_.insert(path).second) return "is there, and has another flow; move it away";
    return {};
  }

  Result<void> add(const ServerFlow& flow, const FolderFlow* file) {
    if (request_.published && flow.publishedVersion == 0) return {};
    const auto folder = folderHere(flow);
    if (!folder) {
      hold(nameOf(flow), "lies in a folder that can have no such name here; it is passed over");
      return {};
    }
    WEIR_ASSIGN(const auto document, readDocument(server_, flow.id, request_.published ? flow.publishedVersion : 0));
    if (document.id != flow.id)
      return fail("server.protocol", "the flow '" + flow.id + "' has a document of '" + document.id + "'");
    auto text = flow::formatFlow(document);
    if (file == nullptr) return make(flow, *folder, std::move(text));
    PulledFile pulled{.path = file->path, .former = {}, .text = std::move(text)};
    if (file->text != pulled.text) {
      pulled.change = Change::changed;
      pulled.why = flow::summaryOf(flow::diffFlows(file->document, document, {.all = true}));
    }
    if (file->folder != flow.folder) {
      pulled.why = "moves to " + (flow.folder.empty() ? "the root" : flow.folder) +
                   (pulled.why.empty() ? "" : "; " + pulled.why);
      pulled.change = Change::moved;
      pulled.former = file->path;
      pulled.path = *folder + "/" + fs::path(file->path).filename().string();
    }
    if (pulled.change != Change::same && !request_.force && !isKeptByGit(file->path)) {
      hold(file->path, pulled.why + "; left as it is: git does not have it, --force takes the server's");
      return {};
    }
    if (pulled.change == Change::moved) {
      if (auto why = claim(pulled.path); !why.empty()) {
        hold(file->path, "cannot move: '" + pulled.path + "' " + why);
        return {};
      }
    }
    plan_.push_back(std::move(pulled));
    return {};
  }

  Result<void> make(const ServerFlow& flow, const std::string& folder, std::string text) {
    const auto name = fileNameOf(flow.id) + ".flow.json";
    const auto path = folder + "/" + name;
    if (name.size() > kMostNameBytes) {
      hold(nameOf(flow), "has an id that is too long for the name of a file; it is passed over");
    } else if (auto why = claim(path); !why.empty()) {
      hold(path, std::move(why));
    } else {
      plan_.push_back({.change = Change::made, .path = path, .former = {}, .text = std::move(text)});
    }
    return {};
  }

  /// A file whose flow is not in the folder on the server.
  Result<void> addLost(const FolderFlow& file) {
    WEIR_ASSIGN(const auto found, findFlow(server_, file.document.id));
    std::string where = "the server has no such flow";
    if (found && found->inBin) where = "its flow is in the bin on the server";
    if (found && !found->inBin) where = "its flow is " + nameOf(found->flow) + " on the server";
    PulledFile pulled{.path = file.path, .former = {}};
    if (!request_.prune) {
      pulled.change = Change::left;
      pulled.why = where + "; the file stays (--prune deletes it, weir apply " +
                   (found && !found->inBin ? "moves the flow)" : "makes the flow)");
    } else if (!request_.force && !isKeptByGit(file.path)) {
      pulled.change = Change::held;
      pulled.why = where + "; left as it is: git does not have it, --force deletes it all the same";
    } else {
      pulled.change = Change::removed;
      pulled.why = where;
    }
    plan_.push_back(std::move(pulled));
    return {};
  }

  ServerClient& server_;
  const std::vector<FolderFlow>& files_;
  const PullRequest& request_;
  std::set<std::string> taken_;
  std::vector<PulledFile> plan_;
};

}  // namespace

Result<std::vector<PulledFile>> pullPlanFor(ServerClient& server, const std::vector<FolderFlow>& files,
                                            const PullRequest& request) {
  return Planner(server, files, request).plan();
}

}  // namespace weir::cli
