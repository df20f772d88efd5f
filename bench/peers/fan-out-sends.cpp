// The floor under fan-out.py: a server that does nothing but send: an event of 200 bytes ten times a second to
// everybody who is connected, one blocking send each, on a thread that sleeps in between.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

std::mutex lock;
std::vector<int> clients;

void welcome(int listener) {
  for (;;) {
    const int client = accept(listener, nullptr, nullptr);
    if (client < 0) continue;
    const int on = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    char request[2048];
    if (recv(client, request, sizeof request, 0) <= 0) {
      close(client);
      continue;
    }
    const std::string head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    send(client, head.data(), head.size(), MSG_NOSIGNAL);
    const std::scoped_lock held(lock);
    clients.push_back(client);
  }
}

std::string event() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  auto text = "event: rows\ndata: {\"rows\":[{\"sentMs\":" +
              std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()) + ",\"note\":\"";
  text.append(200 - text.size() - 6, 'x');
  return text + "\"}]}\n\n";
}

}  // namespace

int main() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), bytes) != 0 || listen(listener, 1024) != 0) return 1;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &bytes);
  std::printf("listening at http://127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  std::thread(welcome, listener).detach();
  auto due = std::chrono::steady_clock::now();
  for (;;) {
    due += std::chrono::milliseconds(100);
    std::this_thread::sleep_until(due);
    const auto text = event();
    const std::scoped_lock held(lock);
    for (const int client : clients) send(client, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
}
