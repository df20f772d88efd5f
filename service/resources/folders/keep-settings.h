// Stores changes of what belongs to folders, for handlers.
#pragma once

#include <vector>

#include "service/api/route.h"
#include "service/folders/folder-book.h"

namespace weir::api {

/// Waits until the changes and their entries are stored.
Job<Expected<Unit>> keepSettings(Call& call, folders::FolderBook& book, std::vector<store::FolderChange> changes,
                                 std::vector<store::AuditEntry> entries);

}  // namespace weir::api
