// Rows as messages to a WebSocket server.
#include <utility>
#include <vector>

#include "engine/node/encode-rows.h"
#include "engine/node/stream-writer.h"
#include "nodes/websocket/socket-target.h"
#include "nodes/websocket/write/write.gen.h"

namespace weir::nodes::websocket_write {
namespace {

struct Encode {
  RowExpression message;

  Result<std::vector<StreamPiece>> operator()(const Batch& batch, StepIo& io) const {
    std::vector<StreamPiece> pieces;
    WEIR_TRY(streams::encodeRows(message, batch, io, [&](std::uint32_t, std::string bytes, bool text) {
      pieces.push_back({std::move(bytes), text});
    }));
    return pieces;
  }
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* const host, context.host<Streams>());
  WEIR_ASSIGN(auto target, websocket::targetOf(settings.url, settings.headers, settings.caFile.value_or("")));
  WEIR_ASSIGN(auto message, RowExpression::compile(settings.message, "/settings/message", context));
  const Encode encode{std::move(message)};
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].makeTask = [encode, target, &context, host,
                              delay = settings.maxDelay]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<streams::WritingTask<Encode>>(encode, *host, context, target, delay);
  };
  return node;
}

}  // namespace weir::nodes::websocket_write
