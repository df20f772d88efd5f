// Answers of a connection: their heads, how much of them may wait, and what it refuses by itself.
#include <charconv>
#include <cstring>
#include <utility>

#include "engine/json/writer.h"
#include "hosts/native/network/http-words.h"
#include "hosts/native/server/http-connection.h"

namespace weir::native {
namespace {

/// Whether no header could be read as two, or as the end of the head.
bool isProper(const HttpAnswer& answer) {
  unsigned bad = 0;
  const auto look = [&bad](const std::string& text) {
    for (const char c : text)
      bad |= static_cast<unsigned>(c == '\r') | static_cast<unsigned>(c == '\n') | static_cast<unsigned>(c == '\0');
  };
  for (const auto& [name, value] : answer.headers) {
    look(name);
    look(value);
  }
  return bad == 0;
}

/// Of what the server refuses itself, before any handler.
std::string_view codeOf(int status) {
  if (status == 408) return "server.slow";
  if (status == 415) return "api.body_type";
  if (status == 500) return "server.answer";
  if (status == 503) return "api.busy";
  return status == 431 ? "server.too_large" : "server.malformed";
}

}  // namespace

bool HttpConnection::takeAnswer() {
  auto* answer = turn_->answer();
  if (answer == nullptr) return false;
  answered_ = true;
  if (!isProper(*answer)) {
    refuse(500,
           "the answer has a header that cannot be sent: a line break or NUL is in it; what was asked may be done");
    return true;
  }
  if (answer->socket) {
    upgrade(*answer);
    return true;
  }
  inPieces_ = answer->inPieces && !isHead_;
  chunked_ = inPieces_ && !old_;
  if (inPieces_ && old_) keepAlive_ = false;
  if (body_ == Body::length && bodyLeft_ > std::ssize(in_) && !turn_->takesBody() &&
      bodyLeft_ > static_cast<std::int64_t>(place_.limits.droppedBytes)) {
    keepAlive_ = false;
  }
  if (place_.draining) keepAlive_ = false;
  progressMs_ = nowMs_;
  AnswerEncoder::suit(*answer, gzip_);
  if (!isHead_) place_.encoder.encode(*answer, encoding_);
  if (!hasRoomFor(*answer)) {
    refuse(
        503,
        "so many large answers wait for their clients that no more are made; read what was asked for, and try again");
    return true;
  }
  writeHead(*answer, chunked_);
  if (inPieces_) return true;
  if (!isHead_) out_.give(std::move(answer->body));
  answerDone_ = true;
  return true;
}

bool HttpConnection::hasRoomFor(const HttpAnswer& answer) {
  if (inPieces_ || isHead_ || answer.body.size() < LargeAnswers::kLargeBytes) return true;
  if (!place_.large.take(remote_, answer.body.size())) return false;
  large_ += answer.body.size();
  return true;
}

void HttpConnection::writeHead(const HttpAnswer& answer, bool chunked) {
  constexpr std::size_t kOwnBytes = 256;  // of what stands in every head
  auto& head = out_.tail();
  const auto before = head.size();
  auto most = before + kOwnBytes + place_.date.size() + place_.headers.size();
  for (const auto& [name, value] : answer.headers) most += name.size() + value.size() + 4;
  // The body follows in the same buffer, unless it is large.
  if (!isHead_ && !answer.inPieces && head.capacity() < most)
    head.reserve(most + std::min(answer.body.size(), kKeptBytes));
  bool hasLength = answer.status == 204 || answer.status == 304 || answer.inPieces || isHead_;
  head.resize_and_overwrite(most, [&](char* begin, std::size_t) {
    char* to = begin + before;
    const auto put = [&to](std::string_view text) {
      if (!text.empty()) std::memcpy(to, text.data(), text.size());
      to += text.size();
    };
    const auto number = [&](std::size_t value) { to = std::to_chars(to, begin + most, value).ptr; };
    put("HTTP/1.1 ");
    number(static_cast<std::size_t>(answer.status));
    put(" ");
    put(reasonOf(answer.status));
    put("\r\ndate: ");
    put(place_.date);
    put("\r\n");
    for (const auto& [name, value] : answer.headers) {
      hasLength = hasLength || name == "content-length";
      put(name);
      put(": ");
      put(value);
      put("\r\n");
    }
    put(place_.headers);
    if (!hasLength) {
      put("content-length: ");
      number(answer.body.size());
      put("\r\n");
    }
    if (chunked) put("transfer-encoding: chunked\r\n");
    if (!keepAlive_) {
      put("connection: close\r\n");
    } else if (old_) {
      put("connection: keep-alive\r\n");
    }
    put("\r\n");
    return static_cast<std::size_t>(to - begin);
  });
  out_.added(head.size() - before);
}

void HttpConnection::refuse(int status, std::string_view detail) {
  HttpAnswer answer;
  answer.status = status;
  answer.headers = {{"content-type", "application/problem+json"}, {"cache-control", "no-store"}};
  json::Writer out(answer.body);
  out.beginObject().key("type").value("about:blank").key("title").value(reasonOf(status));
  out.key("status").value(status).key("detail").value(detail).key("code").value(codeOf(status)).endObject();
  turn_.reset();
  isHead_ = inPieces_ = keepAlive_ = false;
  body_ = Body::none;
  progressMs_ = sinceMs_ = nowMs_;
  writeHead(answer, false);
  out_.give(std::move(answer.body));
  closing_ = true;
}

void HttpConnection::upgrade(HttpAnswer& answer) {
  if (socketKey_.empty() || body_ != Body::none) {
    return refuse(426, "this path is a WebSocket: ask for it with Upgrade: websocket and Sec-WebSocket-Version: 13");
  }
  auto& head = out_.tail();
  const auto before = head.size();
  head += "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ";
  head += webSocketAccept(socketKey_);
  head += "\r\n";
  for (const auto& [name, value] : answer.headers) {
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  }
  head += "\r\n";
  out_.added(head.size() - before);
  socket_ = std::make_unique<WebSocketWire>(out_, std::move(answer.socket), waker_, nowMs_);
  turn_.reset();
  socketKey_ = std::string();
  socket_->open();
  const auto early = std::exchange(in_, std::string()).substr(std::exchange(used_, 0));
  if (!early.empty()) socket_->received(early, nowMs_);
  if (place_.draining) socket_->goAway();
}

}  // namespace weir::native
