// The settings of the group Encryption that say where a key is.
#include "apps/cli/serve/key-options.h"

#include <utility>
#include <vector>

#include "hosts/native/native-clock.h"
#include "hosts/native/sealing/database-key.h"
#include "hosts/native/sealing/private-file.h"

namespace weir::cli {

native::DataKeysOptions keyOptions(const Config& config, const std::string& dataFolder) {
  native::DataKeysOptions options;
  options.dataFolder = dataFolder;
  options.masterKeyFile = config.text("master-key-file");
  options.masterKeyText = config.text("master-key");
  if (!options.masterKeyText.empty()) options.masterKeyFrom = config.origin("master-key");
  options.nowMs = native::NativeClock().nowMicros() / 1000;
  return options;
}

Result<native::KeyRing> openRing(const native::DataKeysOptions& options) {
  const bool said = !options.masterKeyText.empty() || !options.masterKeyFile.empty();
  WEIR_ASSIGN(const auto master, native::findMasterKey(options));
  auto found = native::KeyRing::open(options.dataFolder, master ? &*master : nullptr);
  const bool ofSecrets = said && native::hasSecretKeys(options.dataFolder);
  if (!found && found.error().code == "key.not_encrypted" && (!said || ofSecrets))
    found = native::KeyRing::open(options.dataFolder, nullptr);
  if (!found) return std::unexpected(std::move(found.error()));
  if (*found) return std::move(**found);
  return fail("backup.no_data",
              "'" + options.dataFolder + "' is no data folder of a server: it has no keys.json. weir serve makes it");
}

Result<void> checkOwnDatabase(const std::string& dataFolder) {
  if (native::fileThere(native::databasePath(dataFolder))) return {};
  return fail("backup.no_data", "the data folder '" + dataFolder +
                                    "' has no weir.db: its server keeps its records in a PostgreSQL. weir audit verify "
                                    "and weir backup take its address as weir serve does (WEIR_DATABASE_URL)");
}

std::span<const Setting> keySettings() {
  static const auto kSettings = [] {
    std::vector<Setting> found;
    for (const auto& setting : serveSettings()) {
      const bool key = setting.name == "master-key-file" || setting.name == "master-key";
      if (key || setting.group == "Vaults" || setting.name == "insecure-transport") found.push_back(setting);
    }
    return found;
  }();
  return kSettings;
}

std::span<const Setting> backupSettings() {
  static const auto kSettings = [] {
    std::vector<Setting> found(keySettings().begin(), keySettings().end());
    for (const auto& setting : serveSettings()) {
      if (setting.group == "Database") found.push_back(setting);
    }
    return found;
  }();
  return kSettings;
}

}  // namespace weir::cli
