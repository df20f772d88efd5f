// flock on a file that says whose it is.
#include "hosts/native/sealing/data-lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "hosts/native/file-errors.h"

namespace weir::native {

Result<DataLock> DataLock::take(const std::string& dataFolder) {
  const auto path = dataFolder + "/" + kFile;
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.isOpen()) return std::unexpected(fileError(errno, path, "open"));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
    const auto owner = std::to_string(::getpid()) + "\n";
    const bool written = ::ftruncate(file.get(), 0) == 0 &&
                         ::pwrite(file.get(), owner.data(), owner.size(), 0) == static_cast<ssize_t>(owner.size());
    static_cast<void>(written);  // only for the other's message
    return DataLock(std::move(file));
  }
  if (errno != EWOULDBLOCK) return std::unexpected(fileError(errno, path, "lock"));
  std::array<char, 16> digits{};
  const auto size = ::pread(file.get(), digits.data(), digits.size(), 0);
  std::string owner;
  for (const char c : std::string_view(digits.data(), size > 0 ? static_cast<std::size_t>(size) : 0)) {
    if (c < '0' || c > '9') break;
    owner += c;
  }
  return fail("server.busy", "another process" + (owner.empty() ? std::string() : " (" + owner + ")") +
                                 " has the data folder '" + dataFolder +
                                 "': one server at a time has it. Stop that one first, or name another with --data");
}

}  // namespace weir::native
