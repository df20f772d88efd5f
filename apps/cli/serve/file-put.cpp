// Written beside its place, synced, and then renamed.
#include "apps/cli/serve/file-put.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "hosts/native/descriptor.h"
#include "hosts/native/file-errors.h"

namespace weir::cli {
namespace {

using native::Descriptor;
using native::fileError;

/// What stays free for the store and others.
constexpr std::uint64_t kReserveBytes = std::uint64_t{256} << 20;

std::unexpected<Error> failed(const PutFile& file) {
  return std::unexpected(fileError(errno, std::string(file.path), "write"));
}

std::unexpected<Error> isNoFolder(const PutFile& file, std::string_view part) {
  return fail("files.outside_mount", "'" + std::string(file.path) + "': '" + std::string(part) +
                                         "' is a link or no folder, and nothing is put through it; name another place");
}

/// The folder in which the file is to be.
Result<Descriptor> folderFor(int folder, const PutFile& file, std::string_view way) {
  Descriptor here(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!here.isOpen()) return failed(file);
  while (!way.empty()) {
    const std::string part(way.substr(0, way.find('/')));
    way.remove_prefix(std::min(way.size(), part.size() + 1));
    if (::mkdirat(here.get(), part.c_str(), 0777) != 0 && errno != EEXIST) return failed(file);
    Descriptor next(::openat(here.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.isOpen() && (errno == ELOOP || errno == ENOTDIR)) return isNoFolder(file, part);
    if (!next.isOpen()) return failed(file);
    here = std::move(next);
  }
  return here;
}

Result<void> hasRoom(int folder, const PutFile& file) {
  struct statvfs disk{};
  if (::fstatvfs(folder, &disk) != 0) return {};
  if (std::uint64_t{disk.f_bavail} * disk.f_frsize >= kReserveBytes + file.bytes.size()) return {};
  return fail("files.disk_full", "'" + std::string(file.path) +
                                     "' has no room: 256 MiB of the disk are kept free; delete something there first");
}

Result<void> writeAll(int to, const PutFile& file) {
  auto rest = file.bytes;
  while (!rest.empty()) {
    const auto wrote = ::write(to, rest.data(), rest.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return failed(file);
    rest.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (::fsync(to) != 0) return failed(file);
  return {};
}

Result<void> takesItsName(int folder, const std::string& making, const std::string& name, const PutFile& file) {
  const int done = file.onlyNew ? ::renameat2(folder, making.c_str(), folder, name.c_str(), RENAME_NOREPLACE)
                                : ::renameat(folder, making.c_str(), folder, name.c_str());
  if (done == 0) return {};
  if (errno == EEXIST) return fail("storage.exists", "'" + std::string(file.path) + "' is there already");
  return failed(file);
}

}  // namespace

Result<bool> putFile(int folder, const PutFile& file) {
  static std::atomic<std::uint64_t> made = 0;
  const auto slash = file.path.rfind('/');
  const std::string name(file.path.substr(slash == std::string_view::npos ? 0 : slash + 1));
  WEIR_ASSIGN(const auto here,
              folderFor(folder, file, file.path.substr(0, slash == std::string_view::npos ? 0 : slash)));
  struct stat before{};
  const bool there = ::fstatat(here.get(), name.c_str(), &before, AT_SYMLINK_NOFOLLOW) == 0;
  if (there && !S_ISREG(before.st_mode)) {
    return fail("files.outside_mount",
                "'" + std::string(file.path) + "' is a link or a folder there, and is not replaced");
  }
  if (there && file.onlyNew) return fail("storage.exists", "'" + std::string(file.path) + "' is there already");
  WEIR_TRY(hasRoom(here.get(), file));
  const auto making = ".weir-put-" + std::to_string(::getpid()) + "-" + std::to_string(++made);
  const Descriptor to(::openat(here.get(), making.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!to.isOpen()) return failed(file);
  auto written = writeAll(to.get(), file);
  if (written && there && ::fchmod(to.get(), before.st_mode & 0777U) != 0) written = failed(file);
  if (written) written = takesItsName(here.get(), making, name, file);
  if (!written) {
    ::unlinkat(here.get(), making.c_str(), 0);
    return std::unexpected(std::move(written.error()));
  }
  if (::fsync(here.get()) != 0) return failed(file);
  return !there;
}

}  // namespace weir::cli
