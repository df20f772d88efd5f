// Vaults behind a server: secrets of flows that are references, and settings of its own that are.
#pragma once

#include <memory>
#include <string>

#include "apps/cli/serve/config.h"
#include "hosts/native/vault/vaults.h"
#include "service/engines/secret-desk.h"

namespace weir::cli {

/// References of secrets, read from vaults.
class VaultReferences final : public engines::SecretReferences {
 public:
  explicit VaultReferences(native::Vaults& vaults) : vaults_(vaults) {}
  Operation<GivenSecret> read(std::string reference, Waker waker) override {
    return vaults_.read(std::move(reference), std::move(waker));
  }

 private:
  native::Vaults& vaults_;
};

/// As the settings say. `server.insecure`, `url.invalid`, `secret.reference` for a vault whose own credentials are
/// references.
[[nodiscard]] Result<std::unique_ptr<native::Vaults>> openVaults(const Config& config);
/// Puts the values in the place of secret settings that are references (`vault:…`, `aws-sm:…`).
Result<void> readReferences(Config& config, native::Vaults& vaults);
/// All settings of a command that works on a data folder, references read.
[[nodiscard]] Result<Config> readKeyConfig(const GivenTexts& flags);
/// Processes that are started from here on do not inherit secret settings.
void forgetSecretVariables();

}  // namespace weir::cli
