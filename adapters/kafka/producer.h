// Producer: messages that count as sent when all in-sync replicas have said so, each by itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/kafka/client.h"

namespace weir::kafka {

struct ProducerOptions {
  std::string compression{};  // gzip, snappy, lz4, zstd; empty: none
  std::int64_t maxBytes = 1'000'000;
};

/// Views that must live until send() returns.
struct OutgoingMessage {
  std::string_view topic;
  std::optional<std::string_view> key{}, payload{};
  std::span<const std::pair<std::string, std::string>> headers{};
  std::int64_t timestampMs = 0;             // 0: now
  std::optional<std::int32_t> partition{};  // else by the key
};

struct Rejected {
  std::uint32_t message = 0;
  Error error;
};

/// Used by one thread, stop() by any.
class Producer {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Producer>> open(const ClientOptions& client,
                                                              const ProducerOptions& options);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Returns when each message is confirmed or rejected; a recoverable rejection may be sent again. Errors: those of
  /// Client::reach, `broker.stopped`.
  Result<std::vector<Rejected>> send(std::span<const OutgoingMessage> messages);
  /// The library has given up; another producer is needed.
  [[nodiscard]] bool unusable() const { return client_->fatal().has_value(); }
  /// For good: send() returns soon.
  void stop() { stopped_ = true; }

  /// For the library's callback.
  void reported(std::uint64_t ticket, int code);
  struct Private;
  explicit Producer(const Private&) {}

 private:
  /// False: there is no room for it now.
  bool enqueue(const OutgoingMessage& message, std::uint32_t place);
  void reject(std::uint32_t place, int code);
  Result<void> reach();
  Result<void> settle();

  std::unique_ptr<Client> client_;
  std::atomic<bool> stopped_{false};
  bool reached_ = false;
  std::uint64_t round_ = 0;  // of send(): a report of an earlier one tells nobody
  std::size_t waiting_ = 0;
  std::vector<Rejected> rejected_;
};

}  // namespace weir::kafka
