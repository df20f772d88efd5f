// HttpLimits: what one client may cost a server.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::native {

struct HttpLimits {
  std::int64_t mostConnections = 16'384;
  std::int64_t headMs = 10'000;          // from the first to the last byte of a head
  std::int64_t bodyMs = 60'000;          // from the head to the end of its body
  std::int64_t idleMs = 75'000;          // between requests
  std::int64_t stallMs = 30'000;         // while the client takes nothing of its answer
  std::size_t droppedBytes = 1 << 20;    // of a body that nobody wants, before the connection is closed over it
  std::size_t waitingBytes = 256 << 10;  // of an answer in pieces, before the next one is asked for
  std::size_t unreadBytes = std::size_t{256}
                            << 20;    // of large answers that have not gone yet, of all clients; half of one
  std::size_t aheadBytes = 64 << 10;  // of requests that come before the last is answered
};

}  // namespace weir::native
