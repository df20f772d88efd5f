// kafka/produce: a row, a message.
#include "engine/node/broker-sink.h"
#include "nodes/kafka/produce/produce.gen.h"

namespace weir::nodes::produce {
namespace {

std::string compressionOf(Settings::Compression compression) {
  switch (compression) {
    case Settings::Compression::none:
      return {};
    case Settings::Compression::gzip:
      return "gzip";
    case Settings::Compression::snappy:
      return "snappy";
    case Settings::Compression::lz4:
      return "lz4";
    case Settings::Compression::zstd:
      return "zstd";
  }
  return {};
}

Result<void> compileInto(std::optional<RowExpression>& to, const std::optional<std::string>& text,
                         std::string_view pointer, NodeContext& context) {
  if (!text) return {};
  WEIR_ASSIGN(to, RowExpression::compile(*text, pointer, context));
  return {};
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* host, context.host<Broker>());
  BrokerSinkOptions options;
  options.fixedTopic = settings.topic.value_or("");
  if (options.fixedTopic.empty() != settings.topicFrom.has_value()) {
    return fail("settings.missing", "give either a topic, or an expression in topicFrom");
  }
  options.target = {.kind = BrokerKind::kafka,
                    .servers = settings.servers,
                    .tls = settings.tls,
                    .user = settings.user.value_or(""),
                    .password = settings.password.value_or(""),
                    .timeoutMs = settings.timeout,
                    .signIn = static_cast<BrokerSignIn>(settings.signIn),
                    .compression = compressionOf(settings.compression),
                    .maxBytes = settings.maxBytes};
  options.batchRows = settings.batchRows;
  WEIR_TRY(compileInto(options.topic, settings.topicFrom, "topicFrom", context));
  WEIR_TRY(compileInto(options.key, settings.key, "key", context));
  WEIR_TRY(compileInto(options.payload, settings.payload, "payload", context));
  WEIR_TRY(compileInto(options.partition, settings.partition, "partition", context));
  WEIR_TRY(compileInto(options.timestamp, settings.timestamp, "timestamp", context));
  WEIR_ASSIGN(options.headers, expressionsOf(settings.headers, "headers", context));
  return makeBrokerSink(std::move(options), *host, context);
}

}  // namespace weir::nodes::produce
