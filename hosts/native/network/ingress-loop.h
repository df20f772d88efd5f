// IngressLoop: the thread of the listener: accepts, reads, checks, hands over, answers.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hosts/native/network/ingress-connection.h"
#include "hosts/native/network/native-ingress.h"

namespace weir::native {

class IngressLoop {
 public:
  explicit IngressLoop(IngressOptions options) : options_(std::move(options)) {}
  ~IngressLoop();
  IngressLoop(const IngressLoop&) = delete;
  IngressLoop& operator=(const IngressLoop&) = delete;

  /// Listens, if it does not yet; `ingress.listen` if it cannot.
  [[nodiscard]] Result<Unit> start();
  /// Routes by IngressId; released ones stay until the loop has answered for them.
  void setRoutes(std::vector<std::shared_ptr<WebhookRoute>> routes);
  /// There is something to answer.
  void wake();
  [[nodiscard]] std::string address() const;

 private:
  using Connection = IngressConnection;
  using Stage = Connection::Stage;
  static constexpr std::size_t kReadBytes = 64 * 1024;

  // ingress-loop.cpp: sockets and time
  void run();
  void acceptAll();
  void readFrom(std::int32_t slot);
  void flush(std::int32_t slot);
  void close(std::int32_t slot);
  void leave(std::int32_t slot);
  void drop(std::int32_t slot);
  void setInterest(std::int32_t slot);
  void sweep();
  void tick();

  // ingress-requests.cpp: what requests say, and what is answered
  void advance(std::int32_t slot, std::string_view fresh);
  [[nodiscard]] std::size_t advanceOne(std::int32_t slot, std::string_view text);
  [[nodiscard]] std::size_t advanceChunks(std::int32_t slot, std::string_view text);
  [[nodiscard]] int admit(const Connection& connection, std::shared_ptr<WebhookRoute>& route, std::string_view& extra);
  void deliver(std::int32_t slot, WebhookRoute& route, std::string_view body);
  [[nodiscard]] bool followKey(std::int32_t slot, WebhookRoute& route, std::string& key);
  void refuse(std::int32_t slot, int status, std::string_view why, bool keepAlive, std::string_view extra = {});
  void send(std::int32_t slot, const IngressReply& reply, const std::vector<std::string>& headers,
            std::string_view extra = {});
  void sendAccepted(std::int32_t slot);
  void afterReply(std::int32_t slot);
  void handOver();
  void answerAll();
  void answerRoute(WebhookRoute& route);
  void answer(WebhookRoute& route, OwedReply& owed, const IngressReply& reply);
  void keepReply(WebhookRoute& route, const std::string& key, const IngressReply& reply);
  void expire(WebhookRoute& route);

  IngressOptions options_;
  Descriptor epoll_, wakeup_, listener_;
  std::unique_ptr<TlsServer> tls_;  // null: plain HTTP
  std::string host_;
  std::uint16_t port_ = 0;
  std::thread thread_;
  std::atomic<bool> stopping_{false}, signalled_{false};

  std::mutex lock_;
  std::vector<std::shared_ptr<WebhookRoute>> routes_;  // as last set
  std::atomic<std::int64_t> version_{0};

  // Of the thread alone:
  std::vector<std::shared_ptr<WebhookRoute>> active_;
  std::int64_t activeVersion_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::int32_t> free_;
  std::int64_t open_ = 0;
  bool listening_ = true;
  RequestHead head_;
  std::string parameters_;
  std::string accepted_, acceptedClosing_;  // ready-made answers
  std::string date_;
  std::int64_t nowMs_ = 0, nowMicros_ = 0, dateSecond_ = -1, sweptMs_ = 0;
  std::array<char, kReadBytes> buffer_{};
};

}  // namespace weir::native
