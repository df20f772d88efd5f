// Names of streams.
#include "service/live/topics.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/json/writer.h"
#include "engine/live/control.h"
#include "engine/text/suggest.h"
#include "engine/text/url.h"
#include "service/api/auditor.h"

namespace weir::api {
namespace {

using stream::Kind;

constexpr std::array kKinds = {Kind::metrics, Kind::events, Kind::errors,  Kind::logs,
                               Kind::tap,     Kind::alerts, Kind::progress};

/// Not a stream: the connection itself, which is looked at when rights have changed.
constexpr std::string_view kConnection = "connection";

template <class T>
Expected<T> asExpected(Result<T> result) {
  if (result) return std::move(*result);
  return refuse(400, result.error().code, std::move(result.error().message));
}

std::unexpected<Refusal> needs(std::string_view kind, std::string_view what) {
  return refuse(400, "live.control",
                "a subscription to " + std::string(kind) + " needs '" + std::string(what) + "', which is missing");
}

Expected<Kind> kindNamed(const std::string& name) {
  std::array<std::string_view, kKinds.size()> names;
  std::ranges::transform(kKinds, names.begin(), stream::nameOf);
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return kKinds[static_cast<std::size_t>(found - names.begin())];
  return refuse(400, "live.unknown",
                "there is nothing called '" + name +
                    "' to subscribe to; there are metrics, events, errors, logs, tap, progress, alerts." +
                    didYouMean(name, names));
}

Expected<std::string> tapQuery(const json::Value& asked) {
  std::string query;
  auto where = asExpected(live::textOf(asked, "where", ""));
  if (!where) return std::unexpected(std::move(where.error()));
  if (!where->empty()) query = "where=" + percentEncoded(*where);
  const auto rate = asExpected(live::intOf(asked, "rowsPerSecond", 0));
  if (!rate) return std::unexpected(rate.error());
  if (*rate != 0) query += (query.empty() ? "rowsPerSecond=" : "&rowsPerSecond=") + std::to_string(*rate);
  return query;
}

/// The kind of stream that a route is about; the last part of its operation says it.
Kind kindOf(const Route& route) {
  for (const auto kind : kKinds) {
    const auto name = stream::nameOf(kind);
    const auto said = route.operation.substr(std::string_view("watch").size());
    if (std::ranges::equal(said, name, [](char a, char b) { return (a | 0x20) == (b | 0x20); })) return kind;
  }
  return Kind::metrics;
}

std::string tapDetail(const Call& call) {
  std::string detail;
  json::Writer out(detail);
  out.beginObject().key("edge").value(call.parameters[1]);
  if (const auto* where = call.query.find("where")) out.key("where").value(*where);
  out.key("rowsPerSecond").value(call.query.number("rowsPerSecond", 1000)).endObject();
  return detail;
}

}  // namespace

Job<bool> seesAll(Call& call) {
  auto* gate = call.services.gate;
  if (gate == nullptr) co_return true;
  auto route = call.route;
  route.permission = "data.read";
  Call whole{call.services, route, call.request, call.parameters, call.query, std::string(), call.strand};
  const auto admitted = co_await gate->admit(whole);
  co_return admitted.has_value();
}

Job<Expected<stream::Topic>> tapTopicOf(Call& call) {
  stream::Topic topic{.kind = Kind::tap, .subject = call.parameters.front(), .detail = tapDetail(call)};
  topic.masked = !co_await seesAll(call);
  co_return topic;
}

Expected<Request> streamRequest(const json::Value& asked) {
  const auto name = asExpected(live::textOf(asked, "kind", ""));
  if (!name) return std::unexpected(name.error());
  if (*name == kConnection) return Request{"GET", std::string(kPrefix) + "/live", "", {}};
  const auto kind = kindNamed(*name);
  if (!kind) return std::unexpected(kind.error());
  Request request{"GET", std::string(kPrefix), "", {}};
  if (*kind == Kind::alerts) {
    const auto folder = asExpected(live::textOf(asked, "folder", ""));
    if (!folder) return std::unexpected(folder.error());
    request.path += "/live/alerts";
    if (!folder->empty()) request.query = "folder=" + percentEncoded(*folder);
    return request;
  }
  const auto run = asExpected(live::textOf(asked, "run", ""));
  if (!run) return std::unexpected(run.error());
  if (run->empty()) return needs(*name, "run");
  request.path += "/runs/" + percentEncoded(*run) + "/live/";
  if (*kind != Kind::tap) {
    request.path += *name;
    return request;
  }
  const auto edge = asExpected(live::textOf(asked, "edge", ""));
  if (!edge) return std::unexpected(edge.error());
  if (edge->empty()) return needs(*name, "edge");
  request.path += "taps/" + percentEncoded(*edge);
  auto query = tapQuery(asked);
  if (!query) return std::unexpected(std::move(query.error()));
  request.query = std::move(*query);
  return request;
}

Expected<json::Value> askedBy(std::string_view text) {
  const auto take = [&text] {
    const auto end = std::min(text.find(':'), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
  };
  json::Value asked;
  const auto kind = take();
  asked.set("kind", kind);
  if (kind == stream::nameOf(Kind::alerts)) {
    asked.set("folder", text);
    return asked;
  }
  if (kind != stream::nameOf(Kind::tap)) {
    asked.set("run", text);
    return asked;
  }
  asked.set("run", take());
  asked.set("edge", text);
  return asked;
}

Job<Expected<stream::Topic>> topicOf(Call& call) {
  if (call.route.operation == "openLive") co_return stream::Topic{};
  stream::Topic topic{.kind = kindOf(call.route), .subject = {}};
  if (topic.kind == Kind::alerts) {
    topic.subject = call.query.text("folder");
    auto allowed = call.mustHave(auth::Permission::flowRead, {topic.subject, {}},
                                 topic.subject.empty() ? "the root folder" : "the folder '" + topic.subject + "'");
    if (!allowed) co_return std::unexpected(std::move(allowed.error()));
    co_return topic;
  }
  topic.subject = call.parameters.front();
  if (topic.kind == Kind::tap) topic.detail = tapDetail(call);
  if (topic.kind == Kind::tap || topic.kind == Kind::errors) topic.masked = !co_await seesAll(call);
  co_return topic;
}

Job<Expected<stream::Topic>> admittedTo(Services& services, Request asked, const Request& caller, Strand& strand,
                                        bool again) {
  asked.headers = caller.headers;
  asked.remote = caller.remote;
  asked.secure = caller.secure;
  asked.id = caller.id;
  auto match = services.routes.match(asked.method, asked.path);
  if (!match) co_return std::unexpected(std::move(match.error()));
  auto query = Query::parse(asked.query, match->route->query);
  if (!query) co_return std::unexpected(std::move(query.error()));
  Call call{services, *match->route, asked, std::move(match->parameters), std::move(*query), std::string(), strand};
  if (services.gate != nullptr) {
    auto admitted = co_await services.gate->admit(call);
    if (!admitted) co_return std::unexpected(std::move(admitted.error()));
  }
  auto topic = co_await topicOf(call);
  auto* auditor = services.auditor;
  if (!topic || again || auditor == nullptr || !auditor->wants(call, 200)) co_return topic;
  if (auto kept = co_await auditor->keep(call, {}); !kept) co_return std::unexpected(std::move(kept.error()));
  co_return topic;
}

}  // namespace weir::api
