// Standard input and output where a node wants a file: kept in a temporary one.
#pragma once

#include <string>

#include "engine/data/error.h"

namespace weir::cli {

/// An empty temporary file, deleted at the end.
class TemporaryFile {
 public:
  /// Error `files.io`.
  [[nodiscard]] static Result<TemporaryFile> make();
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// Standard input, whole, in a file. Error `files.io`.
[[nodiscard]] Result<TemporaryFile> spoolInput();
/// Writes a file to standard output. Error `files.io`.
[[nodiscard]] Result<void> copyToOutput(const std::string& path);

}  // namespace weir::cli
