// Opening what lies beneath a folder, and nothing that a symbolic link would lead to outside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "hosts/native/descriptor.h"

namespace weir::native {

/// What is opened: `relative` is normalised (no "." and ".." parts), "" is the root itself.
struct BeneathPath {
  int root = -1;              // an open folder
  std::string_view rootPath;  // its path, against which absolute links are read
  std::string_view relative;  // below it
  std::string_view shown;     // as the person wrote it, for messages
  std::string_view verb;      // what is tried ("open", "list"), for messages
  std::uint32_t createMode = 0666;
};

enum class BeneathWay : std::uint8_t {
  kernel,  // openat2, and walking for what it does not know
  walk     // part by part in this process
};

/// Links on the way are followed while they stay below the root, absolute ones too. Errors: `files.outside_mount` for a
/// link that leads out, else those of fileError.
[[nodiscard]] Result<Descriptor> openBeneath(const BeneathPath& path, int flags, BeneathWay way = BeneathWay::kernel);

}  // namespace weir::native
