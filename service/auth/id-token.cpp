// Reads and checks ID tokens.
#include "service/auth/id-token.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "adapters/sodium/sodium.h"
#include "engine/json/document.h"
#include "engine/text/base64.h"

namespace weir::auth {
namespace {

constexpr std::array<std::string_view, 4> kAlgorithms{"RS256", "PS256", "ES256", "EdDSA"};
constexpr std::int64_t kSkewSeconds = 60;
constexpr std::int64_t kLogoutSeconds = 300;
constexpr std::size_t kMostBytes = 64 << 10;
constexpr std::string_view kLogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

std::unexpected<Error> bad(std::string message) {
  return fail("auth.provider", "the provider's token is not taken: " + std::move(message));
}

std::string textOf(const json::Value& object, std::string_view key) {
  const auto* found = object.find(key);
  return found != nullptr && found->isString() ? *found->asString() : std::string();
}

std::optional<std::int64_t> secondsOf(const json::Value& object, std::string_view key) {
  const auto* found = object.find(key);
  double seconds = 0;
  if (found == nullptr || !found->toDouble(seconds) || !(seconds > 0 && seconds < 1e12)) return std::nullopt;
  return static_cast<std::int64_t>(seconds);
}

std::string bytesOf(const json::Value& object, std::string_view key) {
  return decodeBase64(textOf(object, key)).value_or(std::string());
}

struct Parts {
  std::string_view signedText, head, claims, signature;
};

std::optional<Parts> partsOf(std::string_view token) {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (token.size() > kMostBytes || first == std::string_view::npos || first == last) return std::nullopt;
  const Parts parts{token.substr(0, last), token.substr(0, first), token.substr(first + 1, last - first - 1),
                    token.substr(last + 1)};
  if (parts.claims.contains('.')) return std::nullopt;
  return parts;
}

Result<json::Document> objectOf(std::string_view part) {
  const auto decoded = decodeBase64(part);
  if (!decoded) return bad("a part of it is no base64url");
  auto parsed = json::parse(*decoded);
  if (!parsed || !parsed->root().isObject()) return bad("a part of it is no JSON object");
  return std::move(*parsed);
}

Result<void> checkSignature(const Parts& parts, const json::Value& head, const std::vector<ProviderKey>& keys) {
  const auto algorithm = textOf(head, "alg");
  if (!std::ranges::contains(kAlgorithms, algorithm)) {
    return bad("it is signed by '" + algorithm + "'; we take RS256, PS256, ES256 and EdDSA");
  }
  if (head.find("crit") != nullptr) return bad("it wants extensions that we do not know");
  const auto signature = decodeBase64(parts.signature);
  if (!signature || signature->empty()) return bad("it has no signature");
  const auto wanted = textOf(head, "kid");
  for (const auto& key : keys) {
    if (!wanted.empty() && key.id != wanted) continue;
    if (!key.algorithm.empty() && key.algorithm != algorithm) continue;
    if (openssl::signedBy(key.key, algorithm, parts.signedText, *signature)) return {};
  }
  return bad("none of the provider's keys has signed it");
}

Result<void> checkAudience(const json::Value& claims, const std::string& wanted) {
  const auto* given = claims.find("aud");
  const auto party = textOf(claims, "azp");
  bool named = given != nullptr && given->isString() && *given->asString() == wanted;
  if (given != nullptr && given->asArray() != nullptr) {
    for (const auto& one : *given->asArray()) named = named || (one.isString() && *one.asString() == wanted);
    if (given->count() > 1 && party.empty()) return bad("it is for several, and does not say whom it was made for");
  }
  if (!named) return bad("it is for somebody else ('aud')");
  if (!party.empty() && party != wanted) return bad("it was made for '" + party + "' ('azp')");
  return {};
}

Result<void> checkTimes(const json::Value& claims, std::int64_t now) {
  const auto expires = secondsOf(claims, "exp");
  const auto made = secondsOf(claims, "iat");
  const auto begins = secondsOf(claims, "nbf");
  if (!expires || !made) return bad("it does not say when it was made and when it ends");
  if (*expires + kSkewSeconds <= now) return bad("it has expired");
  if (*made - kSkewSeconds > now || (begins && *begins - kSkewSeconds > now)) {
    return bad("it is from the future: the clocks of the provider and this machine differ");
  }
  return {};
}

Result<void> checkLogoutTimes(const json::Value& claims, std::int64_t now) {
  const auto expires = secondsOf(claims, "exp");
  const auto made = secondsOf(claims, "iat");
  if (!made) return bad("it does not say when it was made");
  if (expires && *expires + kSkewSeconds <= now) return bad("it has expired");
  if (*made + kLogoutSeconds + kSkewSeconds <= now) return bad("it is older than five minutes");
  if (*made - kSkewSeconds > now) return bad("it is from the future");
  return {};
}

std::vector<std::string> groupsOf(const json::Value& claims, const std::string& name) {
  std::vector<std::string> groups;
  const auto* given = name.empty() ? nullptr : claims.find(name);
  if (given == nullptr) return groups;
  if (given->isString()) groups.push_back(*given->asString());
  if (given->asArray() == nullptr) return groups;
  for (const auto& one : *given->asArray()) {
    if (one.isString()) groups.push_back(*one.asString());
  }
  return groups;
}

}  // namespace

Result<std::vector<ProviderKey>> readKeys(std::string_view text) {
  const auto parsed = json::parse(text);
  const auto* list = parsed ? parsed->root().find("keys") : nullptr;
  if (list == nullptr || list->asArray() == nullptr) {
    return fail("auth.provider", "the provider's keys are no JSON Web Key Set");
  }
  std::vector<ProviderKey> keys;
  for (const auto& one : *list->asArray()) {
    const auto use = textOf(one, "use");
    if (!use.empty() && use != "sig") continue;
    ProviderKey key;
    key.id = textOf(one, "kid");
    key.algorithm = textOf(one, "alg");
    key.key = {textOf(one, "kty"), textOf(one, "crv"), bytesOf(one, "n"),
               bytesOf(one, "e"),  bytesOf(one, "x"),  bytesOf(one, "y")};
    if (keys.size() < 100) keys.push_back(std::move(key));
  }
  return keys;
}

std::string keyIdOf(std::string_view token) {
  const auto parts = partsOf(token);
  if (!parts) return {};
  const auto head = objectOf(parts->head);
  return head ? textOf(head->root(), "kid") : std::string();
}

Result<IdToken> readIdToken(std::string_view token, const std::vector<ProviderKey>& keys, const IdTokenRules& rules) {
  const auto parts = partsOf(token);
  if (!parts) return bad("it has not three parts with dots between");
  WEIR_ASSIGN(const auto head, objectOf(parts->head));
  WEIR_TRY(checkSignature(*parts, head.root(), keys));
  WEIR_ASSIGN(const auto body, objectOf(parts->claims));
  const auto& claims = body.root();
  if (textOf(claims, "iss") != rules.issuer) return bad("its issuer is '" + textOf(claims, "iss") + "'");
  WEIR_TRY(checkAudience(claims, rules.audience));
  WEIR_TRY(checkTimes(claims, rules.nowSeconds));
  if (!sodium::equalBytes(textOf(claims, "nonce"), rules.nonce)) return bad("it answers another sign-in ('nonce')");
  IdToken read{.subject = textOf(claims, "sub"),
               .name = textOf(claims, "preferred_username"),
               .fullName = textOf(claims, "name"),
               .groups = groupsOf(claims, rules.groupsClaim),
               .session = textOf(claims, "sid"),
               .provedSeconds = secondsOf(claims, "auth_time").value_or(0)};
  if (read.subject.empty() || read.subject.size() > 255) return bad("it does not say who has signed in ('sub')");
  return read;
}

Result<LogoutToken> readLogoutToken(std::string_view token, const std::vector<ProviderKey>& keys,
                                    const IdTokenRules& rules) {
  const auto parts = partsOf(token);
  if (!parts) return bad("it has not three parts with dots between");
  WEIR_ASSIGN(const auto head, objectOf(parts->head));
  WEIR_TRY(checkSignature(*parts, head.root(), keys));
  WEIR_ASSIGN(const auto body, objectOf(parts->claims));
  const auto& claims = body.root();
  if (textOf(claims, "iss") != rules.issuer) return bad("its issuer is '" + textOf(claims, "iss") + "'");
  WEIR_TRY(checkAudience(claims, rules.audience));
  WEIR_TRY(checkLogoutTimes(claims, rules.nowSeconds));
  const auto* events = claims.find("events");
  const auto* event = events != nullptr && events->isObject() ? events->find(kLogoutEvent) : nullptr;
  if (event == nullptr || !event->isObject()) return bad("it names no logout ('events')");
  // An ID token must never do as a logout token.
  if (claims.find("nonce") != nullptr) return bad("it has a nonce, as ID tokens do");
  LogoutToken read{textOf(claims, "jti"), textOf(claims, "sub"), textOf(claims, "sid")};
  if (read.id.empty() || read.id.size() > 255) return bad("it has no name of its own ('jti')");
  if (read.subject.empty() && read.session.empty()) return bad("it does not say who has signed out");
  return read;
}

}  // namespace weir::auth
