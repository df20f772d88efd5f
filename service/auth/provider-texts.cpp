// Writes requests to providers and reads their answers.
#include "service/auth/provider-texts.h"

#include <utility>

#include "adapters/sodium/password.h"
#include "engine/json/document.h"
#include "engine/text/base64.h"
#include "engine/text/url.h"

namespace weir::auth {
namespace {

constexpr std::int64_t kTimeoutMs = 10'000, kMostBytes = 1 << 20;
constexpr std::string_view kCallback = "/api/v1/sign-in/provider/callback";

std::unexpected<Error> bad(std::string message) { return fail("auth.provider", std::move(message)); }

std::string textOf(const json::Value& object, std::string_view key) {
  const auto* found = object.find(key);
  return found != nullptr && found->isString() ? *found->asString() : std::string();
}

HttpRequest requestTo(const ProviderSettings& settings, std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  request.headers.push_back({"accept", "application/json"});
  request.caFile = settings.caFile;
  request.timeoutMs = kTimeoutMs;
  request.maxResponseBytes = kMostBytes;
  // Who is asked is who was configured, or named by them.
  request.maxRedirects = 0;
  return request;
}

void add(std::string& form, std::string_view name, std::string_view value) {
  form.append(form.empty() ? "" : "&").append(name).append("=").append(percentEncoded(value));
}

/// Whether a list of texts has one; a provider that has no list is taken at the default of the standard.
bool lists(const json::Value& object, std::string_view key, std::string_view wanted, bool otherwise) {
  const auto* found = object.find(key);
  if (found == nullptr || found->asArray() == nullptr) return otherwise;
  for (const auto& one : *found->asArray()) {
    if (one.isString() && *one.asString() == wanted) return true;
  }
  return false;
}

}  // namespace

HttpRequest descriptionRequest(const ProviderSettings& settings) {
  auto url = settings.issuer;
  while (url.ends_with('/')) url.pop_back();
  return requestTo(settings, url + "/.well-known/openid-configuration");
}

HttpRequest keysRequest(const ProviderSettings& settings, const ProviderDescription& provider) {
  return requestTo(settings, provider.keys);
}

Result<ProviderDescription> readDescription(std::string_view text, const ProviderSettings& settings) {
  const auto parsed = json::parse(text);
  if (!parsed || !parsed->root().isObject()) return bad("what the provider says of itself is no JSON object");
  const auto& root = parsed->root();
  if (textOf(root, "issuer") != settings.issuer) {
    return bad("the provider says that it is '" + textOf(root, "issuer") + "', and --oidc-issuer says '" +
               settings.issuer + "'; they must be the same to the letter");
  }
  ProviderDescription read{.authorization = textOf(root, "authorization_endpoint"),
                           .token = textOf(root, "token_endpoint"),
                           .keys = textOf(root, "jwks_uri")};
  for (const auto* url : {&read.authorization, &read.token, &read.keys}) {
    if (!isSafeAddress(*url)) return bad("the provider names an endpoint '" + *url + "', which is no https:// URL");
  }
  const auto* answers = root.find("authorization_response_iss_parameter_supported");
  read.answersWithIssuer = answers != nullptr && answers->asBool() != nullptr && *answers->asBool();
  read.takesBasic = lists(root, "token_endpoint_auth_methods_supported", "client_secret_basic", true);
  if (!lists(root, "code_challenge_methods_supported", "S256", true)) {
    return bad("the provider does not take PKCE with S256, without which codes could be stolen");
  }
  return read;
}

std::string callbackUrl(const ProviderSettings& settings) { return settings.returnUrl + std::string(kCallback); }

std::string authorizationUrl(const ProviderSettings& settings, const ProviderDescription& provider, const Ask& ask) {
  std::string form;
  add(form, "response_type", "code");
  add(form, "client_id", settings.clientId);
  add(form, "redirect_uri", callbackUrl(settings));
  add(form, "scope", settings.scopes);
  add(form, "state", ask.state);
  add(form, "nonce", ask.nonce);
  add(form, "code_challenge", encodeBase64Url(sodium::sha256(ask.verifier)));
  add(form, "code_challenge_method", "S256");
  if (ask.again) {
    add(form, "prompt", "login");
    // With it the token says when the password was given.
    add(form, "max_age", "600");
  }
  return provider.authorization + (provider.authorization.contains('?') ? "&" : "?") + form;
}

HttpRequest tokenRequest(const ProviderSettings& settings, const ProviderDescription& provider, std::string_view code,
                         std::string_view verifier) {
  auto request = requestTo(settings, provider.token);
  request.method = "POST";
  request.headers.push_back({"content-type", "application/x-www-form-urlencoded"});
  add(request.body, "grant_type", "authorization_code");
  add(request.body, "code", code);
  add(request.body, "redirect_uri", callbackUrl(settings));
  add(request.body, "code_verifier", verifier);
  if (settings.clientSecret.empty() || !provider.takesBasic) add(request.body, "client_id", settings.clientId);
  if (settings.clientSecret.empty()) return request;
  if (provider.takesBasic) {
    // Encoded like a form's values first (RFC 6749, 2.3.1).
    request.user = percentEncoded(settings.clientId);
    request.password = percentEncoded(settings.clientSecret);
  } else {
    add(request.body, "client_secret", settings.clientSecret);
  }
  return request;
}

Result<std::string> readTokenAnswer(const HttpResponse& response) {
  const auto parsed = json::parse(response.body);
  const bool isObject = parsed && parsed->root().isObject();
  if (response.status != 200) {
    const auto reason = isObject ? textOf(parsed->root(), "error") : std::string();
    return bad("the provider does not take the code: status " + std::to_string(response.status) +
               (reason.empty() ? "" : ", '" + reason.substr(0, 100) + "'"));
  }
  auto token = isObject ? textOf(parsed->root(), "id_token") : std::string();
  if (token.empty()) return bad("the provider's answer has no ID token");
  return token;
}

std::optional<std::string> formValue(std::string_view form, std::string_view name) {
  std::optional<std::string> found;
  while (!form.empty()) {
    const auto end = std::min(form.find('&'), form.size());
    const auto part = form.substr(0, end);
    form.remove_prefix(std::min(end + 1, form.size()));
    const auto mark = std::min(part.find('='), part.size());
    if (part.substr(0, mark) != name) continue;
    auto value = percentDecoded(part.substr(std::min(mark + 1, part.size())), true);
    if (!value || found) return std::nullopt;
    found = std::move(*value);
  }
  return found;
}

}  // namespace weir::auth
