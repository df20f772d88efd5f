// S2: tokens of providers are taken when all of them is right, and for nothing less.
#include "service/auth/id-token.h"

#include <doctest/doctest.h>

#include "service/auth/signed-tokens.test.h"

namespace weir::auth {
namespace {

using namespace signed_tokens;

IdTokenRules rules() {
  return {.issuer = "https://id.example",
          .audience = "weir",
          .nonce = "n-0S6",
          .nowSeconds = 1'700'000'100,
          .groupsClaim = "groups"};
}

/// Why it is not taken; empty: it is.
std::string problemOf(std::string_view token, const IdTokenRules& wanted = rules()) {
  const auto keys = readKeys(kKeys);
  REQUIRE(keys);
  const auto read = readIdToken(token, *keys, wanted);
  if (read) return {};
  CHECK(read.error().code == "auth.provider");
  return read.error().message;
}

}  // namespace

TEST_CASE("S2: a token that one of the provider's keys has signed is read, by every algorithm that we take") {
  for (const auto token : {kRs256, kPs256, kEs256, kEdDsa, kParty}) {
    CHECK(problemOf(token).empty());
  }
  const auto read = readIdToken(kRs256, *readKeys(kKeys), rules());
  REQUIRE(read);
  CHECK(read->subject == "248289");
  CHECK(read->name == "jane");
  CHECK(read->groups == std::vector<std::string>{"sales", "it"});
  CHECK(read->session == "s1");
  CHECK(keyIdOf(kEs256) == "e");
}

TEST_CASE("S2: alg none, keys taken for another kind, keys that the token brings along and weak keys are refused") {
  CHECK(problemOf(kNone).contains("signed by 'none'"));
  CHECK(problemOf(kHs256).contains("signed by 'HS256'"));
  for (const auto token : {kWeak, kOther, kInjected, kConfused}) {
    CHECK(problemOf(token).contains("none of the provider's keys"));
  }
  CHECK(problemOf(kCritical).contains("extensions"));
}

TEST_CASE("S2: another issuer, audience, party, nonce or time is refused") {
  CHECK(problemOf(kOtherIssuer).contains("issuer"));
  CHECK(problemOf(kOtherAudience).contains("'aud'"));
  CHECK(problemOf(kManyAudiences).contains("for several"));
  CHECK(problemOf(kOtherParty).contains("'azp'"));
  CHECK(problemOf(kNoTimes).contains("when it ends"));
  CHECK(problemOf(kNotYet).contains("from the future"));
  CHECK(problemOf(kNoSubject).contains("'sub'"));
  auto at = rules();
  at.nowSeconds = 1'700'000'359;
  CHECK(problemOf(kRs256, at).empty());
  at.nowSeconds = 1'700'000'360;
  CHECK(problemOf(kRs256, at).contains("expired"));
  at.nowSeconds = 1'699'999'939;
  CHECK(problemOf(kRs256, at).contains("from the future"));
  at = rules();
  at.nonce = "another";
  CHECK(problemOf(kRs256, at).contains("nonce"));
}

TEST_CASE("S2: a token of which any byte was changed is refused") {
  for (const auto token : {kRs256, kEs256, kEdDsa}) {
    for (std::size_t i = 0; i < token.size(); i += 7) {
      std::string changed(token);
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      // The last character of a part may hold bits that stand for nothing.
      if (i + 1 == token.size() || token[i + 1] == '.') continue;
      CHECK(!problemOf(changed).empty());
    }
  }
  for (const auto* text : {"", ".", "..", "a.b", "a.b.c.d", "e30.e30."}) CHECK(!problemOf(text).empty());
}

}  // namespace weir::auth
