// Files and drafts, kept together.
#include "apps/cli/serve/project-folder.h"

#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "apps/cli/as-code/flow-folder.h"
#include "apps/cli/command.h"
#include "engine/flow/flow-merge.h"
#include "engine/flow/format.h"
#include "engine/text/printable.h"
#include "engine/text/url.h"
#include "service/store/sql/database.h"

namespace weir::cli {
namespace fs = std::filesystem;
using store::sql::waitFor;

namespace {

/// Another one after each change of the file; empty: it is not there.
std::string stampOf(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return {};
  return std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec) + " " +
         std::to_string(found.st_size) + " " + std::to_string(found.st_ino);
}

std::string folderPart(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

void tell(const std::string& path, const std::string& what) {
  std::fprintf(stderr, "weir: %s: %s\n", printable(path).c_str(), printable(what).c_str());
}

store::FlowChange changeTo(const flow::FlowDocument& document) {
  store::FlowChange change;
  change.description = document.description;
  change.document = flow::formatFlow(document);
  auto& tags = change.tags.emplace();
  const auto* given = document.source.root().findPointer("/metadata/tags");
  if (given == nullptr || given->asArray() == nullptr) return change;
  for (const auto& tag : *given->asArray()) {
    if (tag.isString()) tags.push_back(*tag.asString());
  }
  return change;
}

/// The draft with what was changed on the disk; conflicts are told.
Result<std::string> merged(const std::string& path, const std::string& base, const std::string& draft,
                           const std::string& disk) {
  const auto ours = flow::parseFlow(draft), theirs = flow::parseFlow(disk);
  if (!ours) return std::unexpected(flow::toError(ours.error()));
  if (!theirs) return std::unexpected(flow::toError(theirs.error()));
  const auto from = flow::parseFlow(base);
  const auto merge = flow::mergeFlows(from ? &*from : nullptr, *ours, *theirs);
  if (!merge) return std::unexpected(flow::toError(merge.error()));
  for (const auto& conflict : merge->conflicts)
    tell(path, "changed on the disk and in the draft, which stays as it is there: " + conflict.where);
  return merge->text;
}

}  // namespace

Result<std::unique_ptr<ProjectFolder>> ProjectFolder::open(std::string folder, store::Store& store) {
  auto project = std::make_unique<ProjectFolder>(std::move(folder), store);
  WEIR_TRY(project->prepare());
  project->readAll();
  project->watcher_ = std::thread([raw = project.get()] { raw->watch(); });
  return project;
}

ProjectFolder::~ProjectFolder() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  if (watcher_.joinable()) watcher_.join();
}

Result<void> ProjectFolder::prepare() {
  if (!isFolder(folder_)) return fail("files.not_found", "--project: '" + folder_ + "' is no folder");
  std::error_code error;
  fs::create_directories(folder_ + "/.weir/base", error);
  if (error) return fail("files.io", "cannot make '" + folder_ + "/.weir': " + error.message());
  // What is in there is this machine's alone.
  return writeText(folder_ + "/.weir/.gitignore", "*\n");
}

void ProjectFolder::watch() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    ended_.wait_for(lock, std::chrono::milliseconds(500));
    if (ending_) return;
    lock.unlock();
    readAll();
    lock.lock();
  }
}

std::string ProjectFolder::basePath(const std::string& id) const {
  return folder_ + "/.weir/base/" + percentEncoded(id) + ".json";
}

void ProjectFolder::readAll() {
  const auto paths = flowFilesBelow(folder_, fs::directory_options::skip_permission_denied);
  if (!paths) {
    const auto& why = paths.error().message;
    const std::lock_guard lock(mutex_);
    if (std::exchange(refused_[""], why) != why) tell(folder_, why);
    return;
  }
  for (const auto& path : *paths) {
    const auto name = path.lexically_relative(folder_).generic_string();
    const auto stamp = stampOf(path.string());
    const std::lock_guard lock(mutex_);
    if (stamp.empty() || refused_[name] == stamp) continue;
    if (auto read = readOne(name, stamp); !read) {
      tell(name, read.error().message);
      refused_[name] = stamp;
    }
  }
}

Result<void> ProjectFolder::readOne(const std::string& path, const std::string& stamp) {
  for (const auto& [id, file] : files_) {
    if (file.path == path && file.stamp == stamp) return {};
  }
  WEIR_ASSIGN(const auto text, readText(folder_ + "/" + path));
  const auto document = flow::parseFlow(text);
  if (!document) return std::unexpected(flow::toError(document.error()));
  const auto& id = document->id;
  auto found = files_.find(id);
  std::error_code error;
  if (found != files_.end() && found->second.path != path) {
    if (fs::exists(folder_ + "/" + found->second.path, error)) {
      return fail("flow.invalid",
                  "its id '" + id + "' is also that of " + found->second.path + "; give it another one");
    }
    found->second.path = path;  // it was renamed
  }
  if (found == files_.end()) {
    File file{.path = path, .stamp = {}, .base = {}};
    if (auto base = readText(basePath(id))) file.base = std::move(*base);
    found = files_.emplace(id, std::move(file)).first;
  }
  const auto canonical = flow::formatFlow(*document);
  if (canonical != found->second.base) {
    WEIR_TRY(takeOver(id, path, canonical));
    WEIR_TRY(setBase(id, found->second, canonical));
  }
  found->second.stamp = stamp;
  return {};
}

Result<void> ProjectFolder::takeOver(const std::string& id, const std::string& path, const std::string& text) {
  const auto parse = [](const std::string& of) -> Result<flow::FlowDocument> {
    auto document = flow::parseFlow(of);
    if (!document) return std::unexpected(flow::toError(document.error()));
    return std::move(*document);
  };
  const auto draft = waitFor(store_.read(id, {}));
  if (!draft) {
    if (draft.error().code != "storage.not_found") return std::unexpected(draft.error());
    WEIR_ASSIGN(const auto document, parse(text));
    auto change = changeTo(document);
    change.folder = folderPart(path);
    WEIR_TRY(waitFor(store_.create(id, std::move(change), {})));
    return {};
  }
  if (draft->head.binnedAt || draft->document == text) return {};
  auto next = text;
  if (draft->document != files_.at(id).base) {
    WEIR_ASSIGN(next, merged(path, files_.at(id).base, draft->document, text));
  }
  if (next == draft->document) return {};
  WEIR_ASSIGN(const auto document, parse(next));
  // Whoever changed the draft meanwhile goes first: the next look merges again.
  WEIR_TRY(waitFor(store_.replace(id, draft->head.revision, changeTo(document), {})));
  return {};
}

Result<void> ProjectFolder::setBase(const std::string& id, File& file, std::string text) {
  WEIR_TRY(writeText(basePath(id), text));
  file.base = std::move(text);
  return {};
}

Result<ProjectFolder::Saved> ProjectFolder::save(const store::Flow& flow) {
  const std::lock_guard lock(mutex_);
  const auto& id = flow.head.id;
  auto found = files_.find(id);
  if (found == files_.end()) {
    if (!isPlainName(id)) return fail("storage.invalid", "'" + id + "' is no name of a file; give the flow another id");
    const auto below = flow.head.folder.empty() ? "" : flow.head.folder + "/";
    File file{.path = below + id + ".flow.json", .stamp = {}, .base = {}};
    std::error_code error;
    if (fs::exists(folder_ + "/" + file.path, error))
      return fail("storage.exists", "the file " + file.path + " is there, and has something else; move it away");
    fs::create_directories(fs::path(folder_ + "/" + file.path).parent_path(), error);
    if (error) return fail("files.io", "cannot make the folder of " + file.path + ": " + error.message());
    found = files_.emplace(id, std::move(file)).first;
  }
  auto& file = found->second;
  const auto path = folder_ + "/" + file.path;
  const auto stamp = stampOf(path);
  if (!stamp.empty() && stamp != file.stamp) {
    return fail("storage.changed",
                "the file " + file.path +
                    " was changed on the disk, and the change comes into the draft; look at it, and save again");
  }
  const bool changed = stamp.empty() || file.base != flow.document;
  if (changed) {
    WEIR_TRY(writeText(path, flow.document));
  }
  file.stamp = stampOf(path);
  WEIR_TRY(setBase(id, file, flow.document));
  return Saved{file.path, changed};
}

}  // namespace weir::cli
