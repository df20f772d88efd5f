// What a connection asks beside streams: routes of the table, and to go on where another connection broke.
#include <algorithm>
#include <array>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/text/suggest.h"
#include "engine/text/url.h"
#include "service/live/live-session.h"
#include "service/live/topics.h"

namespace weir::api {
namespace {

/// A request that has a name of its own. `{run}` and the like are members of its data; all others are its body.
struct NamedRequest {
  std::string_view type, method, pattern;
  std::string_view action{};  // what is done with a held row
};

constexpr std::array kNamed = {
    NamedRequest{"run", "POST", "/flows/{flow}/runs"},
    NamedRequest{"stop", "DELETE", "/runs/{run}"},
    NamedRequest{"break", "POST", "/runs/{run}/breakpoints"},
    NamedRequest{"unbreak", "DELETE", "/runs/{run}/breakpoints/{breakpoint}"},
    NamedRequest{"breakpoints", "GET", "/runs/{run}/breakpoints"},
    NamedRequest{"held", "GET", "/runs/{run}/held"},
    NamedRequest{"step", "POST", "/runs/{run}/held/{held}", "step"},
    NamedRequest{"continue", "POST", "/runs/{run}/held/{held}", "continue"},
    NamedRequest{"next", "POST", "/runs/{run}/held/{held}", "next"},
    NamedRequest{"drop", "POST", "/runs/{run}/held/{held}", "drop"},
    NamedRequest{"set", "PUT", "/runs/{run}/held/{held}"},
};

constexpr std::array kOthers = {std::string_view("hello"),        std::string_view("ping"),
                                std::string_view("subscribe"),    std::string_view("unsubscribe"),
                                std::string_view("credit"),       std::string_view("resume"),
                                std::string_view("deploy-graph"), std::string_view("request")};

std::string asText(const json::Value& value) { return value.isString() ? *value.asString() : json::write(value); }

/// A request and its body.
struct Asked {
  Request request;
  std::string body;
};

Expected<Asked> namedRequest(const NamedRequest& named, json::Value data) {
  Asked asked{{std::string(named.method), std::string(kPrefix), "", {}}, ""};
  for (auto rest = named.pattern; !rest.empty();) {
    const auto begin = std::min(rest.find('{'), rest.size());
    asked.request.path += rest.substr(0, begin);
    rest.remove_prefix(begin);
    if (rest.empty()) break;
    const auto key = rest.substr(1, rest.find('}') - 1);
    rest.remove_prefix(key.size() + 2);
    const auto* value = data.find(key);
    const auto text = value == nullptr ? std::string() : asText(*value);
    if (text.empty()) {
      return weir::api::refuse(400, "live.control",
                               "'" + std::string(named.type) + "' needs '" + std::string(key) + "' in its data");
    }
    asked.request.path += percentEncoded(text);
    data.remove(key);
  }
  if (!named.action.empty()) data.set("action", named.action);
  if (named.method == "GET" || named.method == "DELETE") {
    for (const auto& member : data.isObject() ? *data.asObject() : json::Value::Object()) {
      asked.request.query += (asked.request.query.empty() ? "" : "&") + percentEncoded(member.key) + "=" +
                             percentEncoded(asText(member.value));
    }
  } else {
    asked.body = data.isNull() ? "{}" : json::write(data);
  }
  return asked;
}

/// deploy-graph: {document, flow?, ifMatch?} replaces the flow's document, or makes the flow with `ifMatch: "none"`;
/// {flow, changes, ifMatch} changes it by a JSON patch.
Expected<Asked> deployment(const json::Value& data) {
  const auto flow = live::textOf(data, "flow", "");
  const auto tag = live::textOf(data, "ifMatch", "*");
  if (!flow || !tag) return weir::api::refuse(400, "live.control", "'flow' and 'ifMatch' of deploy-graph are texts");
  const auto* document = data.find("document");
  const auto* changes = data.find("changes");
  if ((document == nullptr) == (changes == nullptr)) {
    return weir::api::refuse(400, "live.control",
                             "deploy-graph has either 'document', the whole flow, or 'changes', a JSON patch of it");
  }
  auto id = *flow;
  if (id.empty() && document != nullptr) {
    if (const auto* own = document->find("id"); own != nullptr && own->asString() != nullptr) id = *own->asString();
  }
  if (id.empty()) return weir::api::refuse(400, "live.control", "deploy-graph needs 'flow', the id of the flow");
  Asked asked{{document != nullptr ? "PUT" : "PATCH", std::string(kPrefix) + "/flows/" + percentEncoded(id), "", {}},
              json::write(document != nullptr ? *document : *changes)};
  asked.request.headers.push_back(*tag == "none" ? Header{"if-none-match", "*"} : Header{"if-match", *tag});
  return asked;
}

/// {method, path, query?, headers?, body?}
Expected<Asked> plainRequest(const json::Value& data) {
  const auto method = live::textOf(data, "method", "GET");
  const auto path = live::textOf(data, "path", "");
  const auto query = live::textOf(data, "query", "");
  if (!method || !path || !query || !path->starts_with('/')) {
    return weir::api::refuse(400, "live.control",
                             "a request has 'method', 'path' (from /api/v1 on) and 'query', texts");
  }
  Asked asked{{*method, *path, *query, {}}, ""};
  for (const auto* name : {"if-match", "if-none-match", "idempotency-key", "last-event-id"}) {
    const auto* headers = data.find("headers");
    const auto* value = headers == nullptr ? nullptr : headers->find(name);
    if (value != nullptr && value->asString() != nullptr) asked.request.headers.push_back({name, *value->asString()});
  }
  if (const auto* body = data.find("body")) asked.body = json::write(*body);
  return asked;
}

Expected<Asked> requestOf(const live::Control& control) {
  if (control.type == "deploy-graph") return deployment(control.data);
  if (control.type == "request") return plainRequest(control.data);
  const auto named = std::ranges::find(kNamed, control.type, &NamedRequest::type);
  if (named != kNamed.end()) return namedRequest(*named, control.data);
  std::vector<std::string_view> types(kOthers.begin(), kOthers.end());
  for (const auto& one : kNamed) types.push_back(one.type);
  return weir::api::refuse(400, "live.unknown",
                           "there is no request '" + control.type + "'." + didYouMean(control.type, types));
}

}  // namespace

void LiveSession::ask(live::Control control) {
  if (questions_.size() >= all_.limits().questions) {
    return refuse(control.id, "live.too_many",
                  std::to_string(questions_.size()) + " requests of this connection are under way; wait for an answer");
  }
  auto asked = requestOf(control);
  if (!asked) return refuse(control.id, asked.error().code, asked.error().detail);
  auto& request = asked->request;
  // The connection's own headers say who asks; what they say of a body was about another one.
  for (const auto& header : request_.headers) {
    if (header.name == "cookie" || header.name == "authorization" || header.name == "origin" || header.name == "host" ||
        header.name.starts_with("sec-fetch-") || header.name == "x-weir-csrf") {
      request.headers.push_back(header);
    }
  }
  request.remote = request_.remote;
  request.secure = request_.secure;
  auto exchange = std::make_unique<Exchange>(all_.services(), std::move(request), waker_);
  if (exchange->takesBody()) {
    exchange->body(asked->body);
    exchange->endBody();
  }
  questions_.push_back({std::move(control), std::move(exchange)});
  work();
}

void LiveSession::work() {
  for (std::size_t i = 0; i < admissions_.size();) {
    admissions_[i]->strand.step();
    if (!admissions_[i]->job.done()) {
      ++i;
      continue;
    }
    const auto done = std::move(admissions_[i]);
    admissions_.erase(admissions_.begin() + static_cast<std::ptrdiff_t>(i));
    admitted(*done);
  }
  for (std::size_t i = 0; i < questions_.size();) {
    questions_[i].exchange->step();
    if (questions_[i].exchange->answer() == nullptr) {
      ++i;
      continue;
    }
    auto done = std::move(questions_[i]);
    questions_.erase(questions_.begin() + static_cast<std::ptrdiff_t>(i));
    answered(done);
  }
}

void LiveSession::answered(Question& question) {
  auto& response = *question.exchange->answer();
  const auto& id = question.asked.id;
  auto body = json::parse(response.body);
  if (response.status >= 400) {
    if (!body) return refuse(id, "live.control", "the request was refused");
    std::string text;
    json::Writer out(text);
    out.beginObject().key("v").value(1).key("type").value("error");
    if (!id.empty()) out.key("id").value(id);
    auto data = body->root();
    data.set("message", data.find("detail") != nullptr ? *data.find("detail") : json::Value(""));
    out.key("data").value(data).endObject();
    return sendText(text);
  }
  if (response.stream) {
    return refuse(id, "live.unknown", "the route answers with a stream, which a connection gets by subscribe");
  }
  if (body) noteBreakpoint(question, body->root());
  std::string text;
  json::Writer out(text);
  out.beginObject().key("status").value(response.status);
  if (const auto* tag = headerOf(response.headers, "etag")) out.key("etag").value(*tag);
  if (const auto* where = headerOf(response.headers, "location")) out.key("location").value(*where);
  if (!response.body.empty()) out.key("body").raw(body ? std::string_view(response.body) : std::string_view("null"));
  out.endObject();
  ok(id, text);
}

void LiveSession::noteBreakpoint(const Question& question, const json::Value& answer) {
  const auto& asked = question.asked;
  const auto run = live::textOf(asked.data, "run", "");
  if (!run) return;
  if (asked.type == "break") {
    const auto number = live::intOf(answer, "breakpoint", -1);
    if (number && *number >= 0) breakpoints_.emplace_back(*run, *number);
  }
  if (asked.type == "unbreak") {
    const auto number = live::intOf(asked.data, "breakpoint", -1);
    if (number) std::erase(breakpoints_, std::pair(*run, *number));
  }
}

void LiveSession::resume(const live::Control& control) {
  const auto session = live::textOf(control.data, "session", "");
  auto saved = session ? all_.take(*session, user_) : std::nullopt;
  if (!saved) {
    return refuse(control.id, "live.no_session",
                  "there is no connection of that name to go on with: it is forgotten, or still there; subscribe anew");
  }
  if (!subscriptions_.empty() || !admissions_.empty()) {
    return refuse(control.id, "live.control", "resume comes before all subscriptions of a connection");
  }
  const auto* last = control.data.find("last");
  std::string text;
  json::Writer out(text);
  out.beginObject().key("subscriptions").beginArray();
  for (const auto& one : saved->subscriptions) out.value(std::int64_t{one.number});
  out.endArray().endObject();
  ok(control.id, text);
  for (auto& one : saved->subscriptions) {
    // What was sent last may not have come.
    const auto* seen = last == nullptr ? nullptr : last->find(std::to_string(one.number));
    auto after = one.at;
    if (seen != nullptr && seen->asInt64() != nullptr && *seen->asInt64() >= 0) {
      after = std::min(after, static_cast<std::uint64_t>(*seen->asInt64()));
    }
    lastNumber_ = std::max(lastNumber_, one.number);
    admit(one.number, std::move(one.asked), {}, after, false);
  }
}

}  // namespace weir::api
