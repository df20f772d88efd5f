// ChannelSecrets: secrets of the store in the credentials of channels.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/alerts/channel.h"
#include "service/store/secrets.h"

namespace weir::alerts {

/// A channel of a folder may use the secrets that flows of the folder may, for the host that it sends to. Those that
/// the store does not have stay as they are: they may be in the environment. One thread.
class ChannelSecrets {
 public:
  static constexpr std::int64_t kLookNanos = 10'000'000'000;

  /// It outlives this.
  explicit ChannelSecrets(store::Secrets& secrets) : secrets_(secrets) {}

  /// Folder and name of each ${secret:NAME} that the channel names.
  using Key = std::pair<std::string, std::string>;
  [[nodiscard]] static std::vector<Key> namedBy(const Channel& channel);
  [[nodiscard]] Operation<store::Secret> ask(const Key& key, Waker waker) {
    return secrets_.find(key.first, key.second, std::move(waker));
  }
  /// What was found; an error forgets it.
  void keep(const Key& key, Result<store::Secret> found);
  /// Asks again for those of all channels, from time to time.
  void tick(const std::map<std::string, Channel>& channels, std::int64_t nowNanos);
  /// With the values put in. `secret.host`: it may not be sent there.
  [[nodiscard]] Result<Channel> with(Channel channel) const;

 private:
  [[nodiscard]] Result<std::string> revealed(const std::string& text, const Channel& channel) const;

  store::Secrets& secrets_;
  std::map<Key, store::Secret> known_;
  std::vector<std::pair<Key, Operation<store::Secret>>> asked_;
  std::int64_t lookedNanos_ = INT64_MIN / 2;
};

}  // namespace weir::alerts
