// Scheme, path, field.
#include "engine/text/secret-reference.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::string_view kVault = "vault:", kAws = "aws-sm:";
constexpr std::size_t kMostBytes = 2'048;

std::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return fail("secret.reference", "the reference '" + std::string(text) + "' cannot be used: " + std::string(why));
}

}  // namespace

bool isSecretReference(std::string_view text) { return text.starts_with(kVault) || text.starts_with(kAws); }

Result<SecretReference> parseSecretReference(std::string_view text) {
  if (!isSecretReference(text))
    return wrong(text, "it begins with vault: (MOUNT/PATH#FIELD) or aws-sm: (NAME or NAME#FIELD)");
  SecretReference reference;
  reference.kind = text.starts_with(kVault) ? SecretReference::Kind::vault : SecretReference::Kind::awsSecrets;
  auto rest = text.substr(reference.kind == SecretReference::Kind::vault ? kVault.size() : kAws.size());
  const auto isControl = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (text.size() > kMostBytes || std::ranges::any_of(rest, isControl))
    return wrong("…", "it is too long, or has spaces or control characters");
  if (const auto hash = rest.find('#'); hash != std::string_view::npos) {
    reference.field = rest.substr(hash + 1);
    rest = rest.substr(0, hash);
    if (reference.field.empty()) return wrong(text, "no field stands behind its #");
  }
  if (reference.kind == SecretReference::Kind::awsSecrets) {
    if (rest.empty()) return wrong(text, "it names no secret");
    reference.path = rest;
    return reference;
  }
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size() || rest.ends_with('/') ||
      rest.contains("//") || rest.contains("/../") || rest.ends_with("/.."))
    return wrong(text, "it is vault:MOUNT/PATH#FIELD, such as vault:secret/team/database#password");
  if (reference.field.empty()) return wrong(text, "it names no field: add #FIELD");
  reference.mount = rest.substr(0, slash);
  reference.path = rest.substr(slash + 1);
  if (reference.path.starts_with("data/"))
    return wrong(text, "its path is that of the secret, without the data/ of the HTTP interface");
  return reference;
}

}  // namespace weir
