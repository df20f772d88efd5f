// The way out: policies, spellings, connecting; with real sockets on this machine.
#include "hosts/native/network/connect-checked.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "hosts/native/descriptor.h"

namespace weir::native {
namespace {

struct Listener {
  Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port = 0;

  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(socket.get(), 8) == 0);
    socklen_t bytes = sizeof address;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &bytes);
    port = ntohs(address.sin_port);
  }
};

NetworkPolicy serverAllowing(std::vector<std::string> allow) {
  auto policy = NetworkPolicy::server(allow);
  REQUIRE(policy.has_value());
  return *policy;
}

std::string_view refusal(std::string_view host, const NetworkPolicy& policy) {
  const auto resolved = resolveChecked(host, 80, policy);
  return resolved ? "allowed" : resolved.error().code;
}

}  // namespace

TEST_CASE("S6: a flow on the command line reaches everything but cloud metadata, in every spelling") {
  const auto policy = NetworkPolicy::commandLine();
  for (const char* host : {"169.254.169.254", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "169.16689662",
                           "0xa9.254.0xa9fe", "::ffff:169.254.169.254", "[::ffff:a9fe:a9fe]", "64:ff9b::a9fe:a9fe",
                           "2002:a9fe:a9fe::1", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "::a9fe:a9fe"}) {
    CAPTURE(host);
    CHECK(refusal(host, policy) == "network.refused");
  }
  for (const char* host : {"127.0.0.1", "10.1.2.3", "::1", "8.8.8.8", "localhost"}) {
    CAPTURE(host);
    CHECK(refusal(host, policy) == "allowed");
  }
}

TEST_CASE("S6: a server reaches only global unicast addresses, whatever they are written like") {
  const auto policy = serverAllowing({});
  for (const char* host : {"127.0.0.1",
                           "127.1",
                           "2130706433",
                           "0x7f000001",
                           "0177.0.0.1",
                           "0",
                           "10.0.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "100.64.0.1",
                           "100.127.255.254",
                           "169.254.1.1",
                           "198.18.0.1",
                           "192.0.2.1",
                           "203.0.113.9",
                           "224.0.0.1",
                           "255.255.255.255",
                           "240.0.0.1",
                           "192.88.99.1",
                           "::",
                           "::1",
                           "::ffff:8.8.8.8",
                           "::ffff:127.0.0.1",
                           "64:ff9b::808:808",
                           "64:ff9b:1::1",
                           "2002:808:808::1",
                           "2001:0:1234::1",
                           "2001:db8::1",
                           "3fff::1",
                           "fc00::1",
                           "fd12::1",
                           "fe80::1",
                           "ff02::1",
                           "::8.8.8.8",
                           "2606:4700::5efe:7f00:1",
                           "localhost"}) {
    CAPTURE(host);
    CHECK(refusal(host, policy) == "network.refused");
  }
  for (const char* host : {"8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::1"}) {
    CAPTURE(host);
    CHECK(refusal(host, policy) == "allowed");
  }
}

TEST_CASE("S6: what an administrator lists is allowed, and no more than that") {
  const auto policy = serverAllowing({"db.internal:5432", "127.0.0.1:80", "10.1.0.0/16", "[::1]:80"});
  CHECK(refusal("127.0.0.1", policy) == "allowed");
  CHECK_FALSE(resolveChecked("127.0.0.1", 81, policy).has_value());
  CHECK(refusal("10.1.255.1", policy) == "allowed");
  CHECK(refusal("10.2.0.1", policy) == "network.refused");
  CHECK(refusal("::1", policy) == "allowed");
  // A range never opens a metadata service; naming it does.
  CHECK(refusal("169.254.169.254", serverAllowing({"169.254.0.0/16"})) == "network.refused");
  CHECK(refusal("169.254.169.254", serverAllowing({"169.254.169.254:80"})) == "allowed");
  for (const char* wrong : {"host", "host:", ":80", "host:0", "host:99999", "10.0.0.1/8", "10.0.0.0/33", "x/8"}) {
    CAPTURE(wrong);
    const std::string entry(wrong);
    CHECK(NetworkPolicy::server(std::span(&entry, 1)).error().code == "network.policy");
  }
}

TEST_CASE("S6: a socket is connected only to an address that was checked") {
  const Listener listener;
  const auto policy = NetworkPolicy::commandLine();
  for (const char* host : {"127.0.0.1", "localhost", "2130706433"}) {
    CAPTURE(host);
    const auto opened = connectChecked(host, listener.port, policy, 5000);
    REQUIRE(opened.has_value());
    const Descriptor socket(*opened);
    sockaddr_storage peer{};
    socklen_t bytes = sizeof peer;
    REQUIRE(::getpeername(socket.get(), reinterpret_cast<sockaddr*>(&peer), &bytes) == 0);
    CHECK(addressText(*addressOf(reinterpret_cast<sockaddr&>(peer))) == "127.0.0.1");
  }
  const auto refused = connectChecked("127.0.0.1", listener.port, serverAllowing({}), 5000);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == "network.refused");
}

TEST_CASE("a target that is not there is an error that says so, in time") {
  std::uint16_t closed = 0;
  {
    const Listener listener;
    closed = listener.port;
  }
  const auto policy = NetworkPolicy::commandLine();
  const auto unreachable = connectChecked("127.0.0.1", closed, policy, 2000);
  REQUIRE_FALSE(unreachable.has_value());
  CHECK(unreachable.error().code == "network.unreachable");
  CHECK(unreachable.error().recoverable);
  CHECK(unreachable.error().message.find("127.0.0.1") != std::string::npos);
  for (const char* host : {"", "a b", "http://x", "x\r\ny", "user@host", "fe80::1%lo", "no-such-host.invalid"}) {
    CAPTURE(host);
    const auto found = resolveChecked(host, 80, policy);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == "network.unknown_host");
  }
}

}  // namespace weir::native
