// Sends notices.
#include "service/alerts/notifier.h"

#include <algorithm>
#include <utility>

namespace weir::alerts {

namespace {

/// On a server secrets are of folders.
Error asChannels(Error error) {
  if (error.code != "secret.missing") return error;
  error.message = error.message.substr(0, error.message.find(';')) +
                  "; make it with PUT /api/v1/secrets/NAME?folder=…, in the folder of the channel";
  return error;
}

}  // namespace

Result<Unit> Notifier::Trial::take() {
  if (sent.active()) {
    auto done = sent.take();
    if (!done) return std::unexpected(asChannels(std::move(done.error())));
    return done;
  }
  auto answered = answer.take();
  if (!answered) return std::unexpected(asChannels(std::move(answered.error())));
  const auto& response = *answered;
  if (response.status >= 200 && response.status < 300) return Unit{};
  const bool again = response.status == 408 || response.status == 429 || response.status >= 500;
  return fail("http.status", "the receiver answered with status " + std::to_string(response.status), again);
}

Notifier::Trial Notifier::begin(const Channel& named, const Alert& alert, std::string_view link, Waker waker) {
  Trial trial;
  if (auto may = check(named); !may) {
    trial.sent = Operation<Unit>::finished(std::move(may));
    return trial;
  }
  const auto known = secrets_ != nullptr ? secrets_->with(named) : Result<Channel>(named);
  if (!known) {
    trial.sent = Operation<Unit>::finished(std::unexpected(known.error()));
    return trial;
  }
  const auto& channel = *known;
  if (channel.kind != Channel::Kind::mail) {
    trial.answer = http_.send(requestOf(channel, alert, link), std::move(waker));
  } else if (mail_ != nullptr) {
    trial.sent = mail_->send(channel.server, mailOf(channel, alert, link), std::move(waker));
  } else {
    trial.sent = Operation<Unit>::finished(fail("host.missing", "this server sends no mail"));
  }
  return trial;
}

void Notifier::count(const Channel& channel, std::string_view outcome) {
  registry_.counter("weir_alert_notices_total", {channel.id, std::string(outcome)}).add();
}

void Notifier::tell(const Channel& channel, const Alert& alert, std::string link) {
  auto& line = channels_[channel.id];
  // Whoever watches them has to see them grow.
  for (const auto* outcome : {"failed", "dropped"}) {
    static_cast<void>(registry_.counter("weir_alert_notices_total", {channel.id, outcome}));
  }
  line.waiting.push_back({channel, alert, std::move(link)});
  if (line.waiting.size() <= limits_.waiting) return;
  line.waiting.erase(line.waiting.begin() + (line.trial ? 1 : 0));
  count(channel, "dropped");
}

void Notifier::answered(Line& line, const Result<Unit>& result) {
  auto& notice = line.waiting.front();
  line.problem = result ? "" : result.error().message;
  const bool again = !result && result.error().recoverable && ++notice.tries < limits_.tries;
  if (again) {
    line.waitMs = line.waitMs == 0 ? limits_.firstWaitMs : std::min(limits_.longestWaitMs, line.waitMs * 2);
    line.notBeforeNanos = clock_.steadyNanos() + line.waitMs * 1'000'000;
    return count(notice.channel, "retried");
  }
  count(notice.channel, result ? "sent" : "failed");
  line.waitMs = line.notBeforeNanos = 0;
  line.waiting.pop_front();
}

void Notifier::tick() {
  for (auto& [id, line] : channels_) {
    if (line.trial) {
      if (!line.trial->ready()) continue;
      const auto result = line.trial->take();
      line.trial.reset();
      answered(line, result);
    }
    if (line.waiting.empty() || clock_.steadyNanos() < line.notBeforeNanos) continue;
    const auto& notice = line.waiting.front();
    line.trial = begin(notice.channel, notice.alert, notice.link, Waker());
  }
}

std::string Notifier::problemOf(std::string_view channel) const {
  const auto found = channels_.find(channel);
  return found == channels_.end() ? std::string() : found->second.problem;
}

bool Notifier::idle() const {
  return std::ranges::all_of(channels_, [](const auto& one) { return one.second.waiting.empty(); });
}

}  // namespace weir::alerts
