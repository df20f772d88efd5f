// Client: what a consumer and a producer of librdkafka share: settings, checked connections, what went wrong last.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/error.h"

struct rd_kafka_s;
struct rd_kafka_conf_s;
struct sockaddr;

namespace weir::kafka {

enum class SignIn : std::uint8_t { plain, scramSha256, scramSha512 };

struct ClientOptions {
  std::string servers;  // HOST:PORT, with commas between
  bool tls = false;
  std::string user{}, password{};  // no user: nobody signs in
  SignIn signIn = SignIn::plain;
  std::int64_t timeoutMs = 10'000;  // of a connection, of a request, and until a cluster that is away is an error
  /// Asked, on threads of the library, before a socket is connected; its error keeps it from being. `server` is
  /// HOST:PORT as it was configured or as the cluster told it.
  std::function<Result<void>(std::string_view server, const sockaddr& address)> mayConnect{};
  /// Before a socket is connected, and may be kept from it; and before it is closed. On threads of the library.
  std::function<Result<void>(int socket)> opening{};
  std::function<void(int socket)> closing{};
};

/// Settings of librdkafka by their names.
using Properties = std::vector<std::pair<const char*, std::string>>;

/// What the library's threads and callbacks tell. Thread-safe.
class Condition;

/// A handle of the library. Used by one thread.
class Client {
 public:
  enum class Kind : std::uint8_t { consumer, producer };
  /// `setUp` may set callbacks; ownerOf() gives them `owner`. Error: `settings.invalid` with the library's words.
  [[nodiscard]] static Result<std::unique_ptr<Client>> open(Kind kind, const ClientOptions& options,
                                                            const Properties& properties, void* owner,
                                                            void (*setUp)(rd_kafka_conf_s&));
  [[nodiscard]] static void* ownerOf(void* opaque);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Waits a second or two at most for the cluster to answer. False: it has not yet, and the timeout is not over.
  /// `serve` calls the callbacks. Errors: `broker.unavailable` (recoverable) after the timeout; with one server at once
  /// `network.refused`, `network.tls`, `broker.denied`.
  Result<bool> reach(const std::function<void()>& serve);
  /// All brokers have gone since reach() was true last.
  [[nodiscard]] bool lost() const;
  /// What no repetition mends, if anything.
  [[nodiscard]] std::optional<Error> fatal() const;
  [[nodiscard]] rd_kafka_s* handle() const { return handle_; }
  /// The library's error as one of ours.
  [[nodiscard]] Error errorOf(int code, std::string_view words) const;

  struct Private;
  Client(const Private&, std::shared_ptr<Condition> condition, const ClientOptions& options);

 private:
  [[nodiscard]] Error away() const;

  std::shared_ptr<Condition> condition_;
  std::string servers_;
  std::int64_t timeoutMs_;
  bool several_;                         // servers
  std::optional<std::int64_t> sinceMs_;  // since when reach() waits
  rd_kafka_s* handle_ = nullptr;
};

}  // namespace weir::kafka
