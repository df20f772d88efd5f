// Standard input and output where a node wants a file: kept in a temporary one.
#pragma once

#include <string>

#include "engine/data/error.h"

namespace weir::cli {

/// An empty file in a temporary folder of its own, both deleted at the end. Its name is `-`: in rows and errors of a
/// run whose project folder is `folder()` it is called what the person called it.
class TemporaryFile {
 public:
  /// Error `files.io`.
  [[nodiscard]] static Result<TemporaryFile> make();
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::string path() const { return folder_ + "/-"; }

 private:
  explicit TemporaryFile(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

/// Standard input, whole, in a file. Error `files.io`.
[[nodiscard]] Result<TemporaryFile> spoolInput();
/// Writes a file to standard output. Error `files.io`.
[[nodiscard]] Result<void> copyToOutput(const std::string& path);

}  // namespace weir::cli
