// Serves the front.
#include "apps/cli/engine/engine-session.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "apps/cli/command.h"
#include "engine/json/writer.h"
#include "engine/node/version.h"
#include "engine/text/base64.h"
#include "nodes/catalogue.gen.h"
#include "service/engines/engine-protocol.h"
#include "service/engines/engines.h"

namespace weir::cli {
namespace {

using engines::appendControl;

constexpr int kTickMs = 100, kWatchedTickMs = 20;
/// Where so much waits for the front, runs keep what they have to tell.
constexpr std::size_t kMostWaiting = std::size_t{4} << 20;

Result<Catalogue> engineCatalogue() {
  const auto builtins = builtinNodes();
  std::vector<BuiltinNode> nodes(builtins.begin(), builtins.end());
  nodes.push_back(outletNode());
  return Catalogue::make(nodes);
}

std::vector<std::string> textsIn(const json::Value& data, std::string_view key) {
  std::vector<std::string> texts;
  const auto* list = data.find(key);
  if (list == nullptr || list->asArray() == nullptr) return texts;
  for (const auto& one : *list->asArray()) {
    if (one.asString() != nullptr) texts.push_back(*one.asString());
  }
  return texts;
}

Result<native::FileKeys> keysOf(const json::Value& data, std::string_view file) {
  const auto* keys = data.find("keys");
  if (keys == nullptr) return native::FileKeys{};
  WEIR_ASSIGN(const auto text, live::textOf(*keys, file, ""));
  const auto bytes = decodeBase64(text);
  if (!bytes) return fail("engine.protocol", "the keys of a run's files are no base64");
  return native::FileKeys::decode(*bytes);
}

Result<RunOrdered> orderOf(const live::Control& asked, std::deque<native::Descriptor>& given) {
  RunOrdered order;
  order.id = asked.id;
  order.first = asked.subscription.value_or(0);
  WEIR_ASSIGN(order.flow, live::textOf(asked.data, "flow", ""));
  WEIR_ASSIGN(order.options, live::textOf(asked.data, "options", "{}"));
  WEIR_ASSIGN(order.runId, live::textOf(asked.data, "runId", ""));
  order.allow = textsIn(asked.data, "allow");
  order.listen = textsIn(asked.data, "listen");
  if (const auto* list = asked.data.find("mounts"); list != nullptr && list->asArray() != nullptr) {
    for (const auto& one : *list->asArray()) {
      if (given.empty()) return fail("engine.protocol", "a run has more mounts than descriptors came with it");
      WEIR_ASSIGN(auto name, live::textOf(one, "name", ""));
      WEIR_ASSIGN(const auto writes, live::boolOf(one, "writes", false));
      order.mounts.push_back({std::move(name), writes, std::move(given.front())});
      given.pop_front();
    }
  }
  WEIR_ASSIGN(order.folder, live::textOf(asked.data, "folder", ""));
  WEIR_ASSIGN(const auto epoch, live::intOf(asked.data, "epoch", 0));
  order.epoch = static_cast<std::uint64_t>(epoch);
  WEIR_ASSIGN(order.replay, live::textOf(asked.data, "replay", ""));
  WEIR_ASSIGN(order.letters, live::textOf(asked.data, "letters", ""));
  WEIR_ASSIGN(order.keys.journal, keysOf(asked.data, "journal"));
  WEIR_ASSIGN(order.keys.state, keysOf(asked.data, "state"));
  WEIR_ASSIGN(order.keys.letters, keysOf(asked.data, "letters"));
  WEIR_ASSIGN(order.keys.rows, keysOf(asked.data, "rows"));
  if (const auto* list = asked.data.find("outlets"); list != nullptr && list->asArray() != nullptr) {
    for (const auto& one : *list->asArray()) {
      WEIR_ASSIGN(auto node, live::textOf(one, "node", ""));
      WEIR_ASSIGN(auto port, live::textOf(one, "port", ""));
      order.outlets.push_back({std::move(node), std::move(port)});
    }
  }
  if (const auto* list = asked.data.find("files"); list != nullptr && list->asArray() != nullptr) {
    for (const auto& one : *list->asArray()) {
      WEIR_ASSIGN(auto path, live::textOf(one, "path", ""));
      WEIR_ASSIGN(auto content, live::textOf(one, "content", ""));
      order.files.push_back({std::move(path), std::move(content)});
    }
  }
  return order;
}

}  // namespace

EngineSession::EngineSession(int socket, engines::CrashBoard* board)
    : socket_(socket), woken_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), board_(board), lease_(clock_, [] {
        constexpr std::string_view kWhy =
            "weir engine: the lease of its server has ended, and others may work its runs\n";
        static_cast<void>(::write(STDERR_FILENO, kWhy.data(), kWhy.size()));
        ::_exit(engines::kLeaseEnded);
      }) {
  ::fcntl(socket_, F_SETFL, ::fcntl(socket_, F_GETFL) | O_NONBLOCK);
  wake_ = [this] {
    if (wakes_.exchange(true)) return;
    const std::uint64_t one = 1;
    static_cast<void>(::write(woken_, &one, sizeof one));
  };
  std::string data;
  json::Writer out(data);
  out.beginObject().key("protocol").value(engines::kProtocol).key("version").value(kEngineVersion);
  out.key("process").value(std::int64_t{::getpid()}).endObject();
  appendControl(out_, "hello", "", 0, data);
}

EngineSession::~EngineSession() { ::close(woken_); }

Result<void> EngineSession::serve() {
  for (;;) {
    WEIR_ASSIGN(const bool open, write());
    if (!open) return {};
    pollfd waits[] = {{socket_, static_cast<short>(sent_ < out_.size() ? POLLIN | POLLOUT : POLLIN), 0},
                      {woken_, POLLIN, 0}};
    const int busy = relay_.watched() ? kWatchedTickMs : kTickMs;
    ::poll(waits, 2, runs_.empty() ? static_cast<int>(engines::kBeatMs) : busy);
    std::uint64_t count = 0;
    if ((waits[1].revents & POLLIN) != 0) {
      static_cast<void>(::read(woken_, &count, sizeof count));
      // What is told from here on may come behind the look at its run, and wakes again.
      wakes_.store(false);
    }
    if ((waits[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      WEIR_ASSIGN(const bool goesOn, read());
      if (!goesOn) return {};
    }
    if (!parts_) continue;
    const auto now = parts_->clock.steadyNanos();
    tell(now);
    beat(now);
  }
}

/// As recv; descriptors that come along are kept in their order.
std::int64_t EngineSession::receive(std::span<char> into) {
  iovec bytes{into.data(), into.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * engines::kMostMounts)> room{};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  const auto count = ::recvmsg(socket_, &message, MSG_CMSG_CLOEXEC);
  if (count <= 0) return count;
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const auto many = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < many; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(header) + i * sizeof(int), sizeof number);
      given_.emplace_back(number);
    }
  }
  return count;
}

Result<bool> EngineSession::read() {
  char buffer[64 << 10];
  for (;;) {
    const auto count = receive(buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return true;
    if (count <= 0) return false;
    splitter_.feed({buffer, static_cast<std::size_t>(count)});
    for (;;) {
      WEIR_ASSIGN(const auto frame, splitter_.next());
      if (!frame) break;
      WEIR_TRY(take(*frame));
    }
    // There was no more; what comes now is told by the next poll. Descriptors end a read before its bytes do.
    if (static_cast<std::size_t>(count) < sizeof buffer) return true;
  }
}

Result<void> EngineSession::take(const live::Frame& frame) {
  WEIR_ASSIGN(const auto asked, live::readControl(frame.payload, live::kMaxFrameBytes));
  if (asked.type == "begin") return begin(asked);
  if (!parts_) return fail("engine.protocol", "an order came before the greeting");
  if (asked.type == "run") return run(asked);
  if (asked.type == "live") {
    relay_.receive(asked, parts_->clock.steadyNanos());
    return {};
  }
  if (asked.type == "credit") {
    WEIR_ASSIGN(const auto bytes, live::intOf(asked.data, "bytes", 0));
    const auto subscription = asked.subscription.value_or(0);
    for (auto& [id, run] : runs_) {
      if (run->owns(subscription)) run->credit(subscription, bytes);
    }
    return {};
  }
  if (asked.type == "lease") {
    WEIR_ASSIGN(const auto until, live::intOf(asked.data, "untilMs", 0));
    lease_.until(until);
    return {};
  }
  if (asked.type == "secret") {
    parts_->front.take(asked);
    return {};
  }
  const auto found = runs_.find(asked.id);
  if (found == runs_.end()) return {};
  if (asked.type == "hooks") return found->second->hooks(asked.data);
  if (asked.type == "drain") found->second->drain();
  if (asked.type == "intake") found->second->holdIntake(live::textOf(asked.data, "why", "").value_or(""));
  if (asked.type == "checkpoint") found->second->stopAtCheckpoint();
  if (asked.type == "save") found->second->checkpointNow();
  if (asked.type == "cancel") found->second->cancel();
  if (asked.type == "letters") found->second->closeLetters();
  if (asked.type == "change") found->second->change(asked.data);
  return {};
}

Result<void> EngineSession::begin(const live::Control& asked) {
  WEIR_ASSIGN(const auto version, live::textOf(asked.data, "version", ""));
  if (version != kEngineVersion) {
    return fail("engine.protocol",
                "the front is of version " + version + ", and this engine of " + std::string(kEngineVersion));
  }
  WEIR_ASSIGN(const auto threads, live::intOf(asked.data, "threads", 0));
  WEIR_ASSIGN(auto proxies, native::ProxySettings::fromEnvironment());
  WEIR_ASSIGN(auto catalogue, engineCatalogue());
  parts_ = std::make_unique<EngineParts>(std::move(catalogue), textsIn(asked.data, "own"), std::move(proxies),
                                         static_cast<int>(threads), board_, wake_);
  return {};
}

Result<void> EngineSession::run(const live::Control& asked) {
  WEIR_ASSIGN(auto order, orderOf(asked, given_));
  auto& run = runs_[order.id];
  run = std::make_unique<EngineRun>(*parts_, std::move(order), relay_, wake_);
  run->begin();
  return {};
}

void EngineSession::tell(std::int64_t nowNanos) {
  if (relay_.watched()) relay_.tick(nowNanos);
  out_ += std::exchange(relay_.outgoing(), std::string());
  parts_->front.tell(out_);
  for (auto one = runs_.begin(); one != runs_.end();) {
    if (out_.size() - sent_ > kMostWaiting) return;
    one->second->look(nowNanos, out_);
    one = one->second->tell(out_) ? runs_.erase(one) : std::next(one);
  }
}

void EngineSession::beat(std::int64_t nowNanos) {
  if (nowNanos - beatNanos_ < engines::kBeatMs * 1'000'000) return;
  beatNanos_ = nowNanos;
  std::string data;
  json::Writer out(data);
  out.beginObject().key("longestStepMs").value(parts_->pool.longestStepMs());
  out.key("runs").value(std::ssize(runs_)).endObject();
  appendControl(out_, "beat", "", 0, data);
}

Result<bool> EngineSession::write() {
  while (sent_ < out_.size()) {
    const auto count = ::send(socket_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return true;
    if (count < 0) return false;
    sent_ += static_cast<std::size_t>(count);
  }
  out_.clear();
  sent_ = 0;
  return true;
}

}  // namespace weir::cli
