// Differences of two JSON values by path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/flow-diff.h"

namespace weir::flow {

/// Adds what differs between two values, down to single members and named elements of lists; null (a pointer) is a
/// value that is not there. `path` is for a person, the pointers lead to the two values.
void addDifferences(const json::Value* before, const json::Value* after, const std::string& path,
                    const std::string& beforePointer, const std::string& afterPointer, std::vector<Difference>& out);

/// `settings` and `path` are `settings.path`; a key that is no plain word stands in brackets.
[[nodiscard]] std::string pathBelow(const std::string& path, std::string_view key);

}  // namespace weir::flow
