// Tests of passwords and SHA-256.
#include "adapters/sodium/password.h"

#include <doctest/doctest.h>

#include "engine/text/base64.h"

namespace weir::sodium {

TEST_CASE("S14: passwords are hashed by argon2id with 19 MiB and two passes, each with a salt of its own") {
  const auto hash = hashPassword("correct horse battery");
  const auto again = hashPassword("correct horse battery");
  REQUIRE(hash);
  REQUIRE(again);
  CHECK(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(*hash != *again);
  CHECK(passwordFits("correct horse battery", *hash));
  CHECK(!passwordFits("correct horse batterx", *hash));
  CHECK(!passwordFits("", *hash));
  CHECK(!passwordFits("correct horse battery", "nonsense"));
}

TEST_CASE("SHA-256 gives the digest that FIPS 180-2 gives for abc") {
  CHECK(encodeHex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace weir::sodium
