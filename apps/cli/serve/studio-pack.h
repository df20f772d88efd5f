// The studio, the application for browsers, as web/studio/scripts/pack.mjs packed it into the program.
#pragma once

#include <string_view>
#include <vector>

namespace weir::cli {

/// A file of the studio, compressed with gzip. What is `kept` has a name that is made of its content.
struct StudioFile {
  std::string_view path, type, content;
  bool kept = false;
};

/// Reads a pack: lines of path, type, kept or fresh, and size, an empty line, and the files. Empty if the text is none.
[[nodiscard]] std::vector<StudioFile> studioFilesOf(std::string_view pack);

/// Those inside the program; none where it was built without the packages of web/.
[[nodiscard]] std::vector<StudioFile> studioFiles();

}  // namespace weir::cli
