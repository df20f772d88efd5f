// redis/stream-write: a row, an entry.
#include "engine/node/broker-sink.h"
#include "nodes/redis/stream-write/stream-write.gen.h"

namespace weir::nodes::stream_write {

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* host, context.host<Broker>());
  BrokerSinkOptions options;
  options.target = {.kind = BrokerKind::redis,
                    .servers = settings.server,
                    .tls = settings.tls,
                    .user = settings.user.value_or(""),
                    .password = settings.password.value_or(""),
                    .timeoutMs = settings.timeout};
  options.fixedTopic = settings.stream;
  options.batchRows = settings.batchRows;
  options.maxLength = settings.maxLength;
  options.once = settings.exactlyOnce;
  options.holdBytes = settings.holdBytes;
  if (settings.payload) {
    WEIR_ASSIGN(options.payload, RowExpression::compile(*settings.payload, "payload", context));
  }
  WEIR_ASSIGN(options.headers, expressionsOf(settings.fields, "fields", context));
  return makeBrokerSink(std::move(options), *host, context);
}

}  // namespace weir::nodes::stream_write
