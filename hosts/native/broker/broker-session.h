// What a protocol does for a broker, with calls that block, on a thread of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/host/broker.h"
#include "hosts/native/network/network-settings.h"

namespace weir::native {

class SubscribeSession {
 public:
  virtual ~SubscribeSession() = default;
  /// Waits a moment (about 100 ms) at most: an empty answer is no error.
  virtual Result<std::vector<BrokerMessage>> receive(std::int64_t most) = 0;
  /// From the session's own thread, like receive.
  virtual Result<void> acknowledge(const std::vector<std::uint64_t>& tickets) = 0;
  /// From the same thread, about four times a second while nobody receives: whoever must be heard of says something.
  virtual void idle() {}
  /// Thread-safe: what waits ends with `broker.stopped`.
  virtual void stop() = 0;
};

class PublishSession {
 public:
  virtual ~PublishSession() = default;
  virtual Result<BrokerPublished> publish(const BrokerPublish& publish) = 0;
  virtual Result<SinkCheckpoint> claim(const std::string& /*topic*/, const std::string& /*sink*/) {
    return fail("settings.invalid", "this broker keeps no checkpoints");
  }
  virtual void stop() = 0;
};

[[nodiscard]] std::unique_ptr<SubscribeSession> redisSubscription(BrokerTarget target, BrokerSubscribe subscribe,
                                                                  const NetworkSettings& network);
[[nodiscard]] std::unique_ptr<PublishSession> redisPublisher(BrokerTarget target, const NetworkSettings& network);

[[nodiscard]] std::unique_ptr<SubscribeSession> mqttSubscription(BrokerTarget target, BrokerSubscribe subscribe,
                                                                 const NetworkSettings& network);
[[nodiscard]] std::unique_ptr<PublishSession> mqttPublisher(BrokerTarget target, const NetworkSettings& network);

/// The servers and names of topics are possible ones. `settings.invalid`, `broker.topic`.
[[nodiscard]] Result<void> checkKafka(const BrokerTarget& target, const std::vector<std::string>& topics);
[[nodiscard]] std::unique_ptr<SubscribeSession> kafkaSubscription(BrokerTarget target, BrokerSubscribe subscribe,
                                                                  const NetworkSettings& network);
[[nodiscard]] std::unique_ptr<PublishSession> kafkaPublisher(BrokerTarget target, const NetworkSettings& network);

}  // namespace weir::native
