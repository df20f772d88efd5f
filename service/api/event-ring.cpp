// Keeping and reading events.
#include "service/api/event-ring.h"

#include <algorithm>
#include <utility>

namespace weir::api {

class EventRing::Reader final : public BodyStream {
 public:
  Reader(std::shared_ptr<EventRing> ring, std::int64_t at) : at(at), ring_(std::move(ring)) {
    ring_->readers_.push_back(this);
  }
  ~Reader() override {
    std::erase(ring_->readers_, this);
    if (ring_->readers_.empty()) ring_->left_ = at;
    ring_->moved_.wake();
  }

  Next next(std::string& into, const Waker& waker) override {
    if (at < ring_->first_) return Next::end;
    if (at >= ring_->next()) {
      waiting = waker;
      return ring_->ended_ ? Next::end : Next::wait;
    }
    into = ring_->events_[static_cast<std::size_t>(at - ring_->first_)];
    ++at;
    ring_->moved_.wake();
    return Next::piece;
  }

  std::int64_t at;  // number of the event that it reads next
  Waker waiting;

 private:
  std::shared_ptr<EventRing> ring_;
};

void EventRing::add(std::string_view type, std::string_view data) {
  std::string text = "id: " + std::to_string(next()) + "\nevent: ";
  text.append(type).append("\ndata: ").append(data).append("\n\n");
  bytes_ += text.size();
  events_.push_back(std::move(text));
  while (events_.size() > kMostEvents || (bytes_ > kMostBytes && events_.size() > 1)) {
    bytes_ -= events_.front().size();
    events_.pop_front();
    ++first_;
  }
  for (auto* reader : readers_) std::exchange(reader->waiting, Waker()).wake();
}

void EventRing::end() {
  ended_ = true;
  for (auto* reader : readers_) std::exchange(reader->waiting, Waker()).wake();
}

bool EventRing::hasRoom() const {
  if (readers_.empty()) return next() - left_ <= kAhead;
  return std::ranges::all_of(readers_, [this](const Reader* reader) { return next() - reader->at <= kAhead; });
}

std::unique_ptr<BodyStream> EventRing::read(std::shared_ptr<EventRing> ring, std::int64_t after) {
  return std::make_unique<Reader>(std::move(ring), after + 1);
}

}  // namespace weir::api
