// Finds secrets and puts them in.
#include "service/alerts/channel-secrets.h"

#include <algorithm>

#include "engine/text/url.h"

namespace weir::alerts {
namespace {

constexpr std::string_view kBegin = "${secret:";

std::vector<std::string> textsOf(const Channel& channel) {
  std::vector<std::string> texts{channel.server.password, channel.path};
  for (const auto& header : channel.headers) texts.push_back(header.value);
  return texts;
}

/// HOST:PORT to which it sends.
std::string hostOf(const Channel& channel) {
  if (channel.kind == Channel::Kind::mail) return channel.server.server;
  const auto url = parseUrl(channel.url);
  return url ? url->host + ":" + std::to_string(url->port) : std::string();
}

}  // namespace

std::vector<ChannelSecrets::Key> ChannelSecrets::namedBy(const Channel& channel) {
  std::vector<Key> keys;
  for (const auto& text : textsOf(channel)) {
    for (auto at = text.find(kBegin); at != std::string::npos; at = text.find(kBegin, at + 1)) {
      const auto name = at + kBegin.size();
      const auto end = text.find('}', name);
      if (end == std::string::npos) break;
      keys.emplace_back(channel.folder, text.substr(name, end - name));
    }
  }
  return keys;
}

Operation<GivenSecret> ChannelSecrets::follow(const store::Secret& found, Waker waker) const {
  if (found.head.reference.empty()) return {};
  if (!follow_) {
    return Operation<GivenSecret>::finished(
        fail("secret.reference", "this server reads no references of secrets: '" + found.head.reference + "'"));
  }
  return follow_(found.head.reference, std::move(waker));
}

void ChannelSecrets::keep(const Key& key, Result<store::Secret> found) {
  if (found) {
    known_[key] = std::move(*found);
    failed_.erase(key);
    return;
  }
  auto& error = found.error();
  if (error.code == "storage.not_found") {
    known_.erase(key);
    failed_.erase(key);
  } else if (error.code.starts_with("secret.") && (!error.recoverable || !known_.contains(key))) {
    // Where it is kept, it is refused or gone; one that is only away is asked for again.
    known_.erase(key);
    failed_.insert_or_assign(key, std::move(error));
  }
}

Result<store::Secret> ChannelSecrets::filled(store::Secret secret, Result<GivenSecret> given) {
  if (!given) return std::unexpected(std::move(given.error()));
  secret.value = std::move(given->value);
  return secret;
}

void ChannelSecrets::tick(const std::map<std::string, Channel>& channels, std::int64_t nowNanos) {
  std::erase_if(asked_, [this](auto& one) {
    if (!one.second.ready()) return false;
    auto found = one.second.take();
    auto given = found ? follow(*found, Waker()) : Operation<GivenSecret>();
    if (given.active()) {
      followed_.push_back({one.first, std::move(*found), std::move(given)});
    } else {
      keep(one.first, std::move(found));
    }
    return true;
  });
  std::erase_if(followed_, [this](Followed& one) {
    if (!one.given.ready()) return false;
    keep(one.key, filled(std::move(one.secret), one.given.take()));
    return true;
  });
  if (!asked_.empty() || !followed_.empty() || nowNanos - lookedNanos_ < kLookNanos) return;
  lookedNanos_ = nowNanos;
  for (const auto& [id, channel] : channels) {
    for (const auto& key : namedBy(channel)) asked_.emplace_back(key, ask(key, Waker()));
  }
}

Result<std::string> ChannelSecrets::revealed(const std::string& text, const Channel& channel) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = std::min(text.find(kBegin, at), text.size());
    out += text.substr(at, begin - at);
    if (begin == text.size()) break;
    const auto end = text.find('}', begin);
    const auto whole = text.substr(begin, end == std::string::npos ? end : end + 1 - begin);
    const auto name = whole.substr(kBegin.size(), whole.size() - kBegin.size() - 1);
    if (const auto failed = failed_.find({channel.folder, name}); failed != failed_.end()) {
      return std::unexpected(failed->second);
    }
    const auto found = known_.find({channel.folder, name});
    if (found != known_.end()) {
      WEIR_TRY(store::mayUse(found->second.head, "", hostOf(channel)));
      out += found->second.value;
    } else {
      out += whole;
    }
    at = begin + whole.size();
  }
  return out;
}

Result<Channel> ChannelSecrets::with(Channel channel) const {
  const auto named = channel;
  WEIR_ASSIGN(channel.server.password, revealed(named.server.password, named));
  WEIR_ASSIGN(channel.path, revealed(named.path, named));
  for (auto& header : channel.headers) {
    WEIR_ASSIGN(header.value, revealed(header.value, named));
  }
  return channel;
}

}  // namespace weir::alerts
