// RunFiles: the files of one run in memory: those that came with its request, and those that it writes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/host/files.h"

namespace weir::browser {

/// Paths are `project:a/b`, or `a/b`; folders are there when files are in them. Every call has finished when it
/// returns.
class RunFiles final : public Files {
 public:
  /// Bytes of all files; beyond that writing is `files.disk_full`.
  static constexpr std::int64_t kMostBytes = std::int64_t{64} << 20;

  [[nodiscard]] Result<void> put(std::string_view path, std::string content);

  Operation<FileId> open(std::string_view path, FileMode mode, Waker waker) override;
  void close(FileId file) override { open_.erase(file); }
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
  using Content = std::shared_ptr<std::string>;
  struct Open {
    std::string path;
    Content content;
    bool writes = false;
  };
  [[nodiscard]] static Result<std::string> clean(std::string_view path);
  [[nodiscard]] bool isFolder(const std::string& path) const;
  [[nodiscard]] FileInfo infoOf(const std::string& path, const Content& content) const;
  [[nodiscard]] Result<Content> opened(FileId file) const;
  [[nodiscard]] Result<FileId> openNow(std::string_view path, FileMode mode);
  [[nodiscard]] Result<FileInfo> statNow(std::string_view path) const;
  [[nodiscard]] Result<std::vector<FileInfo>> listNow(std::string_view folder) const;
  [[nodiscard]] Result<void> resize(std::string& content, std::int64_t bytes);
  FileId add(Open open);

  std::map<std::string, Content> files_;  // `a/b`
  std::map<FileId, Open> open_;
  std::int64_t bytes_ = 0;
  FileId last_ = 0;
};

}  // namespace weir::browser
