// Hub: the streams of a server, opened when somebody wants them and kept for a while when nobody does any more.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "service/live/stream.h"

namespace weir::stream {

/// Where messages come from: engine processes, for one. It adds to a stream between open and close.
class Source {
 public:
  virtual ~Source() = default;
  /// Somebody reads it from now on. If there is nothing to be read, the source ends it, now or later.
  virtual void open(Stream& stream) = 0;
  virtual void close(Stream& stream) = 0;
};

struct HubLimits {
  std::size_t streams = 4096;
  std::size_t unreadBytes = std::size_t{64} << 20;  // kept for those who may come back
  std::int64_t keptNanos = 60'000'000'000;          // that long, for a resume
  std::int64_t keptLatestNanos = 2'000'000'000;     // of streams whose newest messages alone count
};

/// One thread. Outlives all readers.
class Hub {
 public:
  explicit Hub(Source& source, HubLimits limits = {}) : source_(source), limits_(limits) {}
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  /// The stream of a topic, opened if need be. Null: there are too many.
  [[nodiscard]] std::shared_ptr<Stream> of(const Topic& topic);
  /// If it is open, or kept.
  [[nodiscard]] std::shared_ptr<Stream> find(const Topic& topic) const;
  /// For those who have news of their own, such as alerts: goes to who reads of it, if somebody does.
  void tell(const Topic& topic, std::string type, std::string data) const {
    if (const auto stream = find(topic)) stream->add(std::move(type), std::move(data));
  }
  /// All that are open and about `subject`, or about everything if that is empty.
  [[nodiscard]] std::vector<std::shared_ptr<Stream>> about(const std::string& subject) const;
  /// Closes what nobody has read for long enough; to be called about once a second.
  void tick(std::int64_t nowNanos);

 private:
  struct Open {
    std::shared_ptr<Stream> stream;
    std::int64_t unreadSince = -1;
  };
  void close(std::map<Topic, Open>::iterator at);

  Source& source_;
  HubLimits limits_;
  std::map<Topic, Open> open_;
};

}  // namespace weir::stream
