// Kafka: a consumer and a producer of librdkafka, with this place's secrets and its rules of the network.
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "adapters/kafka/consumer.h"
#include "adapters/kafka/producer.h"
#include "hosts/native/broker/broker-session.h"
#include "hosts/native/network/address.h"
#include "hosts/native/network/network-meter.h"
#include "hosts/native/network/wire.h"

namespace weir::native {
namespace {

constexpr std::uint16_t kPort = 9092;

kafka::SignIn signInOf(BrokerSignIn signIn) {
  switch (signIn) {
    case BrokerSignIn::plain:
      return kafka::SignIn::plain;
    case BrokerSignIn::scramSha256:
      return kafka::SignIn::scramSha256;
    case BrokerSignIn::scramSha512:
      return kafka::SignIn::scramSha512;
  }
  return kafka::SignIn::plain;
}

/// The servers with their ports; each must be one by itself.
Result<std::vector<std::string>> serversOf(std::string_view text) {
  std::vector<std::string> servers;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    auto one = text.substr(begin, end - begin);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    WEIR_ASSIGN(const auto place, splitServer(one, kPort));
    servers.push_back(place.first + ":" + std::to_string(place.second));
    begin = end + 1;
  }
  return servers;
}

/// Any address that the cluster names is checked like those that the flow names; so is whether it may have the secrets.
Result<void> mayConnect(const BrokerTarget& target, const NetworkSettings& network, std::string_view server,
                        const sockaddr& address) {
  WEIR_ASSIGN(const auto place, splitServer(server, kPort));
  const auto ip = addressOf(address);
  if (!ip) return fail("network.refused", "'" + place.first + "' leads to no IP address");
  auto host = place.first;
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  WEIR_TRY(network.policy.check(host, place.second, *ip));
  if (network.secrets == nullptr) return {};
  WEIR_TRY(network.secrets->resolve(target.user, server));
  WEIR_TRY(network.secrets->resolve(target.password, server));
  return {};
}

/// The places of the library's sockets, by their numbers. Thread-safe.
class Places {
 public:
  explicit Places(std::shared_ptr<NetworkMeter> meter) : meter_(std::move(meter)) {}
  Result<void> open(int socket) {
    WEIR_ASSIGN(auto place, meter_->enter());
    place.watch(socket);
    const std::lock_guard locked(mutex_);
    places_[socket] = std::move(place);
    return {};
  }
  void close(int socket) {
    const std::lock_guard locked(mutex_);
    places_.erase(socket);
  }

 private:
  const std::shared_ptr<NetworkMeter> meter_;
  std::mutex mutex_;
  std::map<int, MeteredSocket> places_;
};

/// `target` and `network` outlive what is made of them.
Result<kafka::ClientOptions> optionsOf(const BrokerTarget& target, const NetworkSettings& network) {
  kafka::ClientOptions options;
  WEIR_ASSIGN(const auto servers, serversOf(target.servers));
  options.user = target.user;
  options.password = target.password;
  for (const auto& server : servers) {
    if (!options.servers.empty()) options.servers += ',';
    options.servers += server;
    if (network.secrets == nullptr) continue;
    WEIR_ASSIGN(options.user, network.secrets->resolve(target.user, server));
    WEIR_ASSIGN(options.password, network.secrets->resolve(target.password, server));
  }
  options.tls = target.tls;
  options.signIn = signInOf(target.signIn);
  options.timeoutMs = target.timeoutMs;
  options.mayConnect = [&target, &network](std::string_view server, const sockaddr& address) {
    return mayConnect(target, network, server, address);
  };
  if (network.meter) {
    const auto places = std::make_shared<Places>(network.meter);
    options.opening = [places](int socket) { return places->open(socket); };
    options.closing = [places](int socket) { places->close(socket); };
  }
  return options;
}

Error told(Error error, const NetworkSettings& network) {
  return network.secrets != nullptr ? network.secrets->redact(std::move(error)) : error;
}

class Subscription final : public SubscribeSession {
 public:
  Subscription(BrokerTarget target, BrokerSubscribe subscribe, const NetworkSettings& network)
      : target_(std::move(target)), subscribe_(std::move(subscribe)), network_(network) {}

  Result<std::vector<BrokerMessage>> receive(std::int64_t most) override {
    auto messages = receiveNow(most);
    if (messages) return messages;
    // A consumer that has given up is made anew with the next call.
    if (consumer_ && consumer_->unusable()) consumer_.reset();
    return std::unexpected(told(std::move(messages.error()), network_));
  }

  Result<void> acknowledge(const std::vector<std::uint64_t>& tickets) override {
    // Those of one partition come in order: the last one speaks for all.
    std::map<kafka::PartitionId, Given> last;
    for (const auto ticket : tickets) {
      const auto found = given_.find(ticket);
      if (found == given_.end()) continue;
      last[found->second.partition] = found->second;
      given_.erase(found);
    }
    for (const auto& [id, given] : last) {
      if (consumer_) consumer_->processed(id, given.offset, given.assignment);
    }
    return {};
  }

  void idle() override {
    if (consumer_) consumer_->idle();
  }
  void stop() override { stopped_ = true; }

 private:
  struct Given {
    kafka::PartitionId partition;
    std::int64_t offset = 0;
    std::uint64_t assignment = 0;
  };

  Result<void> open() {
    WEIR_ASSIGN(const auto options, optionsOf(target_, network_));
    kafka::ConsumerOptions consuming{subscribe_.topics, subscribe_.group, subscribe_.earliest, {}};
    // Where a checkpoint stood counts for the first consumer; a later one goes on from what was committed.
    for (const auto& from : std::exchange(subscribe_.from, {})) {
      consuming
          .from[{from.partition / kKafkaPartitions, static_cast<std::int32_t>(from.partition % kKafkaPartitions)}] =
          from.offset;
    }
    given_.clear();
    WEIR_ASSIGN(consumer_, kafka::Consumer::open(options, std::move(consuming)));
    return {};
  }

  Result<std::vector<BrokerMessage>> receiveNow(std::int64_t most) {
    if (stopped_) return fail("broker.stopped", "the run was stopped");
    if (!consumer_) WEIR_TRY(open());
    WEIR_ASSIGN(auto received, consumer_->receive(most, kBrokerFetchBytes, 100));
    std::vector<BrokerMessage> messages;
    for (auto& one : received) {
      BrokerMessage message;
      message.ticket = ++tickets_;
      given_[message.ticket] = {one.partition, one.offset, one.assignment};
      message.partition = kafkaPartition(one.partition.first, static_cast<std::uint32_t>(one.partition.second));
      message.topic = subscribe_.topics[one.partition.first];
      message.offset = one.offset;
      message.key = std::move(one.key);
      message.empty = !one.payload;
      if (one.payload) message.payload = std::move(*one.payload);
      message.fields = std::move(one.headers);
      message.timestampMicros = std::max<std::int64_t>(0, one.timestampMs) * 1000;
      messages.push_back(std::move(message));
    }
    return messages;
  }

  BrokerTarget target_;
  BrokerSubscribe subscribe_;
  const NetworkSettings& network_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::uint64_t tickets_ = 0;
  std::map<std::uint64_t, Given> given_;
  std::atomic<bool> stopped_{false};
};

class Publisher final : public PublishSession {
 public:
  Publisher(BrokerTarget target, const NetworkSettings& network) : target_(std::move(target)), network_(network) {}

  Result<BrokerPublished> publish(const BrokerPublish& publish) override {
    auto published = publishNow(publish);
    if (published) return published;
    if (producer_ && producer_->unusable()) forget();
    return std::unexpected(told(std::move(published.error()), network_));
  }

  void stop() override {
    const std::lock_guard locked(mutex_);
    stopped_ = true;
    if (producer_) producer_->stop();
  }

 private:
  void forget() {
    const std::lock_guard locked(mutex_);
    producer_.reset();
  }

  Result<void> open() {
    WEIR_ASSIGN(const auto options, optionsOf(target_, network_));
    WEIR_ASSIGN(auto producer, kafka::Producer::open(options, {target_.compression, target_.maxBytes}));
    const std::lock_guard locked(mutex_);
    producer_ = std::move(producer);
    if (stopped_) producer_->stop();
    return {};
  }

  Result<BrokerPublished> publishNow(const BrokerPublish& publish) {
    if (!producer_) WEIR_TRY(open());
    std::vector<kafka::OutgoingMessage> messages;
    messages.reserve(publish.messages.size());
    for (const auto& message : publish.messages) {
      kafka::OutgoingMessage one{.topic = message.topic};
      if (message.key) one.key = *message.key;
      if (!message.empty) one.payload = message.payload;
      one.headers = message.fields;
      one.timestampMs = message.timestampMicros / 1000;
      one.partition = message.toPartition;
      messages.push_back(one);
    }
    WEIR_ASSIGN(auto rejected, producer_->send(messages));
    BrokerPublished published;
    for (auto& one : rejected) published.refused.push_back({one.message, told(std::move(one.error), network_)});
    return published;
  }

  BrokerTarget target_;
  const NetworkSettings& network_;
  std::mutex mutex_;  // of who the producer is
  bool stopped_ = false;
  std::unique_ptr<kafka::Producer> producer_;
};

}  // namespace

Result<void> checkKafka(const BrokerTarget& target, const std::vector<std::string>& topics) {
  WEIR_TRY(serversOf(target.servers));
  for (const auto& topic : topics) {
    const bool named = !topic.empty() && topic.size() <= 249 && topic != "." && topic != ".." &&
                       std::ranges::all_of(topic, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '.' || c == '_' || c == '-';
                       });
    if (!named) {
      return fail("broker.topic", "'" + topic + "' is no name of a topic: up to 249 letters, digits, '.', '_' and '-'");
    }
    if (std::ranges::count(topics, topic) > 1) return fail("broker.topic", "the topic '" + topic + "' is named twice");
  }
  return {};
}

std::unique_ptr<SubscribeSession> kafkaSubscription(BrokerTarget target, BrokerSubscribe subscribe,
                                                    const NetworkSettings& network) {
  return std::make_unique<Subscription>(std::move(target), std::move(subscribe), network);
}

std::unique_ptr<PublishSession> kafkaPublisher(BrokerTarget target, const NetworkSettings& network) {
  return std::make_unique<Publisher>(std::move(target), network);
}

}  // namespace weir::native
