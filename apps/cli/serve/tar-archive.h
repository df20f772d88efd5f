// TarArchive: files and texts as one tar archive (ustar), given piece by piece.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "service/resources/runs/row-shelf.h"

namespace weir::cli {

class TarArchive final : public api::ShelfFile {
 public:
  /// Appends the next piece of a file; false: there is no more.
  using Pieces = std::function<Result<bool>(std::string& into)>;
  struct Entry {
    std::string name;  // 100 bytes at most
    std::int64_t bytes = 0;
    std::function<Result<Pieces>()> open;  // what gives less than `bytes` leaves an archive that is cut off
  };

  explicit TarArchive(std::vector<Entry> entries) : entries_(std::move(entries)) {}
  [[nodiscard]] Result<bool> next(std::string& into) override;

 private:
  std::vector<Entry> entries_;
  std::size_t at_ = 0;
  std::optional<Pieces> pieces_;
  std::int64_t left_ = 0;  // of the entry
  bool ended_ = false;
};

}  // namespace weir::cli
