// Both ends of the socket between a backup and the server of its folder.
#include "apps/cli/serve/backup-desk.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "hosts/native/file-errors.h"
#include "hosts/native/run-sockets.h"

namespace weir::cli {
namespace {

constexpr std::size_t kMostVisitors = 4, kMostSaid = 64, kMostTold = 100;
constexpr std::size_t kMostAnswer = std::size_t{64} << 10;
/// For what comes behind the answer: the copy of the database, and of what runs keep.
constexpr std::int64_t kHoldMs = 60'000, kSpeakMs = 5'000;
constexpr int kIdleMs = 250, kBusyMs = 20;

/// The folder under a name that fits into the address of a socket, however long its path is.
Result<native::Descriptor> openFolder(const std::string& path) {
  native::Descriptor folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.isOpen()) return std::unexpected(native::fileError(errno, path, "open"));
  return folder;
}

std::string nameOf(const native::Descriptor& folder) { return "/proc/self/fd/" + std::to_string(folder.get()); }

std::int64_t millisecondsOf(Clock& clock) { return clock.steadyNanos() / 1'000'000; }

/// Of `save MILLISECONDS`.
std::optional<std::int64_t> askedFor(std::string_view line) {
  if (!line.starts_with("save ")) return std::nullopt;
  line.remove_prefix(5);
  std::int64_t wait = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), wait);
  if (error != std::errc() || end != line.data() + line.size() || wait < 0) return std::nullopt;
  return std::min(wait, kLongestSaveMs);
}

/// False: the other end is gone.
bool sendAll(int socket, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// The first line that comes; none: the time is over, or the other end has hung up.
std::optional<std::string> lineWithin(int socket, std::int64_t waitMs) {
  using Steady = std::chrono::steady_clock;
  const auto end = Steady::now() + std::chrono::milliseconds(waitMs);
  std::string line;
  while (line.size() < kMostAnswer) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Steady::now()).count();
    pollfd waits{socket, POLLIN, 0};
    if (left <= 0 || (::poll(&waits, 1, static_cast<int>(left)) <= 0 && errno != EINTR)) return std::nullopt;
    char piece[4'096];
    const auto got = ::recv(socket, piece, sizeof piece, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return std::nullopt;
    line.append(piece, static_cast<std::size_t>(got));
    if (line.ends_with('\n')) return line.substr(0, line.size() - 1);
  }
  return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<BackupDesk>> BackupDesk::open(const std::string& dataFolder, Clock& clock, SavesRuns runs) {
  WEIR_ASSIGN(const auto folder, openFolder(dataFolder));
  WEIR_ASSIGN(auto listening, native::listenAs(nameOf(folder), kBackupSocket));
  return std::make_unique<BackupDesk>(dataFolder + "/" + kBackupSocket, std::move(listening), clock, std::move(runs));
}

BackupDesk::~BackupDesk() { ::unlink(path_.c_str()); }

void BackupDesk::admit(std::int64_t nowMs) {
  while (visitors_.size() < kMostVisitors) {
    native::Descriptor socket(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.isOpen()) return;
    visitors_.push_back({.socket = std::move(socket), .endsAtMs = nowMs + kSpeakMs});
  }
}

/// False: it has hung up, or says what nobody understands.
bool BackupDesk::hear(Visitor& visitor, std::int64_t nowMs) {
  char piece[kMostSaid];
  const auto got = ::recv(visitor.socket.get(), piece, sizeof piece, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0 || visitor.answerAtMs >= 0) return false;
  visitor.said.append(piece, static_cast<std::size_t>(got));
  if (!visitor.said.ends_with('\n')) return visitor.said.size() < kMostSaid;
  const auto wait = askedFor(std::string_view(visitor.said).substr(0, visitor.said.size() - 1));
  if (!wait) return false;
  visitor.answerAtMs = nowMs + *wait;
  visitor.endsAtMs = visitor.answerAtMs + kHoldMs;
  runs_.begin();
  return true;
}

bool BackupDesk::answer(Visitor& visitor, std::int64_t nowMs) const {
  if (visitor.answered || visitor.answerAtMs < 0) return true;
  const auto late = runs_.unsaved();
  if (!late.empty() && nowMs < visitor.answerAtMs) return true;
  visitor.answered = true;
  std::string said = late.empty() ? "saved" : "late";
  for (std::size_t i = 0; i < std::min(late.size(), kMostTold); ++i) said += " " + late[i];
  return sendAll(visitor.socket.get(), said + "\n");
}

int BackupDesk::work() {
  const auto now = millisecondsOf(clock_);
  admit(now);
  std::erase_if(visitors_, [&](Visitor& visitor) {
    return now >= visitor.endsAtMs || !hear(visitor, now) || !answer(visitor, now);
  });
  return visitors_.empty() ? kIdleMs : kBusyMs;
}

bool BackupDesk::holds() const {
  return std::ranges::any_of(visitors_, [](const Visitor& visitor) { return visitor.answerAtMs >= 0; });
}

HeldServer HeldServer::ask(const std::string& dataFolder, std::int64_t waitMs) {
  HeldServer server;
  const auto folder = openFolder(dataFolder);
  if (!folder) return server;
  auto socket = native::connectTo(nameOf(*folder), kBackupSocket);
  if (!socket) return server;
  server.socket_ = std::move(*socket);
  server.said_ = Said::silence;
  const int descriptor = server.socket_.get();
  if (!sendAll(descriptor, "save " + std::to_string(waitMs) + "\n")) return server;
  const auto line = lineWithin(descriptor, waitMs + kSpeakMs);
  if (!line) return server;
  std::string_view text = *line;
  server.said_ = text == "saved" ? Said::saved : text.starts_with("late") ? Said::late : Said::silence;
  while (server.said_ == Said::late && text.contains(' ')) {
    text.remove_prefix(text.find(' ') + 1);
    server.late_.emplace_back(text.substr(0, text.find(' ')));
  }
  return server;
}

}  // namespace weir::cli
