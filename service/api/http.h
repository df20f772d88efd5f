// Request and Response: HTTP as values, without a socket.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/waker.h"
#include "engine/host/web-socket.h"

namespace weir::api {

struct Header {
  std::string name;  // in lower case
  std::string value;
};

/// The value of the first header of that name, in lower case; null if there is none.
[[nodiscard]] inline const std::string* headerOf(const std::vector<Header>& headers, std::string_view name) {
  const auto found = std::ranges::find(headers, name, &Header::name);
  return found == headers.end() ? nullptr : &found->value;
}

struct Request {
  std::string method;
  std::string path;   // still percent-encoded
  std::string query;  // behind the '?'
  std::vector<Header> headers;
  std::string remote{};  // the address it came from, without its port; empty: from this program
  bool secure = false;   // it came over TLS, to us or to a proxy that is trusted
  std::string id{};      // its name in the answer and the audit log; made when it comes, where the place keeps people
};

/// A body that comes in pieces, when its reader asks for them.
class BodyStream {
 public:
  enum class Next : std::uint8_t { piece, wait, end };
  /// Destroyed: nobody reads any more.
  virtual ~BodyStream() = default;
  /// The next piece, in place of what `into` held. After `wait` the waker is called when there is more.
  [[nodiscard]] virtual Next next(std::string& into, const Waker& waker) = 0;
};

struct Response {
  int status = 200;
  std::vector<Header> headers{};
  std::string body{};
  std::unique_ptr<BodyStream> stream{};  // instead of `body`
  /// Instead of both: the connection becomes a WebSocket. The call is over then; the handler keeps what it needs.
  std::unique_ptr<WebSocketHandler> socket{};

  Response& with(std::string name, std::string value) & {
    headers.push_back({std::move(name), std::move(value)});
    return *this;
  }
  Response&& with(std::string name, std::string value) && {
    headers.push_back({std::move(name), std::move(value)});
    return std::move(*this);
  }
};

}  // namespace weir::api
