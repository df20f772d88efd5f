// Who may be answered by whom, and in which order.
#include "apps/cli/serve/hooks/hook-desk.h"

#include <algorithm>
#include <utility>

#include "apps/cli/serve/hooks/hook-frames.h"
#include "apps/cli/serve/hooks/hook-turn.h"
#include "engine/json/document.h"
#include "engine/live/control.h"
#include "engine/text/url.h"
#include "service/folders/hook-path.h"

namespace weir::cli {
namespace {

constexpr std::size_t kMostWaitingBytes = 32 << 20;  // of one hook
constexpr std::int64_t kMostBodyBytes = 16 << 20;    // a batch is a frame, which has a bound
constexpr std::size_t kMostKeys = 10'000, kMostKeyBytes = 256, kMostFollowers = 1'000;
constexpr std::size_t kMostKeptBytes = 64 << 10;  // of a reply that is given again
constexpr std::int64_t kKeyMs = 24 * 3'600'000;
constexpr int kTickMs = 20, kIdleMs = 1'000;

IngressReply textReply(int status, std::string_view why) {
  return {status, "text/plain; charset=utf-8", std::string(why) + "\n", {}};
}

std::string frame(std::string_view what, std::int64_t hook) {
  return "{\"do\":\"" + std::string(what) + "\",\"hook\":" + std::to_string(hook);
}

/// What stands behind the folder; nothing if the path is of another folder.
std::optional<std::string_view> below(std::string_view folder, std::string_view path) {
  while (!folder.empty()) {
    const auto end = folder.find('/');
    const auto wanted = folder.substr(0, end);
    folder = end == std::string_view::npos ? std::string_view() : folder.substr(end + 1);
    const auto slash = path.find('/', 1);
    if (path.empty() || slash == std::string_view::npos) return std::nullopt;
    const auto part = percentDecoded(path.substr(1, slash - 1));
    if (!part || *part != wanted) return std::nullopt;
    path.remove_prefix(slash);
  }
  return path;
}

/// Whether each part of the path can be a text, as parameters are.
bool isText(std::string_view path) {
  const auto whole = percentDecoded(path);
  return whole && native::isPathText(*whole);
}

folders::HookClaim claimOf(const Hook& hook) { return {hook.route->settings.methods, hook.route->settings.path}; }

bool clashes(const Hook& one, const folders::HookClaim& other, std::string_view folder) {
  return folders::hooksClash(claimOf(one), one.folder, other, folder);
}

/// As the header Allow has them.
std::string joined(const std::set<std::string>& methods) {
  std::string text;
  for (const auto& method : methods) text += (text.empty() ? "" : ", ") + method;
  return text;
}

}  // namespace

HookDesk::~HookDesk() = default;

std::unique_ptr<native::HttpTurn> HookDesk::begin(native::HttpRequest request, Waker waker) {
  if (request.path.starts_with("/hooks/") || request.path.starts_with("/hooks-test/"))
    return std::make_unique<HookTurn>(*this, std::move(request), std::move(waker));
  return next_->begin(std::move(request), std::move(waker));
}

int HookDesk::work() {
  std::vector<Told> told;
  {
    const std::lock_guard locked(mutex_);
    told.swap(inbox_);
  }
  for (const auto& one : told) take(one);
  const auto now = nowMs();
  bool waited = false;
  for (const auto& hook : hooks_) {
    expire(*hook, now);
    sendWaiting(*hook);
    waited = waited || !hook->owed.empty();
  }
  return std::min(waited ? kTickMs : kIdleMs, next_->work());
}

void HookDesk::post(const std::string& run, std::string_view json) {
  {
    const std::lock_guard locked(mutex_);
    inbox_.push_back({run, std::string(json)});
  }
  waker_.wake();
}

void HookDesk::forget(const std::string& run) { post(run, {}); }

void HookDesk::take(const Told& told) {
  if (told.json.empty()) return drop(told.run, std::nullopt);
  const auto data = json::parse(told.json);
  if (data) take(told.run, data->root());
}

void HookDesk::take(const std::string& run, const json::Value& data) {
  const auto what = live::textOf(data, "do", "").value_or("");
  const auto number = live::intOf(data, "hook", -1).value_or(-1);
  if (what == "claim") return claim(run, number, data);
  if (what == "release") return drop(run, number);
  const auto found = std::ranges::find_if(
      hooks_, [&](const std::shared_ptr<Hook>& hook) { return hook->run == run && hook->number == number; });
  if (found == hooks_.end()) return;
  auto& hook = **found;
  if (what == "took") {
    hook.sent = false;
    hook.sentCount = 0;
    release(std::exchange(hook.sentBytes, 0));
  } else if (what == "accept") {
    accept(hook, live::intOf(data, "upTo", 0).value_or(0));
  } else if (what == "reply") {
    const auto request = live::intOf(data, "number", 0).value_or(0);
    const auto* given = data.find("reply");
    const auto reply = hooks::replyOf(given == nullptr ? json::Value() : *given);
    const auto owed = std::ranges::lower_bound(hook.owed, request, {}, &Hook::Owed::number);
    if (owed == hook.owed.end() || owed->number != request) return;
    answer(hook, *owed, reply ? *reply : textReply(502, "the flow gave no answer that can be sent"));
  }
}

// ---- who answers what

void HookDesk::refuseClaim(const std::string& run, std::int64_t number, const Error& error) {
  auto text = frame("refused", number);
  const json::Value code{std::string(error.code)}, message{error.message};
  engines_->hooks(run, text + ",\"code\":" + json::write(code) + ",\"message\":" + json::write(message) + "}");
}

Result<void> HookDesk::checkFree(const Hook& hook) const {
  const auto taken = [&hook](const std::string& by) {
    return fail("ingress.taken", "'" + hook.route->settings.path + "' is answered by " + by + " already");
  };
  for (const auto& other : hooks_) {
    if (other->test != hook.test || !clashes(hook, claimOf(*other), other->folder)) continue;
    return taken(other->flow == hook.flow ? "another run of this flow, '" + other->run + "'," : "another flow");
  }
  if (hook.test) return {};
  for (const auto* flow : book_.hooks()) {
    if (flow->flow == hook.flow) continue;
    for (const auto& claim : flow->claims) {
      if (clashes(hook, claim, flow->folder)) return taken("another flow, which was published with it,");
    }
  }
  return {};
}

void HookDesk::claim(const std::string& run, std::int64_t number, const json::Value& data) {
  const auto* record = supervisor_ == nullptr ? nullptr : supervisor_->record(run);
  if (record == nullptr) return refuseClaim(run, number, Error{"ingress.listen", "the run is not known here"});
  const auto* given = data.find("route");
  auto settings = hooks::routeOf(given == nullptr ? json::Value() : *given);
  if (!settings) return refuseClaim(run, number, settings.error());
  auto hook = std::make_shared<Hook>();
  hook->run = run;
  hook->flow = record->flow;
  hook->folder = record->folder;
  hook->test = record->version == 0;
  hook->number = number;
  settings->maxBodyBytes = std::min(settings->maxBodyBytes, kMostBodyBytes);
  auto secrets = settings->secrets;
  auto route = native::makeRoute(std::move(*settings), std::move(secrets), {});
  if (!route) return refuseClaim(run, number, route.error());
  hook->route = std::move(*route);
  if (auto free = checkFree(*hook); !free) return refuseClaim(run, number, free.error());
  auto address = address_ + (hook->test ? "/hooks-test" : "/hooks");
  address += folders::hookPath(hook->folder, hook->route->settings.path);
  hooks_.push_back(std::move(hook));
  engines_->hooks(run, frame("claimed", number) + ",\"address\":" + json::write(json::Value(address)) + "}");
}

void HookDesk::drop(const std::string& run, std::optional<std::int64_t> number) {
  for (auto at = hooks_.begin(); at != hooks_.end();) {
    if ((*at)->run != run || (number && (*at)->number != *number)) {
      ++at;
      continue;
    }
    const auto hook = *at;
    at = hooks_.erase(at);
    release(std::exchange(hook->sentBytes, 0) + std::exchange(hook->arrivedBytes, 0));
    for (auto& owed : hook->owed) answer(*hook, owed, textReply(503, "the flow has stopped"));
  }
}

int HookDesk::statusOfNone(std::string_view method, std::string_view path, bool test, std::set<std::string>& methods) {
  if (test) return 404;
  for (const auto* flow : book_.hooks()) {
    for (const auto& claim : flow->claims) {
      if (!folders::hookMatches(folders::hookPath(flow->folder, claim.path), path)) continue;
      if (std::ranges::contains(claim.methods, method)) return 503;
      methods.insert(claim.methods.begin(), claim.methods.end());
    }
  }
  return methods.empty() ? 404 : 405;
}

HookDesk::Found HookDesk::find(const native::RequestHead& head, std::string_view path, bool test,
                               std::string& parameters) {
  // No other sending of it would be answered either: nothing that a sender should try again.
  if (!isText(path)) return {nullptr, 400, "the path has bytes that are no text: %00, %0A, %0D, or no UTF-8"};
  std::set<std::string> others;
  for (const auto& hook : hooks_) {
    if (hook->test != test) continue;
    const auto rest = below(hook->folder, path);
    parameters.clear();
    if (!rest || !native::matches(*hook->route, *rest, parameters)) continue;
    if (std::ranges::contains(hook->route->settings.methods, head.method)) return {hook, 0, {}};
    others.insert(hook->route->settings.methods.begin(), hook->route->settings.methods.end());
  }
  const int status = others.empty() ? statusOfNone(head.method, path, test, others) : 405;
  switch (status) {
    case 405:
      return {nullptr, 405, "this path is answered, but not with this method", joined(others)};
    case 503:
      return {nullptr, 503, "the flow that answers this is not running"};
    default:
      return {nullptr, 404,
              test ? "no draft listens here: start a run of the draft, and send again while it goes on"
                   : "no flow answers this path"};
  }
}

// ---- requests and their answers

HookKeys& HookDesk::keysOf(const Hook& hook) { return keys_[hook.flow + "\n" + hook.route->settings.node]; }

void HookDesk::deliver(HookTurn& turn) {
  auto& hook = *turn.hook();
  auto& route = *hook.route;
  if (std::ranges::find(hooks_, turn.hook()) == hooks_.end()) return turn.refuse(503, "the flow has stopped");
  const auto now = clock_.nowMicros();
  if (!route.auth.allowsBody(turn.head(), turn.bytes(), now / 1000))
    return turn.refuse(401, "the signature does not fit");
  std::string key;
  if (!route.settings.idempotencyHeader.empty()) {
    key = turn.head().header(route.settings.idempotencyHeader).value_or("");
    if (key.size() > kMostKeyBytes) return turn.refuse(400, "the idempotency key has more than 256 bytes");
    if (!key.empty() && follow(turn, hook, key)) return;
  }
  const auto waiting = hook.sentCount + std::ssize(route.arriving.requests);
  if (waiting >= route.settings.maxWaiting || route.arriving.text.size() + turn.bytes().size() > kMostWaitingBytes) {
    if (!key.empty()) keepReply(hook, key, textReply(503, "the flow is busy"));
    return turn.refuse(429, "the flow is busy");
  }
  native::appendRequest(route,
                        {turn.head(), turn.path(), turn.query(), turn.parameters(), turn.bytes(), turn.remote(), now});
  // It is in the batch now.
  hook.arrivedBytes += turn.handOver();
  hook.owed.push_back({&turn, route.lastNumber, nowMs() + route.settings.replyTimeoutMs, std::move(key)});
  // All that arrive before the next turn of the loop travel together.
  waker_.wake();
}

/// True: another request with the same key came before; its answer is this one's too.
bool HookDesk::follow(HookTurn& turn, Hook& hook, const std::string& key) {
  auto& kept = keysOf(hook);
  const auto found = kept.keys.find(key);
  if (found == kept.keys.end()) {
    // The oldest go first: what is bounded forgets. Those that are waited for stay.
    while (kept.keys.size() >= kMostKeys && !kept.order.empty()) {
      const auto oldest = kept.keys.find(kept.order.front());
      if (oldest != kept.keys.end() && !oldest->second.done) break;
      if (oldest != kept.keys.end()) kept.keys.erase(oldest);
      kept.order.pop_front();
    }
    kept.keys[key].untilMs = nowMs() + kKeyMs;
    kept.order.push_back(key);
    return false;
  }
  if (found->second.done) {
    turn.finish(found->second.reply);
  } else if (found->second.followers.size() >= kMostFollowers) {
    turn.refuse(429, "too many requests wait for this key");
  } else {
    found->second.followers.push_back(&turn);
    release(turn.handOver());
  }
  return true;
}

bool HookDesk::hold(std::int64_t bytes) {
  if (heldBytes_ + bytes > mostBytes_) return false;
  heldBytes_ += bytes;
  return true;
}

/// Nobody waits for the answer any more; what was sent is done all the same.
void HookDesk::leave(HookTurn& turn) {
  auto& hook = *turn.hook();
  for (auto& owed : hook.owed) {
    if (owed.turn == &turn) owed.turn = nullptr;
  }
  const auto kept = keys_.find(hook.flow + "\n" + hook.route->settings.node);
  if (kept == keys_.end()) return;
  for (auto& [key, entry] : kept->second.keys) std::erase(entry.followers, &turn);
}

void HookDesk::sendWaiting(Hook& hook) {
  auto& arriving = hook.route->arriving;
  if (hook.sent || arriving.requests.empty()) return;
  auto text = frame("batch", hook.number) + ",";
  std::string batch;
  json::Writer out(batch);
  out.beginObject();
  hooks::writeBatch(out, arriving);
  out.endObject();
  engines_->hooks(hook.run, text + batch.substr(1));
  hook.sent = true;
  hook.sentCount = std::ssize(arriving.requests);
  hook.sentBytes = std::exchange(hook.arrivedBytes, 0);
  arriving.clear();
}

void HookDesk::answer(Hook& hook, Hook::Owed& owed, const IngressReply& reply) {
  auto* turn = std::exchange(owed.turn, nullptr);
  const auto key = std::exchange(owed.key, {});
  if (turn != nullptr) turn->finish(reply);
  if (!key.empty()) keepReply(hook, key, reply);
}

void HookDesk::accept(Hook& hook, std::int64_t upTo) {
  const IngressReply accepted{hook.route->settings.acceptedStatus, {}, {}, {}};
  for (auto& owed : hook.owed) {
    if (owed.number > upTo) break;
    answer(hook, owed, accepted);
  }
}

void HookDesk::keepReply(Hook& hook, const std::string& key, const IngressReply& reply) {
  auto& kept = keysOf(hook);
  const auto found = kept.keys.find(key);
  if (found == kept.keys.end() || found->second.done) return;
  const auto followers = std::move(found->second.followers);
  if (reply.status < 500 && reply.body.size() <= kMostKeptBytes) {
    found->second.done = true;
    found->second.reply = reply;
  } else {
    kept.keys.erase(found);  // the sender may try again
  }
  for (auto* turn : followers) turn->finish(reply);
}

void HookDesk::expire(Hook& hook, std::int64_t now) {
  std::int64_t upTo = 0;
  for (auto& owed : hook.owed) {
    if (owed.untilMs > now) break;
    if (owed.turn == nullptr && owed.key.empty()) continue;
    upTo = owed.number;
    answer(hook, owed, textReply(504, "the flow did not answer in time"));
  }
  while (!hook.owed.empty() && hook.owed.front().turn == nullptr && hook.owed.front().key.empty()) {
    hook.owed.pop_front();
  }
  if (upTo > 0) engines_->hooks(hook.run, frame("gone", hook.number) + ",\"upTo\":" + std::to_string(upTo) + "}");
  auto& kept = keysOf(hook);
  while (!kept.order.empty()) {
    const auto oldest = kept.keys.find(kept.order.front());
    if (oldest != kept.keys.end() && (oldest->second.untilMs > now || !oldest->second.done)) break;
    if (oldest != kept.keys.end()) kept.keys.erase(oldest);
    kept.order.pop_front();
  }
}

}  // namespace weir::cli
