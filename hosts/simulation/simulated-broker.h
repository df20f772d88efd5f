// SimulatedBroker: topics in memory, for cases: what is received is written down beforehand, what is sent is kept.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/host/broker.h"

namespace weir::simulation {

/// Not thread-safe. Calls finish at once; a subscription whose messages are all received was stopped
/// (`broker.stopped`), which ends its source.
class SimulatedBroker final : public Broker {
 public:
  void put(BrokerMessage message) { waiting_[message.topic].push_back(std::move(message)); }
  /// Publishing to this topic is refused for every message.
  void refuse(std::string topic) { refused_.insert(std::move(topic)); }
  [[nodiscard]] const std::vector<BrokerMessage>& published() const { return published_; }
  [[nodiscard]] const std::vector<std::uint64_t>& acknowledged() const { return acknowledged_; }

  [[nodiscard]] Result<std::unique_ptr<BrokerSubscription>> subscribe(BrokerTarget target,
                                                                      BrokerSubscribe subscribe) override;
  [[nodiscard]] Result<std::unique_ptr<BrokerPublisher>> publisher(BrokerTarget target) override;

 private:
  class Subscription;
  class Publisher;
  std::map<std::string, std::vector<BrokerMessage>> waiting_;
  std::set<std::string> refused_;
  std::vector<BrokerMessage> published_;
  std::map<std::string, SinkCheckpoint> checkpoints_;
  std::vector<std::uint64_t> acknowledged_;
};

}  // namespace weir::simulation
