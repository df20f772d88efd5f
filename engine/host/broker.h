// Broker: servers that keep or pass on messages (Redis streams, MQTT, Kafka), as nodes see them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/error.h"
#include "engine/host/operation.h"
#include "engine/host/sink-checkpoint.h"

namespace weir {

enum class BrokerKind : std::uint8_t { redis, mqtt, kafka };

/// How a user and a password are shown to Kafka.
enum class BrokerSignIn : std::uint8_t { plain, scramSha256, scramSha512 };

struct BrokerTarget {
  BrokerKind kind = BrokerKind::redis;
  std::string servers;  // HOST:PORT; Kafka: several, with commas
  bool tls = false;
  std::string user{}, password{};   // may hold ${secret:NAME}
  std::string client{};             // the name under which it connects; empty: one is made up
  std::int64_t timeoutMs = 10'000;  // of connecting and of one exchange
  BrokerSignIn signIn = BrokerSignIn::plain;
  std::string compression{};        // Kafka, of what is sent: gzip, snappy, lz4, zstd; empty: none
  std::int64_t maxBytes = 1 << 20;  // Kafka: of one message that is sent
};

struct BrokerMessage {
  std::uint64_t ticket = 0;     // for acknowledge; of this subscription
  std::uint32_t partition = 0;  // messages of one partition have an order; Kafka: see kafkaPartition
  std::string topic;            // stream, topic
  std::string id;               // Redis: the entry's id
  /// Kafka: the place of the message in its partition.
  std::optional<std::int64_t> offset{};
  std::optional<std::string> key{};
  std::string payload;
  std::vector<std::pair<std::string, std::string>> fields{};  // Redis: those of the entry; Kafka: headers
  std::int64_t timestampMicros = 0;                           // 0: the broker says none
  int qos = 0;
  bool retained = false;
  bool empty = false;                         // Kafka: there is no payload at all (a tombstone)
  std::optional<std::int32_t> toPartition{};  // Kafka: where it is sent to; else by its key
};

/// Kafka's partition of a topic, as BrokerMessage names it: the topic's place among those subscribed to, and its
/// number.
inline constexpr std::uint32_t kKafkaPartitions = 65'536;
[[nodiscard]] constexpr std::uint32_t kafkaPartition(std::uint32_t topic, std::uint32_t number) {
  return topic * kKafkaPartitions + number;
}

/// Where reading of a partition goes on, whatever the broker knows of the group.
struct BrokerPosition {
  std::uint32_t partition = 0;
  std::int64_t offset = 0;  // of the next message
};

struct BrokerSubscribe {
  std::vector<std::string> topics;
  std::string group;                     // Redis, Kafka: readers of one group share the messages
  bool earliest = true;                  // where a group begins that nobody has read with
  std::string payloadField = "payload";  // Redis: of an entry
  int qos = 1;
  bool keepSession = false;            // MQTT: the server keeps what comes while nobody is there (needs a client name)
  std::vector<BrokerPosition> from{};  // Kafka: of partitions whose offset a checkpoint knows
};

/// One call of receive at a time. Delivered again after a restart is what nobody acknowledged. The destructor leaves.
class BrokerSubscription {
 public:
  virtual ~BrokerSubscription() = default;
  /// Waits for at least one message; up to `most`, and about kBrokerFetchBytes. Errors: `broker.unavailable`
  /// (recoverable: the next call connects again), `broker.denied`, `broker.topic`, `broker.protocol`, `broker.limit`.
  virtual Operation<std::vector<BrokerMessage>> receive(std::int64_t most, Waker waker) = 0;
  /// These messages need not come again. Told to the server soon.
  virtual void acknowledge(std::vector<std::uint64_t> tickets) = 0;
};

struct BrokerPublish {
  std::vector<BrokerMessage> messages;
  std::int64_t maxLength = 0;  // Redis: the stream is trimmed to about so many; 0: never
  /// Redis: kept beside the stream in the same MULTI; nothing is written if it has been before. Error `state.fenced` if
  /// another run has taken the sink over.
  std::optional<SinkCheckpoint> checkpoint{};
  std::string topic{};  // with a checkpoint: of all messages
};

struct BrokerRefusal {
  std::uint32_t message = 0;
  Error error;
};

struct BrokerPublished {
  std::vector<BrokerRefusal> refused;
  bool already = false;  // the checkpoint had been written before
};

class BrokerPublisher {
 public:
  virtual ~BrokerPublisher() = default;
  /// Finished when the server has all messages that it did not refuse.
  virtual Operation<BrokerPublished> publish(BrokerPublish publish, Waker waker) = 0;
  /// Redis: takes a sink of a stream over: its epoch goes up by one, and checkpoints with a lower one are refused from
  /// then on. Gives what was written of it.
  virtual Operation<SinkCheckpoint> claim(std::string topic, std::string sink, Waker waker) = 0;
};

inline constexpr std::int64_t kBrokerFetchBytes = 4 << 20;
/// The largest message that is taken.
inline constexpr std::int64_t kBrokerMessageBytes = 64 << 20;

struct Broker {
  static constexpr std::string_view kName = "broker";
  virtual ~Broker() = default;
  /// Both connect with their first call. Error `settings.invalid`.
  [[nodiscard]] virtual Result<std::unique_ptr<BrokerSubscription>> subscribe(BrokerTarget target,
                                                                              BrokerSubscribe subscribe) = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<BrokerPublisher>> publisher(BrokerTarget target) = 0;
};

}  // namespace weir
