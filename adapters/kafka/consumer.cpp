// Polling, assignments, offsets.
#include "adapters/kafka/consumer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>

namespace weir::kafka {

struct Consumer::Private {};

namespace {

using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, decltype(&rd_kafka_topic_partition_list_destroy)>;

// What the library holds in advance.
constexpr const char* kQueuedKilobytes = "16384";
constexpr const char* kFetchBytes = "8388608";
constexpr std::chrono::milliseconds kLeaving{5000};

Partitions noPartitions() { return {rd_kafka_topic_partition_list_new(4), &rd_kafka_topic_partition_list_destroy}; }

void onRebalance(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  static_cast<Consumer*>(Client::ownerOf(opaque))->rebalance(code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, partitions);
}

void setCallbacks(rd_kafka_conf_s& conf) { rd_kafka_conf_set_rebalance_cb(&conf, &onRebalance); }

std::vector<std::pair<std::string, std::string>> headersOf(const rd_kafka_message_t& message) {
  std::vector<std::pair<std::string, std::string>> all;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return all;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t bytes = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &bytes) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    all.emplace_back(name, value == nullptr ? std::string() : std::string(static_cast<const char*>(value), bytes));
  }
  return all;
}

std::optional<std::string> bytesOf(const void* data, std::size_t bytes) {
  if (data == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(data), bytes);
}

}  // namespace

Result<std::unique_ptr<Consumer>> Consumer::open(const ClientOptions& client, ConsumerOptions options) {
  const Properties properties{{"group.id", options.group},
                              {"auto.offset.reset", options.earliest ? "earliest" : "latest"},
                              // Committed are the offsets that processed() stores, and no others.
                              {"enable.auto.commit", "true"},
                              {"enable.auto.offset.store", "false"},
                              {"auto.commit.interval.ms", "200"},
                              {"session.timeout.ms", "10000"},
                              {"heartbeat.interval.ms", "1000"},
                              {"queued.max.messages.kbytes", kQueuedKilobytes},
                              {"fetch.max.bytes", kFetchBytes},
                              {"fetch.error.backoff.ms", "100"},
                              {"isolation.level", "read_committed"}};
  auto consumer = std::make_unique<Consumer>(Private{}, std::move(options));
  WEIR_ASSIGN(consumer->client_,
              Client::open(Client::Kind::consumer, client, properties, consumer.get(), &setCallbacks));
  rd_kafka_poll_set_consumer(consumer->client_->handle());
  return consumer;
}

Consumer::~Consumer() {
  if (!client_ || !subscribed_ || client_->lost()) return;
  auto* handle = client_->handle();
  auto* queue = rd_kafka_queue_new(handle);
  if (auto* trouble = rd_kafka_consumer_close_queue(handle, queue); trouble != nullptr) {
    rd_kafka_error_destroy(trouble);
  } else {
    const auto until = std::chrono::steady_clock::now() + kLeaving;
    while (!rd_kafka_consumer_closed(handle) && std::chrono::steady_clock::now() < until) {
      if (auto* event = rd_kafka_queue_poll(queue, 20); event != nullptr) {
        if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE) rd_kafka_assign(handle, nullptr);
        rd_kafka_event_destroy(event);
      }
    }
  }
  rd_kafka_queue_destroy(queue);
}

std::uint32_t Consumer::placeOf(std::string_view topic) const {
  return static_cast<std::uint32_t>(std::ranges::find(options_.topics, topic) - options_.topics.begin());
}

void Consumer::rebalance(bool assigned, rd_kafka_topic_partition_list_s* partitions) {
  auto* handle = client_->handle();
  assigned_.clear();
  early_.clear();
  if (!assigned) {
    rd_kafka_assign(handle, nullptr);
    return;
  }
  ++assignments_;
  for (int i = 0; i < partitions->cnt; ++i) {
    auto& one = partitions->elems[i];
    const PartitionId id{placeOf(one.topic), one.partition};
    assigned_[id] = assignments_;
    const auto from = options_.from.find(id);
    if (from == options_.from.end()) continue;
    one.offset = from->second;
    options_.from.erase(from);
  }
  rd_kafka_assign(handle, partitions);
  if (std::exchange(paused_, false)) pause(true);
}

Result<void> Consumer::begin() {
  const auto topics = noPartitions();
  for (const auto& topic : options_.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const auto code = rd_kafka_subscribe(client_->handle(), topics.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(client_->errorOf(code, rd_kafka_err2str(code)));
  subscribed_ = true;
  return {};
}

void Consumer::take(rd_kafka_message_s* message, std::vector<ReceivedMessage>& into) {
  const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> held(message,
                                                                                      &rd_kafka_message_destroy);
  const auto code = message->err;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const PartitionId id{placeOf(rd_kafka_topic_name(message->rkt)), message->partition};
    const auto assigned = assigned_.find(id);
    if (assigned == assigned_.end()) return;
    rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    into.push_back({id, message->offset, assigned->second, bytesOf(message->key, message->key_len),
                    bytesOf(message->payload, message->len), headersOf(*message),
                    rd_kafka_message_timestamp(message, &kind)});
    return;
  }
  if (auto broken = client_->fatal()) {
    trouble_ = std::move(broken);
    return;
  }
  auto error = client_->errorOf(code, rd_kafka_message_errstr(message));
  // Others come and go by themselves; if all brokers are away, lost() says so.
  if (error.code != "broker.unavailable") trouble_ = std::move(error);
}

Result<bool> Consumer::reach() {
  return client_->reach([this] {
    while (auto* message = rd_kafka_consumer_poll(client_->handle(), 0)) take(message, early_);
  });
}

Result<std::vector<ReceivedMessage>> Consumer::receive(std::int64_t most, std::int64_t mostBytes, std::int64_t waitMs) {
  if (client_->lost()) reached_ = false;
  if (!reached_) {
    WEIR_ASSIGN(reached_, reach());
    if (!reached_) return std::vector<ReceivedMessage>();
  }
  if (!subscribed_) WEIR_TRY(begin());
  if (paused_) pause(false);
  auto messages = std::exchange(early_, {});
  std::int64_t bytes = 0;
  while (static_cast<std::int64_t>(messages.size()) < most && bytes < mostBytes && !trouble_) {
    auto* message = rd_kafka_consumer_poll(client_->handle(), messages.empty() ? static_cast<int>(waitMs) : 0);
    if (message == nullptr) break;
    const auto before = messages.size();
    take(message, messages);
    if (messages.size() == before) break;
    const auto& last = messages.back();
    bytes += static_cast<std::int64_t>((last.payload ? last.payload->size() : 0) + (last.key ? last.key->size() : 0));
  }
  if (messages.empty() && trouble_) return std::unexpected(*std::exchange(trouble_, std::nullopt));
  return messages;
}

void Consumer::pause(bool paused) {
  paused_ = paused;
  const auto all = noPartitions();
  for (const auto& [id, assignment] : assigned_) {
    rd_kafka_topic_partition_list_add(all.get(), options_.topics[id.first].c_str(), id.second);
  }
  if (all->cnt == 0) return;
  if (paused) {
    rd_kafka_pause_partitions(client_->handle(), all.get());
  } else {
    rd_kafka_resume_partitions(client_->handle(), all.get());
  }
}

void Consumer::idle() {
  if (!subscribed_) return;
  if (!paused_) pause(true);
  while (auto* message = rd_kafka_consumer_poll(client_->handle(), 0)) take(message, early_);
}

void Consumer::processed(PartitionId partition, std::int64_t offset, std::uint64_t assignment) {
  const auto assigned = assigned_.find(partition);
  if (assigned == assigned_.end() || assigned->second != assignment) return;
  const auto one = noPartitions();
  auto* place =
      rd_kafka_topic_partition_list_add(one.get(), options_.topics[partition.first].c_str(), partition.second);
  place->offset = offset + 1;
  rd_kafka_offsets_store(client_->handle(), one.get());
}

}  // namespace weir::kafka
