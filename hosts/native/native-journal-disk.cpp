// pwrite and fdatasync into files whose blocks were set aside before.
#include "hosts/native/native-journal-disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "hosts/native/file-errors.h"

namespace weir::native {
namespace {

constexpr const char* kHoldName = "owner.lock";

/// Each part of the path that is not there is made, and known to its own folder before anything is put in it.
int makeFolders(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const auto part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0700) == 0) {
      const auto slash = part.rfind('/');
      const auto parent = slash == std::string::npos ? std::string(".") : slash == 0 ? "/" : part.substr(0, slash);
      const Descriptor opened(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (opened.isOpen()) ::fsync(opened.get());
    } else if (errno != EEXIST) {
      return errno;
    }
    if (end == std::string::npos) return 0;
  }
}

}  // namespace

Result<std::unique_ptr<NativeJournalDisk>> NativeJournalDisk::open(const std::string& folder) {
  if (const int number = makeFolders(folder); number != 0)
    return std::unexpected(fileError(number, folder, "make the journal's folder"));
  Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.isOpen()) return std::unexpected(fileError(errno, folder, "open the journal's folder"));
  Descriptor hold(::openat(opened.get(), kHoldName, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!hold.isOpen()) return std::unexpected(fileError(errno, folder, "open the lock of the journal in"));
  if (::flock(hold.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return std::unexpected(fileError(errno, folder, "lock the journal in"));
    return fail("journal.busy", "the journal in '" + folder +
                                    "' is held by another process; a flow with durable edges runs once at a time");
  }
  return std::make_unique<NativeJournalDisk>(Private{}, folder, std::move(opened), std::move(hold));
}

void NativeJournalDisk::post(std::function<void()> job) { jobs_.give(std::move(job)); }

Error NativeJournalDisk::errorOf(int number, std::string_view name, std::string_view verb) const {
  return fileError(number, path_ + "/" + std::string(name), verb);
}

Error NativeJournalDisk::syncError(int number, std::string_view what) const {
  return Error{"files.sync_failed", "the journal in '" + path_ + "' could not be brought to the disk (" +
                                        std::string(what) + ": " + std::strerror(number) +
                                        "); nothing further is acknowledged. Check the disk, then resume."};
}

Result<std::vector<JournalFile>> NativeJournalDisk::list() {
  const int copy = ::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* folder = copy >= 0 ? ::fdopendir(copy) : nullptr;
  if (folder == nullptr) {
    const int number = errno;
    if (copy >= 0) ::close(copy);
    return std::unexpected(errorOf(number, "", "list"));
  }
  std::vector<JournalFile> files;
  while (const auto* entry = ::readdir(folder)) {
    struct stat info{};
    if (::fstatat(folder_.get(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode)) continue;
    files.push_back({.name = entry->d_name, .bytes = info.st_size});
  }
  ::closedir(folder);
  std::ranges::sort(files, {}, &JournalFile::name);
  return files;
}

Result<JournalFileId> NativeJournalDisk::create(std::string_view name, std::int64_t bytes) {
  const std::string file(name);
  Descriptor opened(::openat(folder_.get(), file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!opened.isOpen()) return std::unexpected(errorOf(errno, name, "create"));
  int number = ::posix_fallocate(opened.get(), 0, bytes);
  while (number == EINTR) number = ::posix_fallocate(opened.get(), 0, bytes);
  if (number == 0) return JournalFileId{opened.release()};
  ::unlinkat(folder_.get(), file.c_str(), 0);
  return std::unexpected(errorOf(number, name, "set room aside for"));
}

Result<JournalFileId> NativeJournalDisk::open(std::string_view name) {
  const int opened = ::openat(folder_.get(), std::string(name).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (opened < 0) return std::unexpected(errorOf(errno, name, "open"));
  return JournalFileId{opened};
}

void NativeJournalDisk::close(JournalFileId file) { ::close(numberOf(file)); }

Result<std::int64_t> NativeJournalDisk::read(JournalFileId file, std::int64_t offset, std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto got = ::pread(numberOf(file), into.data() + done, into.size() - done,
                             static_cast<off_t>(offset + static_cast<std::int64_t>(done)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(errorOf(errno, "", "read the journal in"));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<std::int64_t>(done);
}

Result<void> NativeJournalDisk::write(JournalFileId file, std::int64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::pwrite(numberOf(file), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return std::unexpected(errorOf(errno, "", "write to the journal in"));
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += put;
  }
  return {};
}

Result<void> NativeJournalDisk::sync(JournalFileId file) {
  const auto began = std::chrono::steady_clock::now();
  const int failed = ::fdatasync(numberOf(file));
  const auto took = std::chrono::steady_clock::now() - began;
  syncs_.fetch_add(1, std::memory_order_relaxed);
  syncNanos_.fetch_add(std::chrono::duration_cast<std::chrono::nanoseconds>(took).count(), std::memory_order_relaxed);
  if (failed != 0) return std::unexpected(syncError(errno, "fdatasync"));
  return {};
}

Result<void> NativeJournalDisk::truncate(JournalFileId file, std::int64_t bytes) {
  if (::ftruncate(numberOf(file), bytes) != 0) return std::unexpected(errorOf(errno, "", "cut a segment of"));
  return {};
}

Result<void> NativeJournalDisk::rename(std::string_view from, std::string_view to) {
  if (::renameat(folder_.get(), std::string(from).c_str(), folder_.get(), std::string(to).c_str()) != 0)
    return std::unexpected(errorOf(errno, from, "rename"));
  return {};
}

Result<void> NativeJournalDisk::remove(std::string_view name) {
  if (::unlinkat(folder_.get(), std::string(name).c_str(), 0) != 0 && errno != ENOENT)
    return std::unexpected(errorOf(errno, name, "remove"));
  return {};
}

Result<void> NativeJournalDisk::syncFolder() {
  if (::fsync(folder_.get()) != 0) return std::unexpected(syncError(errno, "fsync of the folder"));
  return {};
}

}  // namespace weir::native
