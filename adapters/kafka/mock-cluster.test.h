// A Kafka cluster within a test: librdkafka's own mock, which other processes can connect to as well.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::kafka::testing {

inline constexpr std::int16_t kProduce = 0, kMetadata = 3, kOffsetCommit = 8;

struct StoredMessage {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<std::string> key, payload;
};

/// Topics exist once they are made. A partition keeps some 5 MB.
class MockCluster {
 public:
  explicit MockCluster(int brokers = 1) {
    handle_ = made(RD_KAFKA_PRODUCER, {});
    cluster_ = rd_kafka_mock_cluster_new(handle_, brokers);
    servers_ = rd_kafka_mock_cluster_bootstraps(cluster_);
    // A client that asks for another topic does not make it: metadata from version 4 on says so.
    rd_kafka_mock_set_apiversion(cluster_, kMetadata, 4, 9);
  }
  ~MockCluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(handle_);
  }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  [[nodiscard]] const std::string& servers() const { return servers_; }
  void makeTopic(const std::string& name, int partitions) {
    rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, 1);
  }
  /// The next `count` requests of this kind end so.
  void reject(std::int16_t request, int code, std::size_t count) {
    const std::vector<rd_kafka_resp_err_t> codes(count, static_cast<rd_kafka_resp_err_t>(code));
    rd_kafka_mock_push_request_errors_array(cluster_, request, codes.size(), codes.data());
  }
  void accept(std::int16_t request) { rd_kafka_mock_clear_request_errors(cluster_, request); }
  void down() { rd_kafka_mock_broker_set_down(cluster_, -1); }
  void up() { rd_kafka_mock_broker_set_up(cluster_, -1); }

  /// Waits until the cluster has them.
  bool send(const std::string& topic, std::int32_t partition, const std::vector<std::string>& payloads) {
    auto* producer = made(RD_KAFKA_PRODUCER, {});
    for (const auto& payload : payloads) {
      rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                        RD_KAFKA_V_VALUE(const_cast<char*>(payload.data()), payload.size()), RD_KAFKA_V_END);
      rd_kafka_poll(producer, 0);
    }
    const bool sent = rd_kafka_flush(producer, 30'000) == RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_destroy(producer);
    return sent;
  }

  /// The offset that the group goes on from; -1001: it has committed none, -1: nobody answers.
  std::int64_t committed(const std::string& group, const std::string& topic, std::int32_t partition) {
    auto* client = made(RD_KAFKA_CONSUMER, {{"group.id", group}});
    auto* one = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(one, topic.c_str(), partition);
    const auto code = rd_kafka_committed(client, one, 20'000);
    const auto offset = code == RD_KAFKA_RESP_ERR_NO_ERROR ? one->elems[0].offset : -1;
    rd_kafka_topic_partition_list_destroy(one);
    rd_kafka_destroy(client);
    return offset;
  }

  /// What a partition holds.
  std::vector<StoredMessage> messages(const std::string& topic, std::int32_t partition) {
    auto* client = made(RD_KAFKA_CONSUMER, {{"group.id", "reader"},
                                            {"enable.auto.commit", "false"},
                                            {"enable.partition.eof", "true"},
                                            {"check.crcs", "true"},
                                            {"auto.offset.reset", "earliest"}});
    rd_kafka_poll_set_consumer(client);
    auto* one = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(one, topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(client, one);
    rd_kafka_topic_partition_list_destroy(one);
    std::vector<StoredMessage> found;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (bool ended = false; !ended && std::chrono::steady_clock::now() < until;) {
      auto* message = rd_kafka_consumer_poll(client, 1000);
      if (message == nullptr) continue;
      ended = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        found.push_back({message->partition, message->offset, textOf(message->key, message->key_len),
                         textOf(message->payload, message->len)});
      }
      rd_kafka_message_destroy(message);
    }
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    return found;
  }

 private:
  static std::optional<std::string> textOf(const void* data, std::size_t bytes) {
    if (data == nullptr) return std::nullopt;
    return std::string(static_cast<const char*>(data), bytes);
  }
  static void silent(const rd_kafka_t*, int, const char*, const char*) {}

  rd_kafka_t* made(rd_kafka_type_t type, const std::vector<std::pair<std::string, std::string>>& settings) const {
    std::array<char, 512> why{};
    auto* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, &silent);
    if (!servers_.empty()) rd_kafka_conf_set(conf, "bootstrap.servers", servers_.c_str(), why.data(), why.size());
    for (const auto& [name, value] : settings) {
      rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why.data(), why.size());
    }
    return rd_kafka_new(type, conf, why.data(), why.size());
  }

  std::string servers_;
  rd_kafka_t* handle_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

}  // namespace weir::kafka::testing
