// Answers the same request the same way, without doing it twice.
#include "service/api/once.h"

#include <algorithm>
#include <utility>

#include "engine/data/hash.h"
#include "service/api/route.h"

namespace weir::api {
namespace {

constexpr std::size_t kMostKey = 255;

std::uint64_t hashOf(const Call& call) {
  std::string text = call.request.path;
  text.append("\n").append(call.request.query).append("\n").append(call.body);
  return hash::ofBytes(text);
}

bool isKept(const Response& response) {
  return response.stream == nullptr && response.status < 500 && response.status != 429 && response.status != 401;
}

}  // namespace

/// The one that does the work. Gone before it is done, it leaves the work to the next that asks.
class Once::Turn {
 public:
  Turn(Once& once, std::string name) : once_(once), name_(std::move(name)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (!done_) once_.forget(name_);
  }
  void done(const Response& response) {
    done_ = true;
    if (isKept(response)) {
      once_.keep(name_, response);
    } else {
      once_.forget(name_);
    }
  }

 private:
  Once& once_;
  std::string name_;
  bool done_ = false;
};

Job<Response> Once::handle(Call& call, std::string_view key) {
  if (key.empty() || key.size() > kMostKey) {
    co_return toResponse({400, "api.idempotency",
                          "Idempotency-Key has " + std::to_string(key.size()) + " bytes; it is a name of 1 to 255"});
  }
  // Nobody meets what somebody else was answered.
  const auto name = call.principal.user + "\n" + std::string(call.route.operation) + "\n" + std::string(key);
  const auto request = hashOf(call);
  while (true) {
    const auto found = kept_.find(name);
    if (found == kept_.end()) break;
    auto& kept = found->second;
    if (kept.request != request) {
      co_return toResponse({422, "api.idempotency",
                            "the Idempotency-Key was used for another request; take a new one for a new request"});
    }
    if (kept.done) {
      Response response{.status = kept.status, .headers = kept.headers, .body = kept.body};
      response.with("idempotency-replayed", "true");
      co_return response;
    }
    Completion<Unit> completion(call.waker());
    auto operation = completion.operation();
    kept.waiting.push_back(std::move(completion));
    static_cast<void>(co_await call.of(std::move(operation)));
  }
  kept_[name].request = request;
  Turn turn(*this, name);
  auto response = co_await call.route.handler(call);
  turn.done(response);
  co_return response;
}

void Once::keep(const std::string& name, const Response& response) {
  auto& kept = kept_[name];
  kept.done = true;
  kept.status = response.status;
  kept.headers = response.headers;
  kept.body = response.body;
  kept.atNanos = clock_.steadyNanos();
  bytes_ += std::ssize(kept.body);
  order_.push_back(name);
  for (auto& one : std::exchange(kept.waiting, {})) one.complete(Unit{});
  dropOld();
}

void Once::forget(const std::string& name) {
  const auto found = kept_.find(name);
  if (found == kept_.end()) return;
  auto waiting = std::move(found->second.waiting);
  kept_.erase(found);
  for (auto& one : waiting) one.complete(Unit{});
}

void Once::dropOld() {
  std::size_t gone = 0;
  const auto oldest = clock_.steadyNanos() - kDayNanos;
  for (; gone < order_.size(); ++gone) {
    const auto found = kept_.find(order_[gone]);
    if (found == kept_.end()) continue;
    if (order_.size() - gone <= kMost && bytes_ <= kKeptBytes && found->second.atNanos > oldest) break;
    bytes_ -= std::ssize(found->second.body);
    kept_.erase(found);
  }
  order_.erase(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(gone));
}

}  // namespace weir::api
