// Connecting, signing in, asking.
#include "hosts/native/broker/redis-client.h"

#include <chrono>
#include <utility>

namespace weir::native {
namespace {

constexpr std::size_t kMostReplyBytes = std::size_t{1} << 30;

}  // namespace

Error redisError(const std::string& text) {
  const auto is = [&](std::string_view begin) { return text.starts_with(begin); };
  if (is("NOAUTH") || is("WRONGPASS") || is("NOPERM") || is("ERR AUTH")) return {"broker.denied", text, false};
  if (is("LOADING") || is("BUSY ") || is("MASTERDOWN") || is("TRYAGAIN") || is("CLUSTERDOWN") || is("MISCONF") ||
      is("READONLY")) {
    return {"broker.unavailable", text, true};
  }
  if (is("OOM")) return {"broker.limit", text, true};
  return {"broker.topic", text, false};
}

Error RedisClient::told(Error error) {
  if (error.code.starts_with("broker.") || error.code.starts_with("network.")) {
    error.message = "Redis at " + target_.server + ": " + error.message;
  }
  return network_.secrets != nullptr ? network_.secrets->redact(std::move(error)) : error;
}

Result<void> RedisClient::connect() {
  if (wire_) return {};
  WireOptions options{target_.server, 6379, target_.tls, stop_.descriptor(), target_.timeoutMs, network_.meter};
  WEIR_ASSIGN(wire_, Wire::connect(options, network_.policy));
  replies_ = std::make_unique<redis::Replies>();
  std::string commands;
  std::size_t count = 0;
  auto user = target_.user, password = target_.password;
  if (network_.secrets != nullptr) {
    WEIR_ASSIGN(user, network_.secrets->resolve(user, target_.server));
    WEIR_ASSIGN(password, network_.secrets->resolve(password, target_.server));
  }
  if (!password.empty()) {
    std::vector<std::string_view> arguments{"AUTH"};
    if (!user.empty()) arguments.push_back(user);
    arguments.push_back(password);
    redis::appendCommand(commands, arguments);
    ++count;
  }
  const auto database = std::to_string(target_.database);
  redis::appendCommand(commands, std::vector<std::string_view>{"SELECT", database});
  ++count;
  WEIR_ASSIGN(const auto replies, exchange(commands, count, 0));
  for (const auto& reply : replies) {
    if (reply.kind == redis::Reply::Kind::error) return std::unexpected(redisError(reply.text));
  }
  return {};
}

Result<std::vector<redis::Reply>> RedisClient::exchange(std::string_view commands, std::size_t count,
                                                        std::int64_t moreMs) {
  WEIR_TRY(wire_->send(commands));
  std::vector<redis::Reply> replies;
  const auto started = std::chrono::steady_clock::now();
  std::string bytes;
  std::size_t pending = 0;
  while (replies.size() < count) {
    WEIR_ASSIGN(auto reply, replies_->next());
    if (reply) {
      replies.push_back(std::move(*reply));
      pending = 0;
      continue;
    }
    const auto waited =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started).count();
    bytes.clear();
    WEIR_ASSIGN(const auto came, wire_->receive(bytes, target_.timeoutMs + moreMs - waited));
    if (!came) {
      return fail("broker.unavailable", "no answer within " + std::to_string(target_.timeoutMs + moreMs) + " ms", true);
    }
    pending += bytes.size();
    if (pending > kMostReplyBytes) {
      return fail("broker.limit", "the server's answer has more than 1 GiB; messages as large as that are not read");
    }
    replies_->feed(bytes);
  }
  return replies;
}

Result<std::vector<redis::Reply>> RedisClient::pipeline(std::string_view commands, std::size_t count,
                                                        std::int64_t moreMs) {
  auto connected = connect();
  auto replies = connected ? exchange(commands, count, moreMs)
                           : Result<std::vector<redis::Reply>>(std::unexpected(std::move(connected.error())));
  if (replies) return replies;
  wire_.reset();
  return std::unexpected(told(std::move(replies.error())));
}

Result<redis::Reply> RedisClient::call(std::span<const std::string_view> arguments, std::int64_t moreMs) {
  std::string command;
  redis::appendCommand(command, arguments);
  WEIR_ASSIGN(auto replies, pipeline(command, 1, moreMs));
  return std::move(replies.front());
}

}  // namespace weir::native
