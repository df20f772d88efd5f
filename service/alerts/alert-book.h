// AlertBook: the alerts of a server: watches the rules, keeps what was, and tells the channels.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/clock.h"
#include "service/alerts/notifier.h"
#include "service/alerts/rule-watch.h"
#include "service/store/alerts.h"
#include "service/store/follow.h"

namespace weir::alerts {

/// One thread, that of the Api. What the store fails to keep stays in memory and is counted as a problem.
class AlertBook {
 public:
  static constexpr std::size_t kMostKept = 2000;
  static constexpr std::size_t kMostRules = 500, kMostChannels = 50;
  static constexpr std::int64_t kNumbersAtOnce = 50;

  /// All outlive it. `publicUrl`: where people find the server, for links; may be empty.
  AlertBook(metrics::Registry& registry, Notifier& notifier, store::AlertStore& store, Clock& clock,
            std::string publicUrl = {});
  /// Told of each alert that is raised or cleared from now on, before the channels are.
  void whenChanged(std::function<void(const Alert& alert)> told) { changed_ = std::move(told); }
  /// At the start: what the store keeps; a new one gets the first rules.
  [[nodiscard]] Result<Unit> open(store::AlertStore::All all);

  /// Looks at the rules when it is time, and moves notices on. Gives the milliseconds until it wants to be called
  /// again.
  std::int64_t tick();
  /// Where other servers write to the same database: asks it, if `due`, what they have set, and takes that over. Call
  /// it again soon if it says so, or when `waker` is woken.
  [[nodiscard]] bool follow(bool due, const Waker& waker);
  /// A flow's own alert (engine/runtime/alerts) was raised or cleared in one of its runs; `value` is what it measured,
  /// where that is known.
  void flowAlert(std::string_view folder, std::string_view flow, std::string_view name, Severity severity,
                 std::string_view message, bool raised, std::optional<double> value = {});

  /// Newest first.
  [[nodiscard]] const std::deque<Alert>& all() const { return alerts_; }
  [[nodiscard]] Alert* find(std::int64_t number);
  [[nodiscard]] std::int64_t silencedUntil(const Alert& alert) const;
  [[nodiscard]] Operation<Unit> acknowledge(Alert& alert, std::string_view who, Waker waker);
  /// Nobody is told of this alert, when it is raised or cleared, before that time; 0: again at once.
  [[nodiscard]] Operation<Unit> silence(const Alert& alert, std::int64_t untilMs, Waker waker);

  [[nodiscard]] const std::map<std::string, RuleWatch>& rules() const { return rules_; }
  [[nodiscard]] Operation<Unit> putRule(AlertRule rule, Waker waker);
  [[nodiscard]] Operation<Unit> removeRule(const std::string& id, Waker waker);
  [[nodiscard]] const std::map<std::string, Channel>& channels() const { return channels_; }
  [[nodiscard]] Operation<Unit> putChannel(Channel channel, Waker waker);
  [[nodiscard]] Operation<Unit> removeChannel(const std::string& id, Waker waker);
  [[nodiscard]] Notifier& notifier() { return notifier_; }
  /// Credentials of channels may be secrets of this store, which outlives the book.
  void useSecrets(store::Secrets& secrets, ChannelSecrets::Follow follow = {});
  [[nodiscard]] ChannelSecrets* secrets() { return secrets_ ? &*secrets_ : nullptr; }
  /// Such as a test of that channel sends.
  [[nodiscard]] Alert example(const Channel& channel) const;
  [[nodiscard]] std::string linkOf(const Alert& alert) const;

 private:
  [[nodiscard]] Result<Unit> takeOver(const std::vector<store::AlertStore::Entry>& entries);
  [[nodiscard]] Operation<Unit> put(store::AlertStore::Entry entry, Waker waker);
  [[nodiscard]] Operation<Unit> remove(std::string kind, std::string id, Waker waker);
  void raise(Alert alert);
  void takeNumbers();
  void clear(std::string_view key, std::optional<double> value);
  void clearRule(const std::string& id);
  void tell(const Alert& alert);
  void keep(const Alert& alert);
  [[nodiscard]] std::int64_t nowMs() const { return clock_.nowMicros() / 1000; }

  metrics::Registry& registry_;
  Notifier& notifier_;
  store::AlertStore& store_;
  std::optional<ChannelSecrets> secrets_;
  Clock& clock_;
  std::string publicUrl_;
  std::map<std::string, RuleWatch> rules_;
  std::map<std::string, Channel> channels_;
  std::map<std::string, std::int64_t, std::less<>> silences_;  // by key, until when
  std::deque<Alert> alerts_;                                   // newest first
  std::int64_t lastNumber_ = 0;
  bool shared_ = false;               // numbers come from the store
  std::deque<std::int64_t> numbers_;  // that nobody else has
  Operation<std::int64_t> reserved_;
  std::vector<Alert> waiting_;  // for a number
  std::int64_t lookNanos_ = 0;
  std::deque<Operation<Unit>> writes_;
  std::function<void(const Alert& alert)> changed_;
  std::uint64_t begun_ = 0;  // changes of what is set
  store::Follow<store::AlertStore::News> follow_;
};

}  // namespace weir::alerts
