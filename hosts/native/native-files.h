// NativeFiles: the Files of one run on this machine.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/host/files.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/mounts.h"
#include "hosts/native/sealing/sealed-spill.h"

namespace weir::native {

struct FileLimits {
  int openFiles = 256;
  std::int64_t diskBytes = INT64_MAX;  // of temporary files
  std::string temporaryFolder = "/tmp";
  bool sealTemporary = false;  // who reads the disk does not read temporary files
};

/// A folder that is open already, by the path under which Mounts knows it.
struct OpenMount {
  std::string path;
  Descriptor folder;
};

/// What a descriptor of this process leads to now, without links; empty if it has no name.
[[nodiscard]] std::string pathOf(int descriptor);

/// Calls finish before they return: reads mostly hit the page cache, and a worker that waits for the disk is one of
/// several. Thread-safe.
class NativeFiles final : public Files {
 public:
  NativeFiles(Mounts mounts, FileLimits limits, std::vector<OpenMount> opened = {});
  ~NativeFiles() override;

  Operation<FileId> open(std::string_view path, FileMode mode, Waker waker) override;
  void close(FileId file) override;
  Operation<FileInfo> stat(FileId file, Waker waker) override;
  Operation<FileInfo> statPath(std::string_view path, Waker waker) override;
  Operation<std::int64_t> read(FileId file, std::int64_t offset, Buffer into, std::int64_t at, std::int64_t bytes,
                               Waker waker) override;
  Operation<std::int64_t> write(FileId file, std::int64_t offset, Buffer bytes, Waker waker) override;
  Operation<Unit> cut(FileId file, std::int64_t bytes, Waker waker) override;
  Operation<Unit> sync(FileId file, Waker waker) override;
  Operation<Unit> publish(std::string_view from, std::string_view to, Waker waker) override;
  Operation<Unit> remove(std::string_view path, Waker waker) override;
  Operation<Unit> makeFolders(std::string_view path, Waker waker) override;
  Operation<std::vector<FileInfo>> list(std::string_view folder, Waker waker) override;
  Operation<FileId> temporary(Waker waker) override;

  /// Where a regular file of a mount lies in the system, without links, for a library that opens files itself. With
  /// `create` it need not be there, if its folder is.
  [[nodiscard]] Result<std::string> systemPath(std::string_view path, bool create, bool writes = false);

 private:
  struct Open {
    int descriptor = -1;
    bool temporary = false;
    std::int64_t bytes = 0;  // of a temporary file
    std::string path;
    std::shared_ptr<SealedSpill> sealed{};  // of a temporary file that is sealed
  };
  /// A name in an open folder, for calls that never follow a link at the end.
  struct Spot {
    Descriptor folder;
    std::string name;
  };
  Result<FileId> openNow(std::string_view path, FileMode mode);
  /// Opens what a path means, not leaving its mount.
  Result<Descriptor> openAt(const Resolved& where, int flags, std::string_view shown, std::string_view verb);
  Result<Descriptor> openPath(std::string_view path, int flags, std::string_view verb);
  Result<Spot> spotOf(std::string_view path, std::string_view verb);
  Result<int> rootOf(const std::string& folder, std::string_view shown, std::string_view verb);
  Result<void> mustWrite(std::string_view path) const;
  Result<FileInfo> infoAt(std::string_view path);
  std::optional<Spot> behindLink(const Spot& spot, std::string_view path);
  Result<void> renameNow(std::string_view from, std::string_view to);
  Result<void> makeFoldersNow(std::string_view path);
  Result<std::vector<FileInfo>> listNow(std::string_view folder);
  FileInfo entryOf(int folder, const char* name, std::string path);
  Result<FileId> remember(int descriptor, std::string_view path, std::shared_ptr<SealedSpill> sealed = {},
                          bool temporary = false);
  Result<Open> find(FileId file) const;

  Mounts mounts_;
  FileLimits limits_;
  mutable std::mutex mutex_;
  std::map<std::string, Descriptor, std::less<>> roots_;  // opened mounts
  std::vector<Open> files_;
  std::vector<FileId> free_;
  int open_ = 0;
  std::int64_t temporaryBytes_ = 0;
};

}  // namespace weir::native
