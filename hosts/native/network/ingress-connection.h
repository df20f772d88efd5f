// IngressConnection: one client of the listener; and what is said to clients.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hosts/native/descriptor.h"
#include "hosts/native/network/http-words.h"
#include "hosts/native/network/ingress-routes.h"
#include "hosts/native/network/ingress-tls.h"

namespace weir::native {

struct IngressConnection {
  enum class Stage : std::uint8_t {
    head,     // between requests, or inside a head or a body of known length
    chunks,   // inside a body that comes in chunks
    waiting,  // for the answer of the flow
    closing,  // when all is sent
    leaving   // all is sent and our side is ended: what still comes is read and dropped, or the answer would be lost
  };
  Descriptor socket;
  std::unique_ptr<TlsSession> tls{};  // null: plain
  IpAddress remote;
  std::uint32_t generation = 0;
  Stage stage = Stage::head;
  bool keepAlive = true, continued = false, reading = true, writing = false, ended = false;
  bool readWaitsToWrite = false;  // TLS: reading goes on when the socket can be written
  std::int64_t sinceMs = 0;       // when the stage, or the request, began
  std::size_t needBytes = 0;      // before that many bytes nothing new can be said
  std::size_t headBytes = 0, chunkBytes = 0;
  std::string in;    // not dealt with yet
  std::string body;  // of chunks
  ChunkReader chunks;
  std::string out;
  std::size_t sent = 0;
  std::size_t dropped = 0;  // bytes, while leaving

  [[nodiscard]] Moved receive(std::span<char> into);
  [[nodiscard]] Moved transmit(std::string_view bytes);
  /// Our side says no more.
  void endSending();
};

/// A whole answer, with the headers that every answer has.
void appendReply(std::string& out, const IngressReply& reply, const std::vector<std::string>& allowedHeaders,
                 std::string_view date, bool keepAlive, std::string_view extra = {});

}  // namespace weir::native
