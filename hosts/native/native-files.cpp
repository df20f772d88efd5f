// Files of this machine, through POSIX calls.
#include "hosts/native/native-files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "hosts/native/file-errors.h"

namespace weir::native {
namespace {

std::unexpected<Error> notRegular(std::string_view path) {
  return fail(
      "files.not_regular",
      "'" + std::string(path) + "' is a pipe or a device; only regular files can be read, so write it to a file first");
}

FileInfo infoOf(const struct stat& found, std::string path) {
  FileInfo info;
  info.path = std::move(path);
  info.folder = S_ISDIR(found.st_mode);
  info.sizeBytes = found.st_size;
  info.modifiedMicros = std::int64_t{found.st_mtim.tv_sec} * 1'000'000 + found.st_mtim.tv_nsec / 1000;
  return info;
}

/// The file that is open is still the one with this name: not renamed or removed between open and lock.
bool stillNamed(const struct stat& opened, const std::string& name) {
  struct stat named{};
  return ::stat(name.c_str(), &named) == 0 && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
}

}  // namespace

NativeFiles::NativeFiles(Mounts mounts, FileLimits limits) : mounts_(std::move(mounts)), limits_(std::move(limits)) {}

NativeFiles::~NativeFiles() {
  for (const auto& file : files_) {
    if (file.descriptor >= 0) ::close(file.descriptor);
  }
}

Result<FileId> NativeFiles::remember(int descriptor, std::string_view path, bool temporary) {
  const std::lock_guard locked(mutex_);
  if (open_ >= limits_.openFiles) {
    ::close(descriptor);
    return fail("files.too_many_open",
                "more than " + std::to_string(limits_.openFiles) + " files are open in this run, at '" +
                    std::string(path) + "'",
                true);
  }
  ++open_;
  Open entry{descriptor, temporary, 0, std::string(path)};
  if (!free_.empty()) {
    const auto id = free_.back();
    free_.pop_back();
    files_[static_cast<std::size_t>(id)] = std::move(entry);
    return id;
  }
  files_.push_back(std::move(entry));
  return static_cast<FileId>(files_.size() - 1);
}

Result<NativeFiles::Open> NativeFiles::find(FileId file) const {
  const std::lock_guard locked(mutex_);
  if (file < 0 || static_cast<std::size_t>(file) >= files_.size() ||
      files_[static_cast<std::size_t>(file)].descriptor < 0) {
    return fail("files.io", "the file is not open");
  }
  return files_[static_cast<std::size_t>(file)];
}

Result<FileId> NativeFiles::openNow(std::string_view path, FileMode mode) {
  WEIR_ASSIGN(const auto where, mounts_.resolve(path));
  const auto name = where.absolute();
  int flags = O_CLOEXEC;
  switch (mode) {
    case FileMode::read:
      flags |= O_RDONLY | O_NONBLOCK;
      break;
    case FileMode::create:
      flags |= O_WRONLY | O_CREAT;
      break;
    case FileMode::append:
      flags |= O_WRONLY | O_CREAT;
      break;
  }
  const int descriptor = ::open(name.c_str(), flags, 0666);
  if (descriptor < 0) return std::unexpected(fileError(errno, path, "open"));
  struct stat found{};
  if (::fstat(descriptor, &found) == 0 && S_ISDIR(found.st_mode)) {
    ::close(descriptor);
    return std::unexpected(fileError(EISDIR, path, "open"));
  }
  if (!S_ISREG(found.st_mode)) {
    ::close(descriptor);
    return notRegular(path);
  }
  if (mode != FileMode::read && ::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    return fail("files.busy",
                "'" + std::string(path) + "' is being written by another run; wait for it, or write elsewhere", true);
  }
  if (mode != FileMode::read && !stillNamed(found, name)) {
    ::close(descriptor);
    return fail("files.busy", "'" + std::string(path) + "' was replaced by another run at this moment; try again",
                true);
  }
  if (mode == FileMode::create && ::ftruncate(descriptor, 0) != 0 && errno != EINVAL) {
    const int code = errno;
    ::close(descriptor);
    return std::unexpected(fileError(code, path, "truncate"));
  }
  return remember(descriptor, path, false);
}

Operation<FileId> NativeFiles::open(std::string_view path, FileMode mode, Waker) {
  return Operation<FileId>::finished(openNow(path, mode));
}

void NativeFiles::close(FileId file) {
  const std::lock_guard locked(mutex_);
  auto& entry = files_[static_cast<std::size_t>(file)];
  if (entry.descriptor < 0) return;
  ::close(entry.descriptor);
  temporaryBytes_ -= entry.bytes;
  entry = Open{};
  free_.push_back(file);
  --open_;
}

Operation<FileInfo> NativeFiles::stat(FileId file, Waker) {
  const auto entry = find(file);
  if (!entry) return Operation<FileInfo>::finished(std::unexpected(entry.error()));
  struct stat found{};
  if (::fstat(entry->descriptor, &found) != 0) {
    return Operation<FileInfo>::finished(std::unexpected(fileError(errno, entry->path, "stat")));
  }
  return Operation<FileInfo>::finished(infoOf(found, entry->path));
}

Operation<FileInfo> NativeFiles::statPath(std::string_view path, Waker) {
  const auto where = mounts_.resolve(path);
  if (!where) return Operation<FileInfo>::finished(std::unexpected(where.error()));
  struct stat found{};
  if (::stat(where->absolute().c_str(), &found) != 0) {
    return Operation<FileInfo>::finished(std::unexpected(fileError(errno, path, "look at")));
  }
  if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) return Operation<FileInfo>::finished(notRegular(path));
  return Operation<FileInfo>::finished(infoOf(found, std::string(path)));
}

Operation<std::int64_t> NativeFiles::read(FileId file, std::int64_t offset, Buffer into, std::int64_t at,
                                          std::int64_t bytes, Waker) {
  using Answer = Operation<std::int64_t>;
  const auto entry = find(file);
  if (!entry) return Answer::finished(std::unexpected(entry.error()));
  std::int64_t got = 0;
  while (got < bytes) {
    const auto count =
        ::pread(entry->descriptor, into.mutableData() + at + got, static_cast<std::size_t>(bytes - got), offset + got);
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Answer::finished(std::unexpected(fileError(errno, entry->path, "read")));
    got += count;
  }
  return Answer::finished(got);
}

Operation<std::int64_t> NativeFiles::write(FileId file, std::int64_t offset, Buffer bytes, Waker) {
  using Answer = Operation<std::int64_t>;
  const auto entry = find(file);
  if (!entry) return Answer::finished(std::unexpected(entry.error()));
  if (entry->temporary) {
    const std::lock_guard locked(mutex_);
    auto& live = files_[static_cast<std::size_t>(file)];
    const auto grown = std::max<std::int64_t>(0, offset + bytes.size() - live.bytes);
    if (temporaryBytes_ + grown > limits_.diskBytes) {
      return Answer::finished(fail("disk.limit", "spilling needs more than the run's disk limit (" +
                                                     std::to_string(limits_.diskBytes >> 20) +
                                                     " MiB); raise config.limits.diskBytes"));
    }
    live.bytes += grown;
    temporaryBytes_ += grown;
  }
  std::int64_t put = 0;
  while (put < bytes.size()) {
    const auto count =
        ::pwrite(entry->descriptor, bytes.data() + put, static_cast<std::size_t>(bytes.size() - put), offset + put);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Answer::finished(std::unexpected(fileError(errno, entry->path, "write")));
    put += count;
  }
  return Answer::finished(put);
}

Operation<Unit> NativeFiles::sync(FileId file, Waker) {
  const auto entry = find(file);
  if (!entry) return Operation<Unit>::finished(std::unexpected(entry.error()));
  // A failed fsync is never tried again: what it could not write may be lost already.
  if (::fsync(entry->descriptor) != 0 && errno != EINVAL && errno != EROFS) {
    return Operation<Unit>::finished(
        fail("files.sync_failed", "'" + entry->path + "' could not be made safe on disk: " + std::strerror(errno)));
  }
  return Operation<Unit>::finished(Unit{});
}

Operation<Unit> NativeFiles::publish(std::string_view from, std::string_view to, Waker) {
  const auto source = mounts_.resolve(from);
  const auto target = mounts_.resolve(to);
  if (!source) return Operation<Unit>::finished(std::unexpected(source.error()));
  if (!target) return Operation<Unit>::finished(std::unexpected(target.error()));
  const auto name = target->absolute();
  if (::rename(source->absolute().c_str(), name.c_str()) != 0) {
    return Operation<Unit>::finished(std::unexpected(fileError(errno, to, "rename to")));
  }
  const auto slash = name.rfind('/');
  const auto folder = slash == std::string::npos ? std::string(".") : name.substr(0, std::max<std::size_t>(1, slash));
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    ::fsync(descriptor);
    ::close(descriptor);
  }
  return Operation<Unit>::finished(Unit{});
}

Operation<Unit> NativeFiles::remove(std::string_view path, Waker) {
  const auto where = mounts_.resolve(path);
  if (!where) return Operation<Unit>::finished(std::unexpected(where.error()));
  if (::unlink(where->absolute().c_str()) != 0) {
    return Operation<Unit>::finished(std::unexpected(fileError(errno, path, "remove")));
  }
  return Operation<Unit>::finished(Unit{});
}

Operation<Unit> NativeFiles::makeFolders(std::string_view path, Waker) {
  const auto where = mounts_.resolve(path);
  if (!where) return Operation<Unit>::finished(std::unexpected(where.error()));
  const auto name = where->absolute();
  for (std::size_t slash = 1; slash != std::string::npos && !name.empty();) {
    slash = name.find('/', slash + 1);
    const auto part = name.substr(0, slash);
    if (::mkdir(part.c_str(), 0777) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES) {
      return Operation<Unit>::finished(std::unexpected(fileError(errno, path, "make the folder")));
    }
  }
  struct stat found{};
  if (!name.empty() && (::stat(name.c_str(), &found) != 0 || !S_ISDIR(found.st_mode))) {
    return Operation<Unit>::finished(std::unexpected(fileError(ENOTDIR, path, "make the folder")));
  }
  return Operation<Unit>::finished(Unit{});
}

Operation<std::vector<FileInfo>> NativeFiles::list(std::string_view folder, Waker) {
  using Answer = Operation<std::vector<FileInfo>>;
  const auto where = mounts_.resolve(folder);
  if (!where) return Answer::finished(std::unexpected(where.error()));
  const auto name = where->absolute();
  DIR* stream = ::opendir(name.empty() ? "/" : name.c_str());
  if (stream == nullptr) return Answer::finished(std::unexpected(fileError(errno, folder, "list")));
  std::vector<FileInfo> found;
  const int descriptor = ::dirfd(stream);
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view child = entry->d_name;
    if (child == "." || child == "..") continue;
    struct stat about{};
    if (::fstatat(descriptor, entry->d_name, &about, 0) != 0 &&
        ::fstatat(descriptor, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0) {
      continue;  // gone between the two calls
    }
    std::string path(folder);
    if (!path.empty() && path.back() != '/' && path.back() != ':') path += '/';
    auto info = infoOf(about, path.append(child));
    info.link = entry->d_type == DT_LNK;
    found.push_back(std::move(info));
  }
  ::closedir(stream);
  std::ranges::sort(found, {}, &FileInfo::path);
  return Answer::finished(std::move(found));
}

Operation<FileId> NativeFiles::temporary(Waker) {
  std::string name = limits_.temporaryFolder + "/weir-spill-XXXXXX";
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0)
    return Operation<FileId>::finished(std::unexpected(fileError(errno, name, "make the temporary file")));
  ::unlink(name.c_str());
  return Operation<FileId>::finished(remember(descriptor, name, true));
}

}  // namespace weir::native
