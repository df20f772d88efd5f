// Configuration, callbacks, and the meaning of errors.
#include "adapters/kafka/client.h"

#include <librdkafka/rdkafka.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <mutex>

namespace weir::kafka {

struct Client::Private {};

class Condition {
 public:
  Condition(const ClientOptions& options, void* owner)
      : mayConnect_(options.mayConnect), opening_(options.opening), closing_(options.closing), owner_(owner) {}
  [[nodiscard]] void* owner() const { return owner_; }

  /// 0, or an errno.
  int connect(int socket, const sockaddr* address, int bytes, const char* broker) {
    auto may = mayConnect_ ? mayConnect_(serverOf(broker), *address) : Result<void>();
    if (may && opening_) may = opening_(socket);
    if (!may) {
      const std::lock_guard locked(mutex_);
      hard_ = std::move(may.error());
      return EACCES;
    }
    if (::connect(socket, address, static_cast<socklen_t>(bytes)) == 0 || errno == EINPROGRESS) return 0;
    return errno;
  }

  int close(int socket) {
    if (closing_) closing_(socket);
    return ::close(socket);
  }

  void tell(int code, const char* words) {
    const std::lock_guard locked(mutex_);
    switch (code) {
      case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        allDown_ = true;
        return;
      case RD_KAFKA_RESP_ERR__SSL:
        hard_ = Error{"network.tls", words, false};
        return;
      case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        hard_ = Error{"broker.denied", words, false};
        return;
      default:
        last_ = words;
    }
  }

  void reached() {
    const std::lock_guard locked(mutex_);
    allDown_ = false;
    hard_.reset();
    last_.clear();
  }
  [[nodiscard]] bool allDown() const {
    const std::lock_guard locked(mutex_);
    return allDown_;
  }
  [[nodiscard]] std::optional<Error> hard() const {
    const std::lock_guard locked(mutex_);
    return hard_;
  }
  [[nodiscard]] std::string last() const {
    const std::lock_guard locked(mutex_);
    return last_;
  }

  /// HOST:PORT of the library's name of a broker: `sasl_ssl://HOST:PORT/3`.
  static std::string_view serverOf(std::string_view broker) {
    if (const auto scheme = broker.find("://"); scheme != std::string_view::npos) broker.remove_prefix(scheme + 3);
    return broker.substr(0, broker.find('/'));
  }

 private:
  const std::function<Result<void>(std::string_view, const sockaddr&)> mayConnect_;
  const std::function<Result<void>(int)> opening_;
  const std::function<void(int)> closing_;
  void* const owner_;
  mutable std::mutex mutex_;
  bool allDown_ = false;
  std::optional<Error> hard_;  // what a repetition would not mend
  std::string last_;
};

namespace {

constexpr std::int64_t kLongestTimeoutMs = 300'000;

std::int64_t nowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int onConnect(int socket, const sockaddr* address, int bytes, const char* broker, void* opaque) {
  return static_cast<Condition*>(opaque)->connect(socket, address, bytes, broker);
}

int onClose(int socket, void* opaque) { return static_cast<Condition*>(opaque)->close(socket); }

void onError(rd_kafka_t*, int code, const char* words, void* opaque) {
  static_cast<Condition*>(opaque)->tell(code, words);
}

// The library would write to standard error. What matters comes by onError.
void onLog(const rd_kafka_t*, int, const char*, const char*) {}

const char* nameOf(SignIn signIn) {
  switch (signIn) {
    case SignIn::plain:
      return "PLAIN";
    case SignIn::scramSha256:
      return "SCRAM-SHA-256";
    case SignIn::scramSha512:
      return "SCRAM-SHA-512";
  }
  return "PLAIN";
}

Properties commonOf(const ClientOptions& options) {
  const bool signs = !options.user.empty();
  const auto timeout = std::to_string(std::clamp<std::int64_t>(options.timeoutMs, 1000, kLongestTimeoutMs));
  Properties properties{{"client.id", "weir"},
                        {"bootstrap.servers", options.servers},
                        {"security.protocol",
                         signs ? (options.tls ? "sasl_ssl" : "sasl_plaintext") : (options.tls ? "ssl" : "plaintext")},
                        {"socket.timeout.ms", timeout},
                        {"socket.connection.setup.timeout.ms", timeout},
                        {"socket.keepalive.enable", "true"},
                        {"log.connection.close", "false"},
                        {"reconnect.backoff.ms", "100"},
                        {"reconnect.backoff.max.ms", "5000"},
                        {"allow.auto.create.topics", "false"}};
  if (options.tls) properties.emplace_back("ssl.endpoint.identification.algorithm", "https");
  if (signs) {
    properties.emplace_back("sasl.mechanisms", nameOf(options.signIn));
    properties.emplace_back("sasl.username", options.user);
    properties.emplace_back("sasl.password", options.password);
  }
  return properties;
}

Result<void> setAll(rd_kafka_conf_t* conf, const Properties& properties) {
  std::array<char, 512> why{};
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), why.data(), why.size()) == RD_KAFKA_CONF_OK) continue;
    // The value may be a secret.
    return fail("settings.invalid", std::string("librdkafka refuses its setting ") + name);
  }
  return {};
}

}  // namespace

Client::Client(const Private&, std::shared_ptr<Condition> condition, const ClientOptions& options)
    : condition_(std::move(condition)),
      servers_(options.servers),
      timeoutMs_(options.timeoutMs),
      several_(options.servers.contains(',')) {}

Result<std::unique_ptr<Client>> Client::open(Kind kind, const ClientOptions& options, const Properties& properties,
                                             void* owner, void (*setUp)(rd_kafka_conf_s&)) {
  auto condition = std::make_shared<Condition>(options, owner);
  auto client = std::make_unique<Client>(Private{}, condition, options);
  const std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> held(rd_kafka_conf_new(),
                                                                                &rd_kafka_conf_destroy);
  WEIR_TRY(setAll(held.get(), commonOf(options)));
  WEIR_TRY(setAll(held.get(), properties));
  rd_kafka_conf_set_opaque(held.get(), condition.get());
  rd_kafka_conf_set_connect_cb(held.get(), &onConnect);
  rd_kafka_conf_set_closesocket_cb(held.get(), &onClose);
  rd_kafka_conf_set_error_cb(held.get(), &onError);
  rd_kafka_conf_set_log_cb(held.get(), &onLog);
  setUp(*held);
  std::array<char, 512> why{};
  auto* conf = rd_kafka_conf_dup(held.get());
  client->handle_ =
      rd_kafka_new(kind == Kind::consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, why.data(), why.size());
  if (client->handle_ == nullptr) {
    rd_kafka_conf_destroy(conf);
    return fail("settings.invalid", "Kafka at " + options.servers + ": " + why.data());
  }
  return client;
}

void* Client::ownerOf(void* opaque) { return static_cast<Condition*>(opaque)->owner(); }

Client::~Client() {
  if (handle_ != nullptr) rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

Error Client::away() const {
  const auto last = condition_->last();
  return {"broker.unavailable",
          "Kafka at " + servers_ + " does not answer" +
              (last.empty() ? " within " + std::to_string(timeoutMs_) + " ms" : ": " + last),
          true};
}

Result<bool> Client::reach(const std::function<void()>& serve) {
  const auto now = nowMs();
  if (!sinceMs_) sinceMs_ = now;
  const rd_kafka_metadata_t* metadata = nullptr;
  // An answer may be slow: later tries wait longer for it.
  const int waitMs = now - *sinceMs_ < 1000 ? 500 : 2000;
  const auto code = rd_kafka_metadata(handle_, 0, nullptr, &metadata, waitMs);
  if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
  serve();
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    condition_->reached();
    sinceMs_.reset();
    return true;
  }
  if (auto broken = fatal()) return std::unexpected(std::move(*broken));
  auto hard = condition_->hard();
  const bool late = nowMs() - *sinceMs_ >= timeoutMs_;
  if (hard && (!several_ || late)) {
    sinceMs_.reset();
    hard->message = "Kafka at " + servers_ + ": " + hard->message;
    return std::unexpected(std::move(*hard));
  }
  if (!late) return false;
  sinceMs_.reset();
  return std::unexpected(away());
}

bool Client::lost() const { return condition_->allDown(); }

std::optional<Error> Client::fatal() const {
  std::array<char, 512> words{};
  const auto code = rd_kafka_fatal_error(handle_, words.data(), words.size());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return Error{"broker.unavailable", "Kafka at " + servers_ + ": " + words.data(), true};
}

Error Client::errorOf(int code, std::string_view words) const {
  const auto text = "Kafka at " + servers_ + ": " + std::string(words);
  switch (code) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
      return {"broker.topic", text, false};
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
      return {"broker.limit", text, false};
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      return {"broker.denied", text, false};
    default:
      return {"broker.unavailable", text, true};
  }
}

}  // namespace weir::kafka
