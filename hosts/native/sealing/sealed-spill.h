// SealedSpill: a temporary file that only the process that writes it can read.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sodium/sodium.h"
#include "engine/data/error.h"

namespace weir::native {

/// Pieces of at most 64 KiB, each sealed by a key that was made for this file and is in memory alone. It is written at
/// its end only, and read anywhere. Thread-safe.
class SealedSpill {
 public:
  /// Appends. `files.*`.
  Result<void> write(int descriptor, const std::string& path, std::int64_t offset, std::string_view bytes);
  /// Gives the number read, less than asked for only at the end. `seal.corrupt` for a file that was changed.
  [[nodiscard]] Result<std::int64_t> read(int descriptor, const std::string& path, std::int64_t offset,
                                          std::span<char> into);
  /// Of the text.
  [[nodiscard]] std::int64_t size();

 private:
  struct Piece {
    std::int64_t offset = 0, stored = 0;  // in the text, in the file
    std::uint32_t bytes = 0;
  };
  sodium::Key key_ = sodium::Key::random();
  std::mutex mutex_;
  std::vector<Piece> pieces_;  // without gaps
  std::int64_t end_ = 0, storedEnd_ = 0;
};

}  // namespace weir::native
