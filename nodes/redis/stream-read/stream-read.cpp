// redis/stream-read: entries of streams, by a consumer group.
#include "engine/node/broker-source.h"
#include "nodes/redis/stream-read/stream-read.gen.h"

namespace weir::nodes::stream_read {
namespace {

std::vector<Value> valuesOf(const BrokerMessage& message) {
  MapBuilder fields;
  for (const auto& [name, value] : message.fields) fields.set(textOrBytes(name), textOrBytes(value));
  return {Value::string(message.topic), Value::string(message.id), std::move(fields).build()};
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* host, context.host<Broker>());
  if (settings.streams.empty()) return fail("settings.missing", "the setting streams names no stream");
  BrokerSourceOptions options;
  options.target = {.kind = BrokerKind::redis,
                    .servers = settings.server,
                    .tls = settings.tls,
                    .user = settings.user.value_or(""),
                    .password = settings.password.value_or(""),
                    .client = settings.consumer,
                    .timeoutMs = settings.timeout};
  options.subscribe.topics = settings.streams;
  options.subscribe.group = settings.group;
  options.subscribe.earliest = settings.from == Settings::From::beginning;
  options.subscribe.payloadField = settings.payloadField;
  options.format = static_cast<PayloadFormat>(settings.format);
  options.maxBytes = settings.maxBytes;
  options.shape = {{{"stream", Type::string(), false}, {"id", Type::string(), false}, {"fields", Type::any(), false}},
                   valuesOf};
  return makeBrokerSource(std::move(options), *host, context);
}

}  // namespace weir::nodes::stream_read
