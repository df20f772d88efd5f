// What those who watch may ask, and what they are answered.
#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "engine/data/value-json.h"
#include "engine/json/writer.h"
#include "engine/live/describe.h"
#include "engine/live/session.h"
#include "engine/node/version.h"
#include "engine/text/suggest.h"

namespace weir::live {
namespace {

constexpr std::size_t kMostSubscriptions = 100;
constexpr std::int64_t kMostCredit = 64 << 20;
constexpr std::int64_t kMostWaitMs = 3'600'000;
constexpr std::string_view kNothing = "{}";

Result<std::uint32_t> numberIn(const json::Value& data, std::string_view key) {
  WEIR_ASSIGN(const auto number, intOf(data, key, -1));
  if (number < 0 || number > std::numeric_limits<std::int32_t>::max()) {
    return fail("live.control", "a request needs '" + std::string(key) + "', the number of what is meant");
  }
  return static_cast<std::uint32_t>(number);
}

std::string numbered(std::string_view key, std::uint32_t number) {
  return "{\"" + std::string(key) + "\":" + std::to_string(number) + "}";
}

std::unexpected<Error> noSubscription(const Control& request) {
  return fail("debug.unknown",
              "there is no subscription " +
                  (request.subscription ? std::to_string(*request.subscription) : std::string("named")));
}

/// Sources read every field that they could; else rows may have had more of them where they come from.
bool readsAllFields(const Plan& plan) {
  return std::ranges::all_of(plan.nodes, [](const PlannedNode& node) {
    return !node.inputs.empty() || std::ranges::all_of(node.needed, [&](const FieldSet& needed) {
      return needed.all || (needed.names.empty() && &needed == &node.needed.back());
    });
  });
}

Result<TapOptions> tapOptions(const json::Value& asked) {
  TapOptions options;
  WEIR_ASSIGN(options.edge, textOf(asked, "edge", ""));
  WEIR_ASSIGN(options.where, textOf(asked, "where", ""));
  WEIR_ASSIGN(options.rowsPerSecond, numberOf(asked, "rowsPerSecond", options.rowsPerSecond));
  WEIR_ASSIGN(options.bytesPerSecond, numberOf(asked, "bytesPerSecond", options.bytesPerSecond));
  WEIR_ASSIGN(options.reveal, boolOf(asked, "reveal", false));
  // A frame holds 64 MiB, and what a tap gives at once is at most what a second allows.
  options.bytesPerSecond = std::min(options.bytesPerSecond, 32.0 * (1 << 20));
  return options;
}

}  // namespace

Session::Answer Session::answer(const Control& request, std::int64_t nowNanos) {
  const auto& type = request.type;
  if (type == "hello") return hello();
  if (type == "subscribe") {
    const auto number = request.subscription.value_or(lastSubscription_ + 1);
    if (subscriptions_.contains(number)) {
      return fail("debug.limit", "there is a subscription " + std::to_string(number) + " already; take another number");
    }
    return subscribe(request.data, number);
  }
  if (type == "unsubscribe") return unsubscribe(request);
  if (type == "credit") return credit(request);
  if (type == "resume") return resume(request.data, nowNanos);
  if (type == "break") return setBreakpoint(request.data);
  if (type == "unbreak") return removeBreakpoint(request.data);
  if (type == "breakpoints") return listBreakpoints();
  if (type == "held") return listHeld(request.data);
  if (type == "act") return act(request.data);
  if (type == "set") return change(request.data);
  if (type == "alerts") return listAlerts();
  if (type == "mute") return mute(request.data);
  if (type == "deploy-graph") return deploy(request.data);
  if (type == "change") return lastChange();
  static constexpr std::string_view kTypes[] = {"hello", "subscribe", "unsubscribe", "credit",       "resume",
                                                "break", "unbreak",   "breakpoints", "held",         "act",
                                                "set",   "alerts",    "mute",        "deploy-graph", "change"};
  return fail("live.unknown", "there is no request '" + type + "'." + didYouMean(type, kTypes));
}

Session::Answer Session::deploy(const json::Value& data) {
  if (!about_.planOf) return fail("live.unknown", "this run takes no new versions");
  const auto* document = data.find("document");
  if (document == nullptr || !document->isObject()) {
    return fail("live.control", "deploy-graph needs 'document', the new version of the flow");
  }
  ChangeOptions options;
  WEIR_ASSIGN(options.keepState, boolOf(data, "keepState", false));
  WEIR_ASSIGN(options.waitMs, intOf(data, "waitMs", options.waitMs));
  if (options.waitMs < 0 || options.waitMs > kMostWaitMs) {
    return fail("settings.range", "waitMs of deploy-graph is between 0 and " + std::to_string(kMostWaitMs));
  }
  WEIR_ASSIGN(auto plan, about_.planOf(json::write(*document)));
  WEIR_ASSIGN(const auto number, run_.change(std::move(plan), options));
  return "{\"change\":" + std::to_string(number) + "}";
}

Session::Answer Session::lastChange() const {
  static constexpr std::string_view kStates[] = {"none", "underWay", "applied", "refused"};
  const auto view = run_.lastChange();
  std::string text;
  json::Writer out(text);
  out.beginObject().key("change").value(view.number);
  out.key("state").value(kStates[static_cast<std::size_t>(view.state)]).key("steps").beginArray();
  for (const auto& step : view.steps) out.value(step);
  out.endArray();
  if (view.error) {
    out.key("error").beginObject().key("code").value(view.error->code).key("message").value(view.error->message);
    out.endObject();
  }
  out.endObject();
  return text;
}

Session::Answer Session::hello() const {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("run").value(about_.run).key("flow").value(about_.flow).key("version").value(about_.version);
  out.key("file").value(about_.file).key("process").value(about_.process);
  out.key("engine").value(kEngineVersion).key("session").value(name_);
  out.key("elapsedMicros").value(run_.metrics().elapsedMicros);
  const auto& plan = run_.plan();
  out.key("nodes").beginArray();
  for (const auto& node : plan.nodes) {
    out.beginObject().key("id").value(node.id).key("typeId").value(node.type->id).endObject();
  }
  out.endArray().key("edges").beginArray();
  for (const auto& edge : plan.edges) {
    out.beginObject().key("id").value(edge.id);
    out.key("source").value(plan.nodes[static_cast<std::size_t>(edge.source)].id);
    out.key("target").value(plan.nodes[static_cast<std::size_t>(edge.target)].id).endObject();
  }
  out.endArray().endObject();
  return text;
}

Session::Answer Session::subscribe(const json::Value& asked, std::uint32_t number) {
  if (subscriptions_.size() >= kMostSubscriptions) {
    return fail("debug.limit", "a connection has at most 100 subscriptions; end one of them first");
  }
  WEIR_ASSIGN(const auto kind, textOf(asked, "kind", ""));
  Subscription made;
  made.asked = asked;
  if (kind == "metrics") {
    made.kind = Kind::metrics;
  } else if (kind == "events") {
    made.kind = Kind::events;
    WEIR_ASSIGN(const auto after, intOf(asked, "after", 0));
    made.sequence = static_cast<std::uint64_t>(std::max<std::int64_t>(0, after));
  } else if (kind == "tap") {
    made.kind = Kind::tap;
    WEIR_ASSIGN(const auto options, tapOptions(asked));
    WEIR_ASSIGN(made.tap, run_.debugger().tap(options, number_));
    WEIR_ASSIGN(const auto whole, boolOf(asked, "whole", false));
    made.frames = std::make_unique<BatchFrames>(number, whole);
  } else {
    return fail("live.unknown",
                "there is nothing called '" + kind + "' to subscribe to; there are metrics, events, tap");
  }
  lastSubscription_ = std::max(lastSubscription_, number);
  const bool tapped = made.kind == Kind::tap;
  subscriptions_[number] = std::move(made);
  if (!tapped) return numbered("subscription", number);
  return "{\"subscription\":" + std::to_string(number) +
         ",\"allFields\":" + (readsAllFields(run_.plan()) ? "true}" : "false}");
}

/// Of a tap the answer is what it counted to the end.
Session::Answer Session::unsubscribe(const Control& request) {
  const auto at = request.subscription ? subscriptions_.find(*request.subscription) : subscriptions_.end();
  if (at == subscriptions_.end()) return noSubscription(request);
  auto answer = std::string(kNothing);
  if (at->second.kind == Kind::tap) {
    if (const auto taken = run_.debugger().take(at->second.tap, nowNanos_)) answer = describe(taken->counts);
    run_.debugger().endTap(at->second.tap);
  }
  subscriptions_.erase(at);
  return answer;
}

Session::Answer Session::credit(const Control& request) {
  const auto at = request.subscription ? subscriptions_.find(*request.subscription) : subscriptions_.end();
  if (at == subscriptions_.end()) return noSubscription(request);
  WEIR_ASSIGN(const auto bytes, intOf(request.data, "bytes", 0));
  if (bytes <= 0 || bytes > kMostCredit) {
    return fail("live.control", "a credit is 1 byte to 64 MiB, not " + std::to_string(bytes));
  }
  at->second.credit = std::min(kMostCredit, at->second.credit + bytes);
  return std::string(kNothing);
}

Session::Answer Session::resume(const json::Value& data, std::int64_t nowNanos) {
  WEIR_ASSIGN(const auto session, textOf(data, "session", ""));
  const auto saved = saved_.take(session, nowNanos);
  if (!saved) {
    return fail("debug.unknown", "there is no session '" + session + "' to go on with; subscribe anew");
  }
  const auto* last = data.find("last");
  std::string text;
  json::Writer out(text);
  out.beginObject().key("subscriptions").beginArray();
  for (const auto& [number, spec] : *saved) {
    auto asked = spec;
    const auto* seen = last != nullptr ? last->find(std::to_string(number)) : nullptr;
    if (seen != nullptr && seen->asInt64() != nullptr) asked.set("after", *seen);
    if (subscribe(asked, number)) out.value(std::int64_t{number});
  }
  out.endArray().endObject();
  return text;
}

Session::Answer Session::setBreakpoint(const json::Value& data) {
  BreakpointOptions options;
  WEIR_ASSIGN(options.node, textOf(data, "node", ""));
  WEIR_ASSIGN(options.edge, textOf(data, "edge", ""));
  WEIR_ASSIGN(options.where, textOf(data, "where", ""));
  WEIR_ASSIGN(options.after, intOf(data, "after", 1));
  WEIR_ASSIGN(options.log, textOf(data, "log", ""));
  WEIR_ASSIGN(const auto number, run_.debugger().stopAt(options, number_));
  return numbered("breakpoint", number);
}

Session::Answer Session::removeBreakpoint(const json::Value& data) {
  WEIR_ASSIGN(const auto number, numberIn(data, "breakpoint"));
  WEIR_TRY(run_.debugger().removeStop(number));
  return std::string(kNothing);
}

Session::Answer Session::listBreakpoints() const { return describe(run_.debugger().breakpoints()); }

Session::Answer Session::listHeld(const json::Value& data) const {
  WEIR_ASSIGN(const auto reveal, boolOf(data, "reveal", false));
  return describe(run_.debugger().held(reveal));
}

Session::Answer Session::act(const json::Value& data) {
  WEIR_ASSIGN(const auto number, numberIn(data, "held"));
  WEIR_ASSIGN(const auto action, textOf(data, "action", ""));
  static constexpr std::array<std::pair<std::string_view, HeldAction>, 4> kActions{{{"continue", HeldAction::go},
                                                                                    {"step", HeldAction::step},
                                                                                    {"next", HeldAction::next},
                                                                                    {"drop", HeldAction::drop}}};
  const auto found = std::ranges::find(kActions, action, &std::pair<std::string_view, HeldAction>::first);
  if (found == kActions.end()) {
    return fail("live.unknown",
                "nothing called '" + action + "' can be done with a row; continue, step, next, drop can");
  }
  WEIR_TRY(run_.debugger().act(number, found->second));
  return std::string(kNothing);
}

Session::Answer Session::change(const json::Value& data) {
  WEIR_ASSIGN(const auto number, numberIn(data, "held"));
  const auto* fields = data.find("fields");
  if (fields == nullptr || !fields->isObject()) return fail("live.control", "a change needs 'fields', an object");
  WEIR_TRY(run_.debugger().change(number, fromJson(*fields)));
  return std::string(kNothing);
}

}  // namespace weir::live
