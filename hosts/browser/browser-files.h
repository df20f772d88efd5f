// BrowserFiles: folders and files that a person gave to the page, and the page's own file system (OPFS).
#pragma once

#include "engine/host/files.h"
#include "hosts/browser/calls.h"

namespace weir::browser {

/// JavaScript knows the mounts and keeps to them; in a worker its calls finish before they return.
class BrowserFiles final : public Files {
 public:
  explicit BrowserFiles(Calls& calls) : calls_(calls) {}

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

 private:
  Calls& calls_;
};

}  // namespace weir::browser
