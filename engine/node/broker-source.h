// BrokerSource: what the sources over brokers share: receive, decode, number, acknowledge.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/host/broker.h"
#include "engine/node/node-context.h"
#include "engine/node/node.h"

namespace weir {

enum class PayloadFormat : std::uint8_t { json, text, bytes };

/// How a message becomes a row: fields besides `payload`, which comes last.
struct MessageShape {
  std::vector<Field> fields;
  std::function<std::vector<Value>(const BrokerMessage& message)> values;
};

/// A text, or bytes where it is no UTF-8.
[[nodiscard]] Value textOrBytes(std::string_view text);

struct BrokerSourceOptions {
  BrokerTarget target;
  BrokerSubscribe subscribe;
  PayloadFormat format = PayloadFormat::json;
  std::int64_t maxBytes = 1 << 20;  // of one message
  MessageShape shape;
  /// The key must be a text.
  bool textKey = false;
};

/// A message that cannot be decoded is an error row; it is acknowledged with the rows before it. Where messages have
/// offsets (Kafka), rows are numbered by them, so that a run which is resumed goes on behind the last row it has kept.
class BrokerSource final : public Task {
 public:
  BrokerSource(BrokerSourceOptions options, Broker& host, NodeContext& context);

  Result<Progress> step(StepIo& io) override;
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override;
  Result<Poll> restore(StateReader& state) override;
  [[nodiscard]] bool wantsAcknowledgements() const override { return true; }
  void acknowledged(Partition partition, std::int64_t sequence) override;
  void drain() override { draining_ = true; }

 private:
  /// What waits for its acknowledgement, by increasing sequence.
  struct Owed {
    std::int64_t sequence = 0;
    std::uint64_t ticket = 0;
  };
  struct PartitionState {
    std::int64_t sequence = 0;  // of the row given last
    std::int64_t acknowledged = 0;
    std::deque<Owed> owed;
  };
  Result<void> subscribe();
  Result<void> give(std::vector<BrokerMessage>& messages, StepIo& io);
  Result<void> giveSome(std::span<const BrokerMessage> messages, StepIo& io);
  Result<Value> payloadOf(const BrokerMessage& message) const;
  void failMessage(const BrokerMessage& message, std::vector<Value> values, Error error, StepIo& io) const;
  void settle(PartitionState& partition);

  BrokerSourceOptions options_;
  Broker& host_;
  NodeContext& context_;
  SchemaRef schema_;
  std::map<Partition, PartitionState> partitions_;
  bool draining_ = false;
  std::unique_ptr<BrokerSubscription> subscription_;
  Operation<std::vector<BrokerMessage>> receiving_;
};

[[nodiscard]] NodePtr makeBrokerSource(BrokerSourceOptions options, Broker& host, NodeContext& context);

}  // namespace weir
