// RunEvents: what happened to a run that a person may want to know: breakers, pressure, drops, retries, checkpoints,
// alerts; a bounded history.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class EventSeverity : std::uint8_t { debug, info, warning, error, critical };

[[nodiscard]] constexpr std::string_view nameOf(EventSeverity severity) {
  constexpr std::string_view kNames[] = {"debug", "info", "warning", "error", "critical"};
  return kNames[static_cast<std::size_t>(severity)];
}

struct RunEvent {
  std::uint64_t number = 0;   // counts up from 1
  std::int64_t atMicros = 0;  // Clock::nowMicros
  EventSeverity severity = EventSeverity::info;
  std::string kind;     // bounded set, dotted: "breaker.opened", "edge.pressure", "checkpoint.done", "alert.raised"
  std::string subject;  // id of the node or edge, or empty for the run
  std::string message;  // a sentence
};

/// A ring of the newest events. Guarded by the run's lock; the listener is called under it and must be quick.
class RunEvents {
 public:
  explicit RunEvents(std::size_t most = 10'000) : most_(most) {}
  void add(RunEvent event) {
    event.number = ++total_;
    if (listener_) listener_(event);
    if (ring_.size() < most_) {
      ring_.push_back(std::move(event));
    } else {
      ring_[next_] = std::move(event);
      next_ = (next_ + 1) % most_;
    }
  }
  void listen(std::function<void(const RunEvent&)> listener) { listener_ = std::move(listener); }
  /// Those after `number`, oldest first.
  [[nodiscard]] std::vector<RunEvent> after(std::uint64_t number) const {
    std::vector<RunEvent> out;
    for (std::size_t i = 0; i < ring_.size(); ++i) {
      const auto& event = ring_[(next_ + i) % ring_.size()];
      if (event.number > number) out.push_back(event);
    }
    return out;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  std::size_t most_, next_ = 0;
  std::uint64_t total_ = 0;
  std::vector<RunEvent> ring_;
  std::function<void(const RunEvent&)> listener_;
};

}  // namespace weir
