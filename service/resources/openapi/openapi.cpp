// Writes the OpenAPI document.
#include "service/resources/openapi/openapi.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>
#include <vector>

#include "engine/data/check.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/resources/openapi/shapes.h"

namespace weir::api {
namespace {

using json::Value;

struct HeaderText {
  std::string_view name, written, help;
};

constexpr std::array kHeaders = {
    HeaderText{"if-match", "If-Match", "The ETag of the state that is changed, or * for any."},
    HeaderText{"if-none-match", "If-None-Match", "An ETag that the caller has; for PUT, *: only if there is none yet."},
    HeaderText{"last-event-id", "Last-Event-ID", "The number of the last event that was seen."},
    HeaderText{"idempotency-key", "Idempotency-Key",
               "A name for this request: sent again with the same name it has no second effect, and the same answer."},
};

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(at), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Value object(std::initializer_list<std::pair<std::string_view, Value>> members) {
  auto value = Value::object();
  for (const auto& [key, member] : members) value.set(std::string(key), member);
  return value;
}

Value reference(std::string_view kind, std::string_view name) {
  return object({{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}});
}

/// "/flows/{flow...}" -> "/flows/{flow}"
std::string pathOf(const Route& route, bool atRoot) {
  auto path = (atRoot ? "" : std::string(kPrefix)) + std::string(route.pattern);
  if (const auto dots = path.find("...}"); dots != std::string::npos) path.erase(dots, 3);
  return path;
}

Value schemaOf(const QueryRule& rule) {
  auto one = object({{"type", "string"}});
  switch (rule.kind) {
    case QueryRule::Kind::text:
      break;
    case QueryRule::Kind::number:
      one = object({{"type", "integer"}, {"minimum", rule.least}});
      if (rule.most != std::numeric_limits<std::int64_t>::max()) one.set("maximum", rule.most);
      break;
    case QueryRule::Kind::flag:
      one = object({{"type", "boolean"}});
      break;
    case QueryRule::Kind::choice: {
      auto choices = Value::array();
      for (const auto choice : split(rule.choices, '|')) choices.push(choice);
      one = object({{"enum", std::move(choices)}});
      break;
    }
  }
  return rule.repeats ? object({{"type", "array"}, {"items", std::move(one)}}) : one;
}

Value parametersOf(const Route& route) {
  auto list = Value::array();
  for (auto part : split(route.pattern, '/')) {
    if (!part.starts_with('{')) continue;
    part = part.substr(1, part.find_first_of(".}") - 1);
    list.push(object({{"name", part},
                      {"in", "path"},
                      {"required", true},
                      {"schema", object({{"type", "string"}, {"minLength", 1}})}}));
  }
  for (const auto& rule : route.query) {
    list.push(object({{"name", rule.name}, {"in", "query"}, {"description", rule.help}, {"schema", schemaOf(rule)}}));
  }
  auto headers = split(route.headers, ' ');
  const bool says = std::ranges::find(headers, "idempotency-key") != headers.end();
  if (route.method == "POST" && route.type == kJson && !says) headers.push_back("idempotency-key");
  for (const auto name : headers) {
    const auto* const known = std::ranges::find(kHeaders, name, &HeaderText::name);
    WEIR_CHECK(known != kHeaders.end());
    list.push(object({{"name", known->written},
                      {"in", "header"},
                      {"description", known->help},
                      {"schema", object({{"type", "string"}})}}));
  }
  return list;
}

bool asksWho(const Route& route) { return !route.permission.empty() || route.object != Object::none; }

/// Of problem details, beside what `also` says.
std::set<int> refusalsOf(const Route& route) {
  // A token that is none is refused wherever it comes along.
  std::set<int> statuses{400, 401, 429, 500, 503};
  if (!route.gives.empty()) statuses.insert(406);
  if (asksWho(route)) statuses.insert(403);
  if (route.pattern.contains('{') || route.object == Object::inside) statuses.insert(404);
  if (!route.takes.empty()) statuses.insert({413, 415, 422});
  // An Idempotency-Key stands for one request.
  if (route.method == "POST" && route.type == kJson) statuses.insert(422);
  if (route.method != "GET") statuses.insert({404, 409, 412, 428, 507});
  if (route.status == 101) statuses.insert(426);
  if (route.type == kEvents) statuses.insert({404, 410, 501});
  return statuses;
}

Value answerOf(int status, std::string_view shape, std::string_view type) {
  auto answer = object({{"description", status >= 300 ? titleOf(status) : "All is well."}});
  if (status == 304) answer.set("description", "The caller has it already.");
  if (!shape.empty()) {
    answer.set("content", object({{type, object({{"schema", reference("schemas", shape)}})}}));
  }
  return answer;
}

Value responsesOf(const Route& route) {
  std::vector<std::pair<int, Value>> found;
  found.emplace_back(route.status, answerOf(route.status, route.gives, route.type));
  for (const auto one : split(route.also, '|')) {
    const auto space = std::min(one.find(' '), one.size());
    int status = 0;
    for (const char c : one.substr(0, space)) status = status * 10 + (c - '0');
    const auto shape = one.substr(std::min(space + 1, one.size()));
    found.emplace_back(status, status < 400 ? answerOf(status, shape, route.type)
                                            : reference("responses", "Refusal" + std::to_string(status)));
  }
  if (route.method == "GET" && route.headers.contains("if-none-match")) found.emplace_back(304, answerOf(304, "", ""));
  for (const auto status : refusalsOf(route)) {
    found.emplace_back(status, reference("responses", "Refusal" + std::to_string(status)));
  }
  std::ranges::stable_sort(found, {}, &std::pair<int, Value>::first);
  auto responses = Value::object();
  for (auto& [status, answer] : found) {
    const auto name = std::to_string(status);
    if (responses.find(name) == nullptr) responses.set(name, std::move(answer));
  }
  return responses;
}

/// What is asked for by nothing at all, too.
constexpr std::array<std::string_view, 7> kNoBodyWillDo = {"LetterReplay",     "NewRun",  "NewVersion", "ProviderAsk",
                                                           "RunVersionChange", "StopRun", "UserChange"};

Value bodyOf(const Route& route) {
  const auto shape = object({{"schema", reference("schemas", route.takes)}});
  auto content = object({{route.bodyType, shape}});
  if (route.takes == "JsonPatch") content.set("application/json-patch+json", shape);
  const bool required = std::ranges::find(kNoBodyWillDo, route.takes) == kNoBodyWillDo.end();
  return object({{"required", required}, {"content", std::move(content)}});
}

Value securityOf(bool anybody) {
  auto security = Value::array();
  if (anybody) security.push(Value::object());
  for (const auto* scheme : {"bearer", "session", "sessionLocal"}) security.push(object({{scheme, Value::array()}}));
  return security;
}

Value operationOf(const Route& route, bool atRoot) {
  auto tag = std::string(split(route.pattern, '/').front());
  auto operation = object({{"operationId", std::string(route.operation) + (atRoot ? "AtRoot" : "")},
                           {"summary", route.summary},
                           {"tags", Value::array({Value(tag)})}});
  if (!route.permission.empty()) {
    operation.set("description", "Needs the permission `" + std::string(route.permission) + "`.");
  }
  if (auto parameters = parametersOf(route); parameters.count() > 0) {
    operation.set("parameters", std::move(parameters));
  }
  if (!route.takes.empty()) {
    operation.set("requestBody", bodyOf(route));
  }
  operation.set("responses", responsesOf(route));
  if (!asksWho(route)) {
    // Answers anybody, and tells those who have signed in more.
    operation.set("security", securityOf(true));
  } else if (route.ofPerson) {
    // A person changes these alone, and no token of theirs.
    auto security = Value::array();
    for (const auto* scheme : {"session", "sessionLocal"}) security.push(object({{scheme, Value::array()}}));
    operation.set("security", std::move(security));
  }
  return operation;
}

std::string methodName(std::string_view method) {
  std::string name(method);
  for (auto& c : name) c = static_cast<char>(c - 'A' + 'a');
  return name;
}

Value pathsOf(const RouteTable& routes) {
  auto paths = Value::object();
  const auto add = [&paths](const Route& route, bool atRoot) {
    const auto path = pathOf(route, atRoot);
    if (paths.find(path) == nullptr) paths.set(path, Value::object());
    paths.find(path)->set(methodName(route.method), operationOf(route, atRoot));
  };
  for (const auto* route : routes.all()) add(*route, false);
  for (const auto* route : routes.all()) {
    if (route->atRoot) add(*route, true);
  }
  return paths;
}

/// Those that the routes name, and those that these name.
Value schemasOf(const RouteTable& routes) {
  auto schemas = Value::object();
  std::vector<std::string> waiting{"Problem"};
  for (const auto* route : routes.all()) {
    if (!route->takes.empty()) waiting.emplace_back(route->takes);
    if (!route->gives.empty()) waiting.emplace_back(route->gives);
    for (const auto one : split(route->also, '|')) {
      if (const auto space = one.find(' '); space != std::string_view::npos)
        waiting.emplace_back(one.substr(space + 1));
    }
  }
  while (!waiting.empty()) {
    const auto name = std::move(waiting.back());
    waiting.pop_back();
    if (schemas.find(name) != nullptr) continue;
    const auto* shape = shapeOf(name);
    auto schema = shape == nullptr ? json::Document() : json::parse(shape->schema).value_or(json::Document());
    schemas.set(name, schema.root().isObject() ? schema.root() : Value::object());
    constexpr std::string_view begin = "#/components/schemas/";
    const auto text = shape == nullptr ? std::string_view() : shape->schema;
    for (auto at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at)) {
      at += begin.size();
      waiting.emplace_back(text.substr(at, text.find('"', at) - at));
    }
  }
  return schemas;
}

Value refusals() {
  auto all = Value::object();
  for (const int status : {400, 401, 403, 404, 405, 406, 408, 409, 410, 412, 413, 415,
                           422, 423, 426, 428, 429, 500, 501, 502, 503, 504, 507}) {
    auto answer = answerOf(status, "", "");
    answer.set("content",
               object({{"application/problem+json", object({{"schema", reference("schemas", "Problem")}})}}));
    all.set("Refusal" + std::to_string(status), std::move(answer));
  }
  return all;
}

}  // namespace

std::string openApiOf(const RouteTable& routes, std::string_view version) {
  const auto bearer = object({{"type", "http"},
                              {"scheme", "bearer"},
                              {"description", "A personal access token, or one of a service account."}});
  const auto session = object({{"type", "apiKey"},
                               {"in", "cookie"},
                               {"name", "__Host-weir"},
                               {"description", "Of a browser that has signed in; changes need the CSRF token too."}});
  const auto local = object({{"type", "apiKey"},
                             {"in", "cookie"},
                             {"name", "weir-local"},
                             {"description", "The same where the server is asked without encryption."}});
  auto components =
      object({{"schemas", schemasOf(routes)},
              {"responses", refusals()},
              {"securitySchemes", object({{"bearer", bearer}, {"session", session}, {"sessionLocal", local}})}});
  const auto info =
      object({{"title", "Weir"},
              {"version", version},
              {"description",
               "Flows for a team: kept, run and watched. Every refusal is problem details (RFC 9457) with a code."},
              {"license", object({{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}})}});
  const auto document = object({{"openapi", "3.1.0"},
                                {"info", info},
                                {"servers", Value::array({object({{"url", "/"}})})},
                                {"security", securityOf(false)},
                                {"paths", pathsOf(routes)},
                                {"components", std::move(components)}});
  return json::write(document);
}

}  // namespace weir::api
