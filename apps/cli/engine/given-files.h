// GivenFiles: files in memory that came with a request, for runs that several threads work.
#pragma once

#include <mutex>

#include "hosts/browser/run-files.h"

namespace weir::cli {

/// One call at a time goes to the files; each has finished when it returns.
class GivenFiles final : public Files {
 public:
  [[nodiscard]] Result<void> put(std::string_view path, std::string content) {
    return files_.put(path, std::move(content));
  }

  Operation<FileId> open(std::string_view path, FileMode mode, Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.open(path, mode, std::move(waker));
  }
  void close(FileId file) override {
    const std::lock_guard locked(mutex_);
    files_.close(file);
  }
  Operation<FileInfo> stat(FileId file, Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.stat(file, std::move(waker));
  }
  Operation<FileInfo> statPath(std::string_view path, Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.statPath(path, std::move(waker));
  }
  Operation<std::int64_t> read(FileId file, std::int64_t offset, Buffer into, std::int64_t at, std::int64_t bytes,
                               Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.read(file, offset, std::move(into), at, bytes, std::move(waker));
  }
  Operation<std::int64_t> write(FileId file, std::int64_t offset, Buffer bytes, Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.write(file, offset, std::move(bytes), std::move(waker));
  }
  Operation<Unit> cut(FileId file, std::int64_t bytes, Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.cut(file, bytes, std::move(waker));
  }
  Operation<Unit> sync(FileId file, Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.sync(file, std::move(waker));
  }
  Operation<Unit> publish(std::string_view from, std::string_view to, Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.publish(from, to, std::move(waker));
  }
  Operation<Unit> remove(std::string_view path, Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.remove(path, std::move(waker));
  }
  Operation<Unit> makeFolders(std::string_view path, Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.makeFolders(path, std::move(waker));
  }
  Operation<std::vector<FileInfo>> list(std::string_view folder, Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.list(folder, std::move(waker));
  }
  Operation<FileId> temporary(Waker waker) override {
    const std::lock_guard locked(mutex_);
    return files_.temporary(std::move(waker));
  }

 private:
  std::mutex mutex_;
  browser::RunFiles files_;
};

}  // namespace weir::cli
