// Requests when they are due, over connections that one thread waits for.
#include "apps/cli/bench-http.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

#include "apps/cli/flow-file.h"
#include "apps/cli/live-runs.h"
#include "engine/host/http.h"
#include "engine/json/writer.h"
#include "engine/text/url.h"
#include "engine/text/utf8.h"
#include "hosts/native/descriptor.h"
#include "hosts/native/network/connect-checked.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kMillis = 1'000'000;
constexpr std::int64_t kAnswerNanos = 10'000 * kMillis;  // then a request has failed
constexpr std::int64_t kLastNanos = 5'000 * kMillis;     // for answers after the end
constexpr std::int64_t kAgainNanos = 100 * kMillis;      // until a connection that failed is made again
constexpr int kConnectMs = 5'000;
constexpr std::size_t kMostHead = 64 << 10;

std::int64_t steadyNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Takes the bytes of one answer: knows its status, and when it is over.
class Answer {
 public:
  enum class State : std::uint8_t { more, whole, wrong };
  State take(std::string_view bytes) {
    while (!bytes.empty() || inHead_) {
      if (inHead_) {
        head_.append(bytes);
        const auto end = head_.find("\r\n\r\n");
        if (end == std::string::npos) return head_.size() > kMostHead ? State::wrong : State::more;
        const auto rest = head_.substr(end + 4);
        head_.resize(end + 2);
        inHead_ = false;
        if (!readHead()) return State::wrong;
        if (left_ == 0 && !chunked_) return rest.empty() ? State::whole : State::wrong;
        return rest.empty() ? State::more : take(rest);
      }
      if (chunked_) return takeChunks(bytes);
      const auto used = std::min<std::int64_t>(left_, std::ssize(bytes));
      left_ -= used;
      if (used < std::ssize(bytes)) return State::wrong;  // more than one answer to one request
      return left_ == 0 ? State::whole : State::more;
    }
    return State::more;
  }
  /// It lasts until the other side closes.
  [[nodiscard]] bool untilClose() const { return !inHead_ && left_ < 0; }
  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] bool closes() const { return closes_; }

 private:
  bool readHead() {
    const std::string_view head = head_;
    if (!head.starts_with("HTTP/1.") || head.size() < 12) return false;
    std::from_chars(head.data() + 9, head.data() + 12, status_);
    closes_ = head.starts_with("HTTP/1.0");
    left_ = status_ == 204 || status_ == 304 ? 0 : -1;
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
      const auto end = head.find("\r\n", at);
      const auto line = utf8::lowerAscii(head.substr(at, end - at));
      at = end + 2;
      const auto colon = line.find(':');
      if (colon == std::string::npos) return false;
      const auto first = line.find_first_not_of(" \t", colon + 1);
      const auto value = first == std::string::npos ? std::string_view() : std::string_view(line).substr(first);
      if (line.starts_with("content-length:")) {
        if (std::from_chars(value.data(), value.data() + value.size(), left_).ec != std::errc() || left_ < 0)
          return false;
      }
      if (line.starts_with("transfer-encoding:")) chunked_ = value.contains("chunked");
      if (line.starts_with("connection:")) closes_ = value.contains("close");
    }
    return status_ >= 100;
  }

  /// The end of the last chunk is the only thing that is looked for.
  State takeChunks(std::string_view bytes) {
    while (!bytes.empty()) {
      if (left_ > 0) {
        const auto used = std::min<std::int64_t>(left_, std::ssize(bytes));
        left_ -= used;
        bytes.remove_prefix(static_cast<std::size_t>(used));
        continue;
      }
      line_ += bytes.front();
      bytes.remove_prefix(1);
      if (line_.size() > kMostHead) return State::wrong;
      if (!line_.ends_with("\r\n")) continue;
      if (last_) {
        if (line_ == "\r\n") return State::whole;
      } else {
        std::int64_t size = 0;
        if (std::from_chars(line_.data(), line_.data() + line_.size(), size, 16).ec != std::errc() || size < 0 ||
            size > std::int64_t{1} << 40)
          return State::wrong;
        last_ = size == 0;
        left_ = last_ ? 0 : size + 2;
      }
      line_.clear();
    }
    return State::more;
  }

  std::string head_, line_;
  bool inHead_ = true, chunked_ = false, closes_ = false, last_ = false;
  int status_ = 0;
  std::int64_t left_ = -1;
};

struct Connection {
  native::Descriptor socket;
  std::int64_t number = 0, total = 0, next = 0;
  bool busy = false;  // a request is under way
  std::int64_t dueNanos = 0, sentNanos = 0;
  std::int64_t againNanos = 0;  // closed: not before
  std::string out;
  std::size_t written = 0;
  Answer answer;
};

class Load {
 public:
  Load(Url url, std::vector<HttpHeader> headers, const flow::BenchScenario& scenario)
      : url_(std::move(url)), scenario_(scenario), result_(benchBegin(scenario)), payload_(benchPayload(scenario)) {
    head_ = "POST " + url_.target + " HTTP/1.1\r\nHost: " + url_.authority() +
            "\r\nContent-Type: application/json\r\nUser-Agent: weir-bench\r\n";
    for (const auto& header : headers) head_ += header.name + ": " + header.value + "\r\n";
  }

  Result<BenchResult> run() {
    poll_ = native::Descriptor(::epoll_create1(EPOLL_CLOEXEC));
    for (std::int64_t i = 0; i < scenario_.connections; ++i) {
      auto connection = std::make_unique<Connection>();
      connection->number = i;
      connection->total = scenario_.messagesPerSecond > 0 ? benchTotal(scenario_, i) : INT64_MAX;
      WEIR_TRY(connect(*connection));
      connections_.push_back(std::move(connection));
    }
    const InterruptWatch interrupts;
    startNanos_ = steadyNanos();
    const auto endNanos = startNanos_ + scenario_.durationMs * kMillis;
    for (;;) {
      const auto now = steadyNanos();
      if (InterruptWatch::seen()) {
        result_.stopped = kInterrupted;
        return std::move(result_);
      }
      if (now >= endNanos && (idle() || now >= endNanos + kLastNanos)) break;
      const auto wake = begin(now, now < endNanos);
      wait(std::clamp<std::int64_t>(wake - steadyNanos(), 0, 50 * kMillis));
    }
    finish();
    return std::move(result_);
  }

 private:
  Result<void> connect(Connection& connection) {
    WEIR_ASSIGN(const auto socket,
                native::connectChecked(url_.host, url_.port, native::NetworkPolicy::commandLine(), kConnectMs));
    connection.socket = native::Descriptor(socket);
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.ptr = &connection;
    ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, socket, &event);
    return {};
  }

  [[nodiscard]] bool idle() const {
    return std::ranges::none_of(connections_, [](const auto& each) { return each->busy || owes(*each); });
  }
  /// Messages are due that it has not sent: those of a rate.
  [[nodiscard]] static bool owes(const Connection& connection) {
    return connection.total != INT64_MAX && connection.next < connection.total;
  }

  /// Sends what is due; gives when to look again.
  std::int64_t begin(std::int64_t now, bool more) {
    auto wake = now + 50 * kMillis;
    for (auto& each : connections_) {
      auto& connection = *each;
      if (connection.busy) {
        if (now - connection.sentNanos > kAnswerNanos) failed(connection, "no answer came within 10 s");
        continue;
      }
      if (connection.next >= connection.total || (connection.total == INT64_MAX && !more)) continue;
      const auto due =
          connection.total == INT64_MAX ? now : startNanos_ + benchDue(scenario_, connection.number, connection.next);
      if (due > now) {
        wake = std::min(wake, due);
        continue;
      }
      if (!connection.socket.isOpen()) {
        if (now < connection.againNanos) {
          wake = std::min(wake, connection.againNanos);
          continue;
        }
        if (auto made = connect(connection); !made) {
          connection.againNanos = steadyNanos() + kAgainNanos;
          ++connection.next;
          ++result_.sent;
          note(made.error().message);
          continue;
        }
      }
      send(connection, due);
    }
    return wake;
  }

  void send(Connection& connection, std::int64_t due) {
    const auto id = connection.next * scenario_.connections + connection.number;
    ++connection.next;
    ++result_.sent;
    std::string body;
    json::Writer out(body);
    out.beginObject().key("id").value(id).key("value").value(benchValue(scenario_.pattern, id));
    if (!payload_.empty()) out.key("payload").value(payload_);
    out.endObject();
    connection.out = head_ + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    connection.written = 0;
    connection.answer = Answer();
    connection.busy = true;
    connection.dueNanos = due;
    connection.sentNanos = steadyNanos();
    write(connection);
  }

  void write(Connection& connection) {
    while (connection.written < connection.out.size()) {
      const auto wrote = ::send(connection.socket.get(), connection.out.data() + connection.written,
                                connection.out.size() - connection.written, MSG_NOSIGNAL);
      if (wrote < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        watch(connection, EPOLLIN | EPOLLOUT | EPOLLRDHUP);
        return;
      }
      if (wrote <= 0) return failed(connection, std::string("the request could not be sent: ") + std::strerror(errno));
      connection.written += static_cast<std::size_t>(wrote);
    }
  }

  void watch(Connection& connection, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &connection;
    ::epoll_ctl(poll_.get(), EPOLL_CTL_MOD, connection.socket.get(), &event);
  }

  void wait(std::int64_t nanos) {
    epoll_event events[256];
    timespec span{nanos / 1'000'000'000, nanos % 1'000'000'000};
    const auto count = ::epoll_pwait2(poll_.get(), events, 256, &span, nullptr);
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[i].data.ptr);
      if ((events[i].events & EPOLLOUT) != 0 && connection.busy) {
        watch(connection, EPOLLIN | EPOLLRDHUP);
        write(connection);
      }
      if (connection.socket.isOpen() && (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        read(connection);
      }
    }
  }

  void read(Connection& connection) {
    char bytes[16 << 10];
    for (;;) {
      const auto got = ::recv(connection.socket.get(), bytes, sizeof bytes, 0);
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      if (got <= 0) {
        if (connection.busy && connection.answer.untilClose()) return answered(connection);
        if (connection.busy) return failed(connection, "the server closed the connection before it answered");
        return close(connection);
      }
      if (!connection.busy) return close(connection);  // nobody asked
      const auto state = connection.answer.take({bytes, static_cast<std::size_t>(got)});
      if (state == Answer::State::wrong) return failed(connection, "this is no HTTP answer");
      if (state == Answer::State::whole) return answered(connection);
    }
  }

  void answered(Connection& connection) {
    connection.busy = false;
    const auto now = steadyNanos();
    const auto status = connection.answer.status();
    if (status >= 200 && status < 300) {
      result_.add(now - startNanos_, now - connection.dueNanos);
    } else {
      if (status == 429 || status == 503) ++result_.pressureEvents;
      note("the server answered with status " + std::to_string(status));
    }
    if (connection.answer.closes() || connection.answer.untilClose()) close(connection);
  }

  void failed(Connection& connection, std::string why) {
    connection.busy = false;
    note(std::move(why));
    close(connection);
    connection.againNanos = steadyNanos() + kAgainNanos;
  }

  void note(std::string why) {
    ++result_.errors;
    if (result_.problem.empty()) result_.problem = std::move(why);
  }

  void close(Connection& connection) { connection.socket = native::Descriptor(); }

  void finish() {
    result_.elapsedMicros = (steadyNanos() - startNanos_) / 1000;
    for (const auto& connection : connections_) {
      // What was due and could not even be sent is as lost as what was not answered.
      if (owes(*connection)) result_.sent += connection->total - connection->next;
    }
    result_.lost = result_.sent - result_.received - result_.errors;
    result_.url = url_.origin() + url_.target;
    judgeBench(result_);
  }

  Url url_;
  const flow::BenchScenario& scenario_;
  BenchResult result_;
  std::string payload_, head_;
  native::Descriptor poll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::int64_t startNanos_ = 0;
};

}  // namespace

Result<BenchResult> runAgainst(const BenchTarget& target, const flow::BenchScenario& scenario) {
  WEIR_ASSIGN(auto url, parseUrl(target.url));
  if (url.scheme != "http") return fail("url.invalid", "--url '" + target.url + "': the load speaks http:// only");
  std::vector<HttpHeader> headers;
  WEIR_ASSIGN(const auto pairs, namedTexts(target.headers, "--header"));
  for (const auto& [name, value] : pairs) {
    if ((name + value).find_first_of("\r\n") != std::string::npos) {
      return fail("settings.invalid", "--header '" + name + "': a header is one line");
    }
    headers.push_back({name, value});
  }
  return Load(std::move(url), std::move(headers), scenario).run();
}

}  // namespace weir::cli
