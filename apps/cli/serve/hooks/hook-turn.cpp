// One request to a hook, from its head to its answer.
#include "apps/cli/serve/hooks/hook-turn.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "hosts/native/network/http-words.h"

namespace weir::cli {
namespace {

constexpr std::string_view kHooks = "/hooks", kTestHooks = "/hooks-test";

std::int64_t lengthOf(std::string_view text) {
  std::int64_t length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

}  // namespace

HookTurn::HookTurn(HookDesk& desk, native::HttpRequest request, Waker waker)
    : desk_(desk), request_(std::move(request)), waker_(std::move(waker)) {
  const bool test = request_.path.starts_with("/hooks-test/");
  target_ = request_.path.substr(test ? kTestHooks.size() : kHooks.size());
  head_.method = request_.method;
  head_.target = target_;
  for (const auto& [name, value] : request_.headers) {
    if (head_.headerCount == head_.headers.size()) break;
    head_.headers[head_.headerCount++] = {name, value};
    if (name == "content-length") head_.contentLength = lengthOf(value);
    if (name == "transfer-encoding") head_.chunked = true;
  }
  remote_ = native::parseAddress(request_.remote).value_or(native::IpAddress{});
  auto found = desk_.find(head_, target_, test, parameters_);
  if (!found.hook) {
    refuse(found.status, found.why);
    if (!found.allow.empty()) answer_.headers.emplace_back("allow", std::move(found.allow));
    return;
  }
  hook_ = std::move(found.hook);
  // The node's path is what stands behind its folder, part by part.
  const auto parts = hook_->folder.empty() ? 0 : 1 + std::ranges::count(hook_->folder, '/');
  std::size_t at = 0;
  for (std::int64_t i = 0; i < parts && at != std::string::npos; ++i) at = target_.find('/', at + 1);
  path_ = at == std::string::npos ? "/" : target_.substr(at);
  if (const int refused = native::refusedHead(*hook_->route, head_, remote_); refused != 0) {
    refuse(refused, native::reasonOf(refused));
    const auto challenge = hook_->route->auth.challenge();
    if (refused == 401 && !challenge.empty()) answer_.headers.emplace_back("www-authenticate", challenge);
    return;
  }
  takesBody_ = true;
}

HookTurn::~HookTurn() {
  if (!answered_ && hook_) desk_.leave(*this);
  desk_.release(handOver());
}

void HookTurn::body(std::string_view piece) {
  if (!takesBody_) return;
  if (std::ssize(body_) + std::ssize(piece) > hook_->route->settings.maxBodyBytes) {
    desk_.release(handOver());
    return refuse(413, "the body is too large");
  }
  if (!desk_.hold(std::ssize(piece))) {
    desk_.release(handOver());
    return refuse(503, "the server holds as many bodies of requests as it has memory for; send it again later");
  }
  heldBytes_ += std::ssize(piece);
  body_.append(piece);
}

std::int64_t HookTurn::handOver() {
  body_ = std::string();
  return std::exchange(heldBytes_, 0);
}

void HookTurn::endBody() {
  if (!std::exchange(takesBody_, false)) return;
  desk_.deliver(*this);
}

void HookTurn::refuse(int status, std::string_view why) {
  IngressReply reply;
  reply.status = status;
  reply.contentType = "text/plain; charset=utf-8";
  reply.body = std::string(why) + "\n";
  end(reply);
}

void HookTurn::finish(const IngressReply& reply) {
  if (answered_) return;
  end(reply);
  if (!hook_) return;
  auto bytes = std::ssize(answer_.body);
  for (const auto& [name, value] : answer_.headers) bytes += std::ssize(name) + std::ssize(value) + 4;
  desk_.sent(*hook_, bytes);
}

void HookTurn::end(const IngressReply& reply) {
  if (std::exchange(answered_, true)) return;
  takesBody_ = false;
  desk_.release(handOver());
  const bool bare = reply.status == 204 || reply.status == 304;
  answer_.status = reply.status;
  // What a flow answers is never a page of this server: it can neither run nor be guessed to be one.
  answer_.headers = {
      {"content-security-policy", "sandbox"}, {"x-content-type-options", "nosniff"}, {"cache-control", "no-store"}};
  if (!bare && !reply.contentType.empty() && native::mayReply({"content-type"}, "content-type", reply.contentType))
    answer_.headers.emplace_back("content-type", reply.contentType);
  if (hook_) {
    for (const auto& [name, value] : reply.headers) {
      if (native::mayReply(hook_->route->settings.replyHeaders, name, value)) answer_.headers.emplace_back(name, value);
    }
  }
  if (reply.status == 429) answer_.headers.emplace_back("retry-after", "1");
  if (reply.status == 503) answer_.headers.emplace_back("retry-after", "5");
  if (!bare) answer_.body = reply.body;
  if (!bare) answer_.headers.emplace_back("content-length", std::to_string(answer_.body.size()));
  waker_.wake();
}

}  // namespace weir::cli
