// What the Asio files of this folder share; no other file includes it, since each that does takes long to compile.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/data/error.h"
#include "hosts/native/network/network-meter.h"
#include "hosts/native/network/network-settings.h"

namespace weir::native {

namespace asio = boost::asio;
namespace beast = boost::beast;
using ErrorCode = boost::system::error_code;
using TimePoint = std::chrono::steady_clock::time_point;
using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

inline constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);

[[nodiscard]] inline TimePoint afterMs(std::int64_t ms) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
}

/// Whom to connect to, and what for.
struct DialTarget {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::string caFile{};
  const Url* proxy = nullptr;
};

/// A connected stream, encrypted or not; exactly one of the two is there.
struct Link {
  std::unique_ptr<PlainStream> plain;
  std::unique_ptr<TlsStream> tls;
  MeteredSocket place;      // goes before the socket does
  beast::flat_buffer rest;  // read and not used yet

  [[nodiscard]] PlainStream& lowest() { return tls ? tls->next_layer() : *plain; }
  [[nodiscard]] explicit operator bool() const { return plain || tls; }
};

/// One thread that all connections of a place live in, begun with the first of them.
class AsioCore {
 public:
  explicit AsioCore(NetworkSettings settings) : settings_(std::move(settings)) {}
  ~AsioCore() { stop(); }
  AsioCore(const AsioCore&) = delete;
  AsioCore& operator=(const AsioCore&) = delete;

  /// The context, with its thread running.
  [[nodiscard]] asio::io_context& io();
  [[nodiscard]] const NetworkSettings& settings() const { return settings_; }
  /// Runs a coroutine; an exception out of it is a bug of ours and goes to `failed`.
  void spawn(asio::awaitable<void> work) { asio::co_spawn(io(), std::move(work), asio::detached); }
  /// Ends the thread: nothing completes any more.
  void halt();
  /// After halt(), when nobody outside has a socket any more: destroys what was under way.
  void stop();

  /// Resolves, checks all addresses, connects to a checked one, agrees on TLS. Through a proxy the target is checked
  /// first. Ends at `until` at the latest. `place` is that of the connection; without it one is waited for.
  [[nodiscard]] asio::awaitable<Result<Link>> dial(DialTarget target, TimePoint until,
                                                   std::optional<MeteredSocket> place = std::nullopt);
  /// A moment, until what is waited for may be there.
  [[nodiscard]] asio::awaitable<void> rest();
  /// Asks for the secrets of a text that are not known yet, so that reveal() need not keep this thread waiting.
  [[nodiscard]] asio::awaitable<void> prepare(std::string_view text, const Url& target, TimePoint until);
  /// What `text` says with its secrets put in, for this target.
  [[nodiscard]] Result<std::string> reveal(std::string_view text, const Url& target) const;
  [[nodiscard]] Error redacted(Error error) const;
  [[nodiscard]] std::string redacted(std::string text) const;

 private:
  using Addresses = asio::ip::tcp::resolver::results_type;
  [[nodiscard]] asio::awaitable<Result<Addresses>> resolve(const std::string& host, std::uint16_t port, bool check,
                                                           TimePoint until);
  [[nodiscard]] asio::awaitable<Result<Unit>> connect(PlainStream& stream, const DialTarget& target, TimePoint until);
  [[nodiscard]] asio::awaitable<Result<MeteredSocket>> enter(TimePoint until);
  [[nodiscard]] asio::awaitable<Result<Unit>> tunnel(PlainStream& stream, const DialTarget& target);
  [[nodiscard]] Result<asio::ssl::context*> tlsContext(const std::string& caFile);

  /// Where others leave word for the thread, as long as it is there.
  struct Door {
    std::mutex mutex;
    asio::io_context* io = nullptr;
  };

  NetworkSettings settings_;
  std::shared_ptr<Door> door_ = std::make_shared<Door>();
  std::unique_ptr<asio::io_context> io_ = std::make_unique<asio::io_context>(1);
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard_;
  std::mutex starting_;
  std::thread thread_;
  std::map<std::string, std::unique_ptr<asio::ssl::context>> tls_;  // by CA file; used by the thread only
};

/// What an error of a connection means. `what`: "reading the answer".
[[nodiscard]] Error connectionError(const ErrorCode& error, std::string_view where, std::string_view what);

}  // namespace weir::native
