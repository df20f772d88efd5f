// Rows as messages over TCP.
#include <utility>
#include <vector>

#include "engine/node/encode-rows.h"
#include "engine/node/frames.h"
#include "engine/node/stream-writer.h"
#include "engine/text/url.h"
#include "nodes/tcp/write/write.gen.h"

namespace weir::nodes::tcp_write {
namespace {

struct Encode {
  RowExpression message;
  streams::Framing framing;

  Result<std::vector<StreamPiece>> operator()(const Batch& batch, StepIo& io) const {
    StreamPiece piece;
    WEIR_TRY(streams::encodeRows(message, batch, io, [&](std::uint32_t row, std::string text, bool) {
      if (streams::appendFrame(piece.bytes, text, framing)) return;
      io.fail(std::span(&row, 1), Error{"stream.message",
                                        framing == streams::Framing::lines
                                            ? "the message has a line feed, which would make two of it; choose lengths"
                                            : "the message is longer than its length can say",
                                        false});
    }));
    std::vector<StreamPiece> pieces;
    if (!piece.bytes.empty()) pieces.push_back(std::move(piece));
    return pieces;
  }
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* const host, context.host<Streams>());
  const auto url = parseUrl(settings.url);
  if (!url) return fail("settings.type", "/settings/url: " + url.error().message);
  if (url->scheme != "tcp" && url->scheme != "tls")
    return fail("settings.type", "/settings/url: expected tcp:// or tls://");
  WEIR_ASSIGN(auto message, RowExpression::compile(settings.message, "/settings/message", context));
  StreamTarget target;
  target.url = settings.url;
  target.caFile = settings.caFile.value_or("");
  const Encode encode{std::move(message), static_cast<streams::Framing>(settings.framing)};
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].makeTask = [encode, target, &context, host,
                              delay = settings.maxDelay]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<streams::WritingTask<Encode>>(encode, *host, context, target, delay);
  };
  return node;
}

}  // namespace weir::nodes::tcp_write
