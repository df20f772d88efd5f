// EventRing: the numbered events of one execution as Server-Sent Events, kept for readers that come back.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/api/http.h"

namespace weir::api {

/// One thread. Events count from 1; the oldest are dropped when there are too many.
class EventRing {
 public:
  static constexpr std::size_t kMostEvents = 10'000;
  static constexpr std::size_t kMostBytes = std::size_t{16} << 20;
  /// So far a reader may be behind before hasRoom() is false.
  static constexpr std::int64_t kAhead = 64;

  /// `moved` is woken when a reader has read, come or gone.
  explicit EventRing(Waker moved = {}) : moved_(std::move(moved)) {}

  /// `data` is one line.
  void add(std::string_view type, std::string_view data);
  void end();
  [[nodiscard]] bool ended() const { return ended_; }
  /// Who adds waits while the slowest reader is far behind, also the last one that has gone and may come back.
  [[nodiscard]] bool hasRoom() const;
  /// False: events between `after` and now are gone, or were never there.
  [[nodiscard]] bool has(std::int64_t after) const { return after >= first_ - 1 && after < next(); }
  [[nodiscard]] std::int64_t last() const { return next() - 1; }
  [[nodiscard]] bool isRead() const { return !readers_.empty(); }

  /// The events behind number `after`; it ends with the execution, or when its reader has been overtaken.
  [[nodiscard]] static std::unique_ptr<BodyStream> read(std::shared_ptr<EventRing> ring, std::int64_t after);

 private:
  class Reader;
  [[nodiscard]] std::int64_t next() const { return first_ + std::ssize(events_); }

  Waker moved_;
  std::deque<std::string> events_;
  std::size_t bytes_ = 0;
  std::int64_t first_ = 1;  // number of the oldest event that is kept
  std::int64_t left_ = 1;   // where the last reader was when none was left
  bool ended_ = false;
  std::vector<Reader*> readers_;
};

}  // namespace weir::api
