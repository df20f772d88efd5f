// Files and drafts, kept together.
#include "apps/cli/serve/project-folder.h"

#include <sys/stat.h>

#include <algorithm>
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

/// The draft with what was changed on the disk.
Result<flow::FlowMerge> merged(const std::string& base, const std::string& draft, const std::string& disk) {
  const auto ours = flow::parseFlow(draft), theirs = flow::parseFlow(disk);
  if (!ours) return std::unexpected(flow::toError(ours.error()));
  if (!theirs) return std::unexpected(flow::toError(theirs.error()));
  const auto from = flow::parseFlow(base);
  auto merge = flow::mergeFlows(from ? &*from : nullptr, *ours, *theirs);
  if (!merge) return std::unexpected(flow::toError(merge.error()));
  return std::move(*merge);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : "; ") + text;
  return all;
}

/// One a line; none: no file.
Result<void> writeConflicts(const std::string& path, const std::vector<std::string>& conflicts) {
  std::error_code ignored;
  if (conflicts.empty()) {
    fs::remove(path, ignored);
    return {};
  }
  std::string text;
  for (const auto& conflict : conflicts) text += printable(conflict) + "\n";
  return writeText(path, text);
}

std::vector<std::string> readConflicts(const std::string& path) {
  std::vector<std::string> conflicts;
  const auto text = readText(path);
  if (!text) return conflicts;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    conflicts.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return conflicts;
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
    if (std::exchange(refused_[""].why, why) != why) tell(folder_, why);
    return;
  }
  for (const auto& path : *paths) {
    const auto name = path.lexically_relative(folder_).generic_string();
    const auto stamp = stampOf(path.string());
    const std::lock_guard lock(mutex_);
    if (stamp.empty() || refused_[name].stamp == stamp) continue;
    if (auto read = readOne(name, stamp); !read) {
      tell(name, read.error().message);
      refused_[name] = {stamp, read.error().message};
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
    File file{.path = path, .stamp = {}, .base = {}, .conflicts = readConflicts(conflictsPath(id))};
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
  if (draft->document == text) return setConflicts(id, {});
  if (draft->head.binnedAt) return {};
  auto next = text;
  if (draft->document != files_.at(id).base) {
    WEIR_ASSIGN(auto merge, merged(files_.at(id).base, draft->document, text));
    next = std::move(merge.text);
    auto conflicts = files_.at(id).conflicts;
    for (const auto& conflict : merge.conflicts) {
      tell(path, "changed on the disk and in the draft, which stays as it is there: " + conflict.where);
      auto what = conflict.where + ": " + conflict.message;
      if (!std::ranges::contains(conflicts, what)) conflicts.push_back(std::move(what));
    }
    WEIR_TRY(setConflicts(id, std::move(conflicts)));
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

std::string ProjectFolder::conflictsPath(const std::string& id) const {
  return folder_ + "/.weir/base/" + percentEncoded(id) + ".conflicts";
}

Result<void> ProjectFolder::setConflicts(const std::string& id, std::vector<std::string> conflicts) {
  auto& file = files_.at(id);
  if (file.conflicts == conflicts) return {};
  WEIR_TRY(writeConflicts(conflictsPath(id), conflicts));
  file.conflicts = std::move(conflicts);
  return {};
}

/// Why the file cannot be read as it is now; empty: it can.
std::string ProjectFolder::problemOf(const std::string& path) const {
  const auto refused = refused_.find(path);
  const bool still = refused != refused_.end() && refused->second.stamp == stampOf(folder_ + "/" + path);
  return still ? refused->second.why : std::string();
}

ProjectFolder::FileReport ProjectFolder::fileOf(const std::string& flow) {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(flow);
  if (found == files_.end()) return {};
  return {found->second.path, found->second.conflicts, problemOf(found->second.path)};
}

Result<ProjectFolder::Saved> ProjectFolder::save(const store::Flow& flow, bool takeDraft) {
  const std::lock_guard lock(mutex_);
  const auto& id = flow.head.id;
  auto found = files_.find(id);
  if (found == files_.end()) {
    if (!isPlainName(id)) return fail("storage.invalid", "'" + id + "' is no name of a file; give the flow another id");
    const auto below = flow.head.folder.empty() ? "" : flow.head.folder + "/";
    File file{.path = below + id + ".flow.json", .stamp = {}, .base = {}, .conflicts = {}};
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
  const auto problem = problemOf(file.path);
  if (!takeDraft && !problem.empty()) {
    return fail("storage.conflict", "the file " + file.path + " was changed on the disk and is no flow now (" +
                                        problem +
                                        "); mend it there, or save with take=draft, which writes the draft over it");
  }
  if (!takeDraft && !file.conflicts.empty()) {
    return fail("storage.conflict",
                "the file " + file.path + " and the draft were both changed, and the draft has its own in it: " +
                    joined(file.conflicts) + ". Put into the draft what is to hold, then save with take=draft");
  }
  if (problem.empty() && !stamp.empty() && stamp != file.stamp) {
    return fail("storage.changed",
                "the file " + file.path +
                    " was changed on the disk, and the change comes into the draft; look at it, and save again");
  }
  const bool changed = stamp != file.stamp || stamp.empty() || file.base != flow.document;
  if (changed) {
    WEIR_TRY(writeText(path, flow.document));
  }
  file.stamp = stampOf(path);
  WEIR_TRY(setBase(id, file, flow.document));
  WEIR_TRY(setConflicts(id, {}));
  return Saved{file.path, changed};
}

}  // namespace weir::cli
