// Files of this machine, through POSIX calls.
#include "hosts/native/native-files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>
#include <utility>

#include "hosts/native/beneath.h"
#include "hosts/native/file-errors.h"
#include "hosts/native/file-rights.h"

namespace weir::native {
namespace {

std::unexpected<Error> notRegular(std::string_view path) {
  return fail("files.not_regular", "'" + std::string(path) +
                                       "' is a pipe, a socket or a device; only regular files can be read and written "
                                       "here, so copy what it holds to a file first");
}

FileInfo infoOf(const struct stat& found, std::string path) {
  FileInfo info;
  info.path = std::move(path);
  info.folder = S_ISDIR(found.st_mode);
  info.sizeBytes = found.st_size;
  info.device = found.st_dev;
  info.inode = found.st_ino;
  info.modifiedMicros = std::int64_t{found.st_mtim.tv_sec} * 1'000'000 + found.st_mtim.tv_nsec / 1000;
  return info;
}

/// The file that a part file is written for (partPathOf); empty for others.
std::string wholeOfPart(std::string_view path) {
  constexpr std::string_view kEnd = ".weir-part";
  const auto at = path.find_last_of("/:");
  const auto begin = at == std::string_view::npos ? 0 : at + 1;
  const auto name = path.substr(begin);
  if (!name.starts_with('.') || !name.ends_with(kEnd) || name.size() <= kEnd.size() + 1) return {};
  return std::string(path.substr(0, begin)).append(name.substr(1, name.size() - 1 - kEnd.size()));
}

}  // namespace

std::string pathOf(int descriptor) {
  std::array<char, PATH_MAX> text;
  const auto name = "/proc/self/fd/" + std::to_string(descriptor);
  const auto size = ::readlink(name.c_str(), text.data(), text.size());
  if (size <= 0 || text[0] != '/') return {};
  return {text.data(), static_cast<std::size_t>(size)};
}

NativeFiles::NativeFiles(Mounts mounts, FileLimits limits, std::vector<OpenMount> opened)
    : mounts_(std::move(mounts)), limits_(std::move(limits)) {
  for (auto& one : opened) roots_.insert_or_assign(std::move(one.path), std::move(one.folder));
}

NativeFiles::~NativeFiles() {
  for (const auto& file : files_) {
    if (file.descriptor >= 0) ::close(file.descriptor);
  }
}

Result<FileId> NativeFiles::remember(int descriptor, std::string_view path, std::shared_ptr<SealedSpill> sealed,
                                     bool temporary) {
  const std::lock_guard locked(mutex_);
  if (open_ >= limits_.openFiles) {
    ::close(descriptor);
    return fail("files.too_many_open",
                "more than " + std::to_string(limits_.openFiles) + " files are open in this run, at '" +
                    std::string(path) + "'",
                true);
  }
  ++open_;
  Open entry{descriptor, temporary, 0, std::string(path), std::move(sealed)};
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

Result<int> NativeFiles::rootOf(const std::string& folder, std::string_view shown, std::string_view verb) {
  const std::lock_guard locked(mutex_);
  const auto known = roots_.find(folder);
  if (known != roots_.end()) return known->second.get();
  Descriptor opened(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened.isOpen()) return std::unexpected(fileError(errno, shown, verb));
  return roots_.emplace(folder, std::move(opened)).first->second.get();
}

Result<Descriptor> NativeFiles::openAt(const Resolved& where, int flags, std::string_view shown,
                                       std::string_view verb) {
  if (where.named) {
    Descriptor opened(::open(where.root.c_str(), flags | O_CLOEXEC, 0666));
    if (!opened.isOpen()) return std::unexpected(fileError(errno, shown, verb));
    return opened;
  }
  BeneathPath path;
  WEIR_ASSIGN(path.root, rootOf(where.root, shown, verb));
  path.rootPath = where.root;
  path.relative = where.relative;
  path.shown = shown;
  path.verb = verb;
  return openBeneath(path, flags);
}

Result<Descriptor> NativeFiles::openPath(std::string_view path, int flags, std::string_view verb) {
  WEIR_ASSIGN(const auto where, mounts_.resolve(path));
  return openAt(where, flags, path, verb);
}

Result<NativeFiles::Spot> NativeFiles::spotOf(std::string_view path, std::string_view verb) {
  WEIR_ASSIGN(auto where, mounts_.resolve(path));
  auto& whole = where.named ? where.root : where.relative;
  const auto slash = whole.rfind('/');
  Spot spot;
  spot.name = slash == std::string::npos ? whole : whole.substr(slash + 1);
  if (spot.name.empty()) return std::unexpected(fileError(EISDIR, path, verb));
  whole.resize(slash == std::string::npos ? 0 : std::max<std::size_t>(slash, where.named ? 1 : 0));
  WEIR_ASSIGN(spot.folder, openAt(where, O_PATH | O_DIRECTORY, path, verb));
  return spot;
}

Result<void> NativeFiles::mustWrite(std::string_view path) const {
  WEIR_ASSIGN(const auto where, mounts_.resolveFolder(path));
  if (where.writes) return {};
  return fail("files.denied", "'" + std::string(path) +
                                  "' lies in a mount that is only read; an administrator can give it to be written");
}

Result<FileId> NativeFiles::openNow(std::string_view path, FileMode mode) {
  if (mode != FileMode::read) WEIR_TRY(mustWrite(path));
  // Not to wait for the other end of a pipe.
  const int flags = (mode == FileMode::read ? O_RDONLY : O_WRONLY | O_CREAT) | O_NONBLOCK | O_NOCTTY;
  auto opened = openPath(path, flags, "open");
  if (!opened) return std::unexpected(std::move(opened.error()));
  const int descriptor = opened->get();
  struct stat found{};
  if (::fstat(descriptor, &found) != 0) return std::unexpected(fileError(errno, path, "open"));
  if (S_ISDIR(found.st_mode)) return std::unexpected(fileError(EISDIR, path, "open"));
  if (!S_ISREG(found.st_mode)) return notRegular(path);
  if (mode == FileMode::read) return remember(opened->release(), path);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return fail("files.busy",
                "'" + std::string(path) + "' is being written by another node or run; wait for it, or write elsewhere",
                true);
  }
  // The file that is locked must still be the one with this name: not renamed or removed between open and lock.
  struct stat named{};
  const auto again = openPath(path, O_PATH, "open");
  if (!again || ::fstat(again->get(), &named) != 0 || named.st_ino != found.st_ino || named.st_dev != found.st_dev) {
    return fail("files.busy", "'" + std::string(path) + "' was replaced by another run at this moment; try again",
                true);
  }
  if (const auto whole = wholeOfPart(path); mode == FileMode::create && !whole.empty()) {
    // While it is written, too, nobody reads of it what they may not read of the old file.
    const auto old = openPath(whole, O_PATH, "look at");
    if (old && ::fstat(old->get(), &named) == 0 && S_ISREG(named.st_mode)) takeOverRights(descriptor, named, S_IWUSR);
  }
  if (mode == FileMode::create && ::ftruncate(descriptor, 0) != 0 && errno != EINVAL) {
    return std::unexpected(fileError(errno, path, "truncate"));
  }
  return remember(opened->release(), path);
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

Result<FileInfo> NativeFiles::infoAt(std::string_view path) {
  WEIR_ASSIGN(const auto opened, openPath(path, O_PATH, "look at"));
  struct stat found{};
  if (::fstat(opened.get(), &found) != 0) return std::unexpected(fileError(errno, path, "look at"));
  if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) return notRegular(path);
  return infoOf(found, std::string(path));
}

Operation<FileInfo> NativeFiles::statPath(std::string_view path, Waker) {
  return Operation<FileInfo>::finished(infoAt(path));
}

Operation<std::int64_t> NativeFiles::read(FileId file, std::int64_t offset, Buffer into, std::int64_t at,
                                          std::int64_t bytes, Waker) {
  using Answer = Operation<std::int64_t>;
  const auto entry = find(file);
  if (!entry) return Answer::finished(std::unexpected(entry.error()));
  if (entry->sealed) {
    const std::span room(reinterpret_cast<char*>(into.mutableData() + at), static_cast<std::size_t>(bytes));
    return Answer::finished(entry->sealed->read(entry->descriptor, entry->path, offset, room));
  }
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
  if (entry->sealed) {
    auto written = entry->sealed->write(entry->descriptor, entry->path, offset, bytes.text());
    return written ? Answer::finished(bytes.size()) : Answer::finished(std::unexpected(std::move(written.error())));
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

Operation<Unit> NativeFiles::cut(FileId file, std::int64_t bytes, Waker) {
  const auto entry = find(file);
  if (!entry) return Operation<Unit>::finished(std::unexpected(entry.error()));
  struct stat found{};
  const bool longer = ::fstat(entry->descriptor, &found) == 0 && found.st_size > bytes;
  if (longer && ::ftruncate(entry->descriptor, bytes) != 0) {
    return Operation<Unit>::finished(std::unexpected(fileError(errno, entry->path, "truncate")));
  }
  return Operation<Unit>::finished(Unit{});
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

Result<std::string> NativeFiles::systemPath(std::string_view path, bool create, bool writes) {
  if (create || writes) WEIR_TRY(mustWrite(path));
  const auto opened = openPath(path, O_PATH, "open");
  if (!opened && (!create || opened.error().code != "files.not_found")) return std::unexpected(opened.error());
  if (opened) {
    struct stat found{};
    if (::fstat(opened->get(), &found) != 0) return std::unexpected(fileError(errno, path, "open"));
    if (S_ISDIR(found.st_mode)) return std::unexpected(fileError(EISDIR, path, "open"));
    if (!S_ISREG(found.st_mode)) return notRegular(path);
    auto whole = pathOf(opened->get());
    if (whole.empty()) return std::unexpected(fileError(ENOENT, path, "open"));
    return whole;
  }
  WEIR_ASSIGN(const auto spot, spotOf(path, "open"));
  const auto folder = pathOf(spot.folder.get());
  if (folder.empty()) return std::unexpected(fileError(ENOENT, path, "open"));
  return (folder == "/" ? folder : folder + "/") + spot.name;
}

/// Where the file lies that a link in `spot` leads to, if it may be written there.
std::optional<NativeFiles::Spot> NativeFiles::behindLink(const Spot& spot, std::string_view path) {
  struct stat about{};
  if (::fstatat(spot.folder.get(), spot.name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISLNK(about.st_mode)) {
    return std::nullopt;
  }
  const auto target = openPath(path, O_PATH, "rename to");
  auto where = mounts_.resolve(path);
  if (!target || !where || ::fstat(target->get(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
  const auto whole = pathOf(target->get());
  const auto slash = whole.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  Spot behind{Descriptor(), whole.substr(slash + 1)};
  if (where->named) {
    where->root = whole.substr(0, std::max<std::size_t>(slash, 1));
  } else {
    const auto rootFolder = rootOf(where->root, path, "rename to");
    const auto root = rootFolder ? pathOf(*rootFolder) : std::string();
    const std::string below = root == "/" ? root : root + "/";
    if (root.empty() || !whole.starts_with(below)) return std::nullopt;
    where->relative = slash < below.size() ? std::string() : whole.substr(below.size(), slash - below.size());
  }
  auto folder = openAt(*where, O_PATH | O_DIRECTORY, path, "rename to");
  struct stat again{};
  if (!folder || ::fstatat(folder->get(), behind.name.c_str(), &again, AT_SYMLINK_NOFOLLOW) != 0 ||
      again.st_ino != about.st_ino || again.st_dev != about.st_dev) {
    return std::nullopt;
  }
  behind.folder = std::move(*folder);
  return behind;
}

Result<void> NativeFiles::renameNow(std::string_view from, std::string_view to) {
  WEIR_TRY(mustWrite(from));
  WEIR_TRY(mustWrite(to));
  WEIR_ASSIGN(const auto source, spotOf(from, "rename"));
  WEIR_ASSIGN(auto target, spotOf(to, "rename to"));
  struct stat old{};
  struct stat own{};
  if (auto behind = behindLink(target, to); behind &&
                                            ::fstatat(source.folder.get(), source.name.c_str(), &own, 0) == 0 &&
                                            ::fstat(behind->folder.get(), &old) == 0 && own.st_dev == old.st_dev) {
    // On another disk nothing can be renamed to: there the link gives way.
    target = std::move(*behind);
  }
  if (::fstatat(target.folder.get(), target.name.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(old.st_mode)) {
    const Descriptor part(
        ::openat(source.folder.get(), source.name.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (part.isOpen()) takeOverRights(part.get(), old);
  }
  if (::renameat(source.folder.get(), source.name.c_str(), target.folder.get(), target.name.c_str()) != 0) {
    return std::unexpected(fileError(errno, to, "rename to"));
  }
  const Descriptor folder(::openat(target.folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.isOpen()) ::fsync(folder.get());
  return {};
}

Operation<Unit> NativeFiles::publish(std::string_view from, std::string_view to, Waker) {
  auto renamed = renameNow(from, to);
  if (!renamed) return Operation<Unit>::finished(std::unexpected(std::move(renamed.error())));
  return Operation<Unit>::finished(Unit{});
}

Operation<Unit> NativeFiles::remove(std::string_view path, Waker) {
  if (auto may = mustWrite(path); !may) return Operation<Unit>::finished(std::unexpected(std::move(may.error())));
  auto spot = spotOf(path, "remove");
  if (!spot) return Operation<Unit>::finished(std::unexpected(std::move(spot.error())));
  if (::unlinkat(spot->folder.get(), spot->name.c_str(), 0) != 0) {
    return Operation<Unit>::finished(std::unexpected(fileError(errno, path, "remove")));
  }
  return Operation<Unit>::finished(Unit{});
}

Result<void> NativeFiles::makeFoldersNow(std::string_view path) {
  WEIR_TRY(mustWrite(path));
  WEIR_ASSIGN(auto where, mounts_.resolveFolder(path));
  // A folder that the person named is made as they wrote it, links on the way included.
  if (path.starts_with('/')) {
    const auto& name = where.root;
    for (std::size_t slash = 0; slash != std::string::npos;) {
      slash = name.find('/', slash + 1);
      if (::mkdir(name.substr(0, slash).c_str(), 0777) == 0 || errno == EEXIST || errno == EROFS || errno == EACCES) {
        continue;
      }
      return std::unexpected(fileError(errno, path, "make the folder"));
    }
  }
  const std::string whole = std::exchange(where.relative, {});
  for (std::size_t begin = 0; begin < whole.size();) {
    const auto end = std::min(whole.find('/', begin), whole.size());
    WEIR_ASSIGN(const auto folder, openAt(where, O_PATH | O_DIRECTORY, path, "make the folder"));
    const auto part = whole.substr(begin, end - begin);
    if (::mkdirat(folder.get(), part.c_str(), 0777) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES) {
      return std::unexpected(fileError(errno, path, "make the folder"));
    }
    where.relative = whole.substr(0, end);
    begin = end + 1;
  }
  // A right that was missing above matters only if the folder is not there.
  WEIR_TRY(openAt(where, O_PATH | O_DIRECTORY, path, "make the folder"));
  return {};
}

Operation<Unit> NativeFiles::makeFolders(std::string_view path, Waker) {
  auto made = makeFoldersNow(path);
  if (!made) return Operation<Unit>::finished(std::unexpected(std::move(made.error())));
  return Operation<Unit>::finished(Unit{});
}

/// What a folder's entry is, or for a link what it leads to.
FileInfo NativeFiles::entryOf(int folder, const char* name, std::string path) {
  struct stat about{};
  if (::fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0) return {};  // gone meanwhile: no path
  if (!S_ISLNK(about.st_mode)) return infoOf(about, std::move(path));
  auto target = openPath(path, O_PATH, "follow");
  std::optional<Error> trouble;
  if (target) {
    ::fstat(target->get(), &about);
  } else if (target.error().code == "files.outside_mount") {
    trouble = std::move(target.error());
    // Only whether it is a folder: a walk that might have gone there says that it did not.
    struct stat outside{};
    if (::fstatat(folder, name, &outside, 0) == 0 && S_ISDIR(outside.st_mode)) about.st_mode = outside.st_mode;
  }
  auto info = infoOf(about, std::move(path));
  info.link = true;
  info.trouble = std::move(trouble);
  return info;
}

Result<std::vector<FileInfo>> NativeFiles::listNow(std::string_view folder) {
  WEIR_ASSIGN(auto opened, openPath(folder, O_RDONLY | O_DIRECTORY, "list"));
  DIR* stream = ::fdopendir(opened.get());
  if (stream == nullptr) return std::unexpected(fileError(errno, folder, "list"));
  static_cast<void>(opened.release());
  std::vector<FileInfo> found;
  const int descriptor = ::dirfd(stream);
  int trouble = 0;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream);
    trouble = errno;
    if (entry == nullptr) break;
    const std::string_view child = entry->d_name;
    if (child == "." || child == "..") continue;
    std::string path(folder);
    if (!path.empty() && path.back() != '/' && path.back() != ':') path += '/';
    auto info = entryOf(descriptor, entry->d_name, path.append(child));
    if (!info.path.empty()) found.push_back(std::move(info));
  }
  ::closedir(stream);
  if (trouble != 0) return std::unexpected(fileError(trouble, folder, "list"));
  std::ranges::sort(found, {}, &FileInfo::path);
  return found;
}

Operation<std::vector<FileInfo>> NativeFiles::list(std::string_view folder, Waker) {
  return Operation<std::vector<FileInfo>>::finished(listNow(folder));
}

Operation<FileId> NativeFiles::temporary(Waker) {
  std::string name = limits_.temporaryFolder + "/weir-spill-XXXXXX";
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) return Operation<FileId>::finished(std::unexpected(fileError(errno, name, "make the temporary file")));
  ::unlink(name.c_str());
  auto sealed = limits_.sealTemporary ? std::make_shared<SealedSpill>() : nullptr;
  return Operation<FileId>::finished(remember(file, name, std::move(sealed), true));
}

}  // namespace weir::native
