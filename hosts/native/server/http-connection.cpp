// Requests of a connection, one after the other, by RFC 9112.
#include "hosts/native/server/http-connection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "hosts/native/network/http-words.h"

namespace weir::native {
namespace {

constexpr int kMostRounds = 64;  // before others have their turn
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
// Of what still comes once our last word is said: who is refused in the middle of sending would not hear it otherwise.
constexpr std::size_t kMostAfterwards = 64 << 20;

/// Where pieces of a body go, as ChunkReader wants it.
struct BodySink {
  HttpTurn& turn;
  std::size_t& bytes;
  std::size_t& dropped;
  void append(std::string_view piece) const {
    bytes += piece.size();
    if (turn.takesBody()) {
      turn.body(piece);
    } else {
      dropped += piece.size();
    }
  }
  [[nodiscard]] std::size_t size() const { return bytes; }
};

std::string lowered(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return lower;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool isTrusted(const HttpPlace& place, std::string_view text) {
  if (place.trustedProxies.empty()) return false;
  const auto address = parseAddress(text);
  return address &&
         std::ranges::any_of(place.trustedProxies, [&](const AddressRange& range) { return range.contains(*address); });
}

bool hasWord(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (sameName(trimmed(list.substr(0, comma)), word)) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

/// Empty: the request does not ask for a WebSocket, or not as RFC 6455 says.
std::string socketKeyOf(const RequestHead& head) {
  const auto upgrade = head.header("upgrade");
  if (!upgrade || head.method != "GET" || head.old || !hasWord(*upgrade, "websocket")) return {};
  if (!hasWord(head.header("connection").value_or(""), "upgrade")) return {};
  if (head.header("sec-websocket-version") != "13") return {};
  const auto key = head.header("sec-websocket-key").value_or("");
  return key.size() == 24 ? std::string(key) : std::string();
}

void appendNumber(std::string& to, std::size_t number, int base = 10) {
  std::array<char, 24> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, base).ptr;
  to.append(text.data(), end);
}

}  // namespace

HttpConnection::HttpConnection(HttpPlace& place, std::string remote, bool secure, Waker waker, std::int64_t nowMs)
    : place_(place),
      remote_(std::move(remote)),
      waker_(std::move(waker)),
      out_(&place.spare),
      nowMs_(nowMs),
      sinceMs_(nowMs),
      progressMs_(nowMs),
      secure_(secure),
      behindProxy_(isTrusted(place, remote_)) {}

HttpConnection::~HttpConnection() { place_.large.release(remote_, large_); }

bool HttpConnection::wantsBytes() const {
  if (ended_ || broken_) return false;
  if (closing_) return dropped_ <= kMostAfterwards;
  if (socket_) return socket_->wantsBytes();
  return in_.size() - used_ < place_.limits.aheadBytes;
}

void HttpConnection::received(std::string_view bytes, std::int64_t nowMs) {
  if (closing_) {
    dropped_ += bytes.size();
    return;
  }
  if (socket_) return socket_->received(bytes, nowMs);
  if (!turn_ && in_.empty()) sinceMs_ = nowMs;
  in_.append(bytes);
}

void HttpConnection::ended() { ended_ = true; }

bool HttpConnection::work(std::int64_t nowMs) {
  nowMs_ = nowMs;
  full_ = false;
  int rounds = 0;
  while (rounds < kMostRounds && advance()) ++rounds;
  if (socket_) {
    socket_->work();
    closing_ = socket_->closing() || ended_;
    broken_ = broken_ || socket_->broken();
    return false;
  }
  if (used_ == in_.size()) {
    used_ = 0;
    in_.clear();
    if (in_.capacity() > kKeptBytes) in_ = std::string();
  } else if (used_ > 0) {
    in_.erase(0, used_);
    used_ = 0;
  }
  if (ended_ && !closing_ && rounds < kMostRounds) {
    // Nobody sends the rest of a request, and who has closed reads no stream to its end.
    if (turn_ && (body_ != Body::none || inPieces_)) broken_ = true;
    if (!turn_) closing_ = true;
  }
  return rounds == kMostRounds;
}

bool HttpConnection::emptied() {
  place_.large.release(remote_, std::exchange(large_, 0));
  if (!socket_) return full_;
  socket_->drained();
  return !out_.empty();
}

bool HttpConnection::advance() {
  if (closing_ || broken_ || socket_) return false;
  if (!turn_) return takeHead();
  bool moved = takeBody();
  if (closing_) return false;
  if (!answered_) {
    turn_->step();
    moved = takeAnswer() || moved;
  }
  if (inPieces_ && !answerDone_) moved = pump() || moved;
  return finishTurn() || moved;
}

bool HttpConnection::takeHead() {
  // An empty line before a request is an old habit of clients after a body.
  if (unread().starts_with("\r\n")) used_ += 2;
  if (unread().empty()) return false;
  full_ = out_.bytes() >= place_.limits.waitingBytes;
  if (full_) return false;
  int status = 0;
  std::string_view why;
  auto& head = place_.head;
  switch (parseHead(unread(), head, status, why)) {
    case HeadState::more:
      return false;
    case HeadState::wrong:
      refuse(status, "the request cannot be read: " + std::string(why));
      return false;
    case HeadState::complete:
      begin(head);
      used_ += head.bytes;
      return true;
  }
  return false;
}

void HttpConnection::begin(const RequestHead& head) {
  HttpRequest request;
  request.method = head.method;
  const auto question = head.target.find('?');
  request.path = head.target.substr(0, question);
  if (question != std::string_view::npos) request.query = head.target.substr(question + 1);
  request.headers.reserve(head.headerCount);
  for (std::size_t i = 0; i < head.headerCount; ++i) {
    request.headers.emplace_back(lowered(head.headers[i].name), head.headers[i].value);
  }
  request.remote = remote_;
  request.secure = secure_;
  if (behindProxy_) heedProxy(head, request);
  keepAlive_ = head.keepAlive && !place_.draining;
  old_ = head.old;
  isHead_ = head.method == "HEAD";
  answered_ = inPieces_ = chunked_ = answerDone_ = first_ = false;
  body_ = head.chunked ? Body::chunks : head.contentLength > 0 ? Body::length : Body::none;
  bodyLeft_ = head.contentLength;
  bodyBytes_ = dropped_ = 0;
  chunks_ = {};
  sinceMs_ = nowMs_;
  socketKey_ = socketKeyOf(head);
  encoding_ = encodingFor(head.header("accept-encoding").value_or(""));
  gzip_ = takesGzip(head.header("accept-encoding").value_or(""));
  if (const auto coding = head.header("content-encoding"); coding && !sameName(*coding, "identity")) {
    return refuse(415, "the body of the request is compressed; send it as it is");
  }
  turn_ = place_.handler.begin(std::move(request), waker_);
  const bool waits = head.expectsContinue && body_ != Body::none && unread().size() == head.bytes;
  if (waits && turn_->takesBody() && turn_->answer() == nullptr) {
    out_.append("HTTP/1.1 100 Continue\r\n\r\n");
  } else if (waits) {
    // Whether the client sends its body now is its own choice, so what follows could be either.
    keepAlive_ = false;
  }
  if (body_ == Body::none) endBody();
}

void HttpConnection::heedProxy(const RequestHead& head, HttpRequest& request) const {
  request.secure = secure_ || head.header("x-forwarded-proto") == "https";
  // Each proxy appends whom it heard from. What stands before the first that is not ours anybody may have written.
  for (std::size_t i = head.headerCount; i-- > 0;) {
    if (!sameName(head.headers[i].name, "x-forwarded-for")) continue;
    auto list = head.headers[i].value;
    while (!list.empty()) {
      const auto comma = list.rfind(',');
      const auto one = trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1));
      if (!parseAddress(one)) return;
      request.remote = one;
      if (!isTrusted(place_, one)) return;
      list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
    }
  }
}

void HttpConnection::endBody() {
  body_ = Body::none;
  if (turn_->takesBody()) turn_->endBody();
}

bool HttpConnection::takeBody() {
  if (body_ == Body::none || unread().empty()) return false;
  const BodySink sink{*turn_, bodyBytes_, dropped_};
  const auto before = used_;
  if (body_ == Body::length) {
    const auto piece = unread().substr(0, static_cast<std::size_t>(bodyLeft_));
    sink.append(piece);
    used_ += piece.size();
    bodyLeft_ -= std::ssize(piece);
    if (bodyLeft_ == 0) endBody();
  } else {
    std::size_t used = 0;
    const auto state = chunks_.read(unread(), used, sink, kNever);
    used_ += used;
    if (state == ChunkReader::State::complete) endBody();
    if (state == ChunkReader::State::wrong) {
      if (answered_) {
        keepAlive_ = false;
        body_ = Body::none;
      } else {
        refuse(400, "the request cannot be read: its chunks are malformed");
      }
    }
  }
  if (dropped_ > place_.limits.droppedBytes) {
    keepAlive_ = false;
    if (answered_) body_ = Body::none;
  }
  return used_ > before;
}

/// Whether it has come to the end; what else stops it brings it back.
bool HttpConnection::pump() {
  auto& piece = place_.piece;
  for (;;) {
    full_ = out_.bytes() >= place_.limits.waitingBytes;
    if (full_) return false;
    piece.clear();
    switch (turn_->next(piece)) {
      case HttpTurn::Next::wait:
        return false;
      case HttpTurn::Next::end:
        if (chunked_) out_.append("0\r\n\r\n");
        answerDone_ = true;
        return true;
      case HttpTurn::Next::piece:
        break;
    }
    if (out_.empty()) progressMs_ = nowMs_;
    if (piece.empty()) continue;
    if (chunked_) {
      auto& tail = out_.tail();
      const auto before = tail.size();
      appendNumber(tail, piece.size(), 16);
      tail += "\r\n";
      out_.added(tail.size() - before);
    }
    if (piece.size() < kKeptBytes) {
      out_.append(piece);
    } else {
      out_.give(std::exchange(piece, {}));
    }
    if (chunked_) out_.append("\r\n");
  }
}

bool HttpConnection::finishTurn() {
  if (!answerDone_) return false;
  if (body_ != Body::none && keepAlive_) return false;
  turn_.reset();
  inPieces_ = false;
  body_ = Body::none;
  sinceMs_ = nowMs_;
  if (!keepAlive_) closing_ = true;
  return !closing_;
}

std::int64_t HttpConnection::deadlineMs() const {
  const auto& limits = place_.limits;
  const auto stalled = out_.empty() ? kNever : progressMs_ + limits.stallMs;
  if (socket_) return std::min(stalled, socket_->deadlineMs());
  if (!out_.empty()) return stalled;
  if (turn_) return body_ == Body::none ? kNever : sinceMs_ + limits.bodyMs;
  if (!in_.empty() || first_) return sinceMs_ + limits.headMs;
  return sinceMs_ + limits.idleMs;
}

void HttpConnection::expire(std::int64_t nowMs) {
  const auto& limits = place_.limits;
  if (socket_ && (out_.empty() || nowMs < progressMs_ + limits.stallMs)) return socket_->expire(nowMs);
  if (!out_.empty() || closing_ || (!turn_ && in_.empty()) || answered_) {
    broken_ = true;
  } else if (turn_) {
    refuse(408, "the body of the request was not whole after " + std::to_string(limits.bodyMs / 1000) + " seconds");
  } else {
    refuse(408, "the head of the request was not whole after " + std::to_string(limits.headMs / 1000) + " seconds");
  }
}

void HttpConnection::drain() {
  keepAlive_ = false;
  if (socket_) {
    socket_->goAway();
  } else if (!turn_ && in_.empty()) {
    closing_ = true;
  }
}

}  // namespace weir::native
