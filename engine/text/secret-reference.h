// SecretReference: a secret's place in a vault, as settings and secrets name it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir {

/// `vault:MOUNT/PATH#FIELD` in a key-value engine of version 2 of HashiCorp Vault, or `aws-sm:NAME#FIELD` in AWS
/// Secrets Manager, where FIELD may be left out: then the value is the whole text.
struct SecretReference {
  enum class Kind : std::uint8_t { vault, awsSecrets };
  Kind kind = Kind::vault;
  std::string mount{}, path{}, field{};
};

/// Whether a text says that it is one.
[[nodiscard]] bool isSecretReference(std::string_view text);
/// `secret.reference` with what is wrong.
[[nodiscard]] Result<SecretReference> parseSecretReference(std::string_view text);

}  // namespace weir
