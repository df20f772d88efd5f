// Each part of a path is opened by itself, in the folder that is open already.
#include "apps/cli/serve/project-disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "hosts/native/file-errors.h"
#include "hosts/native/file-rights.h"

namespace weir::cli {
namespace {

using native::Descriptor;

std::unexpected<Error> linkRefused(std::string_view path) {
  return fail("storage.conflict",
              "'" + std::string(path) +
                  "' is a symbolic link, and a project reads and writes nothing through links; put what it leads to in "
                  "its place, or move the flow elsewhere");
}

std::unexpected<Error> refused(int number, std::string_view path, std::string_view verb) {
  auto error = native::fileError(number, path, verb);
  if (error.code == "files.disk_full") error.code = "storage.full";
  return std::unexpected(std::move(error));
}

bool isLink(int folder, const std::string& name) {
  struct stat found{};
  return ::fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(found.st_mode);
}

std::unexpected<Error> refusedAt(int folder, const std::string& name, std::string_view path, std::string_view verb) {
  const int number = errno;
  return isLink(folder, name) ? linkRefused(path) : refused(number, path, verb);
}

/// 0, or the errno.
int writeAll(int file, std::string_view text) {
  while (!text.empty()) {
    const auto count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

}  // namespace

mode_t ProjectDisk::modeFor(std::string_view path, mode_t most) const {
  const bool own = path == kOwnFolder || (path.starts_with(kOwnFolder) && path[kOwnFolder.size()] == '/');
  return most & ~(own ? mode_t{077} : umask_) & 0777;
}

Result<ProjectDisk::Spot> ProjectDisk::spotOf(std::string_view path, bool make) const {
  Spot spot;
  // The folder itself is named by whoever starts the server, and may be a link.
  spot.folder = Descriptor(::open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!spot.folder.isOpen()) return refused(errno, folder_, "open");
  for (std::size_t begin = 0;;) {
    const auto end = path.find('/', begin);
    spot.name = path.substr(begin, end == std::string_view::npos ? end : end - begin);
    if (spot.name.empty() || spot.name == "." || spot.name == "..")
      return fail("storage.invalid", "'" + std::string(path) + "' is no path in the project");
    if (end == std::string_view::npos) return spot;
    const auto shown = path.substr(0, end);
    const bool made = make && ::mkdirat(spot.folder.get(), spot.name.c_str(), 0700) == 0;
    if (make && !made && errno != EEXIST) return refused(errno, shown, "make the folder");
    const int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | (made ? O_RDONLY : O_PATH);
    Descriptor next(::openat(spot.folder.get(), spot.name.c_str(), flags));
    if (!next.isOpen()) return refusedAt(spot.folder.get(), spot.name, shown, "open");
    if (made) static_cast<void>(::fchmod(next.get(), modeFor(shown, 0777)));
    spot.folder = std::move(next);
    begin = end + 1;
  }
}

Result<std::string> ProjectDisk::read(std::string_view path) const {
  WEIR_ASSIGN(const auto spot, spotOf(path, false));
  // Not to wait for the other end of a pipe.
  const Descriptor file(
      ::openat(spot.folder.get(), spot.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.isOpen()) return refusedAt(spot.folder.get(), spot.name, path, "open");
  struct stat found{};
  if (::fstat(file.get(), &found) != 0) return refused(errno, path, "open");
  if (!S_ISREG(found.st_mode)) return refused(S_ISDIR(found.st_mode) ? EISDIR : ENXIO, path, "read");
  std::string text;
  for (std::array<char, 65'536> piece;;) {
    const auto count = ::read(file.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refused(errno, path, "read");
    if (count == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
}

std::string ProjectDisk::stamp(std::string_view path) const {
  const auto spot = spotOf(path, false);
  struct stat found{};
  if (!spot || ::fstatat(spot->folder.get(), spot->name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return {};
  return std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec) + " " +
         std::to_string(found.st_size) + " " + std::to_string(found.st_ino);
}

bool ProjectDisk::isGone(std::string_view path) const {
  const auto spot = spotOf(path, false);
  if (!spot) return spot.error().code == "files.not_found" || spot.error().code == "files.not_folder";
  struct stat found{};
  return ::fstatat(spot->folder.get(), spot->name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

Result<void> ProjectDisk::write(std::string_view path, std::string_view text) const {
  WEIR_ASSIGN(const auto spot, spotOf(path, true));
  const int folder = spot.folder.get();
  struct stat old{};
  const bool there = ::fstatat(folder, spot.name.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0;
  if (there && S_ISLNK(old.st_mode)) return linkRefused(path);
  if (there && !S_ISREG(old.st_mode)) return refused(S_ISDIR(old.st_mode) ? EISDIR : ENXIO, path, "write");
  const auto part = "." + spot.name + ".weir-part";
  ::unlinkat(folder, part.c_str(), 0);  // of a server that was killed
  int number = 0;
  {
    const Descriptor file(::openat(folder, part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.isOpen()) return refused(errno, path, "write");
    if (there) {
      native::takeOverRights(file.get(), old);
    } else {
      static_cast<void>(::fchmod(file.get(), modeFor(path, 0666)));
    }
    number = writeAll(file.get(), text);
  }
  // A link that is there by now gives way, and what it leads to stays as it is.
  if (number == 0 && ::renameat(folder, part.c_str(), folder, spot.name.c_str()) != 0) number = errno;
  if (number == 0) return {};
  ::unlinkat(folder, part.c_str(), 0);
  return refused(number, path, "write");
}

Result<bool> ProjectDisk::remove(std::string_view path) const {
  const auto spot = spotOf(path, false);
  if (!spot && spot.error().code == "files.not_found") return false;
  if (!spot) return std::unexpected(spot.error());
  if (::unlinkat(spot->folder.get(), spot->name.c_str(), 0) == 0) return true;
  if (errno == ENOENT) return false;
  return refused(errno, path, "remove");
}

Result<void> ProjectDisk::makeFolders(std::string_view path) const {
  WEIR_TRY(spotOf(std::string(path) + "/-", true));
  return {};
}

Result<void> ProjectDisk::check(std::string_view path) const {
  const auto spot = spotOf(path, false);
  if (!spot && spot.error().code == "storage.conflict") return std::unexpected(spot.error());
  if (!spot) return {};
  if (isLink(spot->folder.get(), spot->name)) return linkRefused(path);
  return {};
}

}  // namespace weir::cli
