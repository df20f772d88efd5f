// Redis streams: consumer groups, XACK, XADD in MULTI.
#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <span>
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

/// Where a sink's checkpoint stands, in the slot of its stream.
std::string checkpointKey(std::string_view stream, std::string_view sink) {
  return "weir:{" + std::string(stream) + "}:" + std::string(sink);
}

std::uint64_t numberOf(const Reply& reply) { return std::strtoull(reply.text.c_str(), nullptr, 10); }

void append(std::string& commands, std::initializer_list<std::string_view> command) {
  redis::appendCommand(commands, std::span(command.begin(), command.size()));
}

class Publisher final : public PublishSession {
 public:
  Publisher(BrokerTarget target, const NetworkSettings& network) : client_(targetOf(target), network) {}

  Result<BrokerPublished> publish(const BrokerPublish& publish) override {
    if (!publish.checkpoint) {
      WEIR_ASSIGN(auto published, transaction(publish));
      return std::move(*published);
    }
    constexpr int kTries = 10;
    for (int i = 0; i < kTries; ++i) {
      WEIR_ASSIGN(const bool already, watch(publish));
      if (already) return BrokerPublished{.refused = {}, .already = true};
      WEIR_ASSIGN(auto published, transaction(publish));
      if (published) return std::move(*published);
    }
    return fail("broker.unavailable", "Redis: the checkpoint of this sink is changed by somebody else all the time",
                true);
  }

  Result<SinkCheckpoint> claim(const std::string& stream, const std::string& sink) override {
    const auto key = checkpointKey(stream, sink);
    std::string commands;
    append(commands, {"MULTI"});
    append(commands, {"HINCRBY", key, "epoch", "1"});
    append(commands, {"HMGET", key, "checkpoint", "ended"});
    append(commands, {"EXEC"});
    WEIR_ASSIGN(const auto replies, client_.pipeline(commands, 4));
    for (const auto& reply : replies) {
      if (reply.kind == Reply::Kind::error) return std::unexpected(redisError(reply.text));
    }
    const auto& executed = replies.back().items;
    if (executed.size() != 2) return fail("broker.protocol", "Redis: the answer to EXEC is none");
    for (const auto& reply : executed) {
      if (reply.kind == Reply::Kind::error) return std::unexpected(redisError(reply.text));
    }
    if (executed[1].items.size() != 2) return fail("broker.protocol", "Redis: the answer to HMGET is none");
    return SinkCheckpoint{sink, numberOf(executed[1].items[0]), executed[1].items[1].text == "1",
                          static_cast<std::uint64_t>(executed[0].number)};
  }

  void stop() override { client_.stop(); }

 private:
  /// Whether the checkpoint has been written; from here on a change of it makes EXEC do nothing.
  Result<bool> watch(const BrokerPublish& publish) {
    const auto key = checkpointKey(publish.topic, publish.checkpoint->sink);
    std::string commands;
    append(commands, {"WATCH", key});
    append(commands, {"HMGET", key, "epoch", "checkpoint", "ended"});
    WEIR_ASSIGN(const auto replies, client_.pipeline(commands, 2));
    for (const auto& reply : replies) {
      if (reply.kind == Reply::Kind::error) return std::unexpected(redisError(reply.text));
    }
    const auto& found = replies[1].items;
    if (found.size() != 3) return fail("broker.protocol", "Redis: the answer to HMGET is none");
    const SinkCheckpoint known{publish.checkpoint->sink, numberOf(found[1]), found[2].text == "1", numberOf(found[0])};
    auto already = alreadyWritten(*publish.checkpoint, known);
    if (already && !*already) return false;
    WEIR_TRY(client_.call({"UNWATCH"}));
    return already;
  }

  /// Nothing: what was watched has changed.
  Result<std::optional<BrokerPublished>> transaction(const BrokerPublish& publish) {
    std::string commands;
    append(commands, {"MULTI"});
    const auto length = std::to_string(publish.maxLength);
    for (const auto& message : publish.messages) {
      std::vector<std::string_view> command{"XADD", message.topic};
      if (publish.maxLength > 0) command.insert(command.end(), {"MAXLEN", "~", length});
      command.insert(command.end(), {"*", "payload", message.payload});
      for (const auto& [name, value] : message.fields) command.insert(command.end(), {name, value});
      redis::appendCommand(commands, command);
    }
    auto count = publish.messages.size() + 2;
    if (publish.checkpoint) {
      appendCheckpoint(commands, publish);
      ++count;
    }
    append(commands, {"EXEC"});
    WEIR_ASSIGN(const auto replies, client_.pipeline(commands, count));
    // A command that is refused when it is queued ends the whole MULTI.
    for (std::size_t i = 0; i + 1 < replies.size(); ++i) {
      if (replies[i].kind == Reply::Kind::error) return std::unexpected(redisError(replies[i].text));
    }
    const auto& executed = replies.back();
    if (executed.kind == Reply::Kind::error) return std::unexpected(redisError(executed.text));
    if (executed.kind != Reply::Kind::list) return std::nullopt;
    BrokerPublished published;
    for (std::uint32_t i = 0; i < executed.items.size(); ++i) {
      if (executed.items[i].kind != Reply::Kind::error) continue;
      auto error = redisError(executed.items[i].text);
      if (i >= publish.messages.size()) return std::unexpected(std::move(error));
      published.refused.push_back({i, std::move(error)});
    }
    return published;
  }

  static void appendCheckpoint(std::string& commands, const BrokerPublish& publish) {
    const auto& checkpoint = *publish.checkpoint;
    const auto key = checkpointKey(publish.topic, checkpoint.sink);
    append(commands, {"HSET", key, "checkpoint", std::to_string(checkpoint.id), "ended", checkpoint.ended ? "1" : "0",
                      "epoch", std::to_string(checkpoint.epoch)});
  }

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
