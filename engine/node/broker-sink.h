// BrokerSink: what the sinks over brokers share: rows become messages, and count as written when the broker has them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/host/broker.h"
#include "engine/node/node-context.h"
#include "engine/node/node.h"
#include "engine/node/once-sink.h"
#include "engine/node/row-expression.h"

namespace weir {

/// How rows become messages. Expressions that are absent leave their part empty.
struct BrokerSinkOptions {
  BrokerTarget target;
  std::optional<RowExpression> topic, key, payload;   // payload absent: the row as JSON
  std::optional<RowExpression> partition, timestamp;  // Kafka
  std::string fixedTopic;
  std::vector<std::pair<std::string, RowExpression>> headers;
  std::int64_t batchRows = 1000, maxLength = 0;
  int qos = 1;
  bool retain = false;
  /// Redis: written at checkpoints only, with the checkpoint's number; of one topic.
  bool once = false;
  std::int64_t holdBytes = 64 << 20;  // of rows that wait for one
};

/// Messages of rows of a dense batch; rows that fail are null there and in `errors`. A text or bytes is sent as it is,
/// any other value as JSON. Errors: those of expressions.
[[nodiscard]] Result<std::vector<BrokerMessage>> messagesOf(const Batch& batch, const BrokerSinkOptions& options,
                                                            std::vector<cel::RowError>& errors);

/// A map setting of names and expressions.
[[nodiscard]] Result<std::vector<std::pair<std::string, RowExpression>>> expressionsOf(const json::Value& map,
                                                                                       std::string_view pointer,
                                                                                       NodeContext& context);

class BrokerSink final : public Transform {
 public:
  BrokerSink(BrokerSinkOptions options, Broker& host) : options_(std::move(options)), host_(host) {}
  Result<Flow> process(const Batch& batch, StepIo& io) override;

 private:
  Result<void> begin(const Batch& batch, StepIo& io);
  /// What was refused for good fails; what may be taken later is left to be sent again. Gives that error.
  std::optional<Error> sort(std::vector<BrokerRefusal>& refused, StepIo& io);

  BrokerSinkOptions options_;
  Broker& host_;
  std::int64_t position_ = 0, length_ = 0;
  bool prepared_ = false;
  std::vector<BrokerMessage> messages_;
  std::vector<std::uint32_t> rowOf_;  // of each message
  std::optional<Error> failure_;
  std::unique_ptr<BrokerPublisher> publisher_;
  Operation<BrokerPublished> publishing_;
};

/// The same with `once`.
class BrokerOnceSink final : public OnceSink {
 public:
  BrokerOnceSink(BrokerSinkOptions options, Broker& host, NodeContext& context)
      : OnceSink(context, options.holdBytes), options_(std::move(options)), host_(host) {}

 private:
  Result<Poll> claim(SinkCheckpoint& sink, const Waker& waker) override;
  Result<Poll> write(const std::vector<Batch>& rows, const SinkCheckpoint& checkpoint,
                     std::vector<SinkRefusal>& refused, const Waker& waker) override;
  void forget() override { publisher_.reset(); }
  Result<BrokerPublish> prepare(const std::vector<Batch>& rows);

  BrokerSinkOptions options_;
  Broker& host_;
  std::vector<std::uint32_t> rowOf_;  // of each message
  std::vector<SinkRefusal> failed_;   // before they were sent
  std::unique_ptr<BrokerPublisher> publisher_;
  Operation<SinkCheckpoint> claiming_;
  Operation<BrokerPublished> publishing_;
};

[[nodiscard]] NodePtr makeBrokerSink(BrokerSinkOptions options, Broker& host, NodeContext& context);

}  // namespace weir
