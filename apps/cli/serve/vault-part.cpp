// From settings to vaults, and from vaults to settings.
#include "apps/cli/serve/vault-part.h"

#include <cstdlib>
#include <utility>

#include "apps/cli/serve/server-words.h"

namespace weir::cli {

Result<std::unique_ptr<native::Vaults>> openVaults(const Config& config) {
  native::VaultsSettings settings;
  settings.vault.address = config.text("vault-addr");
  settings.vault.token = config.text("vault-token");
  settings.vault.roleId = config.text("vault-role-id");
  settings.vault.secretId = config.text("vault-secret-id");
  settings.vault.namespaceName = config.text("vault-namespace");
  settings.vault.caFile = config.text("vault-ca");
  settings.aws.region = config.text("aws-region");
  settings.aws.accessKeyId = config.text("aws-access-key-id");
  settings.aws.secretAccessKey = config.text("aws-secret-access-key");
  settings.aws.sessionToken = config.text("aws-session-token");
  settings.aws.endpoint = config.text("aws-secrets-endpoint");
  settings.refreshMs = config.number("vault-refresh");
  settings.insecureTransport = config.flag("insecure-transport");
  for (const auto* name : {"vault-token", "vault-secret-id", "aws-secret-access-key", "aws-session-token"}) {
    if (isSecretReference(config.text(name))) {
      return fail("secret.reference", config.origin(name) + " is a reference itself, so it could not be read; give " +
                                          std::string(name) + " as it is");
    }
  }
  return native::Vaults::make(std::move(settings));
}

Result<void> readReferences(Config& config, native::Vaults& vaults) {
  for (const auto name : config.secrets()) {
    const auto text = config.text(name);
    if (!isSecretReference(text)) continue;
    auto value = vaults.readNow(text);
    if (!value) {
      value.error().message =
          std::string(name) + " (" + config.origin(name) + ") is the reference " + text + ": " + value.error().message;
      return std::unexpected(std::move(value.error()));
    }
    config.put(name, std::move(*value));
  }
  return {};
}

Result<Config> readKeyConfig(const GivenTexts& flags) {
  WEIR_ASSIGN(auto config, readConfig(serveSettings(), flags));
  sayAll(config.warnings());
  WEIR_ASSIGN(const auto vaults, openVaults(config));
  const bool referred = isSecretReference(config.text("master-key")) || isSecretReference(config.text("database-url"));
  if (referred) WEIR_TRY(readReferences(config, *vaults));
  return config;
}

void forgetSecretVariables() {
  for (const auto& setting : serveSettings()) {
    if (!setting.secret) continue;
    ::unsetenv(variableOf(setting).c_str());
    for (auto rest = setting.aliases; !rest.empty();) {
      const auto end = std::min(rest.find(' '), rest.size());
      ::unsetenv(std::string(rest.substr(0, end)).c_str());
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

}  // namespace weir::cli
