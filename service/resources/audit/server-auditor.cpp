// Makes entries of calls.
#include "service/resources/audit/server-auditor.h"

#include <utility>
#include <vector>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/route.h"
#include "service/resources/identity/change.h"

namespace weir::api {
namespace {

using How = Audited::How;

constexpr std::size_t kMostBody = 4096;

bool isRefusal(int status) { return status == 401 || status == 403 || status == 404; }

/// `"name": value` of the path, the query and the headers that say which state was meant; what came of it, as far as
/// that is known: no status, if it is kept with the change itself.
std::string detailOf(const Call& call, const Response& response, bool withBody, std::string_view was = {},
                     std::int64_t repeated = 0) {
  std::string text;
  json::Writer out(text);
  out.beginObject();
  if (response.status != 0) out.key("status").value(std::int64_t{response.status});
  if (!call.request.query.empty()) out.key("query").value(call.request.query.substr(0, kMostBody));
  if (const auto* before = call.header("if-match")) out.key("before").value(before->substr(0, 200));
  if (const auto* after = headerOf(response.headers, "etag")) out.key("after").value(*after);
  if (const auto* at = headerOf(response.headers, "location")) out.key("location").value(*at);
  if (!was.empty()) out.key("was").raw(was);
  if (repeated > 0) out.key("repeated").value(repeated);
  if (call.parameters.size() > 1) out.key("part").value(call.parameters.back().substr(0, 200));
  if (withBody && call.body.size() <= kMostBody && json::parse(call.body)) out.key("asked").raw(call.body);
  out.endObject();
  return text;
}

/// What a refusal is about, with its code.
std::string refusalText(const Call& call, const Response& response, std::int64_t leftOut) {
  const auto problem = json::parse(response.body);
  const auto* code = problem ? problem->root().find("code") : nullptr;
  std::string text;
  json::Writer out(text);
  out.beginObject().key("status").value(std::int64_t{response.status}).key("operation").value(call.route.operation);
  out.key("path").value(call.request.path.substr(0, 200));
  if (code != nullptr && code->isString()) out.key("code").value(*code->asString());
  if (leftOut > 0) out.key("leftOut").value(leftOut);
  out.endObject();
  return text;
}

std::string folderOf(const Call& call) { return call.place ? call.place->folder : call.query.text("folder"); }

std::string objectOf(const Call& call, const Audited& audited) {
  if (audited.object.empty()) return {};
  return std::string(audited.object) + ":" + (call.parameters.empty() ? std::string() : call.parameters.front());
}

const std::string& callerOf(const Call& call) {
  return call.principal.credential.empty() ? call.request.remote : call.principal.credential;
}

std::string readingKey(const Call& call, const Audited& audited) {
  // Two edges of a run are two things.
  auto key = callerOf(call) + "\n" + std::string(audited.operation) + "\n" + objectOf(call, audited);
  for (std::size_t i = 1; i < call.parameters.size(); ++i) key += "\n" + call.parameters[i];
  return key;
}

}  // namespace

ServerAuditor::Window& ServerAuditor::windowOf(const Call& call) {
  const auto now = clock_.steadyNanos() / 1'000'000;
  const auto& key = callerOf(call);
  auto found = windows_.find(key);
  if (found == windows_.end()) {
    if (windows_.size() >= kMostCallers) windows_.clear();
    found = windows_.emplace(key, Window{.beganMs = now}).first;
  }
  if (now - found->second.beganMs >= kWindowMs) {
    found->second.beganMs = now;
    found->second.refusals = 0;
  }
  return found->second;
}

std::optional<std::int64_t> ServerAuditor::readsBefore(const Call& call, const Audited& audited) {
  const auto now = clock_.steadyNanos() / 1'000'000;
  const auto key = readingKey(call, audited);
  auto found = readings_.find(key);
  if (found == readings_.end()) {
    if (readings_.size() >= kMostCallers) readings_.clear();
    readings_.emplace(key, Reading{.beganMs = now});
    return 0;
  }
  auto& reading = found->second;
  if (now - reading.beganMs < kWindowMs) {
    ++reading.repeated;
    return std::nullopt;
  }
  reading.beganMs = now;
  return std::exchange(reading.repeated, 0);
}

const Audited* ServerAuditor::rowOf(const Route& route) {
  const auto found = rows_.find(&route);
  return found != rows_.end() ? found->second : rows_.emplace(&route, auditedOf(route.operation)).first->second;
}

void ServerAuditor::changing(Call& call) {
  const auto* audited = rowOf(call.route);
  if (audited == nullptr || audited->how != How::inStore) return;
  auto object = objectOf(call, *audited);
  // A new flow is named by its document alone.
  if (call.parameters.empty()) object = {};
  const bool withBody = audited->body && call.body.size() <= kMostBody && json::parse(call.body);
  const bool flagged = !audited->flag.empty() && call.query.flag(audited->flag);
  call.services.store.tell(entryOf(call, std::string(flagged ? audited->flagged : audited->action), std::move(object),
                                   withBody ? call.body : std::string(), folderOf(call)));
}

void ServerAuditor::note(Call& call, std::string_view made, std::string_view was) {
  const auto* audited = rowOf(call.route);
  if (!takeAlong_ || audited == nullptr || audited->how != How::change) return;
  Response response;
  response.status = 0;
  if (!made.empty()) response.with("location", std::string(made));
  takeAlong_(entryOf(call, std::string(audited->action), objectOf(call, *audited),
                     detailOf(call, response, audited->body, was), folderOf(call)));
  noted_.insert(&call);
}

bool ServerAuditor::wants(const Call& call, int status) {
  const auto* audited = rowOf(call.route);
  const bool noted = noted_.erase(&call) > 0;
  // A stop is 200 where the run had ended by itself: nothing was changed.
  if (status == 200 && call.route.operation == "stopRun") return false;
  if (status < 400) return !noted && audited != nullptr && (audited->how == How::change || audited->how == How::read);
  if (!isRefusal(status) ||
      (audited != nullptr && audited->how == How::byItself && call.route.object == Object::none)) {
    return false;
  }
  // Who sends nothing by which they could be known asks where the door is; a wrong token tries it.
  if (status == 401) return call.header("authorization") != nullptr;
  if (call.principal.credential.empty()) return status == 403;
  return status == 403 || call.route.object == Object::flow || call.route.object == Object::run ||
         call.route.object == Object::folder;
}

Job<Expected<Unit>> ServerAuditor::keep(Call& call, const Response& response) {
  std::vector<store::AuditEntry> entries;
  if (response.status < 400) {
    const auto& audited = *rowOf(call.route);
    const auto before = audited.how == How::read ? readsBefore(call, audited) : std::optional<std::int64_t>(0);
    if (!before) co_return Unit{};
    entries.push_back(entryOf(call, std::string(audited.action), objectOf(call, audited),
                              detailOf(call, response, audited.body, {}, *before), folderOf(call)));
  } else {
    auto& window = windowOf(call);
    if (++window.refusals > kMostRefusals) {
      ++window.leftOut;
      co_return Unit{};
    }
    entries.push_back(entryOf(call, "request.refused", {},
                              refusalText(call, response, std::exchange(window.leftOut, 0)), folderOf(call)));
  }
  const auto kept = co_await call.of(log_.append(std::move(entries), call.waker()));
  if (kept) co_return Unit{};
  // What was not written stands for nothing.
  if (response.status < 400) readings_.erase(readingKey(call, *rowOf(call.route)));
  auto refusal = refusalOf(kept.error());
  refusal.detail = "what was asked could not be written in the audit log, so its answer is withheld: " + refusal.detail;
  co_return std::unexpected(std::move(refusal));
}

}  // namespace weir::api
