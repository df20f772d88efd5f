// Mounts: which folders a run may see, and what a path in a flow means.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/error.h"

namespace weir::native {

/// Where a path lies: an open-able absolute name, and the folder that it may not leave.
struct Resolved {
  std::string root;      // absolute, without trailing '/'
  std::string relative;  // below root, normalised; "" is the root itself
  [[nodiscard]] std::string absolute() const { return relative.empty() ? root : root + "/" + relative; }
};

class Mounts {
 public:
  void add(std::string name, std::string folder, bool writable = true);
  /// `weir run` lets absolute paths through: each is a mount of its own fixed prefix.
  void allowAbsolute(bool allow) { absolute_ = allow; }

  /// `mount:relative`, or relative to the mount `project`, or absolute. Errors: files.unknown_mount,
  /// files.outside_mount (a path that leaves its mount by "..").
  [[nodiscard]] Result<Resolved> resolve(std::string_view path) const;

 private:
  std::vector<std::pair<std::string, std::string>> mounts_;
  bool absolute_ = false;
};

}  // namespace weir::native
