// What a server gives of its machine to the runs of a folder: its mounts, opened, and its network policy.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "service/engines/engines.h"
#include "service/resources/folders/folder-guard.h"
#include "service/store/runs.h"

namespace weir::cli {

class MachineGuard final : public api::FolderGuard {
 public:
  /// `forbidden`: files and folders of the server itself; no mount is one of them, lies in one or holds one.
  /// `allow`: what flows of all folders may connect to, beside what their folder allows.
  /// `files`: where the files of folders are.
  explicit MachineGuard(std::vector<std::string> forbidden, std::vector<std::string> allow = {}, std::string files = {})
      : forbidden_(std::move(forbidden)), allow_(std::move(allow)), files_(std::move(files)) {}
  Result<api::MountReport> look(const std::string& directory, bool writes) override;
  Result<bool> put(const api::FileToPut& file) override;
  Result<void> check(const folders::Network& network) override;

  /// The folder, if a mount may be it. It is looked at anew each time: folders are renamed, and links changed.
  [[nodiscard]] Result<std::shared_ptr<const engines::OpenFolder>> open(const std::string& directory) const;
  /// Gives an order what its folder has. `files`: where the files of folders are, for the mount `project`; empty: it
  /// has that already.
  [[nodiscard]] Result<void> furnish(folders::FolderBook& book, const std::string& files, const std::string& folder,
                                     engines::EngineOrder& order) const;

 private:
  std::vector<std::string> forbidden_, allow_;
  std::string files_;
};

/// Where the server itself answers and what it uses, as addresses with ports: runs do not connect there unasked.
/// `address` is that of the listener, such as http://127.0.0.1:8080; `urls` are of databases and the like.
[[nodiscard]] std::vector<std::string> ownAddresses(const std::string& address, const std::vector<std::string>& urls);

}  // namespace weir::cli
