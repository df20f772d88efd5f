// Redis streams: consumer groups, XACK, XADD in MULTI.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "hosts/native/broker/broker-session.h"
#include "hosts/native/broker/redis-client.h"

namespace weir::native {
namespace {

using redis::Reply;

RedisTarget targetOf(BrokerTarget& target) {
  return {std::move(target.servers),  target.tls, std::move(target.user),
          std::move(target.password), 0,          target.timeoutMs};
}

class Subscription final : public SubscribeSession {
 public:
  Subscription(BrokerTarget target, BrokerSubscribe subscribe, const NetworkSettings& network)
      : consumer_(target.client), subscribe_(std::move(subscribe)), client_(targetOf(target), network) {
    // First what this consumer was given before and did not acknowledge, stream by stream.
    for (const auto& stream : subscribe_.topics) behind_[stream] = "0";
  }

  Result<std::vector<BrokerMessage>> receive(std::int64_t most) override {
    WEIR_TRY(makeGroups());
    const bool again = !behind_.empty();
    const auto count = std::to_string(most);
    std::vector<std::string_view> command{"XREADGROUP", "GROUP", subscribe_.group, consumer_, "COUNT", count};
    if (!again) command.insert(command.end(), {"BLOCK", "100"});
    command.emplace_back("STREAMS");
    for (const auto& stream : subscribe_.topics) {
      if (!again || behind_.contains(stream)) command.push_back(stream);
    }
    for (const auto& stream : subscribe_.topics) {
      if (!again) {
        command.emplace_back(">");
      } else if (const auto from = behind_.find(stream); from != behind_.end()) {
        command.push_back(from->second);
      }
    }
    auto called = client_.call(command, 100);
    if (!called) {
      // What an answer that was lost has given to this consumer is asked for again.
      for (const auto& stream : subscribe_.topics) behind_[stream] = "0";
      return std::unexpected(std::move(called.error()));
    }
    auto& reply = *called;
    if (reply.kind == Reply::Kind::error) {
      // Somebody took the stream or the group away: they are made anew with the next call.
      if (reply.text.starts_with("NOGROUP")) {
        made_ = false;
        return std::vector<BrokerMessage>();
      }
      return std::unexpected(redisError(reply.text));
    }
    return take(reply, again);
  }

  Result<void> acknowledge(const std::vector<std::uint64_t>& tickets) override {
    std::map<std::uint32_t, std::vector<std::string>> byStream;
    for (const auto ticket : tickets) {
      auto found = given_.find(ticket);
      if (found != given_.end()) byStream[found->second.stream].push_back(found->second.id);
    }
    std::string commands;
    for (const auto& [stream, ids] : byStream) {
      std::vector<std::string_view> command{"XACK", subscribe_.topics[stream], subscribe_.group};
      command.insert(command.end(), ids.begin(), ids.end());
      redis::appendCommand(commands, command);
    }
    if (byStream.empty()) return {};
    auto done = client_.pipeline(commands, byStream.size());
    if (!done) {
      // Told again with the next ones.
      unsaid_.insert(unsaid_.end(), tickets.begin(), tickets.end());
      return std::unexpected(std::move(done.error()));
    }
    for (const auto ticket : tickets) {
      const auto found = given_.find(ticket);
      if (found == given_.end()) continue;
      underWay_.erase({found->second.stream, found->second.id});
      given_.erase(found);
    }
    if (unsaid_.empty()) return {};
    return acknowledge(std::exchange(unsaid_, {}));
  }

  void stop() override { client_.stop(); }

 private:
  struct Given {
    std::uint32_t stream = 0;
    std::string id;
  };

  Result<void> makeGroups() {
    if (made_) return {};
    for (const auto& stream : subscribe_.topics) {
      WEIR_ASSIGN(const auto reply, client_.call({"XGROUP", "CREATE", stream, subscribe_.group,
                                                  subscribe_.earliest ? "0" : "$", "MKSTREAM"}));
      if (reply.kind == Reply::Kind::error && !reply.text.starts_with("BUSYGROUP")) {
        return std::unexpected(redisError(reply.text));
      }
    }
    made_ = true;
    return {};
  }

  Result<std::vector<BrokerMessage>> take(Reply& reply, bool again) {
    std::vector<BrokerMessage> messages;
    for (auto& stream : reply.items) {
      if (stream.items.size() != 2) return malformed();
      const auto at = std::ranges::find(subscribe_.topics, stream.items[0].text);
      if (at == subscribe_.topics.end()) return malformed();
      const auto index = static_cast<std::uint32_t>(at - subscribe_.topics.begin());
      for (auto& entry : stream.items[1].items) {
        if (entry.items.size() != 2) return malformed();
        if (again) behind_[*at] = entry.items[0].text;
        // It is on its way in this run.
        if (again && underWay_.contains({index, entry.items[0].text})) continue;
        // An entry that was deleted meanwhile has no fields.
        if (entry.items[1].kind != Reply::Kind::list) continue;
        messages.push_back(messageOf(entry, index));
      }
      if (again && stream.items[1].items.empty()) behind_.erase(*at);
    }
    if (again && reply.items.empty()) behind_.clear();
    return messages;
  }

  BrokerMessage messageOf(Reply& entry, std::uint32_t stream) {
    BrokerMessage message;
    message.ticket = ++tickets_;
    message.partition = stream;
    message.topic = subscribe_.topics[stream];
    message.id = std::move(entry.items[0].text);
    given_[message.ticket] = {stream, message.id};
    underWay_.insert({stream, message.id});
    auto& fields = entry.items[1].items;
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
      if (fields[i].text == subscribe_.payloadField) message.payload = fields[i + 1].text;
      message.fields.emplace_back(std::move(fields[i].text), std::move(fields[i + 1].text));
    }
    return message;
  }

  static std::unexpected<Error> malformed() {
    return fail("broker.protocol", "the server's answer to XREADGROUP is none");
  }

  std::string consumer_;
  BrokerSubscribe subscribe_;
  RedisClient client_;
  bool made_ = false;
  std::map<std::string, std::string, std::less<>>
      behind_;  // streams whose old entries are not all given, from where on
  std::uint64_t tickets_ = 0;
  std::map<std::uint64_t, Given> given_;
  std::set<std::pair<std::uint32_t, std::string>> underWay_;  // the same, by id
  std::vector<std::uint64_t> unsaid_;
};

class Publisher final : public PublishSession {
 public:
  Publisher(BrokerTarget target, const NetworkSettings& network) : client_(targetOf(target), network) {}

  Result<BrokerPublished> publish(const BrokerPublish& publish) override {
    std::string commands;
    redis::appendCommand(commands, std::vector<std::string_view>{"MULTI"});
    const auto length = std::to_string(publish.maxLength);
    for (const auto& message : publish.messages) {
      std::vector<std::string_view> command{"XADD", message.topic};
      if (publish.maxLength > 0) command.insert(command.end(), {"MAXLEN", "~", length});
      command.insert(command.end(), {"*", "payload", message.payload});
      for (const auto& [name, value] : message.fields) command.insert(command.end(), {name, value});
      redis::appendCommand(commands, command);
    }
    redis::appendCommand(commands, std::vector<std::string_view>{"EXEC"});
    WEIR_ASSIGN(const auto replies, client_.pipeline(commands, publish.messages.size() + 2));
    BrokerPublished published;
    // A command that is refused when it is queued ends the whole MULTI.
    for (std::size_t i = 0; i < publish.messages.size(); ++i) {
      if (replies[i + 1].kind == Reply::Kind::error) return std::unexpected(redisError(replies[i + 1].text));
    }
    const auto& executed = replies.back();
    if (executed.kind == Reply::Kind::error) return std::unexpected(redisError(executed.text));
    for (std::uint32_t i = 0; i < executed.items.size(); ++i) {
      if (executed.items[i].kind == Reply::Kind::error) {
        published.refused.push_back({i, redisError(executed.items[i].text)});
      }
    }
    return published;
  }

  void stop() override { client_.stop(); }

 private:
  RedisClient client_;
};

}  // namespace

std::unique_ptr<SubscribeSession> redisSubscription(BrokerTarget target, BrokerSubscribe subscribe,
                                                    const NetworkSettings& network) {
  return std::make_unique<Subscription>(std::move(target), std::move(subscribe), network);
}

std::unique_ptr<PublishSession> redisPublisher(BrokerTarget target, const NetworkSettings& network) {
  return std::make_unique<Publisher>(std::move(target), network);
}

}  // namespace weir::native
