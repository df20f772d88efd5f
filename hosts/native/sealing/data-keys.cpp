// Found in order: a text, a file that was named, the default file.
#include "hosts/native/sealing/data-keys.h"

#include <utility>

#include "hosts/native/sealing/master-key.h"
#include "hosts/native/sealing/private-file.h"

namespace weir::native {
namespace {

constexpr const char* kDatabase = "/weir.db";

/// A new folder with nothing said: the default file, which is made if it is not there.
Result<DataKeys> makeNew(const DataKeysOptions& options, std::optional<sodium::Key> master) {
  std::string notice;
  if (!options.noEncryption && !master) {
    WEIR_ASSIGN(const auto path, defaultMasterKeyPath());
    WEIR_TRY(checkKeyOutside(path, options.dataFolder));
    WEIR_ASSIGN(master, makeMasterKey(path));
    notice = "A master key was made: " + path +
             "\nKeep a copy of it in another place: without it nobody can read the data in " + options.dataFolder + ".";
  }
  const auto* key = options.noEncryption ? nullptr : &*master;
  WEIR_ASSIGN(auto ring, KeyRing::make(options.dataFolder, key, options.nowMs));
  if (options.noEncryption) {
    notice = "The data in " + options.dataFolder +
             " is not encrypted: who can read the disk can read it. `weir encrypt` changes that.";
  }
  return DataKeys{std::move(ring), std::move(notice)};
}

}  // namespace

Result<std::optional<sodium::Key>> findMasterKey(const DataKeysOptions& options) {
  if (!options.masterKeyText.empty()) {
    WEIR_ASSIGN(auto key, parseMasterKey(options.masterKeyText, options.masterKeyFrom));
    return std::optional(key);
  }
  auto path = options.masterKeyFile;
  if (path.empty()) {
    auto usual = defaultMasterKeyPath();
    if (!usual || !fileThere(*usual)) return std::optional<sodium::Key>();
    path = std::move(*usual);
  }
  WEIR_TRY(checkKeyOutside(path, options.dataFolder));
  WEIR_ASSIGN(auto key, readMasterKey(path));
  return std::optional(key);
}

Result<DataKeys> openDataKeys(const DataKeysOptions& options) {
  const bool said = !options.masterKeyText.empty() || !options.masterKeyFile.empty();
  if (fileThere(options.dataFolder + "/encrypting/" + std::string(KeyRing::kFile))) {
    return fail("key.not_encrypted", "the data folder '" + options.dataFolder +
                                         "' is encrypted in part: weir encrypt was interrupted. Run it again; nothing "
                                         "is lost");
  }
  const bool old = fileThere(options.dataFolder + "/" + std::string(KeyRing::kFile));
  if (!old && fileThere(options.dataFolder + kDatabase)) {
    if (said) {
      return fail("key.not_encrypted", "a master key was given, but the data folder '" + options.dataFolder +
                                           "' is not encrypted; run weir encrypt on it");
    }
    WEIR_ASSIGN(auto ring, KeyRing::make(options.dataFolder, nullptr, options.nowMs));
    return DataKeys{std::move(ring), "The data in " + options.dataFolder +
                                         " is not encrypted, as it was made before there were keys. `weir encrypt` "
                                         "changes that."};
  }
  std::optional<sodium::Key> master;
  if (old || !options.noEncryption) {
    WEIR_ASSIGN(master, findMasterKey(options));
  } else if (said) {
    return fail("key.not_encrypted",
                "a master key was given together with --no-encryption; leave one of them out. Nothing was changed");
  }
  if (!old) return makeNew(options, std::move(master));
  auto found = KeyRing::open(options.dataFolder, master ? &*master : nullptr);
  // The default file is there for other folders: that this one is not encrypted is no mistake of anybody.
  if (!found && found.error().code == "key.not_encrypted" && !said) found = KeyRing::open(options.dataFolder, nullptr);
  if (!found) {
    auto& error = found.error();
    error.message = "data folder '" + options.dataFolder + "': " + error.message;
    return std::unexpected(std::move(error));
  }
  if (options.noEncryption && (*found)->encrypted()) {
    return fail("key.encrypted",
                "the data folder '" + options.dataFolder + "' is encrypted, and stays so; leave --no-encryption out");
  }
  return DataKeys{std::move(**found), {}};
}

}  // namespace weir::native
