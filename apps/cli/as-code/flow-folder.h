// FlowFolder: the flow documents below a folder, as a server would keep them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/document.h"

namespace weir::cli {

struct FolderFlow {
  std::string path;    // of the file
  std::string folder;  // on the server
  flow::FlowDocument document;
  std::string text;  // canonical
};

/// The paths of every *.flow.json below `root`, in order; folders that begin with a dot and node_modules are passed
/// over. `files.io` for what cannot be looked through, unless `options` say to pass over that too.
[[nodiscard]] Result<std::vector<std::filesystem::path>> flowFilesBelow(
    const std::string& root, std::filesystem::directory_options options = std::filesystem::directory_options::none);

/// The flows of all those files.
/// A file in `root/reports` belongs into `base/reports`. Problems are printed; `flow.invalid` if there were any, also
/// for two files with one id.
[[nodiscard]] Result<std::vector<FolderFlow>> readFlowFolder(const std::string& root, const std::string& base);

/// Whether a name that a server gave may be a part of a path here.
[[nodiscard]] bool isPlainName(std::string_view name);

/// The name of the file of a flow, without its ending: its id, with %2F and the like for what no name of a file may
/// have.
[[nodiscard]] std::string fileNameOf(std::string_view id);

/// The folder `folder` below `base`, as a path: "a/b" below "a" is "b". Empty for `base` itself.
[[nodiscard]] std::string below(const std::string& base, const std::string& folder);

}  // namespace weir::cli
