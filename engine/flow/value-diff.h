// Differences of two JSON values by path.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/flow-diff.h"

namespace weir::flow {

/// What places of differences may take, all together: below a long key each says it again.
struct DiffRoom {
  std::size_t bytes = std::size_t{16} << 20;
  bool cut = false;  // there was no more: what else differs is left out
};

/// Adds what differs between two values, down to single members and named elements of lists; null (a pointer) is a
/// value that is not there. `path` is for a person, the pointers lead to the two values.
void addDifferences(const json::Value* before, const json::Value* after, const std::string& path,
                    const std::string& beforePointer, const std::string& afterPointer, std::vector<Difference>& out,
                    DiffRoom& room);

/// `settings` and `path` are `settings.path`; a key that is no plain word stands in brackets.
[[nodiscard]] std::string pathBelow(const std::string& path, std::string_view key);

}  // namespace weir::flow
