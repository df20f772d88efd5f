// Queues between the nodes of a run and the front.
#include "apps/cli/engine/front-ingress.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "apps/cli/serve/hooks/hook-frames.h"
#include "engine/json/writer.h"
#include "engine/live/control.h"

namespace weir::cli {
namespace {

constexpr std::chrono::seconds kLongestWait(5);
constexpr std::size_t kMostRuns = 100'000;
constexpr std::size_t kPadding = 64;  // bytes that may be read behind the last body

std::string frame(std::string_view what, IngressId id) {
  return "{\"do\":\"" + std::string(what) + "\",\"hook\":" + std::to_string(id);
}

}  // namespace

void FrontIngress::tell(std::string json) {
  outgoing_.push_back(std::move(json));
  wake_();
}

Result<IngressId> FrontIngress::claim(IngressRoute route, Waker waker) {
  for (auto& secret : route.secrets) {
    if (!native::namesSecret(secret)) continue;
    WEIR_ASSIGN(secret, secrets_.resolve(secret, "webhook"));
  }
  std::string text;
  json::Writer out(text);
  std::unique_lock locked(mutex_);
  const auto id = static_cast<IngressId>(routes_.size());
  routes_.push_back(std::make_unique<Route>());
  auto& made = *routes_.back();
  made.node = route.node;
  made.waker = std::move(waker);
  out.beginObject().key("do").value("claim").key("hook").value(std::int64_t{id}).key("route");
  hooks::writeRoute(out, route);
  out.endObject();
  tell(std::move(text));
  answered_.wait_for(locked, kLongestWait, [&] { return made.answered || ended_; });
  if (made.refused) return std::unexpected(*made.refused);
  if (!made.answered)
    return fail("ingress.listen", "the server did not say in time whether it takes the requests", true);
  return id;
}

void FrontIngress::release(IngressId id) {
  const std::lock_guard locked(mutex_);
  auto& route = *routes_[static_cast<std::size_t>(id)];
  if (std::exchange(route.released, true)) return;
  route.inbox.clear();
  tell(frame("release", id) + "}");
}

std::string FrontIngress::address(IngressId id) {
  const std::lock_guard locked(mutex_);
  return routes_[static_cast<std::size_t>(id)]->address;
}

void FrontIngress::take(IngressId id, std::int64_t most, IngressBatch& into) {
  const std::lock_guard locked(mutex_);
  auto& inbox = routes_[static_cast<std::size_t>(id)]->inbox;
  into.clear();
  if (inbox.requests.empty()) return;
  if (std::ssize(inbox.requests) <= most) {
    std::swap(inbox, into);
    tell(frame("took", id) + "}");
  } else {
    into.text = inbox.text;
    const auto cut = inbox.requests.begin() + static_cast<std::ptrdiff_t>(most);
    into.requests.assign(inbox.requests.begin(), cut);
    inbox.requests.erase(inbox.requests.begin(), cut);
  }
  into.text.append(kPadding, '\0');
}

void FrontIngress::accept(IngressId id, std::int64_t upToNumber) {
  const std::lock_guard locked(mutex_);
  auto& route = *routes_[static_cast<std::size_t>(id)];
  if (upToNumber <= route.acceptedUpTo) return;
  route.acceptedUpTo = upToNumber;
  // Behind the replies that were given before it, of which it must not take the place.
  const bool last = !outgoing_.empty() && route.acceptedAt == outgoing_.size() - 1;
  if (last) outgoing_.pop_back();
  route.acceptedAt = outgoing_.size();
  tell(frame("accept", id) + ",\"upTo\":" + std::to_string(upToNumber) + "}");
}

void FrontIngress::tellReply(IngressId id, std::int64_t number, const IngressReply& reply) {
  auto text = frame("reply", id) + ",\"number\":" + std::to_string(number) + ",\"reply\":";
  json::Writer out(text);
  hooks::writeReply(out, reply);
  tell(text + "}");
}

void FrontIngress::reply(IngressId id, std::int64_t number, IngressReply reply) {
  const std::lock_guard locked(mutex_);
  tellReply(id, number, reply);
}

void FrontIngress::bind(IngressId id, std::int64_t firstSequence, std::int64_t firstNumber, std::int64_t count) {
  const std::lock_guard locked(mutex_);
  auto& route = *routes_[static_cast<std::size_t>(id)];
  if (route.bound.size() >= kMostRuns) route.bound.pop_front();
  route.bound.push_back({firstSequence, firstNumber, count});
  for (std::int64_t i = 0; i < count; ++i) route.open.insert(route.open.end(), firstNumber + i);
}

bool FrontIngress::answerRow(std::string_view node, std::int64_t sequence, IngressReply reply) {
  const std::lock_guard locked(mutex_);
  const auto of = [node](const std::unique_ptr<Route>& route) { return !route->released && route->node == node; };
  const auto found = std::ranges::find_if(routes_, of);
  if (found == routes_.end()) return false;
  auto& route = **found;
  const auto behind = std::ranges::upper_bound(route.bound, sequence, {}, &Bound::firstSequence);
  if (behind == route.bound.begin()) return false;
  const auto& run = *std::prev(behind);
  const auto number = run.firstNumber + (sequence - run.firstSequence);
  if (sequence >= run.firstSequence + run.count || route.open.erase(number) == 0) return false;
  tellReply(static_cast<IngressId>(found - routes_.begin()), number, reply);
  // Runs of which nothing is open any more are of no use.
  while (!route.bound.empty() &&
         (route.open.empty() || route.bound.front().firstNumber + route.bound.front().count <= *route.open.begin()))
    route.bound.pop_front();
  return true;
}

Result<void> FrontIngress::told(const json::Value& data) {
  WEIR_ASSIGN(const auto what, live::textOf(data, "do", ""));
  WEIR_ASSIGN(const auto id, live::intOf(data, "hook", -1));
  Waker waker;
  {
    const std::lock_guard locked(mutex_);
    if (id < 0 || id >= std::ssize(routes_)) return fail("engine.protocol", "there is no hook of that number");
    auto& route = *routes_[static_cast<std::size_t>(id)];
    if (what == "claimed") {
      WEIR_ASSIGN(route.address, live::textOf(data, "address", ""));
      route.answered = true;
      answered_.notify_all();
    } else if (what == "refused") {
      // Codes are views of texts that last.
      WEIR_ASSIGN(const auto code, live::textOf(data, "code", ""));
      WEIR_ASSIGN(auto message, live::textOf(data, "message", ""));
      route.refused = Error{code == "ingress.path"    ? "ingress.path"
                            : code == "ingress.auth"  ? "ingress.auth"
                            : code == "ingress.taken" ? "ingress.taken"
                                                      : "ingress.listen",
                            std::move(message)};
      route.answered = true;
      answered_.notify_all();
    } else if (what == "gone") {
      WEIR_ASSIGN(const auto upTo, live::intOf(data, "upTo", 0));
      route.open.erase(route.open.begin(), route.open.upper_bound(upTo));
    } else if (what == "batch") {
      WEIR_ASSIGN(auto batch, hooks::batchOf(data));
      if (route.released) return {};
      // The front sends the next when this one is taken.
      if (!route.inbox.requests.empty()) return fail("engine.protocol", "a batch came before the last was taken");
      route.inbox = std::move(batch);
      waker = route.waker;
    }
  }
  waker.wake();
  return {};
}

std::vector<std::string> FrontIngress::takeOutgoing() {
  const std::lock_guard locked(mutex_);
  for (auto& route : routes_) route->acceptedAt = SIZE_MAX;
  return std::exchange(outgoing_, {});
}

void FrontIngress::end() {
  const std::lock_guard locked(mutex_);
  ended_ = true;
  answered_.notify_all();
}

}  // namespace weir::cli
