// What a connection sends of what it has subscribed to.
#include "service/live/live-session.h"

#include <algorithm>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/node/version.h"
#include "service/live/topics.h"

namespace weir::api {
namespace {

// Codes of ours: from 4000 on.
constexpr std::uint16_t kRevoked = 4001, kFlooded = 4002, kUnsupported = 1003;
constexpr std::int64_t kMostCredit = 64 << 20;

}  // namespace

LiveSession::LiveSession(LiveSessions& all, std::string name, std::string user, Request request, Waker waker)
    : all_(all),
      name_(std::move(name)),
      user_(std::move(user)),
      request_(std::move(request)),
      waker_(std::move(waker)) {
  all_.join(*this);
}

LiveSession::~LiveSession() {
  all_.leave(*this);
  all_.leaveSession(user_);
  for (const auto& [run, number] : breakpoints_) {
    json::Value data;
    data.set("breakpoint", number);
    static_cast<void>(all_.feeds().ask(run, "unbreak", std::move(data), Waker()));
  }
  LiveSessions::Saved saved{name_, user_, {}, all_.nowNanos()};
  for (auto& [number, one] : subscriptions_) {
    saved.subscriptions.push_back({number, std::move(one.asked), one.reader->at()});
  }
  if (!saved.subscriptions.empty() && !closed_) all_.save(std::move(saved));
}

void LiveSession::opened(WebSocketSender& sender) { sender_ = &sender; }

void LiveSession::goingAway() { send("going-away", 0, R"({"message":"the server ends; resume when it is back"})"); }

void LiveSession::sendText(std::string_view text) {
  if (sender_ != nullptr && !closed_) sender_->send(textFrame(text));
}

void LiveSession::send(std::string_view type, std::uint32_t subscription, std::string_view data) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("v").value(1).key("type").value(type);
  if (subscription != 0) out.key("subscription").value(std::int64_t{subscription});
  out.key("data").raw(data).endObject();
  sendText(text);
}

void LiveSession::ok(const std::string& id, std::string_view data) {
  if (id.empty()) return;
  std::string text;
  json::Writer out(text);
  out.beginObject().key("v").value(1).key("type").value("ok").key("id").value(id).key("data").raw(data).endObject();
  sendText(text);
}

void LiveSession::refuse(const std::string& id, std::string_view code, std::string_view message) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("v").value(1).key("type").value("error");
  if (!id.empty()) out.key("id").value(id);
  out.key("data").beginObject().key("code").value(code).key("message").value(message).endObject().endObject();
  sendText(text);
}

bool LiveSession::isFlooded(std::int64_t nowNanos) {
  if (const auto second = nowNanos / 1'000'000'000; second != std::exchange(second_, second)) inSecond_ = 0;
  return ++inSecond_ > all_.limits().framesPerSecond;
}

void LiveSession::binary(std::string_view) {
  closed_ = true;
  sender_->close(kUnsupported, "requests are text messages");
}

void LiveSession::text(std::string_view message) {
  if (closed_) return;
  if (isFlooded(all_.nowNanos())) {
    closed_ = true;
    return sender_->close(kFlooded,
                          "more than " + std::to_string(all_.limits().framesPerSecond) + " frames in a second");
  }
  if (takesMessages() && message.size() < kLargeBytes) return take(hear(all_.services().routes, message));
  unread_.emplace_back(message);
  readOn();
}

void LiveSession::readOn() {
  if (std::exchange(hearing_, true)) return;
  while (!closed_) {
    if (reading_.ready()) {
      if (auto heard = reading_.take()) take(std::move(*heard));
    }
    if (reading_.active() || unread_.empty() || !listen(unread_.front())) break;
    unread_.pop_front();
  }
  hearing_ = false;
}

bool LiveSession::listen(std::string& message) {
  auto* elsewhere = all_.services().elsewhere;
  if (elsewhere == nullptr || message.size() < kLargeBytes) {
    take(hear(all_.services().routes, message));
    return true;
  }
  Completion<Heard> completion(waker_);
  const auto text = std::make_shared<std::string>(std::move(message));
  const auto read = [text, &routes = all_.services().routes] { return hear(routes, *text); };
  auto shared = std::make_shared<OneTime<decltype(read)>>(read);
  const auto readOnce = [completion, shared]() mutable {
    if (auto heard = shared->run()) completion.complete(std::move(*heard));
  };
  if (!elsewhere->give(readOnce, text->size(), user_)) {
    message = std::move(*text);
    return false;
  }
  reading_ = completion.operation();
  wanted_ = whileWanted(std::move(shared));
  return true;
}

void LiveSession::take(Heard heard) {
  if (!heard.code.empty()) return refuse(heard.control.id, heard.code, heard.message);
  answer(std::move(heard));
}

void LiveSession::answer(Heard heard) {
  auto& control = heard.control;
  if (control.type == "hello") return hello(control);
  if (control.type == "ping") return ok(control.id, "{}");
  if (control.type == "subscribe") return subscribe(std::move(control));
  if (control.type == "credit") return credit(control);
  if (control.type == "resume") return resume(control);
  if (control.type != "unsubscribe") return ask(std::move(heard));
  if (!control.subscription || subscriptions_.erase(*control.subscription) == 0) {
    return refuse(control.id, "live.no_subscription",
                  "there is no subscription of that number; name it as 'subscription'");
  }
  ok(control.id, "{}");
}

void LiveSession::hello(const live::Control& control) {
  const auto& limits = all_.limits();
  std::string text;
  json::Writer out(text);
  out.beginObject().key("session").value(name_).key("version").value(kEngineVersion).key("limits").beginObject();
  out.key("controlBytes").value(live::kMaxControlBytes).key("deployBytes").value(live::kMaxDeployBytes);
  out.key("subscriptions").value(static_cast<std::int64_t>(limits.subscriptions));
  out.key("framesPerSecond").value(limits.framesPerSecond).key("creditBytes").value(limits.creditBytes);
  out.endObject().endObject();
  ok(control.id, text);
}

void LiveSession::credit(const live::Control& control) {
  const auto at = control.subscription ? subscriptions_.find(*control.subscription) : subscriptions_.end();
  if (at == subscriptions_.end()) {
    return refuse(control.id, "live.no_subscription", "there is no subscription of that number to give credit to");
  }
  const auto bytes = live::intOf(control.data, "bytes", 0);
  if (!bytes || *bytes <= 0 || *bytes > kMostCredit) {
    return refuse(control.id, "live.control", "a credit has 'bytes', 1 to " + std::to_string(kMostCredit));
  }
  at->second.credit = std::min(kMostCredit, at->second.credit + *bytes);
  ok(control.id, "{}");
  pump();
}

void LiveSession::pump() {
  if (pumping_ || closed_ || sender_ == nullptr) return;
  pumping_ = true;
  // One after the other, so that none waits for another that has more to say.
  bool sent = true;
  while (sent && !closed_) {
    sent = false;
    for (std::size_t i = 0; i < subscriptions_.size(); ++i) {
      full_ = sender_->queuedBytes() >= all_.limits().queuedBytes;
      if (full_) break;
      auto at = subscriptions_.upper_bound(lastSent_);
      if (at == subscriptions_.end()) at = subscriptions_.begin();
      lastSent_ = at->first;
      sent = sendNext(at->first, at->second) || sent;
    }
  }
  pumping_ = false;
}

bool LiveSession::sendNext(std::uint32_t number, Subscription& subscription) {
  if (subscription.credit <= 0) return false;
  auto& reader = *subscription.reader;
  const auto message = reader.next();
  if (!message) {
    if (!reader.stream().ended()) return false;
    std::string text;
    json::Writer(text).beginObject().key("outcome").value(reader.stream().outcome()).endObject();
    send("ended", number, text);
    subscriptions_.erase(number);
    return true;
  }
  if (const auto missed = reader.takeMissed(); missed > 0) {
    send("missed", number, "{\"messages\":" + std::to_string(missed) + "}");
  }
  if (message->isRows() && !subscription.asJson) {
    sendRows(number, subscription, *message);
    return true;
  }
  const auto& frame = message->text(number, reader.rowsShed());
  subscription.credit -= std::ssize(*frame);
  sender_->send(frame);
  return true;
}

void LiveSession::sendRows(std::uint32_t number, Subscription& subscription, const stream::Message& message) {
  const auto shed = subscription.reader->rowsShed();
  const auto put = [&](const WebSocketFrame& frame) {
    subscription.credit -= std::ssize(*frame);
    sender_->send(frame);
  };
  if (const auto* schema = message.parts().schema.get(); schema != std::exchange(subscription.schema, schema)) {
    put(message.schemaFrame(number, shed));
  }
  for (const auto& frame : message.binary(number, shed)) put(frame);
}

void LiveSession::subscribe(live::Control control) {
  const auto& limits = all_.limits();
  if (subscriptions_.size() + admissions_.size() >= limits.subscriptions) {
    return refuse(
        control.id, "live.too_many",
        "a connection has at most " + std::to_string(limits.subscriptions) + " subscriptions; end one of them first");
  }
  lastNumber_ = std::max(lastNumber_, subscriptions_.empty() ? 0 : subscriptions_.rbegin()->first);
  admit(++lastNumber_, std::move(control.data), std::move(control.id), 0, false);
}

void LiveSession::admit(std::uint32_t number, json::Value asked, std::string id, std::uint64_t after, bool again) {
  auto request = streamRequest(asked);
  if (!request) return refuse(id, request.error().code, request.error().detail);
  auto made = std::make_unique<Admission>(waker_);
  made->number = number;
  made->id = std::move(id);
  made->asked = std::move(asked);
  made->after = after;
  made->again = again;
  made->job = admittedTo(all_.services(), std::move(*request), request_, made->strand, again);
  auto& admission = *admissions_.emplace_back(std::move(made));
  admission.job.start();
  work();
}

void LiveSession::admitted(Admission& admission) {
  auto topic = admission.job.take();
  const auto at = subscriptions_.find(admission.number);
  if (!topic) {
    if (!admission.again && !admission.id.empty()) {
      return refuse(admission.id, topic.error().code, topic.error().detail);
    }
    if (!admission.again || admission.number == 0 || at != subscriptions_.end()) lose(admission.number, topic.error());
    return;
  }
  if (admission.number == 0) return;
  // Ended while it was looked at, or nothing has changed.
  if (admission.again && (at == subscriptions_.end() || at->second.topic == *topic)) return;
  const auto as = live::textOf(admission.asked, "as", "frames");
  if (!as || (*as != "frames" && *as != "json")) {
    return refuse(admission.id, "live.control", "'as' is frames or json");
  }
  auto stream = all_.hub().of(*topic);
  if (!stream)
    return refuse(admission.id, "live.too_many", "too many streams are read on this server; try again later");
  Subscription made{.asked = admission.asked, .topic = *topic};
  made.reader = std::make_unique<stream::Reader>(std::move(stream), *this, admission.after);
  made.credit = all_.limits().creditBytes;
  made.asJson = *as == "json";
  subscriptions_.insert_or_assign(admission.number, std::move(made));
  ok(admission.id, "{\"subscription\":" + std::to_string(admission.number) + "}");
  pump();
}

void LiveSession::lose(std::uint32_t number, const Refusal& why) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("code").value("auth.revoked").key("message").value(why.detail).endObject();
  subscriptions_.erase(number);
  if (why.status == 401 || number == 0) {
    send("closed", 0, text);
    closed_ = true;
    return sender_->close(kRevoked, "auth.revoked");
  }
  send("closed", number, text);
}

void LiveSession::tick(std::int64_t, bool recheck) {
  readOn();  // there may be room now where there was none
  recheck_ = recheck_ || recheck;
  // A look that began before the change may have seen what was.
  if (!recheck_ || closed_ || !admissions_.empty()) return;
  recheck_ = false;
  std::vector<std::uint32_t> numbers;
  for (const auto& [number, subscription] : subscriptions_) numbers.push_back(number);
  json::Value connection;
  connection.set("kind", "connection");
  admit(0, std::move(connection), {}, 0, true);
  for (const auto number : numbers) {
    const auto at = subscriptions_.find(number);
    if (at != subscriptions_.end()) admit(number, at->second.asked, {}, at->second.reader->at(), true);
  }
}

}  // namespace weir::api
