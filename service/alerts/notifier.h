// Notifier: brings notices to channels, and tries again where one is away.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/host/clock.h"
#include "service/alerts/channel-secrets.h"
#include "service/alerts/channel.h"
#include "service/metrics/registry.h"

namespace weir::alerts {

struct NotifierLimits {
  std::size_t waiting = 500;  // notices of a channel; beyond it the oldest go
  int tries = 8;              // 1 s after the first failure, then twice as long each time
  std::int64_t firstWaitMs = 1000, longestWaitMs = 300'000;
};

/// One thread. One notice of a channel is under way at a time, so that they come in their order.
class Notifier {
 public:
  /// All outlive it; `mail` null: there is none, and mail channels fail.
  Notifier(Http& http, Mail* mail, Clock& clock, metrics::Registry& registry, NotifierLimits limits = {})
      : http_(http), mail_(mail), clock_(clock), registry_(registry), limits_(limits) {}

  /// Puts secrets into what is sent from now on; it outlives this.
  void use(const ChannelSecrets& secrets) { secrets_ = &secrets; }
  /// Notices may go in the clear to other machines.
  void allowInsecureTransport() { insecureTransport_ = true; }
  /// Whether a channel may be told at all: `server.insecure`.
  [[nodiscard]] Result<Unit> check(const Channel& channel) const {
    return insecureTransport_ ? Result<Unit>(Unit{}) : checkTransport(channel);
  }
  void tell(const Channel& channel, const Alert& alert, std::string link);
  /// Takes answers, begins what is due. Call it several times a second.
  void tick();
  /// Notices to the channel that wait are dropped, as when it is deleted.
  void forget(std::string_view channel) { channels_.erase(std::string(channel)); }
  /// Why the last notice to the channel failed; empty: it did not, or none was sent.
  [[nodiscard]] std::string problemOf(std::string_view channel) const;
  [[nodiscard]] bool idle() const;

  /// A notice that is sent once, without tries, for somebody who waits for it.
  struct Trial {
    Operation<Unit> sent{};            // of a mail
    Operation<HttpResponse> answer{};  // of all else
    [[nodiscard]] bool ready() const { return sent.active() ? sent.ready() : answer.ready(); }
    [[nodiscard]] Result<Unit> take();
  };
  [[nodiscard]] Trial begin(const Channel& channel, const Alert& alert, std::string_view link, Waker waker);

 private:
  struct Notice {
    Channel channel;
    Alert alert;
    std::string link;
    int tries = 0;
  };
  struct Line {
    std::deque<Notice> waiting;  // the first is under way while there is a trial
    std::optional<Trial> trial;
    std::int64_t notBeforeNanos = 0, waitMs = 0;
    std::string problem;
  };
  void answered(Line& line, const Result<Unit>& result);
  void count(const Channel& channel, std::string_view outcome);

  Http& http_;
  Mail* mail_;
  Clock& clock_;
  metrics::Registry& registry_;
  NotifierLimits limits_;
  const ChannelSecrets* secrets_ = nullptr;
  bool insecureTransport_ = false;
  std::map<std::string, Line, std::less<>> channels_;
};

}  // namespace weir::alerts
