// The debugger of a run, asked in its engine's process.
#include <charconv>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"
#include "service/live/topics.h"
#include "service/resources/live/live-routes.h"
#include "service/resources/live/live-server.h"

namespace weir::api {
namespace {

int statusOf(std::string_view code) {
  if (code == "debug.unknown" || code == "run.not_found" || code == "live.gone") return 404;
  return code == "debug.limit" ? 429 : 422;
}

/// Asks the run of the path; `request` is one of live::Session.
Job<Response> askRun(Call& call, std::string_view request, json::Value data, bool answers) {
  auto* live = liveOf(call);
  if (live == nullptr) co_return toResponse(noLive());
  auto answer = co_await call.of(live->feeds().ask(call.parameters.front(), request, std::move(data), call.waker()));
  if (!answer) {
    const auto status = statusOf(answer.error().code);
    co_return toResponse({status, answer.error().code, std::move(answer.error().message)});
  }
  if (!answers) co_return Response{.status = 204};
  co_return jsonAnswer(std::move(*answer));
}

/// The number at the end of the path.
Expected<std::int64_t> numberOf(const Call& call, std::string_view what) {
  const auto& text = call.parameters[1];
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= 0) return number;
  return refuse(404, "debug.unknown", "'" + text + "' is no " + std::string(what) + "; they have numbers");
}

Expected<json::Value> objectOf(const Call& call) {
  auto body = json::parse(call.body);
  if (!body) return refuse(400, "api.body", "the body is no JSON: " + body.error().message);
  if (!body->root().isObject()) {
    return refuse(400, "api.body",
                  "the body is " + std::string(json::nameOf(body->root().kind())) + "; an object was expected");
  }
  return std::move(body->root());
}

}  // namespace

Job<Response> listBreakpoints(Call& call) { co_return co_await askRun(call, "breakpoints", {}, true); }

Job<Response> setBreakpoint(Call& call) {
  auto options = objectOf(call);
  if (!options) co_return toResponse(options.error());
  if (auto known = checkMembers(*options, "node edge where after log"); !known) co_return toResponse(known.error());
  // Whoever may not see sensitive fields could ask for them by what is held and what is not.
  const auto* where = options->find("where");
  const bool asks = where != nullptr && !(where->isString() && where->asString()->empty());
  if (asks && !co_await seesAll(call)) {
    co_return toResponse(
        {403, "auth.denied",
         "the condition of a breakpoint tells what is in the rows, so it takes data.read where the run "
         "is; leave 'where' out, or ask somebody who holds that"});
  }
  co_return co_await askRun(call, "break", std::move(*options), true);
}

Job<Response> removeBreakpoint(Call& call) {
  const auto number = numberOf(call, "breakpoint");
  if (!number) co_return toResponse(number.error());
  json::Value data;
  data.set("breakpoint", *number);
  co_return co_await askRun(call, "unbreak", std::move(data), false);
}

Job<Response> listHeldRows(Call& call) {
  const bool reveal = co_await seesAll(call);
  json::Value data;
  data.set("reveal", reveal);
  co_return co_await askRun(call, "held", std::move(data), true);
}

Job<Response> actOnHeldRow(Call& call) {
  const auto number = numberOf(call, "held row");
  if (!number) co_return toResponse(number.error());
  auto data = objectOf(call);
  if (!data) co_return toResponse(data.error());
  data->set("held", *number);
  co_return co_await askRun(call, "act", std::move(*data), false);
}

Job<Response> changeHeldRow(Call& call) {
  const auto number = numberOf(call, "held row");
  if (!number) co_return toResponse(number.error());
  const auto given = objectOf(call);
  if (!given) co_return toResponse(given.error());
  const auto* fields = given->find("fields");
  if (fields == nullptr || !fields->isObject()) {
    co_return toResponse({400, "api.body", "the body is {\"fields\": {…}}, with the fields that change"});
  }
  json::Value data;
  data.set("held", *number);
  data.set("fields", *fields);
  co_return co_await askRun(call, "set", std::move(data), false);
}

}  // namespace weir::api
