// Alerts: lists, acknowledging, silencing.
#include "engine/json/writer.h"
#include "service/api/auditor.h"
#include "service/resources/alerts/alert-answers.h"

namespace weir::api {
namespace {

auth::Place placeOf(const alerts::Alert& alert) { return {alert.folder, {}}; }

Expected<alerts::Alert*> alertIn(Call& call, auth::Permission permission) {
  auto book = bookOf(call);
  if (!book) return std::unexpected(std::move(book.error()));
  const auto& text = call.parameters.front();
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  auto* alert = std::to_string(number) == text ? (*book)->find(number) : nullptr;
  const auto what = "the alert " + text;
  if (alert == nullptr)
    return refuse(404, "api.not_found", "there is no alert " + text + ", or it is not kept any more");
  if (auto held = call.mustHave(permission, placeOf(*alert), what); !held) {
    return std::unexpected(std::move(held.error()));
  }
  call.place = placeOf(*alert);
  return alert;
}

std::string shown(const alerts::AlertBook& book, const alerts::Alert& alert) {
  return alerts::jsonOf(alert, book.silencedUntil(alert));
}

}  // namespace

Job<Response> listAlerts(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  const auto reach = call.reachOf(auth::Permission::flowRead);
  const auto limit = call.query.number("limit", 50);
  const auto before = call.query.number("before", std::numeric_limits<std::int64_t>::max());
  const auto state = call.query.text("state");
  std::string body;
  json::Writer out(body);
  out.beginObject().key("alerts").beginArray();
  std::int64_t count = 0, last = 0;
  for (const auto& alert : (*book)->all()) {
    if (alert.number >= before || !reach.has(placeOf(alert))) continue;
    if (!state.empty() && (state == "cleared") != alert.clearedAt.has_value()) continue;
    if (count == limit) {
      ++count;
      break;
    }
    out.raw(shown(**book, alert));
    last = alert.number;
    ++count;
  }
  out.endArray();
  if (count > limit) out.key("next").value(last);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getAlert(Call& call) {
  const auto alert = alertIn(call, auth::Permission::flowRead);
  if (!alert) co_return toResponse(alert.error());
  co_return jsonAnswer(shown(*call.services.server->alerts, **alert));
}

Job<Response> acknowledgeAlert(Call& call) {
  const auto alert = alertIn(call, auth::Permission::runStop);
  if (!alert) co_return toResponse(alert.error());
  auto& book = *call.services.server->alerts;
  noteChange(call);
  auto operation = book.acknowledge(**alert, call.principal.user, call.waker());
  auto body = shown(book, **alert);
  co_return keptAnswer(co_await call.of(std::move(operation)), std::move(body));
}

Job<Response> silenceAlert(Call& call) {
  const auto alert = alertIn(call, auth::Permission::runStop);
  if (!alert) co_return toResponse(alert.error());
  const auto document = objectIn(call);
  if (!document) co_return toResponse(document.error());
  const auto* forMs = document->root().find("forMs");
  constexpr std::int64_t kYearMs = std::int64_t{366} * 86'400'000;
  if (document->root().count() != 1 || forMs == nullptr || forMs->asInt64() == nullptr || *forMs->asInt64() < 0 ||
      *forMs->asInt64() > kYearMs) {
    co_return toResponse(
        {400, "api.body", "the body is {\"forMs\": …}, a number of milliseconds up to a year; 0 ends the silence"});
  }
  auto& book = *call.services.server->alerts;
  const auto now = call.services.clock.nowMicros() / 1000;
  const auto until = *forMs->asInt64() == 0 ? 0 : now + *forMs->asInt64();
  noteChange(call);
  auto operation = book.silence(**alert, until, call.waker());
  auto body = shown(book, **alert);
  co_return keptAnswer(co_await call.of(std::move(operation)), std::move(body));
}

}  // namespace weir::api
