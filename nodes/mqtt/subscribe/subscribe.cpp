// mqtt/subscribe: messages of topics.
#include "engine/node/broker-source.h"
#include "nodes/mqtt/subscribe/subscribe.gen.h"

namespace weir::nodes::subscribe {
namespace {

std::vector<Value> valuesOf(const BrokerMessage& message) {
  return {Value::string(message.topic), Value::int64(message.qos), Value::boolean(message.retained)};
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* host, context.host<Broker>());
  if (settings.topics.empty()) return fail("settings.missing", "the setting topics names no topic");
  if (settings.keepSession && settings.client.value_or("").empty()) {
    return fail("settings.missing", "the setting client: a session is kept for a client with a name");
  }
  BrokerSourceOptions options;
  options.target = {.kind = BrokerKind::mqtt,
                    .servers = settings.server,
                    .tls = settings.tls,
                    .user = settings.user.value_or(""),
                    .password = settings.password.value_or(""),
                    .client = settings.client.value_or(""),
                    .timeoutMs = settings.timeout};
  options.subscribe.topics = settings.topics;
  options.subscribe.qos = static_cast<int>(settings.qos);
  options.subscribe.keepSession = settings.keepSession;
  options.format = static_cast<PayloadFormat>(settings.format);
  options.maxBytes = settings.maxBytes;
  options.shape = {
      {{"topic", Type::string(), false}, {"qos", Type::int64(), false}, {"retained", Type::boolean(), false}},
      valuesOf};
  return makeBrokerSource(std::move(options), *host, context);
}

}  // namespace weir::nodes::subscribe
