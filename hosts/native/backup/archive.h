// The file of a backup: what it was made of, then files, then the manifest that makes it whole.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sodium/sodium.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/sealing/sealed-file.h"

namespace weir::native {

/// What can be read without a key.
struct BackupHead {
  std::string weir;      // the version that made it
  std::string instance;  // of the data folder
  std::int64_t madeMs = 0;
  std::string master;  // the name of the master key that is needed; empty: not encrypted
  std::string keys;    // the text of keys.json: data keys, wrapped
};

struct BackupFile {
  std::string name;  // `runs/…/x`
  std::int64_t bytes = 0;
  std::string sum;  // BLAKE2b-256 as hexadecimal digits
};

/// Writes under a temporary name; the file has its own name once end() has returned. Errors `files.*`.
class BackupWriter {
 public:
  /// `key`: of the ring in `head.keys`; null: not sealed.
  [[nodiscard]] static Result<std::unique_ptr<BackupWriter>> create(const std::string& path, const BackupHead& head,
                                                                    const sodium::Key* key);
  ~BackupWriter();
  BackupWriter(const BackupWriter&) = delete;
  BackupWriter& operator=(const BackupWriter&) = delete;
  /// The file as long as it is now; what it loses meanwhile is filled with zeros.
  Result<void> add(const std::string& name, int file);
  Result<void> add(const std::string& name, std::string_view bytes);
  Result<void> end();
  [[nodiscard]] std::int64_t files() const { return std::ssize(files_); }
  [[nodiscard]] std::int64_t bytes() const { return written_; }

  struct Private {};
  BackupWriter(Private, std::string path, SealedWriter seal, Descriptor file)
      : path_(std::move(path)), seal_(std::move(seal)), file_(std::move(file)) {}

 private:
  Result<void> put(std::string_view text);
  Result<void> beginFile(const std::string& name, std::int64_t bytes);
  Result<void> flush();
  std::string path_;
  SealedWriter seal_;
  Descriptor file_;
  std::string out_;
  std::vector<BackupFile> files_;
  std::int64_t written_ = 0;
  bool ended_ = false;
};

/// `backup.damaged`: cut, changed, or none at all; `backup.newer_version`.
class BackupReader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<BackupReader>> open(const std::string& path);
  [[nodiscard]] const BackupHead& head() const { return head_; }
  /// Told each file in pieces: first an empty one with its name and size. Gives the manifest once all was read and is
  /// as it was written.
  using Visit = std::function<Result<void>(const BackupFile& file, std::string_view piece)>;
  [[nodiscard]] Result<std::vector<BackupFile>> read(const KeyFinder& keys, const Visit& visit);

  struct Private {};
  BackupReader(Private, Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;
  std::int64_t fileBytes_ = 0, sealedAt_ = 0;
  std::string headSum_;
  BackupHead head_;
};

/// No way out of a folder: parts that are neither empty nor dots, and no NUL.
[[nodiscard]] bool isInnerPath(std::string_view name);

}  // namespace weir::native
