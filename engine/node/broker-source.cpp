// From messages to rows, and back to acknowledgements.
#include "engine/node/broker-source.h"

#include <algorithm>

#include "engine/data/batch-builder.h"
#include "engine/data/value-json.h"
#include "engine/text/utf8.h"

namespace weir {
namespace {

/// Messages asked for at once.
constexpr std::int64_t kMostMessages = 1024;
/// What an error row shows of a payload.
constexpr std::size_t kShownOfBad = 65'536;

TypeRef typeOfFormat(PayloadFormat format) {
  switch (format) {
    case PayloadFormat::json:
      return Type::any();
    case PayloadFormat::text:
      return Type::string();
    case PayloadFormat::bytes:
      return Type::bytes();
  }
  return Type::any();
}

}  // namespace

Value textOrBytes(std::string_view text) { return utf8::isValid(text) ? Value::string(text) : Value::bytes(text); }

BrokerSource::BrokerSource(BrokerSourceOptions options, Broker& host, NodeContext& context)
    : options_(std::move(options)), host_(host), context_(context) {
  auto fields = options_.shape.fields;
  fields.push_back({"payload", typeOfFormat(options_.format), true});
  schema_ = Schema::of(std::move(fields));
}

Result<Progress> BrokerSource::step(StepIo& io) {
  // Messages without a row are done with when the rows before them are.
  for (auto& [id, partition] : partitions_) settle(partition);
  if (draining_) return Progress::finished();
  if (io.room(0).rows <= 0) return Progress::blockedOn(0, kAllPorts);
  if (!subscription_) WEIR_TRY(subscribe());
  if (!receiving_.active()) {
    receiving_ = subscription_->receive(std::clamp<std::int64_t>(io.room(0).rows, 1, kMostMessages), io.waker());
  }
  if (!receiving_.ready()) return Progress::blockedOn(0);
  auto messages = receiving_.take();
  if (!messages) {
    if (messages.error().code == "broker.stopped") return Progress::finished();
    return std::unexpected(std::move(messages.error()));
  }
  // One answer a step: an error of the next would take back what this one gives.
  WEIR_TRY(give(*messages, io));
  return Progress::yielded();
}

Result<void> BrokerSource::subscribe() {
  auto wanted = options_.subscribe;
  if (options_.target.kind == BrokerKind::kafka) {
    // Sequences are offsets plus one.
    for (const auto& [id, partition] : partitions_) wanted.from.push_back({id, partition.sequence});
  }
  WEIR_ASSIGN(subscription_, host_.subscribe(options_.target, std::move(wanted)));
  return {};
}

Result<Value> BrokerSource::payloadOf(const BrokerMessage& message) const {
  if (static_cast<std::int64_t>(message.payload.size()) > options_.maxBytes) {
    return fail("broker.limit", "the message has " + std::to_string(message.payload.size()) +
                                    " bytes, and the setting maxBytes allows " + std::to_string(options_.maxBytes));
  }
  if (options_.textKey && message.key && !utf8::isValid(*message.key)) {
    return fail("broker.payload", "the message's key is no UTF-8; read it as bytes");
  }
  if (message.empty) return Value();
  if (options_.format == PayloadFormat::bytes) return Value::bytes(message.payload);
  if (!utf8::isValid(message.payload)) return fail("broker.payload", "the message is no UTF-8; read it as bytes");
  if (options_.format == PayloadFormat::text) return Value::string(message.payload);
  auto value = parseJsonValue(message.payload);
  if (!value) return fail("broker.payload", "the message is no JSON: " + value.error().message);
  return value;
}

void BrokerSource::failMessage(const BrokerMessage& message, std::vector<Value> values, Error error, StepIo& io) const {
  MapBuilder row;
  for (std::size_t i = 0; i < values.size(); ++i) {
    row.set(Value::string(schema_->field(static_cast<std::int64_t>(i)).name), std::move(values[i]));
  }
  row.set(Value::string("payload"), Value::bytes(message.payload.substr(0, kShownOfBad)));
  io.failValue(std::move(row).build(), std::move(error));
}

/// One batch for each partition, in the order of their first messages.
Result<void> BrokerSource::give(std::vector<BrokerMessage>& messages, StepIo& io) {
  std::ranges::stable_sort(messages, {}, &BrokerMessage::partition);
  for (std::size_t begin = 0; begin < messages.size();) {
    auto end = begin;
    while (end < messages.size() && messages[end].partition == messages[begin].partition) ++end;
    WEIR_TRY(giveSome(std::span(messages).subspan(begin, end - begin), io));
    begin = end;
  }
  return {};
}

/// Of one partition. Rows whose offsets are not consecutive go in several batches, since sequences within one are.
Result<void> BrokerSource::giveSome(std::span<const BrokerMessage> messages, StepIo& io) {
  auto& partition = partitions_[messages.front().partition];
  BatchBuilder builder(schema_, context_.account());
  Envelope envelope;
  envelope.partition = messages.front().partition;
  envelope.timestampMicros = context_.nowMicros();
  auto sequence = partition.sequence;
  std::vector<Owed> owed;
  const auto emit = [&]() -> Result<void> {
    if (builder.rows() == 0) return {};
    WEIR_ASSIGN(auto batch, builder.finish(envelope));
    io.emit(0, std::move(batch));
    return {};
  };
  for (const auto& message : messages) {
    auto values = options_.shape.values(message);
    auto payload = payloadOf(message);
    if (!payload) {
      // Of an offset: its number stays free. What waits for it is acknowledged with the row before it.
      failMessage(message, std::move(values), std::move(payload.error()), io);
      owed.push_back({sequence, message.ticket});
      continue;
    }
    const auto next = std::max(sequence + 1, message.offset.value_or(-1) + 1);
    if (next != sequence + 1) WEIR_TRY(emit());
    if (builder.rows() == 0) envelope.firstSequence = static_cast<std::uint64_t>(next);
    values.push_back(std::move(*payload));
    WEIR_TRY(builder.append(values));
    sequence = next;
    owed.push_back({sequence, message.ticket});
  }
  WEIR_TRY(emit());
  partition.sequence = sequence;
  partition.owed.insert(partition.owed.end(), owed.begin(), owed.end());
  return {};
}

void BrokerSource::acknowledged(Partition partition, std::int64_t sequence) {
  auto& known = partitions_[partition];
  known.acknowledged = std::max(known.acknowledged, sequence);
  // Rows of an earlier run that a journal has: new ones are numbered behind them.
  known.sequence = std::max(known.sequence, sequence);
  settle(known);
}

void BrokerSource::settle(PartitionState& partition) {
  std::vector<std::uint64_t> tickets;
  while (!partition.owed.empty() && partition.owed.front().sequence <= partition.acknowledged) {
    tickets.push_back(partition.owed.front().ticket);
    partition.owed.pop_front();
  }
  if (!tickets.empty() && subscription_) subscription_->acknowledge(std::move(tickets));
}

Result<Poll> BrokerSource::snapshot(CheckpointId, StateWriter& state) {
  WEIR_TRY(state.write(static_cast<std::int64_t>(partitions_.size())));
  for (const auto& [id, partition] : partitions_) {
    WEIR_TRY(state.write(std::int64_t{id}));
    WEIR_TRY(state.write(partition.sequence));
  }
  return Poll::ready;
}

Result<Poll> BrokerSource::restore(StateReader& state) {
  std::int64_t count = 0;
  WEIR_TRY(state.read(count));
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t id = 0, sequence = 0;
    WEIR_TRY(state.read(id));
    WEIR_TRY(state.read(sequence));
    auto& partition = partitions_[static_cast<Partition>(id)];
    partition.sequence = partition.acknowledged = sequence;
  }
  return Poll::ready;
}

NodePtr makeBrokerSource(BrokerSourceOptions options, Broker& host, NodeContext& context) {
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [options = std::move(options), &host, &context]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<BrokerSource>(options, host, context);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir
