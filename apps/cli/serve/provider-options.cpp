// Reads the settings of the identity provider.
#include "apps/cli/serve/provider-options.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "hosts/native/server/listen-address.h"

namespace weir::cli {
namespace {

/// Where people reach the server; without --public-url only on this machine, and at a port that is known.
Result<std::string> returnUrlOf(const Config& config) {
  auto url = config.text("public-url");
  while (url.ends_with('/')) url.pop_back();
  if (!url.empty()) return url;
  const auto& listen = config.text("listen");
  WEIR_ASSIGN(const auto address, native::parseListenAddress(listen));
  const bool known = address.isLoopback() && !listen.ends_with(":0");
  const bool tls = config.flag("tls-self-signed") || !config.text("tls-cert").empty();
  return known ? (tls ? "https://" : "http://") + listen : std::string();
}

Result<Unit> checkPasswords(const Config& config, bool provider) {
  const bool off = config.text("local-passwords") == "off";
  const auto& breakGlass = config.text("break-glass-user");
  if (off && (!provider || breakGlass.empty())) {
    return fail("settings.invalid",
                "--local-passwords off needs --oidc-issuer, and --break-glass-user NAME: who still comes in with a "
                "password when the provider is away");
  }
  if (!off && !breakGlass.empty()) {
    return fail("settings.invalid", "--break-glass-user is only used with --local-passwords off");
  }
  return Unit{};
}

}  // namespace

Result<std::optional<auth::ProviderSettings>> providerOptions(const Config& config) {
  const bool wanted = !config.text("oidc-issuer").empty();
  WEIR_TRY(checkPasswords(config, wanted));
  if (!wanted) {
    constexpr std::array<std::string_view, 3> kOthers{"oidc-client-id", "oidc-client-secret", "oidc-claim"};
    for (const auto name : kOthers) {
      if (config.given(name)) {
        return fail("settings.invalid",
                    config.origin(name) + " is only used with --oidc-issuer; give the provider's URL");
      }
    }
    return std::optional<auth::ProviderSettings>();
  }
  auth::ProviderSettings settings;
  settings.issuer = config.text("oidc-issuer");
  settings.clientId = config.text("oidc-client-id");
  settings.clientSecret = config.text("oidc-client-secret");
  settings.label = config.text("oidc-label");
  settings.scopes = config.text("oidc-scopes");
  settings.claim = config.text("oidc-claim");
  settings.caFile = config.text("oidc-ca");
  for (const auto& text : config.list("oidc-role")) {
    WEIR_ASSIGN(auto role, auth::readClaimRole(text));
    settings.roles.push_back(std::move(role));
  }
  WEIR_ASSIGN(settings.returnUrl, returnUrlOf(config));
  WEIR_TRY(auth::check(settings));
  return std::optional<auth::ProviderSettings>(std::move(settings));
}

}  // namespace weir::cli
