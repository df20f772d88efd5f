// Consumer and Producer over librdkafka's mock cluster.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>

#include "adapters/kafka/consumer.h"
#include "adapters/kafka/mock-cluster.test.h"
#include "adapters/kafka/producer.h"

namespace weir::kafka::testing {
namespace {

using Clock = std::chrono::steady_clock;

ClientOptions clientOf(const MockCluster& cluster) { return {.servers = cluster.servers(), .timeoutMs = 5000}; }

std::unique_ptr<Consumer> consumerOf(const MockCluster& cluster, ConsumerOptions options) {
  auto consumer = Consumer::open(clientOf(cluster), std::move(options));
  REQUIRE(consumer);
  return std::move(*consumer);
}

/// Until there are so many, for a minute.
std::vector<ReceivedMessage> receive(Consumer& from, std::size_t count) {
  std::vector<ReceivedMessage> all;
  const auto until = Clock::now() + std::chrono::seconds(60);
  while (all.size() < count && Clock::now() < until) {
    auto some = from.receive(static_cast<std::int64_t>(count - all.size()), 1 << 20, 100);
    REQUIRE(some);
    for (auto& message : *some) all.push_back(std::move(message));
  }
  REQUIRE(all.size() == count);
  return all;
}

std::string texts(const std::vector<ReceivedMessage>& messages) {
  std::string all;
  for (const auto& message : messages) all += message.payload.value_or("-") + " ";
  return all;
}

/// The error, which must come within a minute.
Error errorOf(Consumer& from) {
  const auto until = Clock::now() + std::chrono::seconds(60);
  while (Clock::now() < until) {
    auto some = from.receive(10, 1 << 20, 100);
    if (!some) return std::move(some.error());
  }
  return {"none", "no error came"};
}

}  // namespace

TEST_CASE("R13: the group goes on behind what was processed, not behind what was given") {
  MockCluster cluster;
  cluster.makeTopic("t", 1);
  REQUIRE(cluster.send("t", 0, {"0", "1", "2", "3"}));
  {
    const auto first = consumerOf(cluster, {{"t"}, "g"});
    const auto got = receive(*first, 4);
    CHECK(texts(got) == "0 1 2 3 ");
    first->processed(got[1].partition, got[1].offset, got[1].assignment);
  }
  CHECK(cluster.committed("g", "t", 0) == 2);
  {
    const auto second = consumerOf(cluster, {{"t"}, "g"});
    CHECK(texts(receive(*second, 2)) == "2 3 ");
  }
  CHECK(cluster.committed("g", "t", 0) == 2);
  // Where a checkpoint stood counts more than what the group committed.
  const auto third = consumerOf(cluster, {{"t"}, "g", true, {{{0, 0}, 1}}});
  CHECK(texts(receive(*third, 3)) == "1 2 3 ");
}

TEST_CASE("members of a group share its partitions, and one that goes leaves its own to the others") {
  MockCluster cluster;
  cluster.makeTopic("t", 2);
  auto first = consumerOf(cluster, {{"t"}, "g"});
  REQUIRE(cluster.send("t", 0, {"a"}));
  REQUIRE(cluster.send("t", 1, {"b"}));
  const auto both = receive(*first, 2);
  // Of an assignment that is over nothing is committed.
  auto second = consumerOf(cluster, {{"t"}, "g"});
  std::vector<ReceivedMessage> again;
  const auto until = Clock::now() + std::chrono::seconds(60);
  bool firstHas = false, secondHas = false;
  while (!(firstHas && secondHas) && Clock::now() < until) {
    for (auto* one : {first.get(), second.get()}) {
      auto some = one->receive(10, 1 << 20, 50);
      REQUIRE(some);
      for (const auto& message : *some) {
        (one == first.get() ? firstHas : secondHas) = true;
        again.push_back(message);
      }
    }
  }
  CHECK(firstHas);
  CHECK(secondHas);
  for (const auto& message : both) first->processed(message.partition, message.offset, message.assignment);
  first.reset();
  CHECK(cluster.committed("g", "t", 0) == RD_KAFKA_OFFSET_INVALID);
  CHECK(receive(*second, 1)[0].payload.has_value());
}

TEST_CASE("a consumer that nobody asks stays a member, and gives everything afterwards") {
  MockCluster cluster;
  cluster.makeTopic("t", 1);
  REQUIRE(cluster.send("t", 0, {"0", "1"}));
  const auto consumer = consumerOf(cluster, {{"t"}, "g"});
  CHECK(texts(receive(*consumer, 1)) == "0 ");
  for (int i = 0; i < 10; ++i) {
    consumer->idle();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  REQUIRE(cluster.send("t", 0, {"2"}));
  CHECK(texts(receive(*consumer, 2)) == "1 2 ");
}

TEST_CASE("a cluster that goes away is an error after the timeout, and no message is lost when it is back") {
  MockCluster cluster;
  cluster.makeTopic("t", 1);
  REQUIRE(cluster.send("t", 0, {"0"}));
  auto options = clientOf(cluster);
  options.timeoutMs = 1000;
  auto consumer = Consumer::open(options, {{"t"}, "g"});
  REQUIRE(consumer);
  CHECK(texts(receive(**consumer, 1)) == "0 ");
  cluster.down();
  const auto error = errorOf(**consumer);
  CHECK(error.code == "broker.unavailable");
  CHECK(error.recoverable);
  cluster.up();
  REQUIRE(cluster.send("t", 0, {"1"}));
  std::vector<ReceivedMessage> all;
  const auto until = Clock::now() + std::chrono::seconds(60);
  while (all.empty() && Clock::now() < until) {
    if (auto some = (*consumer)->receive(10, 1 << 20, 100)) all = std::move(*some);
  }
  CHECK(texts(all) == "1 ");
}

TEST_CASE("a topic that is not there, an address that is refused and a server that does not answer are said") {
  MockCluster cluster;
  const auto consumer = consumerOf(cluster, {{"nowhere"}, "g"});
  const auto unknown = errorOf(*consumer);
  CHECK(unknown.code == "broker.topic");
  CHECK(unknown.message.contains("nowhere"));
  auto options = clientOf(cluster);
  std::string asked;
  options.mayConnect = [&asked](std::string_view server, const sockaddr&) -> Result<void> {
    asked = server;
    return fail("network.refused", "not there");
  };
  auto refused = Consumer::open(options, {{"t"}, "g"});
  REQUIRE(refused);
  CHECK(errorOf(**refused).code == "network.refused");
  CHECK(asked == cluster.servers());
  auto away = Consumer::open({.servers = "127.0.0.1:1", .timeoutMs = 1000}, {{"t"}, "g"});
  REQUIRE(away);
  CHECK(errorOf(**away).code == "broker.unavailable");
}

TEST_CASE("R13: each message is confirmed or rejected by itself") {
  MockCluster cluster;
  cluster.makeTopic("t", 1);
  cluster.makeTopic("u", 1);
  auto producer = Producer::open(clientOf(cluster), {.maxBytes = 2000});
  REQUIRE(producer);
  const std::string large(5000, 'x');
  const std::vector<std::pair<std::string, std::string>> headers{{"h", "1"}, {"h", ""}};
  const std::vector<OutgoingMessage> messages{{.topic = "t", .key = "k", .payload = "a", .headers = headers},
                                              {.topic = "t", .payload = large},
                                              {.topic = "t"},
                                              {.topic = "t", .payload = "b", .partition = 7},
                                              {.topic = "t", .payload = "", .timestampMs = 1'700'000'000'000}};
  const auto rejected = (*producer)->send(messages);
  REQUIRE(rejected);
  REQUIRE(rejected->size() == 2);
  CHECK((*rejected)[0].message == 1);
  CHECK((*rejected)[0].error.code == "broker.limit");
  CHECK((*rejected)[1].message == 3);
  CHECK((*rejected)[1].error.code == "broker.topic");
  const auto there = cluster.messages("t", 0);
  REQUIRE(there.size() == 3);
  CHECK(there[0].key == "k");
  CHECK(there[0].payload == "a");
  CHECK(!there[1].payload);
  CHECK(there[2].payload == "");

  // For good, and for now: what the brokers do not take for a while is sent again within the timeout.
  cluster.reject(kProduce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 1);
  const std::vector<OutgoingMessage> one{{.topic = "u", .payload = "c"}};
  const auto denied = (*producer)->send(one);
  REQUIRE(denied);
  REQUIRE(denied->size() == 1);
  CHECK((*denied)[0].error.code == "broker.denied");
}

TEST_CASE("what brokers reject for a while is sent again, and once") {
  MockCluster cluster;
  cluster.makeTopic("t", 1);
  auto producer = Producer::open(clientOf(cluster), {});
  REQUIRE(producer);
  cluster.reject(kProduce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 2);
  cluster.reject(kProduce, RD_KAFKA_RESP_ERR__TRANSPORT, 1);
  const std::vector<OutgoingMessage> two{{.topic = "t", .payload = "a"}, {.topic = "t", .payload = "b"}};
  const auto rejected = (*producer)->send(two);
  REQUIRE(rejected);
  CHECK(rejected->empty());
  CHECK(cluster.messages("t", 0).size() == 2);
}

TEST_CASE("a message that is not confirmed in time may be sent again") {
  MockCluster cluster;
  cluster.makeTopic("t", 1);
  auto options = clientOf(cluster);
  options.timeoutMs = 1000;
  auto producer = Producer::open(options, {});
  REQUIRE(producer);
  const std::vector<OutgoingMessage> one{{.topic = "t", .payload = "a"}};
  REQUIRE((*producer)->send(one));
  cluster.down();
  const auto late = (*producer)->send(one);
  const auto error = late ? (late->empty() ? Error{"none", ""} : (*late)[0].error) : late.error();
  CHECK(error.code == "broker.unavailable");
  CHECK(error.recoverable);
  cluster.up();
  const auto until = Clock::now() + std::chrono::seconds(60);
  bool sent = false;
  while (!sent && Clock::now() < until) {
    const auto again = (*producer)->send(one);
    sent = again && again->empty();
  }
  CHECK(sent);
}

}  // namespace weir::kafka::testing
