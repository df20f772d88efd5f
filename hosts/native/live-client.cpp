// Asking a run, and taking what it sends.
#include "hosts/native/live-client.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "hosts/native/run-sockets.h"

namespace weir::native {
namespace {

constexpr int kAnswerMs = 10'000;
/// So much is taken before credit is given again: half of what a subscription begins with.
constexpr std::int64_t kCreditBytes = 128 << 10;
constexpr std::int64_t kMostMessage = std::int64_t{64} << 20;

std::unexpected<Error> gone() { return fail("live.gone", "the run closed the connection"); }

}  // namespace

Result<LiveClient> LiveClient::connect(const std::string& folder, std::string_view run) {
  WEIR_ASSIGN(auto socket, connectTo(folder, run));
  return LiveClient(std::move(socket));
}

Result<void> LiveClient::send(const live::Control& control) {
  std::string bytes;
  live::appendFrame(bytes, {}, live::writeControl(control));
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto now = ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now >= 0) {
      sent += static_cast<std::size_t>(now);
    } else if (errno == EAGAIN) {
      pollfd wait{socket_.get(), POLLOUT, 0};
      if (::poll(&wait, 1, kAnswerMs) <= 0) return gone();
    } else if (errno != EINTR) {
      return gone();
    }
  }
  return {};
}

Result<bool> LiveClient::fill(int waitMs) {
  pollfd wait{socket_.get(), POLLIN, 0};
  if (::poll(&wait, 1, waitMs) <= 0) return false;
  std::array<char, 64 << 10> bytes;
  const auto got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) return gone();
  splitter_.feed(std::string_view(bytes.data(), static_cast<std::size_t>(got)));
  return true;
}

Result<void> LiveClient::takeRows(const live::Frame& frame) {
  const auto at = assemblers_.try_emplace(frame.header.subscription, MemoryAccount::unlimited()).first;
  WEIR_ASSIGN(auto batch, at->second.take(frame));
  if (!batch) return {};
  news_.push_back({frame.header.subscription, frame.header.rowsShed, {}, std::move(batch)});
  return {};
}

Result<void> LiveClient::sort() {
  for (;;) {
    WEIR_ASSIGN(const auto frame, splitter_.next());
    if (!frame) break;
    const auto bytes = static_cast<std::int64_t>(frame->payload.size() + live::kHeaderBytes + 4);
    if (frame->header.subscription != 0) taken_[frame->header.subscription] += bytes;
    if (frame->header.kind != live::FrameKind::control) {
      WEIR_TRY(takeRows(*frame));
      continue;
    }
    WEIR_ASSIGN(auto control, live::readControl(frame->payload, kMostMessage));
    if (control.type == "ok" || control.type == "error") {
      answers_.push_back(std::move(control));
    } else {
      news_.push_back({frame->header.subscription, 0, std::move(control), {}});
    }
  }
  return {};
}

Result<json::Value> LiveClient::ask(std::string_view type, json::Value data,
                                    std::optional<std::uint32_t> subscription) {
  live::Control request{std::string(type), std::to_string(++lastId_), subscription};
  request.data = std::move(data);
  WEIR_TRY(send(request));
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kAnswerMs);
  while (std::chrono::steady_clock::now() < until) {
    WEIR_TRY(sort());
    while (!answers_.empty()) {
      auto answer = std::move(answers_.front());
      answers_.pop_front();
      if (answer.id != request.id) continue;
      if (answer.type == "error") return std::unexpected(live::errorOf(answer.data));
      return std::move(answer.data);
    }
    WEIR_TRY(fill(100));
  }
  return fail("live.gone", "the run does not answer");
}

Result<std::optional<LiveNews>> LiveClient::next(int waitMs) {
  WEIR_TRY(sort());
  if (news_.empty()) {
    const auto filled = fill(waitMs);
    if (!filled) return std::unexpected(filled.error());
    WEIR_TRY(sort());
  }
  for (auto& [subscription, bytes] : taken_) {
    if (bytes < kCreditBytes) continue;
    live::Control credit{"credit", "", subscription};
    credit.data.set("bytes", std::exchange(bytes, 0));
    // Whoever is gone needs none; what came before is still to be taken.
    if (!send(credit)) break;
  }
  if (news_.empty()) return std::nullopt;
  auto first = std::move(news_.front());
  news_.pop_front();
  return first;
}

}  // namespace weir::native
