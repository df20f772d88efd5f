// Sends a steady rate of webhook requests over many connections and says how long the answers take, measured from when
// each request was due: webhook-paced PORT RATE SECONDS CONNECTIONS.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t nowNanos() { return Clock::now().time_since_epoch().count(); }

std::string requestText() {
  std::string body =
      R"({"id":"9f1c2d3e-0000-4000-8000-00000000abcd","device":"sensor-0042","value":21.5,"ok":true,"note":")";
  body.append(298 - body.size(), 'x').append("\"}");
  return "POST /hook HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

int connectTo(int port) {
  const int made = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(1);
  }
  const int on = 1;
  ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

double micros(const std::vector<std::int64_t>& sorted, double share) {
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return static_cast<double>(sorted[at]) / 1000;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) return std::fprintf(stderr, "webhook-paced PORT RATE SECONDS CONNECTIONS\n"), 2;
  const int port = std::atoi(arguments[1]);
  const int rate = std::atoi(arguments[2]);
  const int seconds = std::atoi(arguments[3]);
  const auto width = static_cast<std::size_t>(std::atoi(arguments[4]));
  ::prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
  const auto text = requestText();
  const int epoll = ::epoll_create1(0);
  std::vector<int> sockets;
  std::vector<std::int64_t> due(width, 0);  // 0: free
  for (std::size_t i = 0; i < width; ++i) {
    sockets.push_back(connectTo(port));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, sockets[i], &event);
  }
  const std::int64_t step = 1'000'000'000 / rate;
  const std::int64_t total = std::int64_t{rate} * seconds;
  std::vector<std::int64_t> took;
  std::int64_t sent = 0, errors = 0;
  std::size_t next = 0;
  const auto began = nowNanos() + 10'000'000;
  char buffer[4096];
  while (static_cast<std::int64_t>(took.size()) < total) {
    const auto now = nowNanos();
    while (sent < total && began + sent * step <= now && due[next] == 0) {
      due[next] = began + sent * step;
      if (::write(sockets[next], text.data(), text.size()) != static_cast<ssize_t>(text.size())) return 1;
      ++sent;
      next = (next + 1) % width;
    }
    const auto wait = sent < total ? std::max<std::int64_t>(0, began + sent * step - nowNanos()) : 1'000'000'000;
    timespec pause{static_cast<time_t>(wait / 1'000'000'000), static_cast<long>(wait % 1'000'000'000)};
    epoll_event events[64];
    const int ready = ::epoll_pwait2(epoll, events, 64, &pause, nullptr);
    const auto seen = nowNanos();
    for (int i = 0; i < ready; ++i) {
      const auto which = static_cast<std::size_t>(events[i].data.u64);
      const auto got = ::read(sockets[which], buffer, sizeof buffer);
      if (got <= 0) return std::fprintf(stderr, "a connection was closed\n"), 1;
      if (got < 12 || buffer[9] != '2') ++errors;
      took.push_back(seen - due[which]);
      due[which] = 0;
    }
  }
  std::sort(took.begin(), took.end());
  std::printf("requests %lld  rate %.0f/s  p50 %.0f us  p99 %.0f us  p99.9 %.0f us  max %.0f us  errors %lld\n",
              static_cast<long long>(total), static_cast<double>(total) * 1e9 / static_cast<double>(nowNanos() - began),
              micros(took, 0.5), micros(took, 0.99), micros(took, 0.999), micros(took, 1),
              static_cast<long long>(errors));
  return errors == 0 ? 0 : 1;
}
