// Files of the tree of cgroups, read and written.
#include "service/engines/memory-groups.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

namespace weir::engines {
namespace {

constexpr std::string_view kFront = "front", kMemory = "memory";

std::unexpected<Error> missing(const std::string& why) {
  return fail("host.missing", "engine processes have no bound of memory of the system's: " + why);
}

std::optional<std::string> textOf(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool hasWord(const std::string& text, std::string_view word) {
  std::istringstream words(text);
  for (std::string one; words >> one;) {
    if (one == word) return true;
  }
  return false;
}

/// 0, or an errno. The system takes what is written at once, or not at all.
int put(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return errno;
  const auto size = ::write(file, text.data(), text.size());
  const int why = size == std::ssize(text) ? 0 : size < 0 ? errno : EIO;
  ::close(file);
  return why;
}

int makeGroup(const std::string& folder) { return ::mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST ? 0 : errno; }

/// The path behind `0::`, which is that of version 2.
std::optional<std::string> pathIn(const std::string& self) {
  std::istringstream lines(self);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("0::/")) return line.substr(3);
  }
  return std::nullopt;
}

/// Whether nobody is in the group but that process.
bool isAlone(const std::string& folder, pid_t process) {
  const auto members = textOf(folder + "/cgroup.procs");
  if (!members) return false;
  std::istringstream numbers(*members);
  for (std::int64_t one = 0; numbers >> one;) {
    if (one != process) return false;
  }
  return true;
}

/// Groups below the folder get the controller.
Result<void> handOn(const std::string& folder) {
  const auto control = folder + "/cgroup.subtree_control";
  if (const auto has = textOf(control); has && hasWord(*has, kMemory)) return {};
  if (const int why = put(control, "+memory"); why != 0)
    return missing("'" + control + "' cannot be written to: " + std::strerror(why));
  return {};
}

}  // namespace

MemoryPlace memoryPlaceOfThis() {
  std::string mount = "/sys/fs/cgroup";
  // Beside trees of version 1.
  if (::access((mount + "/cgroup.controllers").c_str(), R_OK) != 0) mount += "/unified";
  return {.mount = std::move(mount), .self = textOf("/proc/self/cgroup").value_or(""), .process = ::getpid()};
}

Result<std::unique_ptr<MemoryGroups>> MemoryGroups::open(const MemoryPlace& place) {
  auto path = pathIn(place.self);
  if (!path) return missing("there are no cgroups of version 2 here");
  while (path->ends_with('/')) path->pop_back();
  auto own = place.mount + *path;
  // systemd (DelegateSubgroup=front), or an earlier program in this process, has done the half of it.
  const bool inFront = path->ends_with("/" + std::string(kFront));
  auto folder = inFront ? own.substr(0, own.rfind('/')) : own;
  const auto controllers = textOf(folder + "/cgroup.controllers");
  if (!controllers) return missing("'" + folder + "' is no cgroup");
  if (!hasWord(*controllers, kMemory)) return missing("the controller 'memory' is not given to '" + folder + "'");
  if (::access((folder + "/cgroup.subtree_control").c_str(), W_OK) != 0 || ::access(folder.c_str(), W_OK) != 0)
    return missing("'" + folder + "' was not delegated to this user (Delegate=memory of systemd does that)");
  if (!isAlone(folder, place.process)) return missing("other processes are in '" + folder + "'");
  if (!inFront) {
    const auto front = folder + "/" + std::string(kFront);
    if (const int why = makeGroup(front); why != 0)
      return missing("'" + front + "' cannot be made: " + std::strerror(why));
    if (const int why = put(front + "/cgroup.procs", std::to_string(place.process)); why != 0)
      return missing("the server cannot move into '" + front + "': " + std::strerror(why));
  }
  WEIR_TRY(handOn(folder));
  return std::make_unique<MemoryGroups>(std::move(folder));
}

Result<std::unique_ptr<MemoryGroup>> MemoryGroups::make() {
  auto folder = folder_ + "/engine-" + std::to_string(++made_);
  // What a server that was killed has left tells of its own processes.
  ::rmdir(folder.c_str());
  if (const int why = makeGroup(folder); why != 0)
    return missing("'" + folder + "' cannot be made: " + std::strerror(why));
  // All of a process, or nothing of it.
  static_cast<void>(put(folder + "/memory.oom.group", "1"));
  return std::make_unique<MemoryGroup>(std::move(folder));
}

MemoryGroup::~MemoryGroup() { ::rmdir(folder_.c_str()); }

Result<void> MemoryGroup::take(pid_t process) const {
  if (const int why = put(folder_ + "/cgroup.procs", std::to_string(process)); why != 0)
    return missing("an engine process cannot move into '" + folder_ + "': " + std::strerror(why));
  return {};
}

void MemoryGroup::bound(std::int64_t bytes) {
  if (bytes_ == 0 || (bytes != 0 && bytes <= bytes_)) return;
  if (put(folder_ + "/memory.max", bytes == 0 ? std::string("max") : std::to_string(bytes)) == 0) bytes_ = bytes;
}

bool MemoryGroup::wasKilled() const {
  const auto events = textOf(folder_ + "/memory.events");
  if (!events) return false;
  std::istringstream lines(*events);
  std::string name;
  for (std::int64_t count = 0; lines >> name >> count;) {
    if (name == "oom_kill" && count > 0) return true;
  }
  return false;
}

}  // namespace weir::engines
