// Sending, and what the reports say.
#include "adapters/kafka/producer.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>

namespace weir::kafka {

struct Producer::Private {};

namespace {

constexpr unsigned kPlaceBits = 24;

void onReport(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  static_cast<Producer*>(Client::ownerOf(opaque))
      ->reported(reinterpret_cast<std::uintptr_t>(message->_private), message->err);
}

void setCallbacks(rd_kafka_conf_s& conf) { rd_kafka_conf_set_dr_msg_cb(&conf, &onReport); }

}  // namespace

Result<std::unique_ptr<Producer>> Producer::open(const ClientOptions& client, const ProducerOptions& options) {
  const auto timeout = std::to_string(std::clamp<std::int64_t>(client.timeoutMs, 1000, 3'600'000));
  const Properties properties{
      {"enable.idempotence", "true"},  // with it acks=all and an order that repeats do not change
      {"compression.codec", options.compression.empty() ? "none" : options.compression},
      {"message.max.bytes", std::to_string(std::clamp<std::int64_t>(options.maxBytes, 1000, 1'000'000'000))},
      {"message.timeout.ms", timeout},
      {"request.timeout.ms", timeout},
      {"topic.metadata.propagation.max.ms", "3000"},
      {"retry.backoff.ms", "100"},
      {"linger.ms", "1"},
      {"queue.buffering.max.messages", "32768"},
      {"queue.buffering.max.kbytes", "131072"}};
  auto producer = std::make_unique<Producer>(Private{});
  WEIR_ASSIGN(producer->client_,
              Client::open(Client::Kind::producer, client, properties, producer.get(), &setCallbacks));
  return producer;
}

Producer::~Producer() {
  if (client_) rd_kafka_purge(client_->handle(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

Result<void> Producer::reach() {
  if (client_->lost()) reached_ = false;
  while (!reached_) {
    if (stopped_) return fail("broker.stopped", "the run was stopped");
    WEIR_ASSIGN(reached_, client_->reach([this] { rd_kafka_poll(client_->handle(), 0); }));
  }
  return {};
}

void Producer::reject(std::uint32_t place, int code) {
  rejected_.push_back({place, client_->errorOf(code, rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code)))});
}

void Producer::reported(std::uint64_t ticket, int code) {
  if (ticket >> kPlaceBits != (round_ & (UINT64_MAX >> kPlaceBits))) return;
  --waiting_;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    reject(static_cast<std::uint32_t>(ticket & ((std::uint64_t{1} << kPlaceBits) - 1)), code);
  }
}

bool Producer::enqueue(const OutgoingMessage& message, std::uint32_t place) {
  const std::string topic(message.topic);
  rd_kafka_headers_t* headers = nullptr;
  if (!message.headers.empty()) {
    headers = rd_kafka_headers_new(message.headers.size());
    for (const auto& [name, value] : message.headers) {
      rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                          static_cast<ssize_t>(value.size()));
    }
  }
  const auto ticket = (round_ & (UINT64_MAX >> kPlaceBits)) << kPlaceBits | place;
  // A null payload is a tombstone; an empty one needs an address.
  const auto data = [](const std::optional<std::string_view>& text) -> const char* {
    if (!text) return nullptr;
    return text->data() == nullptr ? "" : text->data();
  };
  const auto code = rd_kafka_producev(
      client_->handle(), RD_KAFKA_V_TOPIC(topic.c_str()),
      RD_KAFKA_V_PARTITION(message.partition.value_or(RD_KAFKA_PARTITION_UA)), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(data(message.key), message.key.value_or(std::string_view()).size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(data(message.payload)), message.payload.value_or(std::string_view()).size()),
      RD_KAFKA_V_TIMESTAMP(message.timestampMs), RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(ticket)),
      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++waiting_;
    return true;
  }
  if (headers != nullptr) rd_kafka_headers_destroy(headers);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
  reject(place, code);
  return true;
}

Result<void> Producer::settle() {
  while (waiting_ > 0) {
    if (stopped_) return fail("broker.stopped", "the run was stopped");
    rd_kafka_poll(client_->handle(), 100);
    if (auto broken = client_->fatal()) return std::unexpected(std::move(*broken));
  }
  return {};
}

Result<std::vector<Rejected>> Producer::send(std::span<const OutgoingMessage> messages) {
  WEIR_TRY(reach());
  ++round_;
  waiting_ = 0;
  rejected_.clear();
  for (std::uint32_t i = 0; i < messages.size();) {
    if (stopped_) return fail("broker.stopped", "the run was stopped");
    if (auto broken = client_->fatal()) return std::unexpected(std::move(*broken));
    if (enqueue(messages[i], i)) {
      ++i;
    } else {
      rd_kafka_poll(client_->handle(), 50);
    }
  }
  WEIR_TRY(settle());
  std::ranges::sort(rejected_, {}, &Rejected::message);
  return std::exchange(rejected_, {});
}

}  // namespace weir::kafka
