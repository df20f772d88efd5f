// ChannelSecrets: secrets of the store in the credentials of channels.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/host/given-secret.h"
#include "service/alerts/channel.h"
#include "service/store/secrets.h"

namespace weir::alerts {

/// A channel of a folder may use the secrets that flows of the folder may, for the host that it sends to. Those that
/// the store does not have stay as they are: they may be in the environment. One thread.
class ChannelSecrets {
 public:
  static constexpr std::int64_t kLookNanos = 10'000'000'000;

  /// Reads what a secret refers to, from where it is kept.
  using Follow = std::function<Operation<GivenSecret>(std::string reference, Waker waker)>;
  /// It outlives this, as does what `follow` uses; without it a secret that is a reference cannot be read.
  explicit ChannelSecrets(store::Secrets& secrets, Follow follow = {})
      : secrets_(secrets), follow_(std::move(follow)) {}

  /// Folder and name of each ${secret:NAME} that the channel names.
  using Key = std::pair<std::string, std::string>;
  [[nodiscard]] static std::vector<Key> namedBy(const Channel& channel);
  [[nodiscard]] Operation<store::Secret> ask(const Key& key, Waker waker) {
    return secrets_.find(key.first, key.second, std::move(waker));
  }
  /// What a secret that was found refers to; no operation: it has its value.
  [[nodiscard]] Operation<GivenSecret> follow(const store::Secret& found, Waker waker) const;
  /// The secret with what was given for its reference.
  [[nodiscard]] static Result<store::Secret> filled(store::Secret secret, Result<GivenSecret> given);
  /// What was found, with its value; an error forgets it, unless another try may do better.
  void keep(const Key& key, Result<store::Secret> found);
  /// Asks again for those of all channels, from time to time.
  void tick(const std::map<std::string, Channel>& channels, std::int64_t nowNanos);
  /// With the values put in. `secret.host`: it may not be sent there.
  [[nodiscard]] Result<Channel> with(Channel channel) const;

 private:
  [[nodiscard]] Result<std::string> revealed(const std::string& text, const Channel& channel) const;

  struct Followed {
    Key key;
    store::Secret secret;
    Operation<GivenSecret> given;
  };
  store::Secrets& secrets_;
  Follow follow_;
  std::map<Key, store::Secret> known_;
  std::map<Key, Error> failed_;  // references that lead nowhere
  std::vector<std::pair<Key, Operation<store::Secret>>> asked_;
  std::vector<Followed> followed_;
  std::int64_t lookedNanos_ = INT64_MIN / 2;
};

}  // namespace weir::alerts
