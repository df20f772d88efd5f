// What is counted of connections, with real sockets on this machine.
#include "hosts/native/network/network-meter.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "hosts/native/descriptor.h"

namespace weir::native {
namespace {

/// Both ends of a TCP connection.
struct Pair {
  Descriptor here{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}, there;

  Pair() {
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof address;
    auto* at = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener.get(), at, bytes) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    REQUIRE(::getsockname(listener.get(), at, &bytes) == 0);
    REQUIRE(::connect(here.get(), at, bytes) == 0);
    there = Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(there.isOpen());
  }
  /// As much as there is room for.
  std::int64_t send(std::size_t size) const {
    return ::send(here.get(), std::string(size, 'x').data(), size, MSG_NOSIGNAL | MSG_DONTWAIT);
  }
};

NetworkBounds connections(std::int64_t most) {
  NetworkBounds bounds;
  bounds.connections.push_back({.most = most, .name = "connections of config.limits"});
  return bounds;
}

}  // namespace

TEST_CASE("S8: a run has as many connections as it may, and one more when one has gone") {
  const auto meter = NetworkMeter::make(connections(2));
  auto first = meter->enter();
  auto second = meter->enter();
  REQUIRE((first && second));
  CHECK(meter->connections() == 2);
  const auto third = meter->enter();
  REQUIRE_FALSE(third);
  CHECK(third.error().code == "network.limit");
  CHECK(third.error().recoverable);
  CHECK(third.error().message.find("connections of config.limits allows 2 connections") != std::string::npos);
  second->leave();
  second->leave();
  CHECK(meter->connections() == 1);
  auto again = meter->enter();
  CHECK(again.has_value());
  // Moved, it is still one.
  auto moved = std::move(*again);
  CHECK(meter->connections() == 2);
  moved = MeteredSocket();
  CHECK(meter->connections() == 1);
}

TEST_CASE("S8: runs of a folder share its connections, and what one is refused takes none from the others") {
  const ConnectionBound shared{.most = 2, .name = "totalConnections of the quota of the folder 'team'"};
  auto own = connections(1);
  own.connections.push_back(shared);
  NetworkBounds other;
  other.connections.push_back(shared);
  const auto one = NetworkMeter::make(own), two = NetworkMeter::make(other);
  const auto a = one->enter();
  CHECK_FALSE(two->wanted());
  CHECK_FALSE(one->enter());
  CHECK_FALSE(two->wanted());
  auto b = two->enter();
  REQUIRE((a && b));
  const auto refused = two->enter();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("the folder 'team'") != std::string::npos);
  CHECK(one->wanted());
  CHECK_FALSE(one->wanted());
  b->leave();
  CHECK(two->enter().has_value());
}

TEST_CASE("S8: who waits for a connection gets one that is given back, until its time is over or it is stopped") {
  const auto meter = NetworkMeter::make(connections(1));
  auto held = meter->enter();
  REQUIRE(held);
  CHECK(meter->enterWithin(30).error().code == "network.limit");
  const Descriptor stop(::eventfd(1, EFD_CLOEXEC));
  CHECK_FALSE(meter->enterWithin(600'000, stop.get()));
  std::thread leaving([&held] { held->leave(); });
  CHECK(meter->enterWithin(600'000).has_value());
  leaving.join();
  CHECK(enterWithin(nullptr, 0, -1).has_value());
}

TEST_CASE("S8: what a connection sends is counted, also what the other side has not taken yet") {
  NetworkBounds bounds;
  bounds.egressBytes = 5'000'000;
  bounds.egressName = "egressBytes of config.limits";
  bounds.sentBefore = 1000;
  const auto meter = NetworkMeter::make(bounds);
  CHECK(meter->sentBytes() == 1000);
  const Pair pair;
  auto place = meter->enter();
  REQUIRE(place);
  place->watch(pair.here.get());
  const auto sent = pair.send(3'000'000);
  REQUIRE(sent > 0);
  CHECK(meter->sentBytes() == 1000 + sent);
  CHECK_FALSE(meter->overEgress());
  // What the other side sends does not count.
  REQUIRE(::send(pair.there.get(), "answer", 6, MSG_NOSIGNAL) == 6);
  place->leave();
  CHECK(meter->sentBytes() == 1000 + sent);
  // One that somebody else has opened.
  const Pair accepted;
  const auto attended = meter->attend(accepted.here.get());
  CHECK(meter->connections() == 0);
  const auto more = accepted.send(10);
  CHECK(meter->sentBytes() == 1000 + sent + more);
}

TEST_CASE("S8: one byte above what a run may send is too much, and says whose bound it was") {
  NetworkBounds bounds;
  bounds.egressBytes = 100;
  bounds.egressName = "egressBytes of the quota of the folder 'team'";
  const auto meter = NetworkMeter::make(bounds);
  const Pair pair;
  auto place = meter->enter();
  REQUIRE(place);
  place->watch(pair.here.get());
  REQUIRE(pair.send(100) == 100);
  CHECK_FALSE(meter->overEgress());
  REQUIRE(pair.send(1) == 1);
  const auto over = meter->overEgress();
  REQUIRE(over);
  CHECK(over->code == "run.egress_limit");
  CHECK(over->message.find("has sent 101 bytes, and egressBytes of the quota of the folder 'team' allows 100") !=
        std::string::npos);
}

TEST_CASE("a socket that was closed is not taken for the next one of its number") {
  const auto meter = NetworkMeter::make({});
  auto place = meter->enter();
  REQUIRE(place);
  int number = -1;
  {
    Pair pair;
    place->watch(pair.here.get());
    REQUIRE(pair.send(10) == 10);
    place->look();
    number = pair.here.get();
  }
  const Pair next;
  REQUIRE(next.send(1000) == 1000);
  // Whatever has the number now.
  if (next.here.get() != number) ::dup3(next.here.get(), number, O_CLOEXEC);
  CHECK(meter->sentBytes() == 10);
  place->leave();
  CHECK(meter->sentBytes() == 10);
  if (next.here.get() != number) ::close(number);
}

}  // namespace weir::native
