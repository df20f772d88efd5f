// kafka/consume: messages of topics, by a consumer group.
#include "engine/node/broker-source.h"
#include "nodes/kafka/consume/consume.gen.h"

namespace weir::nodes::consume {
namespace {

Value timeOf(std::int64_t micros) {
  if (micros <= 0) return {};
  return Value::timestamp(micros / 1'000'000, static_cast<std::int32_t>(micros % 1'000'000) * 1000);
}

std::vector<Value> valuesOf(const BrokerMessage& message, bool textKey) {
  MapBuilder headers;
  for (const auto& [name, value] : message.fields) headers.set(textOrBytes(name), textOrBytes(value));
  Value key;
  if (message.key) {
    // One that is no text fails its row, and is shown as it is.
    key = textKey ? textOrBytes(*message.key) : Value::bytes(*message.key);
  }
  return {Value::string(message.topic),
          Value::int64(message.partition % kKafkaPartitions),
          Value::int64(message.offset.value_or(0)),
          std::move(key),
          std::move(headers).build(),
          timeOf(message.timestampMicros)};
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* host, context.host<Broker>());
  if (settings.topics.empty()) return fail("settings.missing", "the setting topics names no topic");
  if (settings.group.empty()) return fail("settings.missing", "the setting group is empty");
  BrokerSourceOptions options;
  options.target = {.kind = BrokerKind::kafka,
                    .servers = settings.servers,
                    .tls = settings.tls,
                    .user = settings.user.value_or(""),
                    .password = settings.password.value_or(""),
                    .timeoutMs = settings.timeout,
                    .signIn = static_cast<BrokerSignIn>(settings.signIn)};
  options.subscribe.topics = settings.topics;
  options.subscribe.group = settings.group;
  options.subscribe.earliest = settings.from == Settings::From::beginning;
  options.format = static_cast<PayloadFormat>(settings.format);
  options.maxBytes = settings.maxBytes;
  options.textKey = settings.keyFormat == Settings::KeyFormat::text;
  options.shape = {{{"topic", Type::string(), false},
                    {"partition", Type::int64(), false},
                    {"offset", Type::int64(), false},
                    {"key", options.textKey ? Type::string() : Type::bytes(), true},
                    {"headers", Type::any(), false},
                    {"timestamp", Type::timestamp(), true}},
                   [text = options.textKey](const BrokerMessage& message) { return valuesOf(message, text); }};
  return makeBrokerSource(std::move(options), *host, context);
}

}  // namespace weir::nodes::consume
