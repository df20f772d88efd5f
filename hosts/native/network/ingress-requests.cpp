// What requests say, who may say it, and what is answered.
#include <algorithm>

#include "engine/text/utf8.h"
#include "hosts/native/network/ingress-loop.h"

namespace weir::native {
namespace {

constexpr std::size_t kMostWaitingBytes = 64 << 20;
constexpr std::size_t kMostKeys = 10'000;
constexpr std::size_t kMostKeyBytes = 256;
constexpr std::int64_t kKeyMs = 24 * 3'600'000;
constexpr std::size_t kMostFollowers = 1000;

/// `from` behind `to`.
void join(IngressBatch& to, const IngressBatch& from) {
  const auto shift = static_cast<std::uint32_t>(to.text.size());
  to.text.append(from.text);
  to.requests.reserve(to.requests.size() + from.requests.size());
  for (auto request : from.requests) {
    for (auto* piece : {&request.body, &request.contentType, &request.traceparent, &request.method, &request.path,
                        &request.query, &request.remote, &request.parameters, &request.headers}) {
      piece->at += shift;
    }
    to.requests.push_back(request);
  }
}

std::string_view withoutQuery(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace

void IngressLoop::advance(std::int32_t slot, std::string_view fresh) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  const auto generation = connection.generation;
  if (connection.in.empty() && connection.stage == Stage::head) {
    connection.sinceMs = nowMs_;
  }
  std::string_view text = fresh;
  const bool kept = !connection.in.empty();
  if (kept) {
    connection.in.append(fresh);
    text = connection.in;
  }
  std::size_t used = 0;
  while (connection.generation == generation && used < text.size()) {
    if (connection.stage != Stage::head && connection.stage != Stage::chunks) break;
    const auto step =
        connection.stage == Stage::head ? advanceOne(slot, text.substr(used)) : advanceChunks(slot, text.substr(used));
    if (step == 0) break;
    used += step;
  }
  if (connection.generation != generation || connection.stage == Stage::leaving) return;
  if (kept) {
    connection.in.erase(0, used);
  } else {
    connection.in.assign(text.substr(used));
  }
}

/// How many bytes of `text` are dealt with; 0: more must come (or the connection is closed).
std::size_t IngressLoop::advanceOne(std::int32_t slot, std::string_view text) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  if (text.size() < connection.needBytes) return 0;
  int status = 0;
  std::string_view why;
  const auto state = parseHead(text, head_, status, why);
  if (state == HeadState::more) return 0;
  if (state == HeadState::wrong) {
    refuse(slot, status, why, false);
    return 0;
  }
  connection.keepAlive = head_.keepAlive;
  std::shared_ptr<WebhookRoute> route;
  std::string_view extra;
  const auto length = static_cast<std::size_t>(head_.contentLength);
  const bool whole = !head_.chunked && text.size() - head_.bytes >= length;
  if (const int refused = admit(connection, route, extra); refused != 0) {
    refuse(slot, refused, reasonOf(refused), whole && connection.keepAlive, extra);
    return whole ? head_.bytes + length : 0;
  }
  if (head_.expectsContinue && !whole && !connection.continued) {
    connection.continued = true;
    connection.out.append("HTTP/1.1 100 Continue\r\n\r\n");
    const auto generation = connection.generation;
    flush(slot);
    if (connection.generation != generation) return 0;
  }
  if (head_.chunked) {
    connection.stage = Stage::chunks;
    connection.headBytes = connection.chunkBytes = head_.bytes;
    connection.chunks = {};
    connection.body.clear();
    return advanceChunks(slot, text);
  }
  if (!whole) {
    connection.needBytes = head_.bytes + length;
    return 0;
  }
  connection.needBytes = 0;
  deliver(slot, *route, text.substr(head_.bytes, length));
  return head_.bytes + length;
}

std::size_t IngressLoop::advanceChunks(std::int32_t slot, std::string_view text) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  int status = 0;
  std::string_view why;
  static_cast<void>(parseHead(text, head_, status, why));  // it was whole before
  std::shared_ptr<WebhookRoute> route;
  std::string_view extra;
  if (const int refused = admit(connection, route, extra); refused != 0) {
    refuse(slot, refused, reasonOf(refused), false, extra);
    return 0;
  }
  const auto most = route->settings.maxBodyBytes;
  const auto state = connection.chunks.read(text, connection.chunkBytes, connection.body, most);
  // Tiny chunks carry more frame than content.
  const bool bloated = connection.chunkBytes > 2 * static_cast<std::size_t>(most) + kReadBytes;
  if (state == ChunkReader::State::wrong || bloated) {
    const bool large = connection.chunks.tooLarge() || bloated;
    refuse(slot, large ? 413 : 400, large ? "the body is too large" : "the chunks are malformed", false);
    return 0;
  }
  if (state == ChunkReader::State::more) return 0;
  connection.stage = Stage::head;
  const auto used = connection.chunkBytes;
  const auto body = std::move(connection.body);
  deliver(slot, *route, body);
  return used;
}

/// 0, or the status to refuse with.
int IngressLoop::admit(const Connection& connection, std::shared_ptr<WebhookRoute>& route, std::string_view& extra) {
  const auto path = withoutQuery(head_.target);
  bool otherMethod = false;
  parameters_.clear();
  for (const auto& one : active_) {
    if (!one || one->released.load(std::memory_order_relaxed) || !matches(*one, path, parameters_)) continue;
    if (std::ranges::find(one->settings.methods, head_.method) == one->settings.methods.end()) {
      otherMethod = true;
      continue;
    }
    route = one;
    break;
  }
  if (!route) return otherMethod ? 405 : 404;
  if (const int refused = refusedHead(*route, head_, connection.remote); refused != 0) {
    if (refused == 401 && route->settings.auth == IngressAuth::basic)
      extra = "WWW-Authenticate: Basic realm=\"weir\"\r\n";
    if (refused == 401 && route->settings.auth == IngressAuth::bearer) extra = "WWW-Authenticate: Bearer\r\n";
    return refused;
  }
  return 0;
}

void IngressLoop::deliver(std::int32_t slot, WebhookRoute& route, std::string_view body) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  if (!route.auth.allowsBody(head_, body, nowMicros_ / 1000)) {
    return refuse(slot, 401, "the signature does not fit", connection.keepAlive);
  }
  std::string key;
  if (!route.settings.idempotencyHeader.empty()) {
    key = head_.header(route.settings.idempotencyHeader).value_or("");
    if (key.size() > kMostKeyBytes)
      return refuse(slot, 400, "the idempotency key has more than 256 bytes", connection.keepAlive);
    if (!key.empty() && followKey(slot, route, key)) return;
  }
  const auto waiting = route.waiting.load(std::memory_order_relaxed) + std::ssize(route.arriving.requests);
  if (waiting >= route.settings.maxWaiting || route.arriving.text.size() + body.size() > kMostWaitingBytes) {
    if (!key.empty()) route.keyed.erase(key);
    return refuse(slot, 429, "the flow is busy", connection.keepAlive, "Retry-After: 1\r\n");
  }
  const auto path = withoutQuery(head_.target);
  const auto query = head_.target.substr(std::min(path.size() + 1, head_.target.size()));
  appendRequest(route, {head_, path, query, parameters_, body, connection.remote, nowMicros_});
  route.owed.push_back({slot, connection.generation, nowMs_ + route.settings.replyTimeoutMs, std::move(key)});
  connection.stage = Stage::waiting;
  connection.continued = false;
}

/// True: another request with the same key came before; its answer is this one's too.
bool IngressLoop::followKey(std::int32_t slot, WebhookRoute& route, std::string& key) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  const auto found = route.keyed.find(key);
  if (found == route.keyed.end()) {
    // The oldest go first: what is bounded forgets.
    while (route.keyed.size() >= kMostKeys && !route.keyOrder.empty()) {
      route.keyed.erase(route.keyOrder.front());
      route.keyOrder.pop_front();
    }
    auto& entry = route.keyed[key];
    entry.untilMs = nowMs_ + kKeyMs;
    route.keyOrder.push_back(key);
    return false;
  }
  if (found->second.done) {
    send(slot, found->second.reply, route.settings.replyHeaders);
  } else if (found->second.followers.size() >= kMostFollowers) {
    refuse(slot, 429, "too many requests wait for this key", connection.keepAlive, "Retry-After: 1\r\n");
  } else {
    connection.stage = Stage::waiting;
    found->second.followers.emplace_back(slot, connection.generation);
  }
  return true;
}

void IngressLoop::handOver() {
  for (auto& route : active_) {
    if (!route || route->arriving.requests.empty()) continue;
    bool first = false;
    {
      const std::scoped_lock held(route->lock);
      auto& inbox = route->inbox;
      first = inbox.requests.empty();
      if (first) {
        inbox.text.clear();
        std::swap(inbox, route->arriving);
      } else {
        join(inbox, route->arriving);
      }
      route->waiting.store(std::ssize(inbox.requests), std::memory_order_relaxed);
    }
    route->arriving.clear();
    if (first) route->waker.wake();
  }
}

void IngressLoop::refuse(std::int32_t slot, int status, std::string_view why, bool keepAlive, std::string_view extra) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  connection.keepAlive = keepAlive;
  IngressReply reply;
  reply.status = status;
  reply.contentType = "text/plain; charset=utf-8";
  reply.body = std::string(why) + "\n";
  send(slot, reply, {}, extra);
}

void IngressLoop::send(std::int32_t slot, const IngressReply& reply, const std::vector<std::string>& headers,
                       std::string_view extra) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  appendReply(connection.out, reply, headers, date_, connection.keepAlive, extra);
  afterReply(slot);
}

void IngressLoop::sendAccepted(std::int32_t slot) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  connection.out.append(connection.keepAlive ? accepted_ : acceptedClosing_);
  afterReply(slot);
}

/// The answer is in `out`: sends it, and goes on with what the client has sent meanwhile.
void IngressLoop::afterReply(std::int32_t slot) {
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  const bool waited = connection.stage == Stage::waiting;
  const bool over = !connection.keepAlive || (connection.ended && connection.in.empty());
  connection.stage = over ? Stage::closing : Stage::head;
  connection.needBytes = 0;
  connection.continued = false;
  connection.sinceMs = nowMs_;
  const auto generation = connection.generation;
  flush(slot);
  if (connection.generation != generation || connection.stage != Stage::head) return;
  if (!connection.reading && !connection.ended) {
    connection.reading = true;
    setInterest(slot);
  }
  if (waited && !connection.in.empty()) advance(slot, {});
  // What is left of a sender that says no more is no request.
  if (connection.generation == generation && connection.ended && connection.stage != Stage::waiting) close(slot);
}

void IngressLoop::answerAll() {
  for (auto& route : active_) {
    if (route) answerRoute(*route);
  }
}

void IngressLoop::answerRoute(WebhookRoute& route) {
  std::vector<std::pair<std::int64_t, IngressReply>> replies;
  {
    const std::scoped_lock held(route.lock);
    replies.swap(route.replies);
  }
  for (const auto& [number, reply] : replies) {
    const auto at = number - route.firstOwed;
    if (at >= 0 && at < std::ssize(route.owed)) answer(route, route.owed[static_cast<std::size_t>(at)], reply);
  }
  const IngressReply accepted{route.settings.acceptedStatus, {}, {}, {}};
  static const IngressReply kStopped{503, "text/plain; charset=utf-8", "the flow has stopped\n", {}};
  const bool released = route.released.load();
  const auto upTo = released ? INT64_MAX : route.acceptedUpTo.load();
  while (!route.owed.empty() && (route.firstOwed <= upTo || route.owed.front().connection < 0)) {
    auto owed = std::move(route.owed.front());
    route.owed.pop_front();
    ++route.firstOwed;
    answer(route, owed, released && route.firstOwed - 1 > route.acceptedUpTo.load() ? kStopped : accepted);
  }
}

void IngressLoop::answer(WebhookRoute& route, OwedReply& owed, const IngressReply& reply) {
  const auto slot = std::exchange(owed.connection, -1);
  if (slot < 0) return;
  if (!owed.idempotencyKey.empty()) keepReply(route, owed.idempotencyKey, reply);
  auto& connection = *connections_[static_cast<std::size_t>(slot)];
  if (connection.generation != owed.generation) return;  // gone meanwhile
  if (reply.status == 202 && reply.body.empty() && reply.headers.empty()) {
    sendAccepted(slot);
  } else {
    send(slot, reply, route.settings.replyHeaders, reply.status == 503 ? "Retry-After: 5\r\n" : "");
  }
}

void IngressLoop::keepReply(WebhookRoute& route, const std::string& key, const IngressReply& reply) {
  const auto found = route.keyed.find(key);
  if (found == route.keyed.end() || found->second.done) return;
  const auto followers = std::move(found->second.followers);
  if (reply.status < 500) {
    found->second.done = true;
    found->second.reply = reply;
  } else {
    route.keyed.erase(found);  // the sender may try again
  }
  for (const auto& [slot, generation] : followers) {
    if (connections_[static_cast<std::size_t>(slot)]->generation == generation)
      send(slot, reply, route.settings.replyHeaders);
  }
}

void IngressLoop::expire(WebhookRoute& route) {
  static const IngressReply kLate{504, "text/plain; charset=utf-8", "the flow did not answer in time\n", {}};
  std::int64_t upTo = 0;
  for (std::size_t i = 0; i < route.owed.size() && route.owed[i].untilMs <= nowMs_; ++i) {
    upTo = route.firstOwed + static_cast<std::int64_t>(i);
    answer(route, route.owed[i], kLate);
  }
  if (upTo > 0) {
    const std::scoped_lock held(route.lock);
    route.open.erase(route.open.begin(), route.open.upper_bound(upTo));
  }
  while (!route.owed.empty() && route.owed.front().connection < 0) {
    route.owed.pop_front();
    ++route.firstOwed;
  }
  while (!route.keyOrder.empty()) {
    const auto oldest = route.keyed.find(route.keyOrder.front());
    if (oldest != route.keyed.end() && oldest->second.untilMs > nowMs_) break;
    if (oldest != route.keyed.end()) route.keyed.erase(oldest);
    route.keyOrder.pop_front();
  }
}

}  // namespace weir::native
