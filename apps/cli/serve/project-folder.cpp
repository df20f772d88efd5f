// Files and drafts, kept together.
#include "apps/cli/serve/project-folder.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include "apps/cli/as-code/flow-folder.h"
#include "apps/cli/command.h"
#include "apps/cli/serve/project-paths.h"
#include "apps/cli/serve/server-words.h"
#include "engine/flow/flow-merge.h"
#include "engine/flow/format.h"
#include "engine/text/printable.h"
#include "engine/text/url.h"
#include "service/api/folder-name.h"
#include "service/store/sql/database.h"

namespace weir::cli {
namespace fs = std::filesystem;
using store::sql::waitFor;

namespace {

/// A file is gone when so many looks have not found it.
constexpr int kLooks = 2;
constexpr std::string_view kBases = ".weir/base";
constexpr std::string_view kDeleted = "the file was deleted on the disk: ";
constexpr std::string_view kBaseEnding = ".json", kPathEnding = ".path", kConflictsEnding = ".conflicts";

void tell(const std::string& path, const std::string& what) { say(LogLevel::warning, path + ": " + what); }

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

/// One a line; none: no file.
Result<void> writeConflicts(const ProjectDisk& disk, const std::string& path,
                            const std::vector<std::string>& conflicts) {
  if (conflicts.empty()) {
    WEIR_TRY(disk.remove(path));
    return {};
  }
  std::string text;
  for (const auto& conflict : conflicts) text += printable(conflict) + "\n";
  return disk.write(path, text);
}

std::vector<std::string> readConflicts(const ProjectDisk& disk, const std::string& path) {
  std::vector<std::string> conflicts;
  const auto text = disk.read(path);
  if (!text) return conflicts;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    conflicts.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return conflicts;
}

}  // namespace

Result<std::unique_ptr<ProjectFolder>> ProjectFolder::open(ProjectDisk disk, store::Store& store) {
  auto project = std::make_unique<ProjectFolder>(std::move(disk), store);
  WEIR_TRY(project->prepare());
  project->readBases();
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
  if (!isFolder(disk_.folder())) return fail("files.not_found", "--project: '" + disk_.folder() + "' is no folder");
  WEIR_TRY(disk_.makeFolders(kBases));
  // What is in there is this machine's alone.
  return disk_.write(std::string(kOwnFolder) + "/.gitignore", "*\n");
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

std::string ProjectFolder::besideBase(const std::string& id, std::string_view ending) const {
  return std::string(kBases) + "/" + percentEncoded(id) + std::string(ending);
}

/// What was known of files when the server ended: they may have moved or gone since.
void ProjectFolder::readBases() {
  const auto pathOf = [this](std::string_view below) { return disk_.folder() + "/" + std::string(below); };
  std::error_code error;
  for (fs::directory_iterator at(pathOf(kBases), error), end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    if (!name.ends_with(kPathEnding)) continue;
    const auto id = percentDecoded(name.substr(0, name.size() - kPathEnding.size()));
    auto path = disk_.read(std::string(kBases) + "/" + name);
    if (!id || !path || path->empty()) continue;
    auto base = disk_.read(besideBase(*id, kBaseEnding));
    if (!base) continue;
    files_.emplace(*id, File{.path = *path,
                             .stamp = {},
                             .base = std::move(*base),
                             .conflicts = readConflicts(disk_, besideBase(*id, kConflictsEnding)),
                             .basePath = *path});
  }
}

void ProjectFolder::readAll() {
  const auto paths = flowFilesBelow(disk_.folder(), fs::directory_options::skip_permission_denied);
  if (!paths) {
    const auto& why = paths.error().message;
    const std::lock_guard lock(mutex_);
    if (std::exchange(refused_[""].why, why) != why) tell(disk_.folder(), why);
    return;
  }
  for (const auto& path : *paths) {
    const auto name = path.lexically_relative(disk_.folder()).generic_string();
    const auto stamp = disk_.stamp(name);
    const std::lock_guard lock(mutex_);
    if (stamp.empty() || refused_[name].stamp == stamp) continue;
    if (auto read = readOne(name, stamp); !read) {
      // Somebody changed the draft meanwhile: the next look takes that in.
      if (read.error().code == "storage.changed") continue;
      tell(name, read.error().message);
      refused_[name] = {stamp, read.error().message};
    }
  }
  lookForGone();
}

/// A file may be away for a moment while somebody replaces it.
void ProjectFolder::lookForGone() {
  const std::lock_guard lock(mutex_);
  // Nothing follows from a folder that is not there at all.
  if (!isFolder(disk_.folder() + "/" + std::string(kBases))) return;
  std::vector<std::string> gone, back;
  for (auto& [id, file] : files_) {
    const bool away = file.path.empty() || disk_.isGone(file.path);
    if (!away && file.missed >= kLooks) back.push_back(id);
    file.missed = away ? std::min(file.missed + 1, kLooks + 1) : 0;
    if (file.missed == kLooks) gone.push_back(id);
  }
  for (const auto& id : back) {
    auto conflicts = files_.at(id).conflicts;
    std::erase_if(conflicts, [](const std::string& one) { return one.starts_with(kDeleted); });
    static_cast<void>(setConflicts(id, std::move(conflicts)));
  }
  for (const auto& id : gone) {
    if (auto settled = settleGone(id); !settled) {
      files_.at(id).missed = 0;  // it is tried again
      const auto& why = settled.error().message;
      if (std::exchange(refused_["\n" + id].why, why) != why) tell(id, why);
    }
  }
}

/// The flow of a file that is gone goes too, unless somebody would lose something.
Result<void> ProjectFolder::settleGone(const std::string& id) {
  const auto found = files_.find(id);
  auto& file = found->second;
  const auto draft = waitFor(store_.read(id, {}));
  if (!draft && draft.error().code != "storage.not_found") return std::unexpected(draft.error());
  if (!draft || draft->head.binnedAt) {
    forget(found);
    return {};
  }
  const auto& head = draft->head;
  if (draft->document == file.base && head.publishedVersion == 0) {
    WEIR_TRY(waitFor(store_.bin(id, head.revision, {})));
    tell(file.basePath, "it is gone, and its flow '" + id + "' lies in the bin");
    forget(found);
    return {};
  }
  const std::string why = head.publishedVersion > 0 ? "a version of the flow is published" : "the draft has changes";
  auto conflicts = file.conflicts;
  auto what = std::string(kDeleted) + file.basePath + ", and " + why;
  if (std::ranges::contains(conflicts, what)) return {};
  tell(file.basePath, "it is gone, and its flow '" + id + "' stays: " + why);
  conflicts.push_back(std::move(what));
  return setConflicts(id, std::move(conflicts));
}

void ProjectFolder::forget(Files::iterator found) {
  for (const auto ending : {kBaseEnding, kPathEnding, kConflictsEnding}) {
    static_cast<void>(disk_.remove(besideBase(found->first, ending)));
  }
  files_.erase(found);
}

Result<void> ProjectFolder::readOne(const std::string& path, const std::string& stamp) {
  for (const auto& [id, file] : files_) {
    if (file.path == path && file.stamp == stamp) return {};
  }
  WEIR_ASSIGN(const auto text, disk_.read(path));
  const auto document = flow::parseFlow(text);
  if (!document) return std::unexpected(flow::toError(document.error()));
  const auto& id = document->id;
  auto found = files_.find(id);
  if (found != files_.end() && found->second.path != path) {
    const auto& former = found->second.path;
    if (!former.empty() && !disk_.isGone(former)) {
      return fail("flow.invalid", "its id '" + id + "' is also that of " + former + "; give it another one");
    }
    found->second.path = path;  // it was renamed
  }
  // Of a file that has another id now the former flow has none.
  for (auto& [other, file] : files_) {
    if (other != id && file.path == path) file.path = file.stamp = {};
  }
  if (found == files_.end()) {
    File file{.path = path,
              .stamp = {},
              .base = {},
              .conflicts = readConflicts(disk_, besideBase(id, kConflictsEnding)),
              .basePath = path};
    if (auto base = disk_.read(besideBase(id, kBaseEnding))) file.base = std::move(*base);
    found = files_.emplace(id, std::move(file)).first;
  }
  auto& file = found->second;
  const auto canonical = flow::formatFlow(*document);
  if (canonical != file.base) {
    WEIR_TRY(takeOver(id, path, canonical));
    WEIR_TRY(setBase(id, file, canonical));
  }
  WEIR_TRY(follow(id, file));
  file.stamp = stamp;
  return {};
}

/// A flow that is not published goes with its file; what is published runs with the rights of its folder, and is moved
/// by whoever may do that.
Result<void> ProjectFolder::follow(const std::string& id, File& file) {
  const auto draft = waitFor(store_.read(id, {}));
  if (!draft && draft.error().code == "storage.not_found") return {};  // it was deleted for good
  if (!draft) return std::unexpected(draft.error());
  const auto& head = draft->head;
  const auto now = folderPart(file.path);
  const bool moved = now != folderPart(file.basePath) && head.folder == folderPart(file.basePath);
  if (moved && head.publishedVersion == 0 && !head.binnedAt) {
    store::FlowChange change;
    change.folder = now;
    WEIR_TRY(waitFor(store_.replace(id, head.revision, std::move(change), {})));
    return setBasePath(id, file);
  }
  if (head.folder == now || now == folderPart(file.basePath)) return setBasePath(id, file);
  tell(file.path, "its flow '" + id + "' stays in " + api::folderInWords(head.folder));
  return {};
}

/// A file whose flow went into the bin with it.
Result<void> ProjectFolder::comeBack(const std::string& path, const store::Flow& draft, const std::string& text) {
  const auto& id = draft.head.id;
  WEIR_ASSIGN(const auto head, waitFor(store_.restore(id, draft.head.revision, {})));
  const auto document = flow::parseFlow(text);
  if (!document) return std::unexpected(flow::toError(document.error()));
  auto change = changeTo(*document);
  change.folder = folderPart(path);
  WEIR_TRY(waitFor(store_.replace(id, head.revision, std::move(change), {})));
  return setConflicts(id, {});
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
  const auto& base = files_.at(id).base;
  if (draft->head.binnedAt && base.empty()) return comeBack(path, *draft, text);
  if (draft->head.binnedAt) {
    tell(path, "it was changed on the disk, and its flow '" + id + "' lies in the bin");
    return setConflicts(id, {"the file was changed on the disk after the flow was put into the bin"});
  }
  if (draft->document == text) return setConflicts(id, {});
  auto next = text;
  if (draft->document != base) {
    WEIR_ASSIGN(auto merge, merged(base, draft->document, text));
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
  WEIR_TRY(disk_.write(besideBase(id, kBaseEnding), text));
  file.base = std::move(text);
  return {};
}

Result<void> ProjectFolder::setBasePath(const std::string& id, File& file) {
  const auto kept = besideBase(id, kPathEnding);
  if (file.basePath == file.path && !disk_.stamp(kept).empty()) return {};
  WEIR_TRY(disk_.write(kept, file.path));
  file.basePath = file.path;
  return {};
}

Result<void> ProjectFolder::setConflicts(const std::string& id, std::vector<std::string> conflicts) {
  auto& file = files_.at(id);
  if (file.conflicts == conflicts) return {};
  WEIR_TRY(writeConflicts(disk_, besideBase(id, kConflictsEnding), conflicts));
  file.conflicts = std::move(conflicts);
  return {};
}

}  // namespace weir::cli
