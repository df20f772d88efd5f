// State in a real Redis: the same contract, and a server that goes away.
#include "hosts/native/state/redis-state-store.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "hosts/native/broker/test-server.test.h"
#include "hosts/native/state/state-stores.test.h"

namespace weir::native::testing {
namespace {

RedisStateOptions optionsFor(const RedisServer& server, std::string flow, std::int64_t limit = 1 << 20) {
  return {{server.server(), false, "", "", 0, 1000}, std::move(flow), limit};
}

}  // namespace

TEST_CASE("R18: state in Redis keeps the contract of state stores") {
  const RedisServer server;
  if (!server.there()) {
    MESSAGE("skipped: redis-server is not installed");
    return;
  }
  const NetworkSettings network;
  int flows = 0;
  keepsTheContract([&](SetClock& clock, std::int64_t limit) {
    return std::make_unique<RedisStateStore>(optionsFor(server, "flow" + std::to_string(flows++), limit), network,
                                             clock);
  });
}

TEST_CASE("two flows in one Redis do not see each other's state") {
  const RedisServer server;
  if (!server.there()) {
    MESSAGE("skipped: redis-server is not installed");
    return;
  }
  const NetworkSettings network;
  SetClock clock;
  RedisStateStore a(optionsFor(server, "a"), network, clock), b(optionsFor(server, "b"), network, clock);
  CHECK(commit(a, {{"k", "of a"}}, 9));
  CHECK(commit(b, {{"k", "of b"}}, 1));
  CHECK(get(a, "k") == "of a");
  CHECK(listed(b, "") == "k=of b;");
}

TEST_CASE("a Redis that is killed in mid-run is an error with its cause, no hang, and works again when it is back") {
  RedisServer server;
  if (!server.there()) {
    MESSAGE("skipped: redis-server is not installed");
    return;
  }
  const NetworkSettings network;
  SetClock clock;
  RedisStateStore store(optionsFor(server, "f"), network, clock);
  CHECK(commit(store, {{"k", "1"}}));
  server.kill();
  for (int i = 0; i < 3; ++i) {
    const auto refused = commit(store, {{"k", "2"}});
    REQUIRE(!refused);
    CHECK(refused.error().code == "state.unavailable");
    CHECK(refused.error().recoverable);
    CHECK(refused.error().message.contains(server.server()));
  }
  CHECK(get(store, "k") == "state.unavailable");
  server.start();
  REQUIRE(server.there());
  CHECK(get(store, "k") == "1");
  CHECK(commit(store, {{"k", "3"}}));
  CHECK(get(store, "k") == "3");
}

TEST_CASE("a server that is no Redis, and one that says nothing, are said") {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof address;
  REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener, 4) == 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &bytes);
  std::thread web([listener] {
    const int one = ::accept(listener, nullptr, nullptr);
    const std::string_view text = "HTTP/1.1 400 Bad Request\r\n\r\n";
    static_cast<void>(::write(one, text.data(), text.size()) > 0);
    const int two = ::accept(listener, nullptr, nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    ::close(one);
    ::close(two);
  });
  const NetworkSettings network;
  SetClock clock;
  RedisStateOptions options;
  options.flow = "f";
  options.target = {"127.0.0.1:" + std::to_string(ntohs(address.sin_port)), false, "", "", 0, 100};
  RedisStateStore store(options, network, clock);
  CHECK(commit(store, {{"k", "1"}}).error().code == "state.corrupt");
  CHECK(commit(store, {{"k", "1"}}).error().code == "state.unavailable");
  web.join();
  ::close(listener);
}

}  // namespace weir::native::testing
