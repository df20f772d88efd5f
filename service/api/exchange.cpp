// Takes a request through its checks to its handler.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "engine/text/utf8.h"
#include "service/api/api.h"
#include "service/api/auditor.h"
#include "service/api/checked-text.h"
#include "service/api/media-type.h"
#include "service/api/observer.h"
#include "service/api/once.h"

namespace weir::api {

namespace {

/// A request that may be sent again says so by a key.
Job<Response> handled(Call& call) {
  auto* once = call.services.once;
  const auto* key = once != nullptr && call.route.method == "POST" ? call.header("idempotency-key") : nullptr;
  return key == nullptr ? call.route.handler(call) : once->handle(call, *key);
}

Job<Response> guarded(Call& call, Gate& gate) {
  auto* auditor = call.services.auditor;
  if (auditor != nullptr) auditor->begins(call);
  const auto admitted = co_await gate.admit(call);
  auto response = admitted ? Response() : toResponse(admitted.error());
  if (admitted) response = co_await handled(call);
  if (auditor == nullptr || !auditor->wants(call, response.status)) co_return response;
  const auto kept = co_await auditor->keep(call, response);
  if (!kept) co_return toResponse(kept.error());
  co_return response;
}

/// Marks in place of bytes that are no UTF-8.
std::string readable(std::string_view text) {
  std::string made;
  for (std::int64_t at = 0; at < std::ssize(text);) {
    const auto point = utf8::decode(text, at);
    utf8::append(made, point.value);
    at += point.bytes;
  }
  return made;
}

/// What a request says is kept as text: headers become that, but a key that stands for a request is not changed.
Expected<void> readHeaders(std::vector<Header>& headers) {
  for (auto& header : headers) {
    if (utf8::isValid(header.value)) continue;
    if (header.name == "idempotency-key") {
      return refuse(400, "api.idempotency", "Idempotency-Key is no text in UTF-8; it is a name of 1 to 255 bytes");
    }
    header.value = readable(header.value);
  }
  return {};
}

constexpr std::string_view kIdHeader = "x-request-id";
constexpr std::size_t kMostId = 64;
constexpr std::int64_t kMostWideBodies = 4;

/// What somebody else calls a request may stand in logs, headers and databases as it is.
bool isRequestId(std::string_view id) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == ':' || c == '/' || c == '+' || c == '=';
  };
  return !id.empty() && id.size() <= kMostId && std::ranges::all_of(id, good);
}

void appendNumber(std::string& to, std::uint64_t number) {
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, 36).ptr;
  to.append(text.data(), end);
}

/// The caller's own id, or else one that no other request of this server has.
std::string requestIdOf(Services& services, const Request& request) {
  if (const auto* given = headerOf(request.headers, kIdHeader); given != nullptr && isRequestId(*given)) return *given;
  std::string id;
  appendNumber(id, static_cast<std::uint64_t>(services.clock.nowMicros()));
  id += '-';
  appendNumber(id, ++services.requests);
  return id;
}

}  // namespace

Exchange::Exchange(Services& services, Request request, Waker waker)
    : services_(services),
      request_(std::move(request)),
      strand_(std::move(waker)),
      beganNanos_(services.clock.steadyNanos()) {
  if (services.server != nullptr || services.observer != nullptr) request_.id = requestIdOf(services, request_);
  if (auto opened = open(); !opened) refuseWith(std::move(opened.error()));
}

std::int64_t Exchange::mostBytes(const Route& route) const {
  return route.wide ? services_.place.mostWideBytes : services_.place.mostBodyBytes;
}

Refusal Exchange::tooLarge(const Route& route) const {
  return {413, "api.too_large",
          "the body has more than " + std::to_string(mostBytes(route)) + " bytes, which is the limit"};
}

Expected<void> Exchange::open() {
  if (auto text = checkText(request_.path, "the path"); !text) return text;
  if (auto read = readHeaders(request_.headers); !read) return read;
  if (request_.method == "OPTIONS") {
    auto allowed = services_.routes.methodsOf(request_.path);
    if (!allowed.empty()) {
      answerWith(Response{.status = 204}.with("allow", std::move(allowed)));
      return {};
    }
  }
  auto found = services_.routes.match(request_.method, request_.path);
  if (!found) return std::unexpected(std::move(found.error()));
  if (auto checked = checkHead(*found); !checked) return checked;
  auto query = Query::parse(request_.query, found->route->query, found->route->otherQuery);
  if (!query) return std::unexpected(std::move(query.error()));
  call_.emplace(services_, *found->route, request_, std::move(found->parameters), std::move(*query), std::string(),
                strand_);
  takesBody_ = !found->route->takes.empty();
  if (!takesBody_) start();
  return {};
}

Expected<void> Exchange::checkHead(const Match& match) const {
  const auto& route = *match.route;
  if (const auto* accept = headerOf(request_.headers, "accept"); accept != nullptr && !route.gives.empty()) {
    if (!accepts(*accept, route.type)) {
      return refuse(
          406, "api.accept",
          "the answer is " + std::string(route.type) + ", which the request does not accept ('" + *accept + "')");
    }
  }
  if (route.takes.empty()) return {};
  if (const auto* type = headerOf(request_.headers, "content-type");
      type != nullptr && !(route.bodyType == kJson ? isJson(*type) : isType(*type, route.bodyType))) {
    return refuse(415, "api.body_type", "the body is said to be '" + *type + "'; send " + std::string(route.bodyType));
  }
  if (const auto* length = headerOf(request_.headers, "content-length")) {
    std::int64_t bytes = 0;
    std::from_chars(length->data(), length->data() + length->size(), bytes);
    if (bytes > mostBytes(route)) return std::unexpected(tooLarge(route));
  }
  return {};
}

Exchange::~Exchange() {
  if (wide_) --services_.wideBodies;
}

/// Bodies come before anybody knows who sends them: only some of those that are large are in memory at a time.
bool Exchange::mayBeWide(std::int64_t bytes) {
  if (wide_ || bytes <= services_.place.mostBodyBytes) return true;
  if (services_.wideBodies >= kMostWideBodies) return false;
  ++services_.wideBodies;
  wide_ = true;
  return true;
}

void Exchange::body(std::string_view piece) {
  if (!takesBody_) return;
  if (std::ssize(call_->body) + std::ssize(piece) > mostBytes(call_->route)) {
    takesBody_ = false;
    call_->body = std::string();
    return refuseWith(tooLarge(call_->route));
  }
  if (!mayBeWide(std::ssize(call_->body) + std::ssize(piece))) {
    takesBody_ = false;
    call_->body = std::string();
    return refuseWith(tooBusy());
  }
  call_->body.append(piece);
}

void Exchange::endBody() {
  if (!std::exchange(takesBody_, false)) return;
  start();
}

void Exchange::start() {
  job_ = services_.gate == nullptr ? handled(*call_) : guarded(*call_, *services_.gate);
  job_.start();
  step();
}

void Exchange::step() {
  if (response_) return;
  strand_.step();
  if (job_.done()) answerWith(job_.take());
}

void Exchange::answerWith(Response response) {
  if (!response.stream && !response.socket && response.status != 204 && response.status != 304) {
    response.with("content-length", std::to_string(response.body.size()));
  }
  if (!request_.id.empty()) response.with(std::string(kIdHeader), request_.id);
  if (request_.method == "HEAD") {
    response.body.clear();
    response.stream.reset();
  }
  const auto tookNanos = services_.clock.steadyNanos() - beganNanos_;
  const auto tookMs = static_cast<double>(tookNanos) / 1e6;
  auto& latency = services_.latencyMs;
  latency = latency == 0 ? tookMs : latency * 0.9 + tookMs * 0.1;
  response_ = std::move(response);
  if (services_.observer == nullptr) return;
  const Call* call = call_ ? &*call_ : nullptr;
  services_.observer->answered(
      {request_, call == nullptr ? nullptr : &call->route, call, response_->status, tookNanos});
}

BodyStream::Next Exchange::next(std::string& into) {
  if (!response_ || !response_->stream) return BodyStream::Next::end;
  return response_->stream->next(into, strand_.waker());
}

}  // namespace weir::api
