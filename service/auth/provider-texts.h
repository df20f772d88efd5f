// What we and an identity provider say to each other: its description, our address for people, its answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/host/http.h"
#include "service/auth/provider-settings.h"

namespace weir::auth {

/// What a provider says of itself (OpenID Connect Discovery).
struct ProviderDescription {
  std::string authorization, token, keys;  // its endpoints
  bool answersWithIssuer = false;          // RFC 9207
  bool takesBasic = true;                  // the client's secret as basic authentication
};

/// The request for it.
[[nodiscard]] HttpRequest descriptionRequest(const ProviderSettings& settings);
[[nodiscard]] HttpRequest keysRequest(const ProviderSettings& settings, const ProviderDescription& provider);
/// `auth.provider` for one of another issuer, or with an endpoint that is not safe.
[[nodiscard]] Result<ProviderDescription> readDescription(std::string_view text, const ProviderSettings& settings);

/// One sign-in, as the address that people are sent to names it.
struct Ask {
  std::string state, nonce, verifier;
  bool again = false;  // the provider is to ask for the password, whoever has signed in there
};
[[nodiscard]] std::string authorizationUrl(const ProviderSettings& settings, const ProviderDescription& provider,
                                           const Ask& ask);
[[nodiscard]] std::string callbackUrl(const ProviderSettings& settings);
[[nodiscard]] HttpRequest tokenRequest(const ProviderSettings& settings, const ProviderDescription& provider,
                                       std::string_view code, std::string_view verifier);
/// The ID token of an answer. `auth.provider`.
[[nodiscard]] Result<std::string> readTokenAnswer(const HttpResponse& response);

/// The value of a member of `application/x-www-form-urlencoded`; nothing: it is not there, or twice.
[[nodiscard]] std::optional<std::string> formValue(std::string_view form, std::string_view name);

}  // namespace weir::auth
