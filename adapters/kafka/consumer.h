// Consumer: a member of a consumer group, as calls that wait a moment.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/kafka/client.h"

struct rd_kafka_message_s;
struct rd_kafka_topic_partition_list_s;

namespace weir::kafka {

/// A topic's place among those subscribed to, and one of its partitions.
using PartitionId = std::pair<std::uint32_t, std::int32_t>;

struct ConsumerOptions {
  std::vector<std::string> topics;
  std::string group;
  bool earliest = true;                        // where a group begins that has committed nothing
  std::map<PartitionId, std::int64_t> from{};  // where to begin whatever the group has committed; once
};

struct ReceivedMessage {
  PartitionId partition;
  std::int64_t offset = 0;
  std::uint64_t assignment = 0;  // for processed()
  std::optional<std::string> key{}, payload{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::int64_t timestampMs = -1;
};

/// Used by one thread. It answers the group's calls in receive() and idle() only: one of them at least every minute.
class Consumer {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Consumer>> open(const ClientOptions& client, ConsumerOptions options);
  /// Commits what was processed and leaves the group, within about five seconds.
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  /// Up to `most` messages and about `mostBytes`; waits about `waitMs` for the first. Errors: those of Client::reach,
  /// `broker.topic`, `broker.denied`. See unusable().
  Result<std::vector<ReceivedMessage>> receive(std::int64_t most, std::int64_t mostBytes, std::int64_t waitMs);
  /// The library has given up; another consumer is needed.
  [[nodiscard]] bool unusable() const { return client_->fatal().has_value(); }
  /// Nobody wants messages now; the group must not take this member for dead.
  void idle();
  /// All up to this offset need not come again. Committed soon; passed over if the partition has been taken away since.
  void processed(PartitionId partition, std::int64_t offset, std::uint64_t assignment);

  /// For the library's callback.
  void rebalance(bool assigned, rd_kafka_topic_partition_list_s* partitions);
  struct Private;
  Consumer(const Private&, ConsumerOptions options) : options_(std::move(options)) {}

 private:
  [[nodiscard]] Result<bool> reach();
  [[nodiscard]] Result<void> begin();
  /// A message, or an event that may be trouble; frees it.
  void take(rd_kafka_message_s* message, std::vector<ReceivedMessage>& into);
  void pause(bool paused);
  [[nodiscard]] std::uint32_t placeOf(std::string_view topic) const;

  ConsumerOptions options_;
  std::unique_ptr<Client> client_;
  bool reached_ = false, subscribed_ = false, paused_ = false;
  std::uint64_t assignments_ = 0;
  std::map<PartitionId, std::uint64_t> assigned_;
  std::vector<ReceivedMessage> early_;  // came while nobody asked
  std::optional<Error> trouble_;        // the same
};

}  // namespace weir::kafka
