// Tests of session ids, tokens, slow-down and the threads that hash passwords.
#include "service/auth/secret-text.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "service/auth/kept-memo.h"
#include "service/auth/password-worker.h"
#include "service/auth/slow-down.h"

namespace weir::auth {
namespace {

template <class T>
Result<T> wait(Operation<T>& operation) {
  while (!operation.ready()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return operation.take();
}

}  // namespace

TEST_CASE("a token is written as weir_pat_<id>_<secret> and read back, and nothing else is") {
  const TokenText token{newId(), newSecret()};
  const auto text = write(token);
  CHECK(text.starts_with("weir_pat_" + token.id + "_"));
  const auto read = readToken(text);
  REQUIRE(read);
  CHECK(read->id == token.id);
  CHECK(read->secret == token.secret);
  CHECK(!readToken(text + "x"));
  CHECK(!readToken(text.substr(1)));
  CHECK(!readToken(""));
  auto strange = text;
  strange.back() = '!';
  CHECK(!readToken(strange));
  CHECK(keptOf(token.secret) != token.secret);
  CHECK(keptOf(token.secret) == keptOf(token.secret));
}

TEST_CASE("what is kept of a secret is the same from memory, for more secrets than are remembered") {
  KeptMemo memo;
  std::vector<std::string> secrets(KeptMemo::kMost + 10);
  for (auto& secret : secrets) secret = newSecret();
  for (int round = 0; round < 2; ++round) {
    for (const auto& secret : secrets) {
      CHECK(memo.of(secret) == keptOf(secret));
      if (secret.back() != 'A') memo.wasRight();
    }
  }
  CHECK(memo.of("") == keptOf(""));
  memo.wasRight();
  CHECK(memo.of("") == keptOf(""));
  CHECK(memo.of("x") == keptOf("x"));
}

TEST_CASE("S14: after five failures each further one costs twice the wait, and others' failures keep nobody out") {
  SlowDown slow;
  for (int i = 0; i < 4; ++i) slow.failed("anna", "10.0.0.1", 1'000);
  CHECK(slow.waitMs("anna", "10.0.0.1", 1'000) <= 0);
  slow.failed("anna", "10.0.0.1", 1'000);
  CHECK(slow.waitMs("anna", "10.0.0.1", 1'000) == 1'000);
  slow.failed("anna", "10.0.0.1", 2'000);
  CHECK(slow.waitMs("anna", "10.0.0.1", 2'000) == 2'000);
  CHECK(slow.waitMs("anna", "10.0.0.2", 2'000) <= 0);
  for (int i = 0; i < 100; ++i) slow.failed("anna", "10.0.0.1", 3'000);
  CHECK(slow.waitMs("anna", "10.0.0.1", 3'000) == 300'000);
  CHECK(slow.waitMs("anna", "10.0.0.2", 3'000) == 10'000);  // never more, however many try
  slow.succeeded("anna", "10.0.0.1");
  CHECK(slow.waitMs("anna", "10.0.0.1", 3'000) == 60'000);  // the address has failed too often all the same
  CHECK(slow.waitMs("bob", "10.0.0.1", 3'000) == 60'000);
  slow.failed("anna", "10.0.0.1", 3'000'000);
  CHECK(slow.waitMs("anna", "10.0.0.1", 3'000'000) <= 0);  // what was long ago is forgotten
}

TEST_CASE("the memory of failures is bounded") {
  SlowDown slow;
  for (int i = 0; i < 30'000; ++i) slow.failed("user-" + std::to_string(i), "10.0.0.1", i);
  CHECK(slow.waitMs("anyone", "10.0.0.1", 30'000) > 0);
}

TEST_CASE("S14: passwords are hashed off the caller's thread, and what is too much at once is refused") {
  PasswordWorker worker;
  auto made = worker.hash("correct horse battery", {});
  const auto hash = wait(made);
  REQUIRE(hash);
  auto right = worker.fits("correct horse battery", *hash, {});
  auto wrong = worker.fits("another", *hash, {});
  auto nobody = worker.fits("another", "", {});
  CHECK(wait(right).value());
  CHECK(!wait(wrong).value());
  CHECK(!wait(nobody).value());

  std::vector<Operation<bool>> many;
  for (int i = 0; i < 80; ++i) many.push_back(worker.fits("another", *hash, {}));
  int busy = 0;
  for (auto& operation : many) {
    const auto result = wait(operation);
    if (!result && result.error().code == "auth.busy") ++busy;
  }
  CHECK(busy > 0);
  CHECK(busy <= 80 - 32);
}

}  // namespace weir::auth
