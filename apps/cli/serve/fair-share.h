// Which of what folders keep goes where all of it together is too much.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace weir::cli {

struct KeptItem {
  std::string folder;  // whose it is
  std::int64_t size = 0;
};

/// Of items, the newest first, the indices of those that go so that at most `most` remains of all sizes together: again
/// and again the oldest of the folder that has most by then. What has no size stays.
[[nodiscard]] std::vector<std::size_t> beyondShare(std::span<const KeptItem> items, std::int64_t most);

}  // namespace weir::cli
