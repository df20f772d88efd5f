// ProjectFolder: the flow files of a folder, and their drafts in a store.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "apps/cli/serve/project-disk.h"
#include "service/resources/project/project.h"
#include "service/store/store.h"

namespace weir::cli {

/// Each file DIR/…/NAME.flow.json is a flow, in the folder in which it lies. Requests change the draft, which the store
/// keeps; Save writes the file. What somebody else changes on the disk comes into the draft within about a second:
/// merged three ways with what both came from (DIR/.weir/base/), where the two conflict as the draft says; that is
/// told on standard error and kept beside the base, and Save asks before it writes over the file.
///
/// A file that moves takes its flow along, one that goes away puts it into the bin, and one that comes back takes it
/// out of there: where the draft has nothing of its own and nothing is published. Otherwise Save asks. The other way
/// round Save moves the file of a flow that was moved, and removes that of a flow in the bin.
///
/// Files that are symbolic links, or lie behind one, are no files of the project.
class ProjectFolder final : public api::ProjectFiles {
 public:
  /// Only of a folder that open() has looked at.
  ProjectFolder(ProjectDisk disk, store::Store& store) : disk_(std::move(disk)), store_(store) {}
  /// Reads all files into the store, which outlives it and is thread-safe, and watches them from then on. Files that
  /// are no flows are told and passed over.
  [[nodiscard]] static Result<std::unique_ptr<ProjectFolder>> open(ProjectDisk disk, store::Store& store);
  ~ProjectFolder() override;

  Result<Saved> save(const store::Flow& flow, bool takeDraft) override;
  using FileReport = api::ProjectFiles::File;
  FileReport fileOf(const store::FlowHead& flow) override;

 private:
  struct File {
    std::string path;                    // below the folder; empty: it has none any more
    std::string stamp;                   // of the file when it was read: time and size
    std::string base;                    // canonical; what the file and the draft both came from
    std::vector<std::string> conflicts;  // since the last Save: what both changed
    std::string basePath;                // where the file was when the flow was last in the folder of it
    int missed = 0;                      // looks that have not found it
  };
  using Files = std::map<std::string, File>;
  /// A file that is no flow, and why.
  struct Refused {
    std::string stamp, why;
  };

  Result<void> prepare();
  void readBases();
  void watch();
  void readAll();
  void lookForGone();
  Result<void> settleGone(const std::string& id);
  Result<void> follow(const std::string& id, File& file);
  Result<void> comeBack(const std::string& path, const store::Flow& draft, const std::string& text);
  void forget(Files::iterator found);
  Result<void> readOne(const std::string& path, const std::string& stamp);
  Result<void> takeOver(const std::string& id, const std::string& path, const std::string& text);
  Result<void> setBase(const std::string& id, File& file, std::string text);
  Result<void> setBasePath(const std::string& id, File& file);
  Result<Saved> removeFile(const store::FlowHead& flow, bool takeDraft);
  Result<void> mayWrite(const store::FlowHead& flow, const File& file, const std::string& target, bool takeDraft) const;
  [[nodiscard]] std::string besideBase(const std::string& id, std::string_view ending) const;
  [[nodiscard]] std::string problemOf(const std::string& path) const;
  Result<void> setConflicts(const std::string& id, std::vector<std::string> conflicts);

  ProjectDisk disk_;
  store::Store& store_;
  std::mutex mutex_;
  Files files_;                             // by the flow's id
  std::map<std::string, Refused> refused_;  // by path; told
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread watcher_;
};

}  // namespace weir::cli
