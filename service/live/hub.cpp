// Opens and closes streams.
#include "service/live/hub.h"

namespace weir::stream {

Hub::~Hub() {
  while (!open_.empty()) close(open_.begin());
}

void Hub::close(std::map<Topic, Open>::iterator at) {
  const auto stream = std::move(at->second.stream);
  open_.erase(at);
  source_.close(*stream);
}

std::shared_ptr<Stream> Hub::find(const Topic& topic) const {
  const auto at = open_.find(topic);
  return at == open_.end() ? nullptr : at->second.stream;
}

std::shared_ptr<Stream> Hub::of(const Topic& topic) {
  auto at = open_.find(topic);
  // One that has ended may have something to tell again: a run that was resumed.
  if (at != open_.end() && at->second.stream->ended() && at->second.stream->readers() == 0) {
    close(at);
    at = open_.end();
  }
  if (at != open_.end()) {
    at->second.unreadSince = -1;
    return at->second.stream;
  }
  if (open_.size() >= limits_.streams) return nullptr;
  auto stream = std::make_shared<Stream>(topic);
  open_.emplace(topic, Open{stream});
  source_.open(*stream);
  return stream;
}

std::vector<std::shared_ptr<Stream>> Hub::about(const std::string& subject) const {
  std::vector<std::shared_ptr<Stream>> found;
  for (const auto& [topic, open] : open_) {
    if (subject.empty() || topic.subject == subject) found.push_back(open.stream);
  }
  return found;
}

void Hub::tick(std::int64_t nowNanos) {
  std::size_t unread = 0;
  for (auto at = open_.begin(); at != open_.end();) {
    auto& [topic, open] = *at;
    const auto here = at++;
    if (open.stream->readers() > 0) {
      open.unreadSince = -1;
      continue;
    }
    if (open.unreadSince < 0) open.unreadSince = nowNanos;
    const auto kept = isLatestWins(topic.kind) ? limits_.keptLatestNanos : limits_.keptNanos;
    unread += open.stream->bytes();
    if (nowNanos - open.unreadSince < kept && unread <= limits_.unreadBytes) continue;
    unread -= open.stream->bytes();
    close(here);
  }
}

}  // namespace weir::stream
