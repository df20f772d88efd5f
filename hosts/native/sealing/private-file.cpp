// Write beside, sync, rename, sync the folder.
#include "hosts/native/sealing/private-file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "hosts/native/descriptor.h"
#include "hosts/native/file-errors.h"

namespace weir::native {
namespace {

Result<void> writeAll(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto put = ::write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return std::unexpected(fileError(errno, path, "write"));
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace

bool fileThere(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::string folderOf(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> makePrivateFolder(const std::string& path) {
  for (auto end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const auto part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0700) == 0) {
      WEIR_TRY(syncFolder(folderOf(part)));
    } else if (errno != EEXIST) {
      return std::unexpected(fileError(errno, part, "make the folder"));
    }
    if (end == std::string::npos) return {};
  }
}

Result<std::string> readPrivateFile(const std::string& path, std::int64_t mostBytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.isOpen()) return std::unexpected(fileError(errno, path, "open"));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return std::unexpected(fileError(errno, path, "look at"));
  if (!S_ISREG(info.st_mode)) return fail("key.file", "'" + path + "' is no ordinary file");
  if ((info.st_mode & 077U) != 0) return fail("key.file", "'" + path + "' can be read by others; run chmod 600 on it");
  if (info.st_size > mostBytes)
    return fail("key.file", "'" + path + "' is larger than " + std::to_string(mostBytes) + " bytes");
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t at = 0;
  while (at < text.size()) {
    const auto got = ::read(file.get(), text.data() + at, text.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(fileError(errno, path, "read"));
    if (got == 0) break;
    at += static_cast<std::size_t>(got);
  }
  text.resize(at);
  return text;
}

Result<void> writePrivateFile(const std::string& path, std::string_view text, bool mustBeNew) {
  const auto making = mustBeNew ? path : path + ".making";
  if (!mustBeNew) ::unlink(making.c_str());
  const Descriptor file(::open(making.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.isOpen()) return std::unexpected(fileError(errno, making, "make"));
  WEIR_TRY(writeAll(file.get(), text, making));
  if (::fsync(file.get()) != 0)
    return fail("files.sync_failed", "'" + making + "' could not be brought to the disk; check the disk");
  if (!mustBeNew && ::rename(making.c_str(), path.c_str()) != 0)
    return std::unexpected(fileError(errno, path, "replace"));
  return syncFolder(folderOf(path));
}

Result<void> syncFolder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.isOpen()) return std::unexpected(fileError(errno, path, "open the folder"));
  if (::fsync(folder.get()) != 0)
    return fail("files.sync_failed", "the folder '" + path + "' could not be brought to the disk; check the disk");
  return {};
}

}  // namespace weir::native
