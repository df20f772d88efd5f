// mqtt/publish: a row, a message.
#include "engine/node/broker-sink.h"
#include "nodes/mqtt/publish/publish.gen.h"

namespace weir::nodes::publish {

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* host, context.host<Broker>());
  BrokerSinkOptions options;
  options.target = {.kind = BrokerKind::mqtt,
                    .servers = settings.server,
                    .tls = settings.tls,
                    .user = settings.user.value_or(""),
                    .password = settings.password.value_or(""),
                    .timeoutMs = settings.timeout};
  options.qos = static_cast<int>(settings.qos);
  options.retain = settings.retain;
  WEIR_ASSIGN(options.topic, RowExpression::compile(settings.topic, "topic", context));
  if (settings.payload) {
    WEIR_ASSIGN(options.payload, RowExpression::compile(*settings.payload, "payload", context));
  }
  return makeBrokerSink(std::move(options), *host, context);
}

}  // namespace weir::nodes::publish
