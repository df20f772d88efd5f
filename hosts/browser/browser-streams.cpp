// Streams as calls.
#include "hosts/browser/browser-streams.h"

#include <utility>

#include "hosts/browser/browser-http.h"

namespace weir::browser {
namespace {

constexpr const char* kNoListening = "a page in a browser cannot listen for connections; run the flow with weir run";

}  // namespace

Operation<StreamOpened> BrowserStreams::open(StreamTarget target, Waker waker) {
  WireWriter arguments;
  arguments.text(target.url);
  writeHeaders(arguments, target.headers);
  arguments.text(target.user).text(target.password);
  arguments.number(target.connectTimeoutMs).number(target.idleTimeoutMs).number(target.maxMessageBytes);
  return calls_.begin<StreamOpened>(CallKind::streamOpen, arguments, std::move(waker),
                                    [](WireReader& reader) -> Result<StreamOpened> {
                                      StreamOpened opened;
                                      opened.stream = static_cast<StreamId>(reader.word());
                                      opened.remote = reader.text();
                                      return opened;
                                    });
}

Operation<std::vector<StreamPiece>> BrowserStreams::read(StreamId stream, Waker waker) {
  const auto arguments = WireWriter().word(static_cast<std::uint32_t>(stream));
  return calls_.begin<std::vector<StreamPiece>>(CallKind::streamRead, arguments, std::move(waker),
                                                [](WireReader& reader) -> Result<std::vector<StreamPiece>> {
                                                  std::vector<StreamPiece> pieces;
                                                  while (reader.more()) {
                                                    StreamPiece piece;
                                                    piece.text = reader.flag();
                                                    piece.bytes = reader.text();
                                                    pieces.push_back(std::move(piece));
                                                  }
                                                  return pieces;
                                                });
}

Operation<Unit> BrowserStreams::write(StreamId stream, std::vector<StreamPiece> pieces, Waker waker) {
  WireWriter arguments;
  arguments.word(static_cast<std::uint32_t>(stream));
  for (const auto& piece : pieces) arguments.flag(piece.text).text(piece.bytes);
  return calls_.begin(CallKind::streamWrite, arguments, std::move(waker));
}

void BrowserStreams::close(StreamId stream) {
  Calls::tell(CallKind::streamClose, WireWriter().word(static_cast<std::uint32_t>(stream)));
}

Result<ListenerId> BrowserStreams::listen(ListenTarget) { return fail("host.missing", kNoListening); }

std::string BrowserStreams::address(ListenerId) { return {}; }

Operation<StreamOpened> BrowserStreams::accept(ListenerId, Waker) {
  return Operation<StreamOpened>::finished(fail("host.missing", kNoListening));
}

void BrowserStreams::stop(ListenerId) {}

}  // namespace weir::browser
