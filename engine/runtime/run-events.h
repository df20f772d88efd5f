// RunEvents: what happened to a run that a person may want to know: breakers, pressure, drops, retries, checkpoints,
// alerts; a bounded history.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
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
  std::string key{};    // of an alert by key
  std::optional<double> value{};  // of what an alert measures
};

/// The newest events, bounded by count and bytes. Guarded by the run's lock; the listener is called under it and must
/// be quick.
class RunEvents {
 public:
  static constexpr std::size_t kMostMessageBytes = 4096;
  explicit RunEvents(std::size_t most = 10'000, std::size_t mostBytes = std::size_t{16} << 20)
      : most_(most), mostBytes_(mostBytes) {}
  /// A message that is longer than kMostMessageBytes is cut.
  void add(RunEvent event) {
    event.number = ++total_;
    if (event.message.size() > kMostMessageBytes) cut(event.message);
    if (listener_) listener_(event);
    bytes_ += bytesOf(event);
    kept_.push_back(std::move(event));
    while (kept_.size() > 1 && (kept_.size() > most_ || bytes_ > mostBytes_)) {
      bytes_ -= bytesOf(kept_.front());
      kept_.pop_front();
    }
  }
  void listen(std::function<void(const RunEvent&)> listener) { listener_ = std::move(listener); }
  /// Those after `number`, oldest first.
  [[nodiscard]] std::vector<RunEvent> after(std::uint64_t number) const {
    // They are numbered without gaps.
    const auto first = total_ - kept_.size();
    const auto skipped = number > first ? std::min<std::uint64_t>(number - first, kept_.size()) : 0;
    return {kept_.begin() + static_cast<std::ptrdiff_t>(skipped), kept_.end()};
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  [[nodiscard]] static std::size_t bytesOf(const RunEvent& event) {
    return sizeof(RunEvent) + event.kind.size() + event.subject.size() + event.message.size() + event.key.size();
  }
  /// Not in the middle of a character.
  static void cut(std::string& text) {
    auto end = kMostMessageBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text.resize(end);
    text += "…";
  }

  std::size_t most_, mostBytes_, bytes_ = 0;
  std::uint64_t total_ = 0;
  std::deque<RunEvent> kept_;
  std::function<void(const RunEvent&)> listener_;
};

}  // namespace weir
