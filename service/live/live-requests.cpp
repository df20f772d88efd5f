// What a connection asks beside streams: routes of the table, and to go on where another connection broke.
#include <algorithm>
#include <array>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/text/suggest.h"
#include "engine/text/url.h"
#include "engine/text/utf8.h"
#include "service/api/route.h"
#include "service/live/live-session.h"
#include "service/live/topics.h"

namespace weir::api {
namespace {

/// A request that has a name of its own, which is an operation of the table of routes. The parameters of its path are
/// members of its data; all others are its body, or its query if it has none.
struct NamedRequest {
  std::string_view type, operation;
  std::string_view action{};  // what is done with a held row
};

constexpr std::array kNamed = {
    NamedRequest{"run", "startRun"},
    NamedRequest{"stop", "stopRun"},
    NamedRequest{"break", "setBreakpoint"},
    NamedRequest{"unbreak", "removeBreakpoint"},
    NamedRequest{"breakpoints", "listBreakpoints"},
    NamedRequest{"held", "listHeldRows"},
    NamedRequest{"step", "actOnHeldRow", "step"},
    NamedRequest{"continue", "actOnHeldRow", "continue"},
    NamedRequest{"next", "actOnHeldRow", "next"},
    NamedRequest{"drop", "actOnHeldRow", "drop"},
    NamedRequest{"set", "changeHeldRow"},
};

/// What a connection does itself.
constexpr std::array kOwn = {std::string_view("hello"),       std::string_view("ping"),   std::string_view("subscribe"),
                             std::string_view("unsubscribe"), std::string_view("credit"), std::string_view("resume")};

/// What the data of a frame may have, where its route does not say so.
struct KnownData {
  std::string_view type, members;
};

constexpr std::array kData = {
    KnownData{"hello", ""},
    KnownData{"ping", ""},
    // Some say something only to the socket of a run.
    KnownData{"subscribe", "kind run edge where rowsPerSecond bytesPerSecond reveal whole after folder as"},
    KnownData{"unsubscribe", ""},
    KnownData{"credit", "bytes"},
    KnownData{"resume", "session last"},
    KnownData{"deploy-graph", "document flow changes ifMatch folder"},
    KnownData{"request", "method path query headers body"},
};

constexpr std::string_view kHeaders = "if-match if-none-match idempotency-key last-event-id";

bool isOneOf(std::string_view words, std::string_view word) {
  return (" " + std::string(words) + " ").contains(" " + std::string(word) + " ");
}

std::string asText(const json::Value& value) { return value.isString() ? *value.asString() : json::write(value); }

template <class Asked>
Expected<Asked> namedRequest(const RouteTable& routes, const NamedRequest& named, json::Value data) {
  const auto found = std::ranges::find(routes.all(), named.operation, &Route::operation);
  if (found == routes.all().end()) {
    return weir::api::refuse(400, "live.unknown", "this place does no '" + std::string(named.type) + "'");
  }
  const auto& route = **found;
  Asked asked{{std::string(route.method), std::string(kPrefix), "", {}}, ""};
  for (auto rest = route.pattern; !rest.empty();) {
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
  if (route.method == "GET" || route.method == "DELETE") {
    for (const auto& member : data.isObject() ? *data.asObject() : json::Value::Object()) {
      asked.request.query += (asked.request.query.empty() ? "" : "&") + percentEncoded(member.key) + "=" +
                             percentEncoded(asText(member.value));
    }
  } else {
    asked.body = data.isNull() ? "{}" : json::write(data);
  }
  return asked;
}

/// deploy-graph: {document, flow?, ifMatch} replaces the flow's document, or makes the flow with `ifMatch: "none"`, in
/// `folder`; {flow, changes, ifMatch} changes it by a JSON patch.
template <class Asked>
Expected<Asked> deployment(const json::Value& data) {
  const auto flow = live::textOf(data, "flow", "");
  const auto tag = live::textOf(data, "ifMatch", "");
  const auto folder = live::textOf(data, "folder", "");
  if (!flow || !tag || !folder) {
    return weir::api::refuse(400, "live.control", "'flow', 'ifMatch' and 'folder' of deploy-graph are texts");
  }
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
  if (tag->empty()) {
    return weir::api::refuse(428, "api.no_condition",
                             "a flow is only changed by who knows its state: give 'ifMatch', the etag that was read, "
                             "\"*\" for any state, or \"none\" for a flow that is not there yet");
  }
  if (data.find("folder") != nullptr && *tag != "none") {
    return weir::api::refuse(400, "live.control",
                             "'folder' is for a new flow, with 'ifMatch': \"none\"; POST .../move moves one");
  }
  Asked asked{{document != nullptr ? "PUT" : "PATCH", std::string(kPrefix) + "/flows/" + percentEncoded(id), "", {}},
              json::write(document != nullptr ? *document : *changes)};
  if (!folder->empty()) asked.request.query = "folder=" + percentEncoded(*folder);
  asked.request.headers.push_back(*tag == "none" ? Header{"if-none-match", "*"} : Header{"if-match", *tag});
  return asked;
}

/// {method, path, query?, headers?, body?}
template <class Asked>
Expected<Asked> plainRequest(const json::Value& data) {
  const auto method = live::textOf(data, "method", "GET");
  const auto path = live::textOf(data, "path", "");
  const auto query = live::textOf(data, "query", "");
  if (!method || !path || !query || !path->starts_with('/')) {
    return weir::api::refuse(400, "live.control",
                             "a request has 'method', 'path' (from /api/v1 on) and 'query', texts");
  }
  const auto mark = std::min(path->find('?'), path->size());
  if (mark < path->size() && !query->empty()) {
    return weir::api::refuse(400, "live.control", "a request has its query in 'path', behind the '?', or in 'query'");
  }
  Asked asked{{*method, path->substr(0, mark), mark < path->size() ? path->substr(mark + 1) : *query, {}}, ""};
  if (const auto* headers = data.find("headers")) {
    if (!headers->isObject()) return weir::api::refuse(400, "live.control", "'headers' is an object of texts");
    for (const auto& member : *headers->asObject()) {
      auto name = utf8::lowerAscii(member.key);
      if (!isOneOf(kHeaders, name) || !member.value.isString()) {
        return weir::api::refuse(400, "live.control",
                                 "the header '" + member.key +
                                     "' cannot be given; 'headers' may have these, as texts: " + std::string(kHeaders));
      }
      asked.request.headers.push_back({std::move(name), *member.value.asString()});
    }
  }
  if (const auto* body = data.find("body")) asked.body = json::write(*body);
  return asked;
}

}  // namespace

Expected<LiveSession::Asked> LiveSession::requestOf(const RouteTable& routes, const live::Control& control) {
  if (control.type == "deploy-graph") return deployment<Asked>(control.data);
  if (control.type == "request") return plainRequest<Asked>(control.data);
  const auto named = std::ranges::find(kNamed, control.type, &NamedRequest::type);
  if (named != kNamed.end()) return namedRequest<Asked>(routes, *named, control.data);
  std::vector<std::string_view> types(kOwn.begin(), kOwn.end());
  types.insert(types.end(), {"deploy-graph", "request"});
  for (const auto& one : kNamed) types.push_back(one.type);
  return weir::api::refuse(400, "live.unknown",
                           "there is no request '" + control.type + "'." + didYouMean(control.type, types));
}

LiveSession::Heard LiveSession::hear(const RouteTable& routes, std::string_view message) {
  Heard heard;
  const auto refused = [&heard](std::string_view code, std::string why) {
    heard.code = code;
    heard.message = std::move(why);
    return std::move(heard);
  };
  auto read = live::readControl(message, live::kMaxDeployBytes);
  if (!read) {
    heard.control.id = idIn(message);
    return refused(read.error().code, std::move(read.error().message));
  }
  auto& control = heard.control;
  control = std::move(*read);
  if (control.type != "deploy-graph" && std::ssize(message) > live::kMaxControlBytes) {
    return refused("live.too_large", "a frame has at most " + std::to_string(live::kMaxControlBytes) +
                                         " bytes, this one has " + std::to_string(message.size()) +
                                         "; only deploy-graph may have more");
  }
  if (auto unknown = unknownIn(message, control); !unknown.empty()) return refused("live.control", std::move(unknown));
  if (std::ranges::contains(kOwn, control.type)) return heard;
  heard.asked = requestOf(routes, control);
  // Nobody asks for a document again.
  if (control.type == "deploy-graph") control.data = json::Value();
  return heard;
}

void LiveSession::ask(Heard heard) {
  auto& control = heard.control;
  if (questions_.size() >= all_.limits().questions) {
    return refuse(control.id, "live.too_many",
                  std::to_string(questions_.size()) + " requests of this connection are under way; wait for an answer");
  }
  auto& asked = *heard.asked;
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
  const bool changes = request.method != "GET" && request.method != "HEAD";
  questions_.push_back({std::move(control), std::move(request), std::move(asked->body), nullptr, changes});
  work();
}

std::string LiveSession::idIn(std::string_view message) {
  const auto frame = json::parse(message);
  const auto* id = frame ? frame->root().find("id") : nullptr;
  return id != nullptr && id->isString() ? *id->asString() : std::string();
}

std::string LiveSession::unknownIn(std::string_view message, const live::Control& control) {
  // Of a large one its data is looked at, which is nearly all of it.
  const auto frame =
      std::ssize(message) > live::kMaxControlBytes ? Result<json::Document>(json::Document()) : json::parse(message);
  for (const auto& member : frame && frame->root().isObject() ? *frame->root().asObject() : json::Value::Object()) {
    if (isOneOf("v type id subscription sequence data", member.key)) continue;
    return "a control frame has no member '" + member.key + "'; it has v, type, id, subscription and data";
  }
  const auto known = std::ranges::find(kData, control.type, &KnownData::type);
  if (known == kData.end() || control.data.isNull()) return {};
  if (!control.data.isObject()) return "the data of '" + control.type + "' is an object";
  for (const auto& member : *control.data.asObject()) {
    if (isOneOf(known->members, member.key)) continue;
    return "the data of '" + control.type + "' has no '" + member.key + "'; " +
           (known->members.empty() ? std::string("it has none") : "there are: " + std::string(known->members));
  }
  return {};
}

void LiveSession::begin(Question& question) {
  question.exchange = std::make_unique<Exchange>(all_.services(), std::move(question.request), waker_);
  if (!question.exchange->takesBody()) return;
  question.exchange->body(std::exchange(question.body, {}));
  question.exchange->endBody();
}

void LiveSession::work() {
  readOn();
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
  // Whether one before it, that changes something, is not done yet.
  bool waits = false;
  for (std::size_t i = 0; i < questions_.size();) {
    auto& question = questions_[i];
    if (!question.exchange && !waits) begin(question);
    if (question.exchange) question.exchange->step();
    if (!question.exchange || question.exchange->answer() == nullptr) {
      waits = waits || question.changes;
      ++i;
      continue;
    }
    auto done = std::move(question);
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
