// MemoryGroups: bounds of memory that the system itself keeps engine processes to, where the server was given a part of
// the tree of cgroups (version 2, controller `memory`) for its own: each process is in a group below it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "engine/data/error.h"

namespace weir::engines {

/// What a process takes beside what its runs are charged for: its program, its threads, its libraries.
inline constexpr std::int64_t kProcessBytes = std::int64_t{256} << 20;

/// The group of one process; removed with it, once the process has ended. One thread.
class MemoryGroup {
 public:
  explicit MemoryGroup(std::string folder) : folder_(std::move(folder)) {}
  ~MemoryGroup();
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  /// The process and those that it starts are in it from here on.
  Result<void> take(pid_t process) const;
  /// What its runs may have, all together; 0: no bound. A bound is raised, and never lowered: what the process has
  /// taken for a run that ended it may have still, and the system would end it for that.
  void bound(std::int64_t bytes);
  [[nodiscard]] std::int64_t boundBytes() const { return bytes_; }
  /// The system has ended a process of the group because the group had no more memory.
  [[nodiscard]] bool wasKilled() const;

 private:
  std::string folder_;
  std::int64_t bytes_ = -1;  // as it was written; 0: no bound, -1: nothing yet
};

/// Where the server is in the tree.
struct MemoryPlace {
  std::string mount;  // of the tree: /sys/fs/cgroup
  std::string self;   // what /proc/self/cgroup says
  pid_t process = 0;  // the server's own
};
[[nodiscard]] MemoryPlace memoryPlaceOfThis();

/// One thread.
class MemoryGroups {
 public:
  /// Makes the part ready: the server itself moves into the group `front`, for no process may be where there are groups
  /// with bounds. Error `host.missing` with the reason: there is no such tree, it is not the server's, or others are in
  /// its part; then nothing is changed.
  [[nodiscard]] static Result<std::unique_ptr<MemoryGroups>> open(const MemoryPlace& place);
  explicit MemoryGroups(std::string folder) : folder_(std::move(folder)) {}

  [[nodiscard]] Result<std::unique_ptr<MemoryGroup>> make();
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::int64_t made_ = 0;
};

}  // namespace weir::engines
