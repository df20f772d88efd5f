// A state file under the keys of its folder.
#pragma once

#include <memory>

#include "hosts/native/sealing/file-keys.h"
#include "hosts/native/state/file-state-store.h"

namespace weir::native {

/// With keys the file is made with the first of them; one that has an older key takes the first before it is opened. A
/// file that none of them opens is `state.corrupt`: also one that is not encrypted, as somebody may have put it there.
/// Without keys it is as FileStateStore::open. Errors are those of it, and of the files.
[[nodiscard]] Result<std::unique_ptr<FileStateStore>> openState(FileStateOptions options, const FileKeys& keys,
                                                                Clock& clock);

/// The file under another key, or under its first; null: it has none. Nobody has it open. After a crash the old file is
/// there or the new one.
Result<void> recodeState(const std::string& path, const sodium::Key* from, const sodium::Key& to);

}  // namespace weir::native
