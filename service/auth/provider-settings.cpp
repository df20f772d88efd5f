// Checks what an operator has said about the identity provider.
#include "service/auth/provider-settings.h"

#include <utility>

#include "engine/text/url.h"

namespace weir::auth {
namespace {

std::unexpected<Error> wrong(std::string message) { return fail("settings.invalid", std::move(message)); }

bool hasWord(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == wanted) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

}  // namespace

bool isSafeAddress(std::string_view text) {
  const auto url = parseUrl(text);
  if (!url || !url->user.empty() || !url->password.empty()) return false;
  if (url->scheme == "https") return true;
  return url->scheme == "http" && (url->host == "localhost" || url->host == "::1" || url->host.starts_with("127."));
}

Result<ClaimRole> readClaimRole(std::string_view text) {
  const auto mark = text.rfind('=');
  const auto form = "--oidc-role '" + std::string(text) + "' is no VALUE=ROLE, VALUE=ROLE:FOLDER or VALUE=server.admin";
  if (mark == std::string_view::npos || mark == 0) return wrong(form);
  ClaimRole read{.value = std::string(text.substr(0, mark)), .administersServer = false, .role = {}, .folder = {}};
  const auto given = text.substr(mark + 1);
  if (given == nameOf(Permission::serverAdmin)) {
    read.administersServer = true;
    return read;
  }
  const auto colon = std::min(given.find(':'), given.size());
  const auto role = roleNamed(given.substr(0, colon));
  if (!role) return wrong(form + "; roles are viewer, operator, editor, developer and admin");
  read.role = *role;
  read.folder = given.substr(std::min(colon + 1, given.size()));
  if (read.folder.starts_with('/') || read.folder.ends_with('/')) {
    return wrong(form + "; a folder is a path such as team/reports, without slashes at its ends");
  }
  return read;
}

Result<Unit> check(const ProviderSettings& settings) {
  if (!isSafeAddress(settings.issuer)) {
    return wrong("--oidc-issuer '" + settings.issuer +
                 "' is no https:// URL without user and password; http:// is taken for this machine alone");
  }
  if (settings.clientId.empty()) return wrong("--oidc-issuer needs --oidc-client-id: what the provider calls us");
  if (!hasWord(settings.scopes, "openid")) {
    return wrong("--oidc-scopes '" + settings.scopes + "' lacks openid, without which there is no ID token");
  }
  if (!settings.roles.empty() && settings.claim.empty()) {
    return wrong("--oidc-role needs --oidc-claim: in which claim of the ID token the values are");
  }
  if (!isSafeAddress(settings.returnUrl)) {
    return wrong(
        "--oidc-issuer needs --public-url, an https:// URL: where the provider sends people back to; it is left out "
        "only where the server listens at 127.0.0.1");
  }
  return Unit{};
}

}  // namespace weir::auth
