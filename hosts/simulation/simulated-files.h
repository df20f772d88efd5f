// SimulatedFiles: a file system in memory whose calls may finish late, and fail on demand.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/host/files.h"
#include "hosts/simulation/simulated-workers.h"

namespace weir::simulation {

/// Paths are plain names with '/'; folders exist where files lie below them or where they were made. Not thread-safe.
class SimulatedFiles final : public Files, public PendingCalls {
 public:
  /// Later: calls finish when the workers are idle, in their order; else at once.
  explicit SimulatedFiles(bool later = false) : later_(later) {}

  void put(std::string path, std::string content) {
    contents_[std::move(path)] = std::make_shared<std::string>(std::move(content));
  }
  [[nodiscard]] const std::map<std::string, std::shared_ptr<std::string>>& contents() const { return contents_; }
  /// The next call that names this path, or reads or writes it, fails.
  void failNext(std::string path, Error error) { failures_[std::move(path)] = std::move(error); }
  /// The file says that it has no bytes, and is read with them all, as those of /proc.
  void hideSize(std::string path) { unsized_.insert(std::move(path)); }
  /// The file loses all behind its first `bytes` bytes when it is opened next.
  void cutWhenOpened(std::string path, std::size_t bytes) { cuts_[std::move(path)] = bytes; }
  /// Writes past this many bytes in all find the disk full.
  void setDiskBytes(std::int64_t bytes) { diskBytes_ = bytes; }
  [[nodiscard]] std::int64_t openFiles() const { return static_cast<std::int64_t>(open_.size()); }

  Operation<FileId> open(std::string_view path, FileMode mode, Waker waker) override;
  void close(FileId file) override { open_.erase(file); }
  Operation<FileInfo> stat(FileId file, Waker waker) override;
  Operation<FileInfo> statPath(std::string_view path, Waker waker) override;
  Operation<std::int64_t> read(FileId file, std::int64_t offset, Buffer into, std::int64_t at, std::int64_t bytes,
                               Waker waker) override;
  Operation<std::int64_t> write(FileId file, std::int64_t offset, Buffer bytes, Waker waker) override;
  Operation<weir::Unit> cut(FileId file, std::int64_t bytes, Waker waker) override;
  Operation<weir::Unit> sync(FileId file, Waker waker) override;
  Operation<weir::Unit> publish(std::string_view from, std::string_view to, Waker waker) override;
  Operation<weir::Unit> remove(std::string_view path, Waker waker) override;
  Operation<weir::Unit> makeFolders(std::string_view path, Waker waker) override;
  Operation<std::vector<FileInfo>> list(std::string_view folder, Waker waker) override;
  Operation<FileId> temporary(Waker waker) override;

  [[nodiscard]] std::size_t pending() const override { return calls_.size(); }
  void finish(std::size_t index) override;

 private:
  struct Open {
    std::string path;
    std::shared_ptr<std::string> content;
    bool writing = false, temporary = false;
  };
  template <class T>
  Operation<T> answer(Waker waker, std::function<Result<T>()> work);
  [[nodiscard]] Result<void> check(const std::string& path);
  [[nodiscard]] bool isFolder(const std::string& path) const;
  [[nodiscard]] FileInfo infoOf(const std::string& path) const;

  bool later_;
  std::int64_t diskBytes_ = INT64_MAX, written_ = 0;
  std::map<std::string, std::shared_ptr<std::string>> contents_;
  std::set<std::string> folders_, unsized_;
  std::map<std::string, std::size_t> cuts_;
  std::map<std::string, Error> failures_;
  std::map<FileId, Open> open_;
  FileId next_ = 1;
  std::vector<std::function<void()>> calls_;
};

}  // namespace weir::simulation
