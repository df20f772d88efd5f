// Mounts: which folders a run may see, and what a path in a flow means.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::native {

/// Where a path lies, and the folder that it may not leave.
struct Resolved {
  std::string root;      // the folder's path
  std::string relative;  // below root, normalised; "" is the root itself
  /// The person named exactly this path, `root`: links on its way are what they meant, and `relative` is empty.
  bool named = false;
  bool writes = true;  // else it is only read
};

class Mounts {
 public:
  /// A relative `folder` counts from the working folder of this moment.
  void add(std::string name, std::string folder);
  /// An absolute path or glob of the flow is a mount of its own: what it names, what lies below it or below the folder
  /// that the glob starts from, and the part file beside it.
  void addAbsolute(std::string_view pattern);

  /// A mount of a server: no absolute path leads into it, and without `writes` it is only read.
  void give(std::string name, std::string folder, bool writes);

  /// `mount:relative`, or relative to the mount `project`, or absolute. Errors: files.unknown_mount,
  /// files.outside_mount (a path that leaves its mount by "..", or absolute and in no mount).
  [[nodiscard]] Result<Resolved> resolve(std::string_view path) const;
  /// The same for a folder that is to be made: it may also lie on the way to an absolute path.
  [[nodiscard]] Result<Resolved> resolveFolder(std::string_view path) const;

 private:
  [[nodiscard]] Result<Resolved> resolveAbsolute(std::string_view path) const;

  struct Mount {
    std::string folder;
    bool writes = true;
  };
  std::map<std::string, Mount, std::less<>> mounts_;  // by name
  bool given_ = false;                                // by a server
  std::set<std::string, std::less<>> named_;          // absolute paths that may be opened as they stand
  std::set<std::string, std::less<>> onTheWay_;       // the folders above those
  std::set<std::string, std::less<>> roots_;          // absolute folders below which all may be opened
};

}  // namespace weir::native
