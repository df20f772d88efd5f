// ProjectDisk: the files of a project, none of which a symbolic link would have outside its folder.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

#include "engine/data/error.h"
#include "hosts/native/descriptor.h"

namespace weir::cli {

/// What a project keeps of its own, which nobody else reads.
constexpr std::string_view kOwnFolder = ".weir";

/// Paths are those below the folder ("reports/daily.flow.json"). No link in them is followed, wherever it leads: those
/// who choose the names of folders and flows are not those who own the machine. Which link it is the error says,
/// `storage.conflict`.
class ProjectDisk {
 public:
  /// `umask`: what is taken from the rights of new files and folders; those of kOwnFolder are the owner's alone.
  ProjectDisk(std::string folder, mode_t umask) : folder_(std::move(folder)), umask_(umask) {}
  [[nodiscard]] const std::string& folder() const { return folder_; }

  [[nodiscard]] Result<std::string> read(std::string_view path) const;
  /// Another one after each change of the file; empty: it is not there. Of a link: its own.
  [[nodiscard]] std::string stamp(std::string_view path) const;
  /// False where nobody can tell.
  [[nodiscard]] bool isGone(std::string_view path) const;
  /// Whole or not at all, with the rights of the file that was there. Makes the folders that are missing.
  [[nodiscard]] Result<void> write(std::string_view path, std::string_view text) const;
  /// Whether it was there.
  [[nodiscard]] Result<bool> remove(std::string_view path) const;
  [[nodiscard]] Result<void> makeFolders(std::string_view path) const;
  /// That a part of the path that is there already is no link.
  [[nodiscard]] Result<void> check(std::string_view path) const;

 private:
  /// A name in an open folder.
  struct Spot {
    native::Descriptor folder;
    std::string name;
  };
  [[nodiscard]] Result<Spot> spotOf(std::string_view path, bool make) const;
  [[nodiscard]] mode_t modeFor(std::string_view path, mode_t most) const;

  std::string folder_;
  mode_t umask_;
};

}  // namespace weir::cli
