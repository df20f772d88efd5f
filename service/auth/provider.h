// Provider: people who sign in through OpenID Connect, from where they are sent to what their token says.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/host/clock.h"
#include "service/api/route.h"
#include "service/auth/id-token.h"
#include "service/auth/provider-texts.h"

namespace weir::auth {

/// One thread, that of the Api. Of the provider it knows what was fetched within the last hour; keys are fetched again
/// for one that is not known, once a minute at most.
class Provider {
 public:
  enum class Purpose : std::uint8_t { signIn, link, confirm };
  /// What is kept of a sign-in that has begun, for ten minutes and one use.
  struct Waiting {
    Purpose purpose = Purpose::signIn;
    std::string user;      // who began it, where it is about an account that is there
    std::string returnTo;  // a path of ours
    std::string address;
    Ask ask{};
    std::int64_t madeMs = 0;
  };
  /// Where the browser is sent, and the secret of the cookie that binds the sign-in to it.
  struct Begun {
    std::string location, cookie;
  };
  /// What the browser brings back.
  struct Back {
    std::string cookie, state, code, issuer, error;
  };
  /// Both outlive it. The settings have been checked.
  Provider(ProviderSettings settings, Http& http, Clock& clock)
      : settings_(std::move(settings)), http_(http), clock_(clock) {}

  [[nodiscard]] const ProviderSettings& settings() const { return settings_; }
  /// Refusals: 503 `auth.provider_away`, 502 `auth.provider`.
  [[nodiscard]] api::Job<api::Expected<Begun>> begin(api::Call& call, Waiting waiting);
  /// The sign-in that a browser comes back with, which is used up by that. 400 `auth.state`.
  [[nodiscard]] api::Expected<Waiting> take(const Back& back);
  /// What the provider says of who comes back. Refusals: 403 `auth.provider`, 503 `auth.provider_away`.
  [[nodiscard]] api::Job<api::Expected<IdToken>> finish(api::Call& call, const Waiting& began, const Back& back);
  /// Of a back-channel logout; each token counts once. 400 `auth.provider`, 503.
  [[nodiscard]] api::Job<api::Expected<LogoutToken>> readLogout(api::Call& call, std::string token);

  static constexpr std::int64_t kWaitsMs = 600'000, kFreshMs = 3'600'000, kAgainMs = 60'000;
  static constexpr std::size_t kMostWaiting = 10'000, kMostOfAddress = 100, kMostLogouts = 10'000;

 private:
  [[nodiscard]] api::Job<api::Expected<std::string>> fetch(api::Call& call, HttpRequest request);
  [[nodiscard]] api::Job<api::Expected<Unit>> describe(api::Call& call);
  [[nodiscard]] api::Job<api::Expected<Unit>> fetchKeys(api::Call& call);
  [[nodiscard]] api::Job<api::Expected<Unit>> haveKeyOf(api::Call& call, std::string token);
  [[nodiscard]] std::int64_t nowMs() { return clock_.steadyNanos() / 1'000'000; }
  [[nodiscard]] IdTokenRules rules(std::string nonce);
  void keep(std::string key, Waiting waiting);

  ProviderSettings settings_;
  Http& http_;
  Clock& clock_;
  std::optional<ProviderDescription> description_;
  std::vector<ProviderKey> keys_;
  std::int64_t describedMs_ = 0, keysMs_ = 0;
  std::optional<std::int64_t> askedAgainMs_;                  // for a key that was not known
  std::map<std::string, Waiting, std::less<>> waiting_;       // by the hash of the cookie's secret
  std::map<std::string, std::int64_t, std::less<>> logouts_;  // tokens that were used, and when
};

/// A path of ours to go on at: `wanted`, or the start page if that leads elsewhere.
[[nodiscard]] std::string ownPath(std::string_view wanted);

}  // namespace weir::auth
