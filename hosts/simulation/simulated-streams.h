// SimulatedStreams: servers that say what was written down for their URL and then end; what they were told is kept.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/host/streams.h"

namespace weir::simulation {

/// A URL without pieces takes what it is told and says nothing. Nobody connects to a listener here.
class SimulatedStreams final : public Streams {
 public:
  void put(std::string url, std::vector<std::string> pieces) { pieces_[std::move(url)] = std::move(pieces); }
  [[nodiscard]] const std::map<std::string, std::string>& sent() const { return sent_; }

  Operation<StreamOpened> open(StreamTarget target, Waker /*waker*/) override {
    const auto authority = target.url.substr(target.url.find("://") + 3);
    open_.push_back({target.url, 0});
    return Operation<StreamOpened>::finished(
        StreamOpened{static_cast<StreamId>(open_.size()) - 1, authority.substr(0, authority.find('/'))});
  }
  Operation<std::vector<StreamPiece>> read(StreamId stream, Waker /*waker*/) override {
    auto& one = open_[static_cast<std::size_t>(stream)];
    const auto found = pieces_.find(one.url);
    if (found == pieces_.end()) return {};
    std::vector<StreamPiece> pieces;
    if (one.next < found->second.size()) pieces.push_back({found->second[one.next++], true});
    return Operation<std::vector<StreamPiece>>::finished(std::move(pieces));
  }
  Operation<Unit> write(StreamId stream, std::vector<StreamPiece> pieces, Waker /*waker*/) override {
    for (const auto& piece : pieces) sent_[open_[static_cast<std::size_t>(stream)].url] += piece.bytes;
    return Operation<Unit>::finished(Unit{});
  }
  void close(StreamId /*stream*/) override {}
  Result<ListenerId> listen(ListenTarget /*target*/) override {
    return fail("ingress.listen", "nobody connects to a simulated place");
  }
  std::string address(ListenerId /*listener*/) override { return {}; }
  Operation<StreamOpened> accept(ListenerId /*listener*/, Waker /*waker*/) override { return {}; }
  void stop(ListenerId /*listener*/) override {}

 private:
  struct Open {
    std::string url;
    std::size_t next = 0;
  };
  std::map<std::string, std::vector<std::string>> pieces_;
  std::map<std::string, std::string> sent_;
  std::vector<Open> open_;
};

}  // namespace weir::simulation
