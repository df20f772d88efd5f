// The folder of sockets, and its dead.
#include "hosts/native/run-sockets.h"

#include <dirent.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace weir::native {
namespace {

std::unexpected<Error> failed(std::string_view what, const std::string& path) {
  return fail("files.io", std::string(what) + " '" + path + "': " + std::strerror(errno));
}

Result<sockaddr_un> addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail("files.io",
                "the path of a run's socket is too long: '" + path + "'; set XDG_RUNTIME_DIR to a shorter one");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<Descriptor> socketOf() {
  Descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (made.get() < 0) return fail("files.io", std::string("cannot make a socket: ") + std::strerror(errno));
  return made;
}

/// 0, or why nobody answers.
int tryConnect(int socket, const sockaddr_un& address) {
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

void removeDead(const std::string& folder) {
  for (const auto& run : socketsIn(folder)) {
    const auto path = folder + "/" + run;
    const auto address = addressOf(path);
    const auto socket = socketOf();
    if (!address || !socket) continue;
    if (tryConnect(socket->get(), *address) == ECONNREFUSED) ::unlink(path.c_str());
  }
}

}  // namespace

Result<std::string> runFolder() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const char* temporary = std::getenv("TMPDIR");
  struct stat info{};
  const bool given = runtime != nullptr && *runtime == '/' && ::stat(runtime, &info) == 0 && S_ISDIR(info.st_mode);
  const auto folder = given ? std::string(runtime) + "/weir"
                            : std::string(temporary != nullptr && *temporary == '/' ? temporary : "/tmp") + "/weir-" +
                                  std::to_string(::getuid());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail("files.denied", "cannot make the folder of runs '" + folder + "': " + std::strerror(errno));
  }
  // In a folder that all may write to, somebody else may have been first.
  if (::lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) || info.st_uid != ::getuid() ||
      (info.st_mode & 0022) != 0) {
    return fail("files.denied",
                "'" + folder + "' is no folder that only you can write to; remove it, or set XDG_RUNTIME_DIR");
  }
  return folder;
}

Result<Descriptor> listenAs(const std::string& folder, std::string_view run) {
  removeDead(folder);
  const auto path = folder + "/" + std::string(run);
  WEIR_ASSIGN(const auto address, addressOf(path));
  WEIR_ASSIGN(auto socket, socketOf());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failed("cannot listen at", path);
  // Nobody connects before it listens.
  if (::chmod(path.c_str(), 0600) != 0 || ::listen(socket.get(), 128) != 0) {
    const auto error = failed("cannot listen at", path);
    ::unlink(path.c_str());
    return error;
  }
  return socket;
}

std::vector<std::string> socketsIn(const std::string& folder) {
  std::vector<std::string> names;
  auto* listing = ::opendir(folder.c_str());
  if (listing == nullptr) return names;
  while (const auto* entry = ::readdir(listing)) {
    struct stat info{};
    const auto path = folder + "/" + entry->d_name;
    if (::lstat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode)) names.emplace_back(entry->d_name);
  }
  ::closedir(listing);
  std::ranges::sort(names);
  return names;
}

Result<Descriptor> connectTo(const std::string& folder, std::string_view run) {
  const auto path = folder + "/" + std::string(run);
  WEIR_ASSIGN(const auto address, addressOf(path));
  WEIR_ASSIGN(auto socket, socketOf());
  const int why = tryConnect(socket.get(), address);
  if (why == 0) return socket;
  if (why == ECONNREFUSED || why == ENOENT) return fail("run.not_found", "the run '" + std::string(run) + "' is over");
  return fail("files.io", "cannot reach the run '" + std::string(run) + "': " + std::strerror(why));
}

}  // namespace weir::native
