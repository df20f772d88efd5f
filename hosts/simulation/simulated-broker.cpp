// Messages of a case.
#include "hosts/simulation/simulated-broker.h"

#include <algorithm>
#include <utility>

namespace weir::simulation {

class SimulatedBroker::Subscription final : public BrokerSubscription {
 public:
  Subscription(SimulatedBroker& host, std::vector<std::string> topics) : host_(host), topics_(std::move(topics)) {}
  Operation<std::vector<BrokerMessage>> receive(std::int64_t most, Waker) override {
    std::vector<BrokerMessage> messages;
    for (std::uint32_t i = 0; i < topics_.size(); ++i) {
      auto& waiting = host_.waiting_[topics_[i]];
      while (!waiting.empty() && static_cast<std::int64_t>(messages.size()) < most) {
        messages.push_back(std::move(waiting.front()));
        messages.back().partition = messages.back().offset ? kafkaPartition(i, 0) : i;
        messages.back().ticket = ++tickets_;
        waiting.erase(waiting.begin());
      }
    }
    if (messages.empty()) {
      return Operation<std::vector<BrokerMessage>>::finished(fail("broker.stopped", "the case has no more messages"));
    }
    return Operation<std::vector<BrokerMessage>>::finished(std::move(messages));
  }
  void acknowledge(std::vector<std::uint64_t> tickets) override {
    host_.acknowledged_.insert(host_.acknowledged_.end(), tickets.begin(), tickets.end());
  }

 private:
  SimulatedBroker& host_;
  std::vector<std::string> topics_;
  std::uint64_t tickets_ = 0;
};

class SimulatedBroker::Publisher final : public BrokerPublisher {
 public:
  explicit Publisher(SimulatedBroker& host) : host_(host) {}
  Operation<BrokerPublished> publish(BrokerPublish publish, Waker) override {
    BrokerPublished published;
    if (publish.checkpoint) {
      auto& known = host_.checkpoints_[publish.checkpoint->sink];
      const auto already = alreadyWritten(*publish.checkpoint, known);
      if (!already) return Operation<BrokerPublished>::finished(std::unexpected(already.error()));
      published.already = *already;
      if (*already) return Operation<BrokerPublished>::finished(std::move(published));
      known = *publish.checkpoint;
    }
    for (std::uint32_t i = 0; i < publish.messages.size(); ++i) {
      auto& message = publish.messages[i];
      if (host_.refused_.contains(message.topic)) {
        published.refused.push_back({i, Error{"broker.topic", "'" + message.topic + "' takes nothing"}});
      } else {
        host_.published_.push_back(std::move(message));
      }
    }
    return Operation<BrokerPublished>::finished(std::move(published));
  }
  Operation<SinkCheckpoint> claim(std::string, std::string sink, Waker) override {
    auto& known = host_.checkpoints_[sink];
    known.sink = std::move(sink);
    ++known.epoch;
    return Operation<SinkCheckpoint>::finished(known);
  }

 private:
  SimulatedBroker& host_;
};

Result<std::unique_ptr<BrokerSubscription>> SimulatedBroker::subscribe(BrokerTarget, BrokerSubscribe subscribe) {
  return std::make_unique<Subscription>(*this, std::move(subscribe.topics));
}

Result<std::unique_ptr<BrokerPublisher>> SimulatedBroker::publisher(BrokerTarget) {
  return std::make_unique<Publisher>(*this);
}

}  // namespace weir::simulation
