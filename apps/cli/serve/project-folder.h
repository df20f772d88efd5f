// ProjectFolder: the flow files of a folder, and their drafts in a store.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "service/resources/project/project.h"
#include "service/store/store.h"

namespace weir::cli {

/// Each file DIR/…/NAME.flow.json is a flow, in the folder in which it lies. Requests change the draft, which the store
/// keeps; Save writes the file. What somebody else changes on the disk comes into the draft within about a second:
/// merged three ways with what both came from (DIR/.weir/base/), where the two conflict as the draft says, which is
/// told on standard error. A file that goes away leaves its draft.
class ProjectFolder final : public api::ProjectFiles {
 public:
  /// Only of a folder that open() has looked at.
  ProjectFolder(std::string folder, store::Store& store) : folder_(std::move(folder)), store_(store) {}
  /// Reads all files into the store, which outlives it and is thread-safe, and watches them from then on. Files that
  /// are no flows are told and passed over.
  [[nodiscard]] static Result<std::unique_ptr<ProjectFolder>> open(std::string folder, store::Store& store);
  ~ProjectFolder() override;

  Result<Saved> save(const store::Flow& flow) override;

 private:
  struct File {
    std::string path;   // below the folder
    std::string stamp;  // of the file when it was read: time and size
    std::string base;   // canonical; what the file and the draft both came from
  };

  Result<void> prepare();
  void watch();
  void readAll();
  Result<void> readOne(const std::string& path, const std::string& stamp);
  Result<void> takeOver(const std::string& id, const std::string& path, const std::string& text);
  Result<void> setBase(const std::string& id, File& file, std::string text);
  [[nodiscard]] std::string basePath(const std::string& id) const;

  std::string folder_;
  store::Store& store_;
  std::mutex mutex_;
  std::map<std::string, File> files_;           // by the flow's id
  std::map<std::string, std::string> refused_;  // by path: the stamp of what was told to be no flow
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread watcher_;
};

}  // namespace weir::cli
