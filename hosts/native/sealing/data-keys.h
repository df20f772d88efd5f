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

/// Where the keys of a folder are while it is being encrypted (weir encrypt).
[[nodiscard]] std::string encryptingFolder(const std::string& dataFolder);
/// A conversion was interrupted before its end. One that has come to it may have left its folder there.
[[nodiscard]] Result<bool> isEncryptingBegun(const std::string& dataFolder);
/// What a conversion that has come to its end leaves there.
void endEncrypting(const std::string& dataFolder);

/// A new folder is encrypted unless it is said that it is not; where no master key is, one is made in the default file.
/// A folder that has data and no keys.json came to be before there was one: it is as it is, not encrypted. All refusals
/// come before anything is written: those of KeyRing::open, `key.file`, and `key.encrypted` for `noEncryption` with a
/// folder that is encrypted. A master key together with `noEncryption` is for secrets alone.
[[nodiscard]] Result<DataKeys> openDataKeys(const DataKeysOptions& options);

struct SecretKeys {
  std::optional<KeyRing> ring;  // nothing: there is no master key that it opens with
  std::string notice{};         // for the terminal
};

/// What seals the values of secrets where the data folder is not encrypted: a ring of its own in `secret-keys` below
/// it, made if it is not there, as the master key that wraps it is. Of a folder that has been encrypted since: the ring
/// that it had before, or nothing. Without a master key that opens it the server does without secrets, as the notice
/// says.
[[nodiscard]] Result<SecretKeys> openSecretKeys(const DataKeysOptions& options, const KeyRing& ring);
/// Where that ring is, or would be.
[[nodiscard]] std::string secretKeysFolder(const std::string& dataFolder);
[[nodiscard]] bool hasSecretKeys(const std::string& dataFolder);
/// All is sealed with the keys of the data folder itself now.
void dropSecretKeys(const std::string& dataFolder);

}  // namespace weir::native
