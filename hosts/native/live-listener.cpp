// One thread, poll(), and as many clients as care.
#include "hosts/native/live-listener.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "hosts/native/run-sockets.h"

namespace weir::native {
namespace {

constexpr std::size_t kMostClients = 16;
/// Between two looks at taps and figures, while somebody is connected.
constexpr int kTickMs = 20;
constexpr std::int64_t kGoodbyeNanos = 300'000'000;
/// What a client may send in one frame, with its header.
constexpr std::int64_t kMostRequest = live::kMaxDeployBytes + static_cast<std::int64_t>(live::kHeaderBytes);

std::int64_t steadyNanos() { return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1); }

}  // namespace

struct LiveListener::Waits : std::vector<pollfd> {};

struct LiveListener::Client {
  Client(Descriptor taken, Run& run, const live::About& about, std::uint64_t number, live::SavedSessions& saved)
      : socket(std::move(taken)), session(run, about, number, about.run + "-" + std::to_string(number), saved) {}

  Descriptor socket;
  live::FrameSplitter splitter{kMostRequest};
  live::Session session;

  /// False: the client is gone, or has to go.
  bool read() {
    std::array<char, 16 << 10> bytes;
    for (;;) {
      const auto got = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
      if (got == 0) return false;
      if (got < 0) return errno == EAGAIN || errno == EINTR;
      splitter.feed(std::string_view(bytes.data(), static_cast<std::size_t>(got)));
      for (;;) {
        auto frame = splitter.next();
        if (!frame) return false;
        if (!*frame) break;
        if (!session.receive(**frame, steadyNanos())) return false;
      }
    }
  }
  bool write() {
    auto& out = session.outgoing();
    std::size_t sent = 0;
    while (sent < out.size()) {
      const auto now = ::send(socket.get(), out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
      if (now < 0 && errno == EINTR) continue;
      if (now < 0 && errno != EAGAIN) return false;
      if (now < 0) break;
      sent += static_cast<std::size_t>(now);
    }
    out.erase(0, sent);
    return true;
  }
};

Result<std::unique_ptr<LiveListener>> LiveListener::open(Run& run, live::About about) {
  WEIR_ASSIGN(const auto folder, runFolder());
  WEIR_ASSIGN(auto socket, listenAs(folder, about.run));
  auto path = folder + "/" + about.run;
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    ::unlink(path.c_str());
    return fail("files.io", std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  return std::make_unique<LiveListener>(
      run, std::move(about), Opened{std::move(path), std::move(socket), Descriptor(ends[0]), Descriptor(ends[1])});
}

LiveListener::LiveListener(Run& run, live::About about, Opened opened)
    : run_(run), about_(std::move(about)), opened_(std::move(opened)), waits_(std::make_unique<Waits>()) {
  waits_->reserve(kMostClients + 2);
  thread_ = std::thread([this] { loop(); });
}

LiveListener::~LiveListener() { stop("stopped"); }

void LiveListener::stop(std::string_view outcome) {
  if (!thread_.joinable()) return;
  outcome_ = outcome;
  stopping_.store(true);
  // Full means that it is awake.
  const char byte = 0;
  static_cast<void>(::write(opened_.wakeWrite.get(), &byte, 1) < 0);
  thread_.join();
  ::unlink(opened_.path.c_str());
}

void LiveListener::drop(std::size_t client) { clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(client)); }

void LiveListener::accept() {
  for (;;) {
    Descriptor taken(::accept4(opened_.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (taken.get() < 0) return;
    if (clients_.size() >= kMostClients) continue;  // closed at once
    clients_.push_back(std::make_unique<Client>(std::move(taken), run_, about_, ++lastClient_, saved_));
  }
}

void LiveListener::serve() {
  // Room for it was made by another thread: one that never allocates costs the workers' allocations nothing.
  auto& waits = *waits_;
  waits.clear();
  waits.push_back({opened_.wakeRead.get(), POLLIN, 0});
  waits.push_back({opened_.socket.get(), POLLIN, 0});
  for (const auto& client : clients_) {
    const bool writes = !client->session.outgoing().empty();
    waits.push_back({client->socket.get(), static_cast<short>(POLLIN | (writes ? POLLOUT : 0)), 0});
  }
  // A mode step run holds rows without a client, so time is looked at then too.
  ::poll(waits.data(), waits.size(), clients_.empty() ? 1000 : kTickMs);
  run_.debugger().tick();
  for (std::size_t i = clients_.size(); i-- > 0;) {
    auto& client = *clients_[i];
    const auto ready = waits[i + 2].revents;
    bool stays = (ready & (POLLIN | POLLHUP | POLLERR)) == 0 || client.read();
    if (stays) client.session.tick(steadyNanos());
    stays = stays && client.write();
    if (!stays) drop(i);
  }
  if ((waits[1].revents & POLLIN) != 0) accept();
}

void LiveListener::sayGoodbye() {
  const auto until = steadyNanos() + kGoodbyeNanos;
  for (const auto& client : clients_) client->session.end(outcome_, steadyNanos());
  while (!clients_.empty() && steadyNanos() < until) {
    std::vector<pollfd> waits;
    for (std::size_t i = clients_.size(); i-- > 0;) {
      if (!clients_[i]->write() || clients_[i]->session.outgoing().empty()) drop(i);
    }
    for (const auto& client : clients_) waits.push_back({client->socket.get(), POLLOUT, 0});
    if (!waits.empty()) ::poll(waits.data(), waits.size(), kTickMs);
  }
  clients_.clear();
}

void LiveListener::loop() {
  while (!stopping_.load()) serve();
  sayGoodbye();
}

}  // namespace weir::native
