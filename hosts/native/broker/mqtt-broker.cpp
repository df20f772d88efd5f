// MQTT: a client whose PUBACK and PUBREC wait until a message is acknowledged.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "hosts/native/broker/broker-session.h"
#include "hosts/native/broker/mqtt-packets.h"
#include "hosts/native/network/wire.h"
#include "hosts/native/stop-signal.h"

namespace weir::native {
namespace {

using mqtt::Kind;
using mqtt::Packet;

constexpr std::int64_t kKeepAliveMs = 30'000;
// Messages sent and not answered. Of QoS 2 Mosquitto keeps 20 in its hands, and ends the connection of who sends more.
constexpr std::size_t kWindow = 100, kWindowOfTwo = 16;

std::int64_t nowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string madeUpName() {
  static std::atomic<int> count{0};
  return "weir-" + std::to_string(::getpid()) + "-" + std::to_string(++count) + "-" + std::to_string(nowMs() % 100'000);
}

/// A connection with its keep-alive.
class Client {
 public:
  Client(BrokerTarget target, const NetworkSettings& network) : target_(std::move(target)), network_(network) {
    if (target_.client.empty()) target_.client = madeUpName();
  }
  void stop() { stop_.raise(); }
  [[nodiscard]] bool connected() const { return wire_ != nullptr; }

  Result<void> connect(bool cleanSession) {
    WireOptions options{target_.servers,   static_cast<std::uint16_t>(target_.tls ? 8883 : 1883),
                        target_.tls,       stop_.descriptor(),
                        target_.timeoutMs, network_.meter};
    mqtt::Connect hello{target_.client, target_.user, target_.password, cleanSession, kKeepAliveMs / 1000};
    if (network_.secrets != nullptr) {
      WEIR_ASSIGN(hello.user, network_.secrets->resolve(hello.user, target_.servers));
      WEIR_ASSIGN(hello.password, network_.secrets->resolve(hello.password, target_.servers));
    }
    WEIR_ASSIGN(wire_, Wire::connect(options, network_.policy));
    bytes_.clear();
    std::string text;
    mqtt::appendConnect(text, hello);
    WEIR_TRY(send(text));
    WEIR_ASSIGN(const auto answer, await(Kind::connack));
    static constexpr const char* kWhy[] = {"",
                                           "it does not speak MQTT 3.1.1",
                                           "it refuses the client's name",
                                           "it is not ready",
                                           "user or password are wrong",
                                           "it does not allow this client"};
    if (answer.code == 0) return {};
    const bool later = answer.code == 3;
    return fail(later ? "broker.unavailable" : "broker.denied",
                answer.code < 6 ? kWhy[answer.code] : "it refuses the connection", later);
  }
  void close() { wire_.reset(); }

  Result<void> send(std::string_view bytes) {
    sentMs_ = nowMs();
    return wire_->send(bytes);
  }
  /// The server must not take this client for dead while nobody reads; what it answers is read later.
  Result<void> keepAlive() {
    if (!wire_ || nowMs() - sentMs_ <= kKeepAliveMs / 2) return {};
    std::string ping;
    mqtt::appendEmpty(ping, Kind::pingreq);
    return send(ping);
  }
  /// The next packet, if one comes within `waitMs`; keeps the connection alive meanwhile.
  Result<std::optional<Packet>> next(std::int64_t waitMs) {
    for (const auto deadline = nowMs() + waitMs;;) {
      WEIR_ASSIGN(auto packet, mqtt::takePacket(bytes_, kBrokerMessageBytes));
      if (packet && packet->kind == Kind::pingresp) {
        pingedMs_ = 0;
        continue;
      }
      if (packet) return packet;
      const auto now = nowMs();
      if (pingedMs_ > 0 && now - pingedMs_ > target_.timeoutMs) {
        return fail("broker.unavailable", "the server no longer answers", true);
      }
      if (now - sentMs_ > kKeepAliveMs / 2) {
        std::string ping;
        mqtt::appendEmpty(ping, Kind::pingreq);
        WEIR_TRY(send(ping));
        if (pingedMs_ == 0) pingedMs_ = now;
      }
      WEIR_ASSIGN(const auto came, wire_->receive(bytes_, std::max<std::int64_t>(0, deadline - now)));
      if (!came && nowMs() >= deadline) return std::nullopt;
    }
  }
  Result<Packet> await(Kind kind) {
    for (const auto deadline = nowMs() + target_.timeoutMs;;) {
      WEIR_ASSIGN(auto packet, next(std::max<std::int64_t>(0, deadline - nowMs())));
      if (!packet)
        return fail("broker.unavailable", "no answer within " + std::to_string(target_.timeoutMs) + " ms", true);
      if (packet->kind == kind) return std::move(*packet);
      early_.push_back(std::move(*packet));
    }
  }
  /// What came while something else was awaited.
  std::vector<Packet> takeEarly() { return std::exchange(early_, {}); }

  [[nodiscard]] Error told(Error error) {
    if (error.code.starts_with("broker.")) error.message = "MQTT at " + target_.servers + ": " + error.message;
    return network_.secrets != nullptr ? network_.secrets->redact(std::move(error)) : error;
  }

 private:
  BrokerTarget target_;
  const NetworkSettings& network_;
  StopSignal stop_;
  std::unique_ptr<Wire> wire_;
  std::string bytes_;
  std::vector<Packet> early_;
  std::int64_t sentMs_ = 0, pingedMs_ = 0;
};

class Subscription final : public SubscribeSession {
 public:
  Subscription(BrokerTarget target, BrokerSubscribe subscribe, const NetworkSettings& network)
      : client_(std::move(target), network), subscribe_(std::move(subscribe)) {}

  Result<std::vector<BrokerMessage>> receive(std::int64_t most) override {
    auto messages = receiveNow(most);
    if (messages) return messages;
    client_.close();
    return std::unexpected(client_.told(std::move(messages.error())));
  }

  Result<void> acknowledge(const std::vector<std::uint64_t>& tickets) override {
    std::string answers;
    for (const auto ticket : tickets) {
      const auto found = owed_.find(ticket);
      if (found == owed_.end()) continue;  // of a connection that is gone: the server sends it again
      mqtt::appendAnswer(answers, found->second.qos == 1 ? Kind::puback : Kind::pubrec, found->second.id);
      open_.erase(found->second.id);
      owed_.erase(found);
    }
    if (answers.empty() || !client_.connected()) return {};
    auto sent = client_.send(answers);
    if (!sent) client_.close();
    return {};
  }

  void idle() override {
    if (!client_.keepAlive()) client_.close();
  }
  void stop() override { client_.stop(); }

 private:
  struct Owed {
    std::uint16_t id = 0;
    int qos = 0;
  };

  Result<std::vector<BrokerMessage>> receiveNow(std::int64_t most) {
    if (!client_.connected()) WEIR_TRY(begin());
    std::vector<BrokerMessage> messages;
    std::int64_t bytes = 0;
    for (auto& packet : client_.takeEarly()) WEIR_TRY(take(packet, messages));
    while (static_cast<std::int64_t>(messages.size()) < most && bytes < kBrokerFetchBytes) {
      WEIR_ASSIGN(auto packet, client_.next(messages.empty() ? 100 : 0));
      if (!packet) break;
      bytes += static_cast<std::int64_t>(packet->payload.size());
      WEIR_TRY(take(*packet, messages));
    }
    return messages;
  }

  Result<void> begin() {
    owed_.clear();
    open_.clear();
    WEIR_TRY(client_.connect(!subscribe_.keepSession));
    std::string text;
    mqtt::appendSubscribe(text, 1, subscribe_.topics, subscribe_.qos);
    WEIR_TRY(client_.send(text));
    WEIR_ASSIGN(const auto answer, client_.await(Kind::suback));
    for (std::size_t i = 0; i < answer.codes.size() && i < subscribe_.topics.size(); ++i) {
      if (answer.codes[i] == 0x80)
        return fail("broker.denied", "the server refuses the topic '" + subscribe_.topics[i] + "'");
    }
    return {};
  }

  Result<void> take(Packet& packet, std::vector<BrokerMessage>& messages) {
    if (packet.kind == Kind::pubrel) {
      std::string answer;
      mqtt::appendAnswer(answer, Kind::pubcomp, packet.id);
      return client_.send(answer);
    }
    if (packet.kind != Kind::publish) return {};
    // Sent again within one connection, before it was acknowledged.
    if (packet.qos > 0 && !open_.insert(packet.id).second) return {};
    BrokerMessage message;
    message.ticket = ++tickets_;
    if (packet.qos > 0) owed_[message.ticket] = {packet.id, packet.qos};
    message.topic = std::move(packet.topic);
    message.payload = std::move(packet.payload);
    message.qos = packet.qos;
    message.retained = packet.retained;
    messages.push_back(std::move(message));
    return {};
  }

  Client client_;
  BrokerSubscribe subscribe_;
  std::uint64_t tickets_ = 0;
  std::map<std::uint64_t, Owed> owed_;
  std::set<std::uint16_t> open_;
};

class Publisher final : public PublishSession {
 public:
  Publisher(BrokerTarget target, const NetworkSettings& network) : client_(std::move(target), network) {}

  Result<BrokerPublished> publish(const BrokerPublish& publish) override {
    auto published = publishNow(publish);
    if (published) return published;
    client_.close();
    return std::unexpected(client_.told(std::move(published.error())));
  }

  void stop() override { client_.stop(); }

 private:
  Result<BrokerPublished> publishNow(const BrokerPublish& publish) {
    if (!client_.connected()) WEIR_TRY(client_.connect(true));
    BrokerPublished published;
    std::set<std::uint16_t> open;
    for (std::uint32_t i = 0; i < publish.messages.size(); ++i) {
      const auto& message = publish.messages[i];
      if (auto fits = mqtt::checkTopic(message.topic); !fits) {
        published.refused.push_back({i, std::move(fits.error())});
        continue;
      }
      while (open.size() >= (message.qos == 2 ? kWindowOfTwo : kWindow)) WEIR_TRY(settle(open));
      Packet packet;
      packet.topic = message.topic;
      packet.payload = message.payload;
      packet.qos = message.qos;
      packet.retained = message.retained;
      if (packet.qos > 0) {
        do {
          packet.id = ++lastId_;
        } while (packet.id == 0 || open.contains(packet.id));
        open.insert(packet.id);
      }
      std::string text;
      mqtt::appendPublish(text, packet);
      WEIR_TRY(client_.send(text));
    }
    while (!open.empty()) WEIR_TRY(settle(open));
    return published;
  }

  /// Takes one answer.
  Result<void> settle(std::set<std::uint16_t>& open) {
    WEIR_ASSIGN(auto packet, client_.next(30'000));
    if (!packet) return fail("broker.unavailable", "the server does not confirm what was sent", true);
    if (packet->kind == Kind::pubrec) {
      std::string answer;
      mqtt::appendAnswer(answer, Kind::pubrel, packet->id);
      return client_.send(answer);
    }
    if (packet->kind == Kind::puback || packet->kind == Kind::pubcomp) open.erase(packet->id);
    return {};
  }

  Client client_;
  std::uint16_t lastId_ = 0;
};

}  // namespace

std::unique_ptr<SubscribeSession> mqttSubscription(BrokerTarget target, BrokerSubscribe subscribe,
                                                   const NetworkSettings& network) {
  return std::make_unique<Subscription>(std::move(target), std::move(subscribe), network);
}

std::unique_ptr<PublishSession> mqttPublisher(BrokerTarget target, const NetworkSettings& network) {
  return std::make_unique<Publisher>(std::move(target), network);
}

}  // namespace weir::native
