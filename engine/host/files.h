// Files: the file system as one run sees it: inside its mounts, bounded, asynchronous.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/buffer.h"
#include "engine/host/operation.h"

namespace weir {

using FileId = std::int32_t;

enum class FileMode : std::uint8_t {
  read,    // existing file
  create,  // new or truncated; held exclusively: `files.busy` while another run holds it
  append   // existing or new, writing at the end; held exclusively
};

struct FileInfo {
  std::string path;  // as it can be given to open
  bool folder = false;
  bool link = false;  // list: reached through a symbolic link
  std::int64_t sizeBytes = 0;
  std::int64_t modifiedMicros = 0;
  /// Two paths with the same pair, not 0, lead to the same file or folder.
  std::uint64_t device = 0, inode = 0;
  std::optional<Error> trouble{};  // list: a link that leads out of the mount; it cannot be opened
};

/// Paths are `mount:relative`, relative to the mount `project`, or (weir run) absolute and named by the flow; nothing
/// outside a mount opens, and no symbolic link leads out of one (`files.outside_mount`). Error codes: files.not_found,
/// files.denied, files.is_folder, files.not_folder, files.busy, files.disk_full, files.too_many_open, files.io. An
/// instance belongs to one run; thread-safe.
struct Files {
  static constexpr std::string_view kName = "files";
  virtual ~Files() = default;

  virtual Operation<FileId> open(std::string_view path, FileMode mode, Waker waker) = 0;
  virtual void close(FileId file) = 0;
  /// Of an open file.
  virtual Operation<FileInfo> stat(FileId file, Waker waker) = 0;
  virtual Operation<FileInfo> statPath(std::string_view path, Waker waker) = 0;
  /// Up to `bytes` bytes from `offset` into `into` at `at`; gives the number read, 0 at the end of the file. Reads
  /// until `bytes` are there or the file ends. The buffer is unshared until the operation has ended.
  virtual Operation<std::int64_t> read(FileId file, std::int64_t offset, Buffer into, std::int64_t at,
                                       std::int64_t bytes, Waker waker) = 0;
  virtual Operation<std::int64_t> write(FileId file, std::int64_t offset, Buffer bytes, Waker waker) = 0;
  /// Cuts an open file behind its first `bytes` bytes.
  virtual Operation<Unit> cut(FileId file, std::int64_t bytes, Waker waker) = 0;
  virtual Operation<Unit> sync(FileId file, Waker waker) = 0;
  /// Renames, then syncs the folder: a reader sees the old file or the whole new one.
  virtual Operation<Unit> publish(std::string_view from, std::string_view to, Waker waker) = 0;
  virtual Operation<Unit> remove(std::string_view path, Waker waker) = 0;
  virtual Operation<Unit> makeFolders(std::string_view path, Waker waker) = 0;
  /// The entries of a folder in byte order of their names.
  virtual Operation<std::vector<FileInfo>> list(std::string_view folder, Waker waker) = 0;
  /// A nameless temporary file for spilling, removed when closed; counts against the run's disk limit (`disk.limit`).
  /// Its reads and writes finish before they return.
  virtual Operation<FileId> temporary(Waker waker) = 0;
};

}  // namespace weir
