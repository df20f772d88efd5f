// Conditions of statements that list what is in folders, and what somebody may see.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/auth/grants.h"

namespace weir::store::sql {

/// A statement that grows, and the texts that are bound to it, in their order.
struct Narrowed {
  std::string& sql;
  std::vector<std::string>& texts;
};

/// ` AND (…)`: only in one of these folders, or below. `column` is that of the folder.
void onlyInFolders(Narrowed statement, std::string_view column, const std::vector<std::string>& folders);
/// Only what is in reach; `flow` is the column of the flow's id, or empty where a row is of a folder alone.
void onlyInReach(Narrowed statement, const auth::Reach& reach, std::string_view folder, std::string_view flow);

}  // namespace weir::store::sql
