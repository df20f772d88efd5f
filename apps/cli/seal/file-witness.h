// FileWitness: the files of a run, and which of them it has read and written.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/files.h"

namespace weir::cli {

/// The name that a file has in a seal: folded, with its mount unless that is `project`: `out/a.csv`, `orders:2024.csv`.
/// Nothing for an absolute path, and for one that leaves its mount.
[[nodiscard]] std::optional<std::string> sealedName(std::string_view path);

/// A file as it was when it was first opened to be read.
struct ReadFile {
  std::string path;
  std::int64_t bytes = 0, modifiedMicros = 0;
};

/// Hands every call on to `files`, which outlives it. Thread-safe.
class FileWitness final : public Files {
 public:
  explicit FileWitness(Files& files) : files_(files) {}

  Operation<FileId> open(std::string_view path, FileMode mode, Waker waker) override;
  void close(FileId file) override { files_.close(file); }
  Operation<FileInfo> stat(FileId file, Waker waker) override { return files_.stat(file, std::move(waker)); }
  Operation<FileInfo> statPath(std::string_view path, Waker waker) override {
    return files_.statPath(path, std::move(waker));
  }
  Operation<std::int64_t> read(FileId file, std::int64_t offset, Buffer into, std::int64_t at, std::int64_t bytes,
                               Waker waker) override {
    return files_.read(file, offset, std::move(into), at, bytes, std::move(waker));
  }
  Operation<std::int64_t> write(FileId file, std::int64_t offset, Buffer bytes, Waker waker) override {
    return files_.write(file, offset, std::move(bytes), std::move(waker));
  }
  Operation<Unit> cut(FileId file, std::int64_t bytes, Waker waker) override {
    return files_.cut(file, bytes, std::move(waker));
  }
  Operation<Unit> sync(FileId file, Waker waker) override { return files_.sync(file, std::move(waker)); }
  Operation<Unit> publish(std::string_view from, std::string_view to, Waker waker) override;
  Operation<Unit> remove(std::string_view path, Waker waker) override;
  Operation<Unit> makeFolders(std::string_view path, Waker waker) override {
    return files_.makeFolders(path, std::move(waker));
  }
  Operation<std::vector<FileInfo>> list(std::string_view folder, Waker waker) override {
    return files_.list(folder, std::move(waker));
  }
  Operation<FileId> temporary(Waker waker) override { return files_.temporary(std::move(waker)); }

  /// By name, without those that the run had written itself before it read them.
  [[nodiscard]] std::map<std::string, ReadFile> filesRead() const;
  /// Name and path of what it wrote and left there.
  [[nodiscard]] std::map<std::string, std::string> filesWritten() const;
  /// A path that has no name in a seal; empty: there was none.
  [[nodiscard]] std::string nameless() const;

 private:
  void noteRead(std::string_view path);

  Files& files_;
  mutable std::mutex mutex_;
  std::map<std::string, ReadFile> read_;
  std::map<std::string, std::string> written_;
  std::string nameless_;
};

}  // namespace weir::cli
