// Save: the file becomes what the draft is, unless that would lose what somebody else has written.
#include <algorithm>
#include <filesystem>
#include <ranges>
#include <string_view>
#include <system_error>
#include <utility>

#include "apps/cli/as-code/flow-folder.h"
#include "apps/cli/command.h"
#include "apps/cli/serve/project-folder.h"
#include "apps/cli/serve/project-paths.h"
#include "service/api/folder-name.h"

namespace weir::cli {
namespace fs = std::filesystem;
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : "; ") + text;
  return all;
}

/// Hidden folders are not looked through: what is written there would be no flow's file, and may be git's or ours.
Result<void> checkNames(const store::FlowHead& flow) {
  for (const auto part : std::views::split(flow.folder, '/')) {
    const std::string_view name(part.begin(), part.end());
    if (flow.folder.empty() || isPlainName(name)) continue;
    return fail("storage.invalid", api::folderInWords(flow.folder) + " is no place for a file of the project: '" +
                                       std::string(name) + "' is passed over there; move the flow");
  }
  if (isPlainName(flow.id)) return {};
  return fail("storage.invalid", "'" + flow.id + "' is no name of a file; give the flow another id");
}

/// Where Save writes: in the folder of the flow, under the name that the file has.
std::string targetOf(const store::FlowHead& flow, const std::string& path) {
  const auto name = path.empty() ? flow.id + ".flow.json" : fs::path(path).filename().string();
  return flow.folder.empty() ? name : flow.folder + "/" + name;
}

constexpr std::string_view kTake = "save with take=draft";

}  // namespace

/// Why the file cannot be read as it is now; empty: it can.
std::string ProjectFolder::problemOf(const std::string& path) const {
  const auto refused = refused_.find(path);
  const bool still = !path.empty() && refused != refused_.end() && refused->second.stamp == disk_.stamp(path);
  return still ? refused->second.why : std::string();
}

ProjectFolder::FileReport ProjectFolder::fileOf(const store::FlowHead& flow) {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(flow.id);
  if (found == files_.end()) return {};
  const auto& file = found->second;
  FileReport report{file.path, file.conflicts, problemOf(file.path)};
  if (flow.binnedAt) {
    report.conflicts.push_back("the flow is in the bin, and its file is there; Save removes it");
  } else if (!file.path.empty() && folderPart(file.path) != flow.folder) {
    const bool byDisk = folderPart(file.path) != folderPart(file.basePath);
    report.conflicts.push_back("the file is in " + api::folderInWords(folderPart(file.path)) + ", and the flow in " +
                               api::folderInWords(flow.folder) + (byDisk ? "; Save asks" : "; Save moves the file"));
  }
  return report;
}

/// What is on the disk may be another's work.
Result<void> ProjectFolder::mayWrite(const store::FlowHead& flow, const File& file, const std::string& target,
                                     bool takeDraft) const {
  const auto stamp = disk_.stamp(file.path);
  const auto problem = problemOf(file.path);
  const auto asks = std::string(kTake) + (flow.binnedAt ? ", which removes it" : ", which writes the draft over it");
  if (!takeDraft && !problem.empty()) {
    return fail("storage.conflict", "the file " + file.path + " was changed on the disk and is no flow now (" +
                                        problem + "); mend it there, or " + asks);
  }
  if (!takeDraft && !file.conflicts.empty()) {
    return fail("storage.conflict",
                "the file " + file.basePath + " and the draft were both changed, and the draft has its own in it: " +
                    joined(file.conflicts) + ". Put into the draft what is to hold, then " + std::string(kTake));
  }
  if (!takeDraft && !file.path.empty() && folderPart(file.path) != folderPart(file.basePath) && target != file.path) {
    return fail("storage.conflict", "the file was moved to " + file.path + " on the disk, and the flow is in " +
                                        api::folderInWords(flow.folder) + "; move the flow there, or " +
                                        std::string(kTake) + ", which moves the file to " + target);
  }
  if (problem.empty() && !file.path.empty() && !stamp.empty() && stamp != file.stamp) {
    return fail("storage.changed",
                "the file " + file.path +
                    " was changed on the disk, and the change comes into the draft; look at it, and save again");
  }
  return {};
}

Result<ProjectFolder::Saved> ProjectFolder::removeFile(const store::FlowHead& flow, bool takeDraft) {
  const auto found = files_.find(flow.id);
  if (found == files_.end()) return Saved{};
  const auto path = found->second.path;
  WEIR_TRY(mayWrite(flow, found->second, path, takeDraft));
  bool removed = false;
  if (!path.empty()) {
    WEIR_ASSIGN(removed, disk_.remove(path));
  }
  forget(found);
  return Saved{path, removed};
}

Result<ProjectFolder::Saved> ProjectFolder::save(const store::Flow& flow, bool takeDraft) {
  const std::lock_guard lock(mutex_);
  const auto& head = flow.head;
  if (head.binnedAt) return removeFile(head, takeDraft);
  auto found = files_.find(head.id);
  const auto former = found == files_.end() ? std::string() : found->second.path;
  const auto target = targetOf(head, former);
  if (found != files_.end()) WEIR_TRY(mayWrite(head, found->second, target, takeDraft));
  if (target != former) {
    WEIR_TRY(checkNames(head));
    if (!disk_.stamp(target).empty())
      return fail("storage.exists", "the file " + target + " is there, and has something else; move it away");
  }
  const auto stamp = disk_.stamp(target);
  const bool changed =
      target != former || stamp.empty() || stamp != found->second.stamp || found->second.base != flow.document;
  if (changed) WEIR_TRY(disk_.write(target, flow.document));
  if (target != former && !former.empty()) static_cast<void>(disk_.remove(former));
  if (found == files_.end()) {
    found = files_.emplace(head.id, File{.path = {}, .stamp = {}, .base = {}, .conflicts = {}, .basePath = {}}).first;
  }
  auto& file = found->second;
  file.path = target;
  file.stamp = disk_.stamp(target);
  file.missed = 0;
  WEIR_TRY(setBase(head.id, file, flow.document));
  WEIR_TRY(setBasePath(head.id, file));
  WEIR_TRY(setConflicts(head.id, {}));
  return Saved{target, changed};
}

}  // namespace weir::cli
