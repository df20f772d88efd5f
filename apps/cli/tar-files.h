// Files of a tar archive (ustar) that came from somewhere else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"

namespace weir::cli {

struct TarFile {
  std::string folder, name;  // neither leads anywhere: FOLDER/NAME
  std::string_view bytes;
};

/// Files of folders of one level, in the order of the archive, whose text outlives them. Error `recording.invalid`: it
/// is no such archive, is cut off, is damaged, or holds anything else.
[[nodiscard]] Result<std::vector<TarFile>> filesOfTar(std::string_view archive);

}  // namespace weir::cli
