// Found in order: a text, a file that was named, the default file.
#include "hosts/native/sealing/data-keys.h"

#include <unistd.h>

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

std::string encryptingFolder(const std::string& dataFolder) { return dataFolder + "/encrypting"; }

void endEncrypting(const std::string& dataFolder) {
  const auto begun = encryptingFolder(dataFolder);
  ::unlink((begun + "/" + std::string(KeyRing::kFile)).c_str());
  ::rmdir(begun.c_str());
}

Result<bool> isEncryptingBegun(const std::string& dataFolder) {
  if (!fileThere(encryptingFolder(dataFolder) + "/" + std::string(KeyRing::kFile))) return false;
  // The ring of an encrypted folder is put in its place last: what is left beside it says nothing any more.
  const auto plain = KeyRing::open(dataFolder, nullptr);
  if (plain || plain.error().code == "key.missing") return plain.has_value();
  return std::unexpected(plain.error());
}

Result<DataKeys> openDataKeys(const DataKeysOptions& options) {
  const bool said = !options.masterKeyText.empty() || !options.masterKeyFile.empty();
  WEIR_ASSIGN(const bool begun, isEncryptingBegun(options.dataFolder));
  if (begun) {
    return fail("key.not_encrypted", "the data folder '" + options.dataFolder +
                                         "' is encrypted in part: weir encrypt was interrupted. Run it again; nothing "
                                         "is lost");
  }
  const bool old = fileThere(options.dataFolder + "/" + std::string(KeyRing::kFile));
  if (!old && fileThere(options.dataFolder + kDatabase)) {
    if (said && !options.noEncryption) {
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
  }
  if (!old) return makeNew(options, std::move(master));
  auto found = KeyRing::open(options.dataFolder, master ? &*master : nullptr);
  // The default file is there for other folders, and for secrets: that this one is not encrypted is no mistake of
  // anybody.
  const bool known = !said || options.noEncryption || hasSecretKeys(options.dataFolder);
  if (!found && found.error().code == "key.not_encrypted" && known) found = KeyRing::open(options.dataFolder, nullptr);
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

std::string secretKeysFolder(const std::string& dataFolder) { return dataFolder + "/secret-keys"; }

bool hasSecretKeys(const std::string& dataFolder) {
  return fileThere(secretKeysFolder(dataFolder) + "/" + std::string(KeyRing::kFile));
}

void dropSecretKeys(const std::string& dataFolder) {
  const auto folder = secretKeysFolder(dataFolder);
  ::unlink((folder + "/" + std::string(KeyRing::kFile)).c_str());
  ::rmdir(folder.c_str());
}

Result<SecretKeys> openSecretKeys(const DataKeysOptions& options, const KeyRing& ring) {
  const bool there = hasSecretKeys(options.dataFolder);
  if (ring.encrypted() && !there) return SecretKeys{};
  const auto without = [](const std::string& why) {
    return SecretKeys{std::nullopt, "Values of secrets can be neither kept nor read: " + why};
  };
  WEIR_ASSIGN(auto master, findMasterKey(options));
  std::string notice;
  if (!master && !there) {
    const auto path = defaultMasterKeyPath();
    if (!path) return without(path.error().message);
    WEIR_TRY(checkKeyOutside(*path, options.dataFolder));
    auto made = makeMasterKey(*path);
    if (!made) return without(made.error().message);
    master = *made;
    notice = "A master key was made for the values of secrets: " + *path + "\nKeep a copy of it in another place.";
  }
  const auto folder = secretKeysFolder(options.dataFolder);
  if (!there) {
    WEIR_TRY(makePrivateFolder(folder));
    WEIR_ASSIGN(auto made, KeyRing::make(folder, &*master, options.nowMs));
    return SecretKeys{std::move(made), std::move(notice)};
  }
  auto found = KeyRing::open(folder, master ? &*master : nullptr);
  if (found) return SecretKeys{std::move(*found), {}};
  const auto& code = found.error().code;
  if (code == "key.missing" || code == "key.wrong") return without(found.error().message);
  return std::unexpected(std::move(found.error()));
}

}  // namespace weir::native
