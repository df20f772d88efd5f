// Answers the same request the same way, without doing it twice.
#include "service/api/once.h"

#include <algorithm>
#include <utility>

#include "engine/data/hash.h"

namespace weir::api {
namespace {

constexpr std::size_t kMostKey = 255;

struct Digested {
  std::string digest;
  std::string body;  // given back
};

bool isKept(const Response& response) {
  return response.stream == nullptr && response.status < 500 && response.status != 429 && response.status != 401;
}

Refusal otherRequest() {
  return {422, "api.idempotency", "the Idempotency-Key was used for another request; take a new one for a new request"};
}

/// None of what must not be stored: cookies are credentials.
std::optional<store::KeptAnswer> storedOf(const Response& response) {
  if (!isKept(response) || headerOf(response.headers, "set-cookie") != nullptr) return std::nullopt;
  store::KeptAnswer answer{.status = response.status, .headers = {}, .body = response.body};
  for (const auto& header : response.headers) {
    answer.headers.append(header.name).append(": ").append(header.value).append("\n");
  }
  return answer;
}

Response responseOf(store::KeptAnswer answer) {
  Response response{.status = answer.status, .headers = {}, .body = std::move(answer.body)};
  const std::string_view text = answer.headers;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos) {
      response.with(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
    }
    at = end + 1;
  }
  return response;
}

}  // namespace

/// The one that does the work. Gone before it is done, it leaves the work to the next that asks.
class Once::Turn {
 public:
  Turn(Once& once, std::string name) : once_(once), name_(std::move(name)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (claimed_ != nullptr) once_.claims_.erase(claimed_);
    if (!done_) once_.forget(name_);
  }
  /// From now on its change takes the key along.
  [[nodiscard]] Claim& claim(const Call& call, store::RequestKey key) {
    claimed_ = &call;
    auto& claim = once_.claims_[&call];
    claim = {.key = std::move(key)};
    return claim;
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
  const Call* claimed_ = nullptr;
  bool done_ = false;
};

Job<Response> Once::handle(Call& call, std::string_view key) {
  if (key.empty() || key.size() > kMostKey) {
    co_return toResponse({400, "api.idempotency",
                          "Idempotency-Key has " + std::to_string(key.size()) + " bytes; it is a name of 1 to 255"});
  }
  // Nobody meets what somebody else was answered.
  const auto name = call.principal.user + "\n" + std::string(call.route.operation) + "\n" + std::string(key);
  auto digest = co_await digestOf(call);
  if (!digest) co_return toResponse(std::move(digest.error()));
  auto request = std::move(*digest);
  while (true) {
    const auto found = kept_.find(name);
    if (found == kept_.end()) break;
    auto& kept = found->second;
    if (kept.request != request) co_return toResponse(otherRequest());
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
  // Who nobody knows has no keys in the store: they would be everybody's.
  if (keys_ == nullptr || call.principal.user.empty()) {
    auto response = co_await call.route.handler(call);
    turn.done(response);
    co_return response;
  }
  store::RequestKey stored{keys_->digestOf(name), call.principal.user, std::move(request)};
  auto before = co_await known(call, stored);
  if (!before) co_return toResponse(std::move(before.error()));
  if (*before) {
    turn.done(**before);
    (*before)->with("idempotency-replayed", "true");
    co_return std::move(**before);
  }
  const auto& claim = turn.claim(call, std::move(stored));
  auto response = co_await call.route.handler(call);
  if (claim.taken) keys_->forget();
  // The key is stored by now, with the answer if that could be made there.
  if (claim.taken && !claim.make && !claim.hidden && response.status < 400) {
    if (auto answer = storedOf(response)) {
      static_cast<void>(co_await call.of(keys_->answer(claim.key.name, std::move(*answer), call.waker())));
    }
  }
  turn.done(response);
  co_return response;
}

Job<Expected<std::string>> Once::digestOf(Call& call) const {
  const auto bytes = call.body.size();
  auto digested =
      co_await call.aside(bytes,
                          [keys = keys_, text = call.request.path + "\n" + call.request.query + "\n",
                           body = std::move(call.body)]() mutable -> Expected<Digested> {
                            text += body;
                            auto digest = keys != nullptr ? keys->digestOf(text) : std::to_string(hash::ofBytes(text));
                            return Digested{std::move(digest), std::move(body)};
                          });
  if (!digested) co_return std::unexpected(std::move(digested.error()));
  call.body = std::move(digested->body);
  co_return std::move(digested->digest);
}

Job<Expected<std::optional<Response>>> Once::known(Call& call, const store::RequestKey& key) {
  auto found = co_await call.of(keys_->find(key.name, call.waker()));
  if (!found) co_return std::unexpected(refusalOf(std::move(found.error())));
  if (!*found) co_return std::optional<Response>();
  if ((*found)->request != key.request) co_return std::unexpected(otherRequest());
  if (!(*found)->answer) {
    co_return refuse(409, "api.idempotency",
                     "the request of this Idempotency-Key was carried out, and its answer is not kept; look at what is "
                     "there now, and take a new key for a new request");
  }
  co_return std::optional(responseOf(std::move(*(*found)->answer)));
}

void Once::claim(const Call& call) {
  const auto found = claims_.find(&call);
  // A call has one change that counts: its first.
  if (found == claims_.end() || std::exchange(found->second.taken, true)) return;
  const auto& claim = found->second;
  store::MakeAnswer make;
  if (claim.make && !claim.hidden) {
    make = [respond = claim.make](const store::Given& given) {
      const auto response = respond(given);
      return response ? storedOf(*response) : std::nullopt;
    };
  }
  keys_->takeAlong(claim.key, std::move(make));
}

void Once::unclaim(const Call& call) {
  const auto found = claims_.find(&call);
  if (found != claims_.end() && std::exchange(found->second.taken, false)) keys_->forget();
}

void Once::answering(const Call& call, MakeResponse make) {
  if (const auto found = claims_.find(&call); found != claims_.end()) found->second.make = std::move(make);
}

void Once::hide(const Call& call) {
  if (const auto found = claims_.find(&call); found != claims_.end()) found->second.hidden = true;
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
