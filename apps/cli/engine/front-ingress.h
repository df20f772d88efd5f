// FrontIngress: requests that come to a server, as an engine process gets them from the front.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "engine/host/ingress.h"
#include "engine/json/value.h"
#include "hosts/native/secrets.h"

namespace weir::cli {

/// Of one run. The front listens, checks and waits; here are the queues between it and the nodes. Frames are control
/// frames `run-hooks` and `hooks` (apps/cli/serve/hooks/hook-frames.h). Thread-safe.
class FrontIngress final : public Ingress {
 public:
  /// `wake`: there is something to tell. Both outlive it.
  FrontIngress(const native::Secrets& secrets, const std::function<void()>& wake) : secrets_(secrets), wake_(wake) {}

  /// A thread of the pool waits for the front's answer, for seconds at most.
  Result<IngressId> claim(IngressRoute route, Waker waker) override;
  void release(IngressId route) override;
  std::string address(IngressId route) override;
  void take(IngressId route, std::int64_t most, IngressBatch& into) override;
  void accept(IngressId route, std::int64_t upToNumber) override;
  void reply(IngressId route, std::int64_t number, IngressReply reply) override;
  void bind(IngressId route, std::int64_t firstSequence, std::int64_t firstNumber, std::int64_t count) override;
  bool answerRow(std::string_view node, std::int64_t sequence, IngressReply reply) override;

  /// What the front has told. `engine.protocol` for what is no frame of these.
  [[nodiscard]] Result<void> told(const json::Value& data);
  /// What there is to tell, as JSON.
  [[nodiscard]] std::vector<std::string> takeOutgoing();
  /// Nobody waits for the front any more.
  void end();

 private:
  struct Bound {
    std::int64_t firstSequence, firstNumber, count;
  };
  struct Route {
    std::string node, address;
    Waker waker;
    bool answered = false, released = false;
    std::optional<Error> refused;
    IngressBatch inbox;
    std::int64_t acceptedUpTo = 0;
    std::size_t acceptedAt = SIZE_MAX;  // where in outgoing_ that is told
    std::deque<Bound> bound;
    std::set<std::int64_t> open;  // numbers that a row may answer
  };
  void tell(std::string json);
  void tellReply(IngressId id, std::int64_t number, const IngressReply& reply);

  const native::Secrets& secrets_;
  const std::function<void()>& wake_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::vector<std::string> outgoing_;
  bool ended_ = false;
};

}  // namespace weir::cli
