// Who may use a secret, and where it is looked for.
#include <algorithm>

#include "service/store/secrets.h"

namespace weir::store {
namespace {

bool isLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// Without a port; an address of version 6 keeps its brackets.
std::string_view nameOf(std::string_view target) {
  const auto colon = target.rfind(':');
  return colon == std::string_view::npos || target.ends_with(']') ? target : target.substr(0, colon);
}

}  // namespace

bool isSecretName(std::string_view name) {
  const auto inside = [](char c) { return isLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !name.empty() && name.size() <= 128 && isLetter(name.front()) && std::ranges::all_of(name, inside);
}

bool hostAllowed(std::string_view pattern, std::string_view target) {
  const auto wanted = lower(pattern), given = lower(target);
  const auto name = nameOf(given);
  if (wanted == given || wanted == name) return true;
  return wanted.starts_with("*.") && name.size() >= wanted.size() && name.ends_with(std::string_view(wanted).substr(1));
}

Result<void> mayUse(const SecretHead& secret, std::string_view nodeType, std::string_view host) {
  const auto fits = [&](const std::string& pattern) { return hostAllowed(pattern, host); };
  if (std::ranges::none_of(secret.hosts, fits)) {
    return fail("secret.host", "secret '" + secret.name + "' may not be sent to '" + std::string(host) +
                                   "'; somebody with the permission secret.write can add that host to it");
  }
  if (!secret.nodeTypes.empty() && std::ranges::find(secret.nodeTypes, nodeType) == secret.nodeTypes.end()) {
    return fail("secret.node", "secret '" + secret.name + "' may not be used by nodes of type '" +
                                   std::string(nodeType) +
                                   "'; somebody with the permission secret.write can add that type to it");
  }
  return {};
}

std::vector<std::string> foldersOfUse(std::string_view folder) {
  std::vector<std::string> folders{std::string(folder)};
  for (auto slash = folder.rfind('/'); slash != std::string_view::npos; slash = folder.rfind('/')) {
    folder = folder.substr(0, slash);
    folders.emplace_back(folder);
  }
  return folders;
}

}  // namespace weir::store
