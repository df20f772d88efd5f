// Rules of alerts.
#include "engine/json/writer.h"
#include "service/api/auditor.h"
#include "service/api/folder-name.h"
#include "service/resources/alerts/alert-answers.h"
#include "service/resources/paging.h"

namespace weir::api {
namespace {

std::string whatOf(const std::string& id) { return "the rule '" + id + "'"; }

/// With the permission where it stands.
Expected<const alerts::AlertRule*> ruleIn(Call& call, auth::Permission permission) {
  auto book = bookOf(call);
  if (!book) return std::unexpected(std::move(book.error()));
  const auto& id = call.parameters.front();
  const auto found = (*book)->rules().find(id);
  if (found == (*book)->rules().end()) return refuse(404, "api.not_found", "there is no rule '" + id + "'");
  const auto& rule = found->second.rule();
  if (auto held = call.mustHave(permission, {rule.folder, {}}, whatOf(id)); !held) {
    return std::unexpected(std::move(held.error()));
  }
  call.place = auth::Place{rule.folder, {}};
  return &rule;
}

}  // namespace

Job<Response> listAlertRules(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  auto asked = pageAsked(call.query, "alert-rules");
  if (!asked) co_return toResponse(asked.error());
  const auto reach = call.reachOf(auth::Permission::flowRead);
  const auto folder = call.query.text("folder"), search = call.query.text("search");
  PageOf<alerts::AlertRule> page(std::move(*asked));
  for (const auto& [id, watch] : (*book)->rules()) {
    const auto& rule = watch.rule();
    if (!reach.has({rule.folder, {}}) || !auth::covers(folder, rule.folder)) continue;
    if (holdsWords(search, {id, rule.name, rule.metric})) page.add(id, rule);
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("rules").beginArray();
  page.write(out, "alert-rules", [&out](const alerts::AlertRule& rule) { out.raw(alerts::jsonOf(rule)); });
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getAlertRule(Call& call) {
  const auto rule = ruleIn(call, auth::Permission::flowRead);
  if (!rule) co_return toResponse(rule.error());
  co_return jsonAnswer(alerts::jsonOf(**rule));
}

Job<Response> putAlertRule(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  const auto document = objectIn(call);
  if (!document) co_return toResponse(document.error());
  const auto& id = call.parameters.front();
  auto rule = alerts::ruleOf(id, document->root());
  if (!rule) co_return toResponse({422, "alert.rule", rule.error().message});
  if (const auto good = checkFolder(rule->folder); !good) co_return toResponse(good.error());
  // It is the folder that somebody lacks the right in: the rule is only about to be made.
  if (auto held = call.mustHave(auth::Permission::flowPublish, {rule->folder, {}}, folderInWords(rule->folder));
      !held) {
    co_return toResponse(held.error());
  }
  std::string was;
  if ((*book)->rules().contains(id)) {
    const auto old = ruleIn(call, auth::Permission::flowPublish);
    // Ids are unique on a server: who makes rules learns which are taken, and nothing more.
    if (!old && old.error().status == 404) {
      co_return toResponse(
          {409, "storage.exists", "the id '" + id + "' is taken on this server; give the rule another one"});
    }
    if (!old) co_return toResponse(old.error());
    was = alerts::jsonOf(**old);
  } else if ((*book)->rules().size() >= alerts::AlertBook::kMostRules) {
    co_return toResponse(
        {422, "alert.rule",
         "there are " + std::to_string(alerts::AlertBook::kMostRules) + " rules, which is the limit; delete some"});
  }
  auto body = alerts::jsonOf(*rule);
  call.place = auth::Place{rule->folder, {}};
  noteChange(call, {}, was);
  auto operation = (*book)->putRule(std::move(*rule), call.waker());
  co_return keptAnswer(co_await call.of(std::move(operation)), std::move(body));
}

Job<Response> deleteAlertRule(Call& call) {
  const auto rule = ruleIn(call, auth::Permission::flowPublish);
  if (!rule) co_return toResponse(rule.error());
  noteChange(call, {}, alerts::jsonOf(**rule));
  auto operation = call.services.server->alerts->removeRule(call.parameters.front(), call.waker());
  if (const auto kept = co_await call.of(std::move(operation)); !kept) co_return toResponse(refusalOf(kept.error()));
  co_return Response{.status = 204};
}

}  // namespace weir::api
