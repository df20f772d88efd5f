// Acknowledgement on real brokers, and MQTT's packets in every cut.
#include "hosts/native/broker/native-broker.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "hosts/native/broker/mqtt-packets.h"
#include "hosts/native/broker/redis-client.h"
#include "hosts/native/broker/test-server.test.h"
#include "hosts/native/state/state-stores.test.h"

namespace weir::native::testing {
namespace {

/// The next messages; none within half a second are none.
std::vector<BrokerMessage> receive(BrokerSubscription& from, std::size_t count) {
  std::vector<BrokerMessage> all;
  while (all.size() < count) {
    const auto bell = std::make_shared<Bell>();
    auto operation = from.receive(100, Waker(bell));
    for (int i = 0; i < 10 && !operation.ready(); ++i) bell->wait();
    if (!operation.ready()) break;
    auto some = operation.take();
    REQUIRE(some);
    for (auto& message : *some) all.push_back(std::move(message));
  }
  return all;
}

Result<BrokerPublished> send(Broker& broker, const BrokerTarget& target, std::initializer_list<const char*> texts) {
  auto publisher = broker.publisher(target);
  REQUIRE(publisher);
  BrokerPublish publish;
  for (const auto* text : texts) {
    BrokerMessage message;
    message.topic = "t";
    message.payload = text;
    message.qos = 1;
    publish.messages.push_back(std::move(message));
  }
  return await<BrokerPublished>(
      [&](Waker waker) { return (*publisher)->publish(std::move(publish), std::move(waker)); });
}

std::string texts(const std::vector<BrokerMessage>& messages) {
  std::string all;
  for (const auto& message : messages) all += message.payload + " ";
  return all;
}

}  // namespace

TEST_CASE("R13: what was not acknowledged comes again from Redis, and what was does not") {
  const RedisServer server;
  if (!server.there()) {
    MESSAGE("skipped: redis-server is not installed");
    return;
  }
  NativeBroker broker{NetworkSettings()};
  const BrokerTarget target{.kind = BrokerKind::redis, .servers = server.server(), .client = "c"};
  BrokerSubscribe subscribe;
  subscribe.topics = {"t"};
  subscribe.group = "g";
  CHECK(send(broker, target, {"1", "2", "3"}));
  {
    const auto first = broker.subscribe(target, subscribe);
    REQUIRE(first);
    const auto got = receive(**first, 3);
    CHECK(texts(got) == "1 2 3 ");
    (*first)->acknowledge({got[0].ticket});
  }
  {
    const auto second = broker.subscribe(target, subscribe);
    REQUIRE(second);
    const auto got = receive(**second, 2);
    CHECK(texts(got) == "2 3 ");
    (*second)->acknowledge({got[1].ticket});
  }
  const auto third = broker.subscribe(target, subscribe);
  REQUIRE(third);
  CHECK(texts(receive(**third, 1)) == "2 ");
  CHECK(send(broker, target, {"4"}));
  CHECK(texts(receive(**third, 1)) == "4 ");
}

TEST_CASE("R13: what was not acknowledged comes again from an MQTT server that keeps the session") {
  const Mosquitto server;
  if (!server.there()) {
    MESSAGE("skipped: mosquitto is not installed");
    return;
  }
  NativeBroker broker{NetworkSettings()};
  const BrokerTarget sender{.kind = BrokerKind::mqtt, .servers = server.server()};
  const BrokerTarget target{.kind = BrokerKind::mqtt, .servers = server.server(), .client = "reader"};
  for (const int qos : {1, 2}) {
    BrokerSubscribe subscribe;
    subscribe.topics = {"t"};
    subscribe.keepSession = true;
    subscribe.qos = qos;
    {
      const auto first = broker.subscribe(target, subscribe);
      REQUIRE(first);
      const auto bell = std::make_shared<Bell>();
      auto waiting = (*first)->receive(100, Waker(bell));
      // Subscribed, when a message to it arrives.
      while (!waiting.ready()) {
        CHECK(send(broker, sender, {"0"}));
        bell->wait();
      }
      auto got = *waiting.take();
      std::vector<std::uint64_t> tickets;
      for (const auto& message : got) tickets.push_back(message.ticket);
      (*first)->acknowledge(std::move(tickets));
      CHECK(send(broker, sender, {"1", "2", "3"}));
      got = receive(**first, 3);
      std::erase_if(got, [&](const BrokerMessage& message) {
        if (message.payload != "0") return false;
        (*first)->acknowledge({message.ticket});
        return true;
      });
      REQUIRE(got.size() >= 1);
      (*first)->acknowledge({got[0].ticket});
    }
    const auto second = broker.subscribe(target, subscribe);
    REQUIRE(second);
    const auto again = receive(**second, 2);
    CHECK(texts(again) == "2 3 ");
    std::vector<std::uint64_t> tickets;
    for (const auto& message : again) tickets.push_back(message.ticket);
    (*second)->acknowledge(std::move(tickets));
  }
}

TEST_CASE("MQTT's packets are read however their bytes are cut") {
  mqtt::Packet given;
  given.kind = mqtt::Kind::publish;
  given.topic = "a/b";
  given.payload = std::string(300, 'x');
  given.qos = 1;
  given.id = 77;
  given.retained = true;
  std::string bytes;
  mqtt::appendPublish(bytes, given);
  mqtt::appendAnswer(bytes, mqtt::Kind::puback, 5);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    std::string window = bytes.substr(0, cut);
    std::vector<mqtt::Packet> found;
    for (int part = 0; part < 2; ++part) {
      for (;;) {
        auto packet = mqtt::takePacket(window, 1 << 20);
        REQUIRE(packet);
        if (!*packet) break;
        found.push_back(std::move(**packet));
      }
      if (part == 0) window += bytes.substr(cut);
    }
    REQUIRE(found.size() == 2);
    CHECK(found[0].topic == "a/b");
    CHECK(found[0].payload == given.payload);
    CHECK(found[0].id == 77);
    CHECK(found[0].retained);
    CHECK(found[1].id == 5);
  }
}

TEST_CASE("bytes that are no MQTT are an error, and no length makes anybody allocate it") {
  for (const std::string_view bad :
       {std::string_view("HTTP/1.1 400"), std::string_view("\x30\xff\xff\xff\xff\x01", 6),
        std::string_view("\x00\x00", 2), std::string_view("\x30\x01\x00", 3),
        std::string_view("\x36\x05\x00\x01t\x00\x01", 7), std::string_view("\x32\x03\x00\x01t", 5),
        std::string_view("\x40\x01\x00", 3), std::string_view("\xf0\x00", 2)}) {
    std::string bytes(bad);
    const auto packet = mqtt::takePacket(bytes, 1 << 20);
    const bool refused = !packet && (packet.error().code == "broker.protocol" || packet.error().code == "broker.limit");
    CHECK((refused || (packet && !*packet)));
  }
  std::string large("\x30\xff\xff\xff\x7f", 5);
  CHECK(mqtt::takePacket(large, 1 << 20).error().code == "broker.limit");
  for (const char* filter : {"", "a/#/b", "a#", "+a", "a+/b"}) CHECK(!mqtt::checkFilter(filter));
  for (const char* filter : {"#", "+", "a/+/b", "a/#", "/", "+/+"}) CHECK(mqtt::checkFilter(filter));
  for (const char* topic : {"#", "a/+", ""}) CHECK(!mqtt::checkTopic(topic));
}

}  // namespace weir::native::testing
