// Signing in at a provider.
#include "service/auth/provider.h"

#include <algorithm>
#include <utility>

#include "adapters/sodium/sodium.h"
#include "service/auth/secret-text.h"

namespace weir::auth {
namespace {

using api::Expected;
using api::Job;
using api::refuse;

std::unexpected<api::Refusal> notTaken(int status, std::string detail) {
  return refuse(status, "auth.provider", std::move(detail));
}

/// Drops what is oldest of those that `belongs` takes, while there are more than `most`.
template <class Map, class Time, class Belongs>
void bound(Map& map, std::size_t most, Time time, Belongs belongs) {
  const auto count = std::ranges::count_if(map, belongs);
  if (static_cast<std::size_t>(count) <= most) return;
  auto oldest = map.end();
  for (auto at = map.begin(); at != map.end(); ++at) {
    if (belongs(*at) && (oldest == map.end() || time(*at) < time(*oldest))) oldest = at;
  }
  map.erase(oldest);
}

}  // namespace

std::string ownPath(std::string_view wanted) {
  const bool own = wanted.starts_with('/') && !wanted.starts_with("//") && wanted.size() <= 500 &&
                   std::ranges::all_of(wanted, [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
  return own ? std::string(wanted) : "/";
}

Job<Expected<std::string>> Provider::fetch(api::Call& call, HttpRequest request) {
  const auto url = request.url;
  auto response = co_await call.of(http_.send(std::move(request), call.waker()));
  if (!response) {
    co_return refuse(503, "auth.provider_away",
                     "the identity provider does not answer at " + url + ": " + response.error().message);
  }
  if (response->status != 200) {
    co_return refuse(503, "auth.provider_away",
                     "the identity provider answers with status " + std::to_string(response->status) + " at " + url);
  }
  co_return std::move(response->body);
}

Job<Expected<Unit>> Provider::describe(api::Call& call) {
  if (description_ && nowMs() - describedMs_ < kFreshMs) co_return Unit{};
  const auto text = co_await fetch(call, descriptionRequest(settings_));
  if (!text) {
    // What was known an hour ago still helps.
    if (description_) co_return Unit{};
    co_return std::unexpected(text.error());
  }
  auto read = readDescription(*text, settings_);
  if (!read) co_return notTaken(502, std::move(read.error().message));
  description_ = std::move(*read);
  describedMs_ = nowMs();
  co_return Unit{};
}

Job<Expected<Unit>> Provider::fetchKeys(api::Call& call) {
  const auto text = co_await fetch(call, keysRequest(settings_, *description_));
  if (!text) {
    if (!keys_.empty()) co_return Unit{};
    co_return std::unexpected(text.error());
  }
  auto read = readKeys(*text);
  if (!read) co_return notTaken(502, std::move(read.error().message));
  keys_ = std::move(*read);
  keysMs_ = nowMs();
  co_return Unit{};
}

Job<Expected<Unit>> Provider::haveKeyOf(api::Call& call, std::string token) {
  if (auto described = co_await describe(call); !described) co_return std::unexpected(described.error());
  if (keys_.empty() || nowMs() - keysMs_ >= kFreshMs) co_return co_await fetchKeys(call);
  const auto wanted = keyIdOf(token);
  if (wanted.empty() || std::ranges::contains(keys_, wanted, &ProviderKey::id)) co_return Unit{};
  // Whoever sends names of keys that nobody has must not make us ask again and again.
  if (askedAgainMs_ && nowMs() - *askedAgainMs_ < kAgainMs) co_return Unit{};
  askedAgainMs_ = nowMs();
  co_return co_await fetchKeys(call);
}

IdTokenRules Provider::rules(std::string nonce) {
  return {.issuer = settings_.issuer,
          .audience = settings_.clientId,
          .nonce = std::move(nonce),
          .nowSeconds = clock_.nowMicros() / 1'000'000,
          .groupsClaim = settings_.claim};
}

void Provider::keep(std::string key, Waiting waiting) {
  const auto now = nowMs();
  std::erase_if(waiting_, [now](const auto& entry) { return now - entry.second.madeMs >= kWaitsMs; });
  const auto address = waiting.address;
  waiting_.insert_or_assign(std::move(key), std::move(waiting));
  const auto made = [](const auto& entry) { return entry.second.madeMs; };
  bound(waiting_, kMostOfAddress, made, [&](const auto& entry) { return entry.second.address == address; });
  bound(waiting_, kMostWaiting, made, [](const auto&) { return true; });
}

Job<Expected<Provider::Begun>> Provider::begin(api::Call& call, Waiting waiting) {
  if (auto described = co_await describe(call); !described) co_return std::unexpected(described.error());
  waiting.ask.state = newSecret();
  waiting.ask.nonce = newSecret();
  waiting.ask.verifier = newSecret();
  waiting.ask.again = waiting.purpose == Purpose::confirm;
  waiting.madeMs = nowMs();
  Begun begun{authorizationUrl(settings_, *description_, waiting.ask), newSecret()};
  keep(keptOf(begun.cookie), std::move(waiting));
  co_return begun;
}

Expected<Provider::Waiting> Provider::take(const Back& back) {
  const auto at = back.cookie.empty() ? waiting_.end() : waiting_.find(keptOf(back.cookie));
  if (at == waiting_.end() || nowMs() - at->second.madeMs >= kWaitsMs ||
      !sodium::equalBytes(at->second.ask.state, back.state)) {
    return refuse(400, "auth.state",
                  "this is no sign-in that began in this browser within the last ten minutes, or it was finished "
                  "already; begin again at " +
                      settings_.returnUrl + "/sign-in");
  }
  auto began = std::move(at->second);
  waiting_.erase(at);
  return began;
}

Job<Expected<IdToken>> Provider::finish(api::Call& call, const Waiting& began, const Back& back) {
  if (auto described = co_await describe(call); !described) co_return std::unexpected(described.error());
  // Another provider's answer must not be taken to ours (RFC 9207).
  if ((description_->answersWithIssuer || !back.issuer.empty()) && back.issuer != settings_.issuer) {
    co_return notTaken(403, "the answer comes from the provider '" + back.issuer.substr(0, 200) +
                                "' ('iss'), not from '" + settings_.issuer + "'");
  }
  if (!back.error.empty()) {
    co_return notTaken(403, "the provider did not sign you in: '" + back.error.substr(0, 100) + "'");
  }
  if (back.code.empty()) co_return notTaken(403, "the provider's answer has neither a code nor an error");
  auto request = tokenRequest(settings_, *description_, back.code, began.ask.verifier);
  const auto response = co_await call.of(http_.send(std::move(request), call.waker()));
  if (!response) {
    co_return refuse(503, "auth.provider_away",
                     "the identity provider does not answer for its code: " + response.error().message);
  }
  if (response->status >= 500) {
    co_return refuse(503, "auth.provider_away",
                     "the identity provider answers for its code with status " + std::to_string(response->status));
  }
  auto token = readTokenAnswer(*response);
  if (!token) co_return notTaken(403, std::move(token.error().message));
  if (auto known = co_await haveKeyOf(call, *token); !known) co_return std::unexpected(known.error());
  auto read = readIdToken(*token, keys_, rules(began.ask.nonce));
  if (!read) co_return notTaken(403, std::move(read.error().message));
  co_return std::move(*read);
}

Job<Expected<LogoutToken>> Provider::readLogout(api::Call& call, std::string token) {
  if (auto known = co_await haveKeyOf(call, token); !known) co_return std::unexpected(known.error());
  auto read = readLogoutToken(token, keys_, rules({}));
  if (!read) co_return notTaken(400, std::move(read.error().message));
  const auto now = nowMs();
  std::erase_if(logouts_, [now](const auto& entry) { return now - entry.second >= kWaitsMs; });
  if (!logouts_.emplace(read->id, now).second) co_return notTaken(400, "the logout token was used before ('jti')");
  bound(logouts_, kMostLogouts, [](const auto& entry) { return entry.second; }, [](const auto&) { return true; });
  co_return std::move(*read);
}

}  // namespace weir::auth
