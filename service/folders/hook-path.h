// Paths of hooks of a server: `/folder/path`, with `:name` for any part.
#pragma once

#include <string>
#include <string_view>

#include "service/folders/folder-book.h"

namespace weir::folders {

/// Behind /hooks: the path of a node below its folder.
[[nodiscard]] std::string hookPath(std::string_view folder, std::string_view path);
/// Whether it has parts that may be anything.
[[nodiscard]] bool isOpen(std::string_view path);
/// Whether two would answer one request: they share a method, and a path could be both.
[[nodiscard]] bool hooksClash(const HookClaim& one, std::string_view folder, const HookClaim& other,
                              std::string_view otherFolder);
/// Whether a path, still percent-encoded and without its query, is that of the hook.
[[nodiscard]] bool hookMatches(std::string_view pattern, std::string_view path);

}  // namespace weir::folders
