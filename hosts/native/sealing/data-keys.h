// The keys of a data folder at the start of a program: found, or made for a new folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hosts/native/sealing/key-ring.h"

namespace weir::native {

struct DataKeysOptions {
  std::string dataFolder;  // is there
  /// Where the master key is: a text, a file, or the default file.
  std::string masterKeyText{}, masterKeyFile{};
  std::string masterKeyFrom = "WEIR_MASTER_KEY";  // what the text came from, for messages
  bool noEncryption = false;                      // for a new folder
  std::int64_t nowMs = 0;
};

struct DataKeys {
  KeyRing ring;
  /// For the terminal: what was decided when the folder was made, or what is worth knowing; mostly empty.
  std::string notice{};
};

/// The master key that the options name; nothing if there is none there. `key.file`.
[[nodiscard]] Result<std::optional<sodium::Key>> findMasterKey(const DataKeysOptions& options);

/// A new folder is encrypted unless it is said that it is not; where no master key is, one is made in the default file.
/// A folder that has data and no keys.json came to be before there was one: it is as it is, not encrypted. All refusals
/// come before anything is written: those of KeyRing::open, `key.file`, and `key.encrypted` for `noEncryption` with a
/// folder that is encrypted.
[[nodiscard]] Result<DataKeys> openDataKeys(const DataKeysOptions& options);

}  // namespace weir::native
