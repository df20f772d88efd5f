// The engine's side of the listener: routes, batches out, answers in.
#include "hosts/native/network/native-ingress.h"

#include <algorithm>

#include "hosts/native/network/ingress-loop.h"

namespace weir::native {

class NativeIngress::Loop {
 public:
  explicit Loop(IngressOptions options) : secrets_(options.secrets), loop_(std::move(options)) {}

  Result<IngressId> claim(IngressRoute settings, Waker waker) {
    std::vector<std::string> secrets;
    for (const auto& text : settings.secrets) {
      if (secrets_ == nullptr || !namesSecret(text)) {
        secrets.push_back(text);
        continue;
      }
      WEIR_ASSIGN(auto value, secrets_->resolve(text, "webhook"));
      secrets.push_back(std::move(value));
    }
    WEIR_ASSIGN(auto route, makeRoute(std::move(settings), std::move(secrets), std::move(waker)));
    const std::scoped_lock held(lock_);
    for (const auto& other : routes_) {
      if (other && !other->released.load() && clash(*other, *route)) {
        return fail("ingress.taken",
                    "'" + route->settings.path + "' is the path of node '" + other->settings.node + "' already");
      }
    }
    WEIR_TRY(loop_.start());
    routes_.push_back(std::move(route));
    loop_.setRoutes(routes_);
    return static_cast<IngressId>(routes_.size()) - 1;
  }

  [[nodiscard]] std::shared_ptr<WebhookRoute> route(IngressId id) {
    const std::scoped_lock held(lock_);
    return routes_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] std::shared_ptr<WebhookRoute> routeOf(std::string_view node) {
    const std::scoped_lock held(lock_);
    for (const auto& one : routes_) {
      if (one && !one->released.load() && one->settings.node == node) return one;
    }
    return nullptr;
  }
  IngressLoop& loop() { return loop_; }

 private:
  const Secrets* secrets_;
  std::mutex lock_;
  std::vector<std::shared_ptr<WebhookRoute>> routes_;
  IngressLoop loop_;
};

NativeIngress::NativeIngress(IngressOptions options) : loop_(std::make_unique<Loop>(std::move(options))) {}
NativeIngress::~NativeIngress() = default;

Result<IngressId> NativeIngress::claim(IngressRoute route, Waker waker) {
  return loop_->claim(std::move(route), std::move(waker));
}

void NativeIngress::release(IngressId route) {
  loop_->route(route)->released.store(true);
  loop_->loop().wake();
}

std::string NativeIngress::address(IngressId route) {
  return loop_->loop().address() + loop_->route(route)->settings.path;
}

void NativeIngress::take(IngressId id, std::int64_t most, IngressBatch& into) {
  const auto route = loop_->route(id);
  into.clear();
  const std::scoped_lock held(route->lock);
  auto& inbox = route->inbox;
  if (std::ssize(inbox.requests) <= most) {
    std::swap(inbox, into);
  } else {
    into.text = inbox.text;
    const auto cut = inbox.requests.begin() + static_cast<std::ptrdiff_t>(most);
    into.requests.assign(inbox.requests.begin(), cut);
    inbox.requests.erase(inbox.requests.begin(), cut);
  }
  route->waiting.store(std::ssize(inbox.requests), std::memory_order_relaxed);
  if (!into.requests.empty()) into.text.append(64, '\0');
}

void NativeIngress::accept(IngressId id, std::int64_t upToNumber) {
  loop_->route(id)->acceptedUpTo.store(upToNumber);
  loop_->loop().wake();
}

void NativeIngress::reply(IngressId id, std::int64_t number, IngressReply reply) {
  const auto route = loop_->route(id);
  {
    const std::scoped_lock held(route->lock);
    route->replies.emplace_back(number, std::move(reply));
  }
  loop_->loop().wake();
}

void NativeIngress::bind(IngressId id, std::int64_t firstSequence, std::int64_t firstNumber, std::int64_t count) {
  constexpr std::size_t kMostRuns = 100'000;
  const auto route = loop_->route(id);
  const std::scoped_lock held(route->lock);
  if (route->bound.size() >= kMostRuns) route->bound.pop_front();
  route->bound.push_back({firstSequence, firstNumber, count});
  for (std::int64_t i = 0; i < count; ++i) route->open.insert(route->open.end(), firstNumber + i);
}

bool NativeIngress::answerRow(std::string_view node, std::int64_t sequence, IngressReply reply) {
  const auto route = loop_->routeOf(node);
  if (!route) return false;
  {
    const std::scoped_lock held(route->lock);
    const auto behind = std::ranges::upper_bound(route->bound, sequence, {}, &WebhookRoute::Bound::firstSequence);
    if (behind == route->bound.begin()) return false;
    const auto& run = *std::prev(behind);
    const auto number = run.firstNumber + (sequence - run.firstSequence);
    if (sequence >= run.firstSequence + run.count || route->open.erase(number) == 0) return false;
    route->replies.emplace_back(number, std::move(reply));
    // Runs of which nothing is open any more are of no use.
    while (
        !route->bound.empty() &&
        (route->open.empty() || route->bound.front().firstNumber + route->bound.front().count <= *route->open.begin()))
      route->bound.pop_front();
  }
  loop_->loop().wake();
  return true;
}

}  // namespace weir::native
