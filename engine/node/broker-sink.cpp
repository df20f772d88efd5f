// Rows as messages, some at a time.
#include "engine/node/broker-sink.h"

#include <algorithm>
#include <array>

#include "engine/data/value-json.h"

namespace weir {
namespace {

std::string textOf(const Value& value) {
  if (value.kind() == ValueKind::string || value.kind() == ValueKind::bytes) return std::string(value.text());
  return toJson(value);
}

/// For each row what its value is turned into; a value that cannot be is an error of its row.
template <class Put>
Result<void> putEach(const RowExpression& expression, const Batch& batch, std::vector<BrokerMessage>& messages,
                     std::vector<cel::RowError>& errors, Put put) {
  WEIR_ASSIGN(const auto column, expression.evaluate(batch, errors));
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    const auto value = column.value(row);
    if (value.isNull()) continue;
    if (auto done = put(messages[static_cast<std::size_t>(row)], value); !done) {
      errors.push_back({static_cast<std::uint32_t>(row), std::move(done.error())});
    }
  }
  return {};
}

Result<void> putPartitions(const RowExpression& expression, const Batch& batch, std::vector<BrokerMessage>& messages,
                           std::vector<cel::RowError>& errors) {
  return putEach(expression, batch, messages, errors, [](BrokerMessage& message, const Value& value) -> Result<void> {
    if (value.kind() != ValueKind::int64 || value.int64() < 0 || value.int64() >= kKafkaPartitions) {
      return fail("broker.topic", "the setting partition gives " + toJson(value) +
                                      ", and a partition is a whole number from 0 to 65535");
    }
    message.toPartition = static_cast<std::int32_t>(value.int64());
    return {};
  });
}

Result<void> putTimes(const RowExpression& expression, const Batch& batch, std::vector<BrokerMessage>& messages,
                      std::vector<cel::RowError>& errors) {
  return putEach(expression, batch, messages, errors, [](BrokerMessage& message, const Value& value) -> Result<void> {
    if (value.kind() != ValueKind::timestamp || value.seconds() < 0) {
      return fail("broker.topic", "the setting timestamp gives " + toJson(value) +
                                      ", and Kafka takes times from 1970 on; write timestamp(row.at) for a text");
    }
    message.timestampMicros = value.seconds() * 1'000'000 + value.nanos() / 1000;
    return {};
  });
}

}  // namespace

Result<std::vector<BrokerMessage>> messagesOf(const Batch& batch, const BrokerSinkOptions& options,
                                              std::vector<cel::RowError>& errors) {
  std::vector<BrokerMessage> messages(static_cast<std::size_t>(batch.rows()));
  for (auto& message : messages) {
    message.topic = options.fixedTopic;
    message.qos = options.qos;
    message.retained = options.retain;
  }
  const auto each = [&](const RowExpression& expression, auto put) -> Result<void> {
    WEIR_ASSIGN(const auto column, expression.evaluate(batch, errors));
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      const auto value = column.value(row);
      if (!value.isNull()) put(messages[static_cast<std::size_t>(row)], value);
    }
    return {};
  };
  if (options.topic) {
    WEIR_TRY(each(*options.topic, [](BrokerMessage& message, const Value& value) { message.topic = textOf(value); }));
  }
  if (options.key) {
    WEIR_TRY(each(*options.key, [](BrokerMessage& message, const Value& value) { message.key = textOf(value); }));
  }
  for (const auto& [name, expression] : options.headers) {
    WEIR_TRY(each(expression, [&name](BrokerMessage& message, const Value& value) {
      message.fields.emplace_back(name, textOf(value));
    }));
  }
  if (options.partition) WEIR_TRY(putPartitions(*options.partition, batch, messages, errors));
  if (options.timestamp) WEIR_TRY(putTimes(*options.timestamp, batch, messages, errors));
  if (options.payload) {
    for (auto& message : messages) message.empty = options.target.kind == BrokerKind::kafka;
    WEIR_TRY(each(*options.payload, [](BrokerMessage& message, const Value& value) {
      message.payload = textOf(value);
      message.empty = false;
    }));
  } else {
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      appendJson(messages[static_cast<std::size_t>(row)].payload, batch.row(row));
    }
  }
  return messages;
}

Result<std::vector<std::pair<std::string, RowExpression>>> expressionsOf(const json::Value& map,
                                                                         std::string_view pointer,
                                                                         NodeContext& context) {
  std::vector<std::pair<std::string, RowExpression>> all;
  if (!map.isObject()) return all;
  for (const auto& member : *map.asObject()) {
    const auto* text = member.value.asString();
    const auto at = std::string(pointer) + "/" + member.key;
    if (text == nullptr) return fail("settings.type", at + ": expected an expression");
    WEIR_ASSIGN(auto one, RowExpression::compile(*text, at, context));
    all.emplace_back(member.key, std::move(one));
  }
  return all;
}

/// The next messages; rows whose expressions fail are error rows.
Result<void> BrokerSink::begin(const Batch& batch, StepIo& io) {
  length_ = std::min(options_.batchRows, batch.rows() - position_);
  const auto part = batch.slice(position_, length_);
  std::vector<cel::RowError> errors;
  WEIR_ASSIGN(auto made, messagesOf(part, options_, errors));
  messages_.clear();
  rowOf_.clear();
  const auto first = static_cast<std::uint32_t>(position_);
  for (std::uint32_t i = 0; i < made.size(); ++i) {
    const auto bad = std::ranges::find(errors, i, &cel::RowError::row);
    if (bad != errors.end()) {
      io.fail(std::array<std::uint32_t, 1>{first + i}, bad->error);
      continue;
    }
    messages_.push_back(std::move(made[i]));
    rowOf_.push_back(first + i);
  }
  prepared_ = true;
  return {};
}

std::optional<Error> BrokerSink::sort(std::vector<BrokerRefusal>& refused, StepIo& io) {
  std::optional<Error> again;
  std::vector<BrokerMessage> messages;
  std::vector<std::uint32_t> rows;
  for (auto& refusal : refused) {
    if (!refusal.error.recoverable) {
      io.fail(std::array<std::uint32_t, 1>{rowOf_[refusal.message]}, std::move(refusal.error));
      continue;
    }
    messages.push_back(std::move(messages_[refusal.message]));
    rows.push_back(rowOf_[refusal.message]);
    if (!again) again = std::move(refusal.error);
  }
  if (again) {
    messages_ = std::move(messages);
    rowOf_ = std::move(rows);
  }
  return again;
}

Result<Flow> BrokerSink::process(const Batch& batch, StepIo& io) {
  if (failure_) return std::unexpected(*std::exchange(failure_, std::nullopt));
  bool said = false;
  for (;;) {
    if (!publishing_.active()) {
      if (!prepared_) {
        if (position_ == batch.rows()) break;
        WEIR_TRY(begin(batch, io));
        said = said || std::ssize(messages_) < length_;
      }
      if (!publisher_) {
        WEIR_ASSIGN(publisher_, host_.publisher(options_.target));
      }
      BrokerPublish publish;
      publish.messages = messages_;
      publish.maxLength = options_.maxLength;
      publishing_ = publisher_->publish(std::move(publish), io.waker());
    }
    if (!publishing_.ready()) return Flow::pending;
    auto published = publishing_.take();
    if (!published) {
      if (!said) return std::unexpected(std::move(published.error()));
      // Not in the step that has failed rows, which an error would take back.
      failure_ = std::move(published.error());
      io.waker().wake();
      return Flow::pending;
    }
    const auto refused = published->refused.size();
    auto again = sort(published->refused, io);
    said = said || refused > (again ? messages_.size() : 0);
    if (again) {
      if (!said) return std::unexpected(std::move(*again));
      failure_ = std::move(again);
      io.waker().wake();
      return Flow::pending;
    }
    position_ += length_;
    prepared_ = false;
  }
  position_ = 0;
  return Flow::more;
}

Result<Poll> BrokerOnceSink::claim(SinkCheckpoint& sink, const Waker& waker) {
  if (!publisher_) {
    WEIR_ASSIGN(publisher_, host_.publisher(options_.target));
  }
  if (!claiming_.active()) claiming_ = publisher_->claim(options_.fixedTopic, sink.sink, waker);
  if (!claiming_.ready()) return Poll::pending;
  WEIR_ASSIGN(sink, claiming_.take());
  return Poll::ready;
}

Result<BrokerPublish> BrokerOnceSink::prepare(const std::vector<Batch>& rows) {
  BrokerPublish publish;
  rowOf_.clear();
  failed_.clear();
  std::uint32_t first = 0;
  for (const auto& batch : rows) {
    std::vector<cel::RowError> errors;
    WEIR_ASSIGN(auto made, messagesOf(batch, options_, errors));
    for (std::uint32_t i = 0; i < made.size(); ++i) {
      const auto bad = std::ranges::find(errors, i, &cel::RowError::row);
      if (bad != errors.end()) {
        failed_.push_back({first + i, bad->error});
        continue;
      }
      publish.messages.push_back(std::move(made[i]));
      rowOf_.push_back(first + i);
    }
    first += static_cast<std::uint32_t>(batch.rows());
  }
  publish.maxLength = options_.maxLength;
  publish.topic = options_.fixedTopic;
  return publish;
}

Result<Poll> BrokerOnceSink::write(const std::vector<Batch>& rows, const SinkCheckpoint& checkpoint,
                                   std::vector<SinkRefusal>& refused, const Waker& waker) {
  if (!publishing_.active()) {
    if (!publisher_) {
      WEIR_ASSIGN(publisher_, host_.publisher(options_.target));
    }
    WEIR_ASSIGN(auto publish, prepare(rows));
    publish.checkpoint = checkpoint;
    publishing_ = publisher_->publish(std::move(publish), waker);
  }
  if (!publishing_.ready()) return Poll::pending;
  WEIR_ASSIGN(auto published, publishing_.take());
  if (published.already) return Poll::ready;
  refused = std::exchange(failed_, {});
  for (auto& refusal : published.refused) refused.push_back({rowOf_[refusal.message], std::move(refusal.error)});
  std::ranges::sort(refused, {}, &SinkRefusal::row);
  return Poll::ready;
}

NodePtr makeBrokerSink(BrokerSinkOptions options, Broker& host, NodeContext& context) {
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [options = std::move(options), &host, &context]() -> Result<std::unique_ptr<Task>> {
    if (options.once) return std::make_unique<BrokerOnceSink>(options, host, context);
    return std::make_unique<BrokerSink>(options, host);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir
