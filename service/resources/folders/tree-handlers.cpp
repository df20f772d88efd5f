// Folders as wholes: what is in one, and how all of it goes into the bin and comes back as one.
#include <algorithm>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/flow-text.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/api/publishing.h"
#include "service/resources/folders/folder-routes.h"
#include "service/resources/folders/keep-settings.h"
#include "service/resources/identity/change.h"
#include "service/resources/server.h"
#include "service/store/apply.h"
#include "service/store/runs.h"

namespace weir::api {
namespace {

constexpr std::string_view kBin = "bin", kBinName = "folder";
constexpr std::size_t kMostFlows = 10'000;  // that go as one

struct Contents {
  std::vector<store::FlowHead> flows;
  std::vector<store::FolderRecord> settings;
};

Job<Expected<Contents>> contentsOf(Call& call, folders::FolderBook& book, const std::string& folder) {
  Contents found;
  store::FlowQuery query;
  query.folder = folder;
  query.byName = true;
  query.limit = 500;
  do {
    auto page = co_await call.of(call.services.store.list(query, call.waker()));
    if (!page) co_return std::unexpected(refusalOf(page.error()));
    std::ranges::move(page->flows, std::back_inserter(found.flows));
    query.cursor = std::move(page->cursor);
  } while (!query.cursor.empty() && found.flows.size() < kMostFlows);
  for (const auto* record : book.in(folder, {}, true)) {
    if (record->kind != kBin) found.settings.push_back(*record);
  }
  co_return found;
}

void writeContents(json::Writer& out, const std::string& folder, const Contents& found) {
  out.beginObject().key("folder").value(folder).key("flows").beginArray();
  for (const auto& flow : found.flows) {
    out.beginObject()
        .key("id")
        .value(flow.id)
        .key("name")
        .value(flow.name)
        .key("folder")
        .value(flow.folder)
        .endObject();
  }
  out.endArray().key("settings").beginArray();
  for (const auto& record : found.settings) {
    out.beginObject().key("kind").value(record.kind).key("name").value(record.name);
    out.key("folder").value(record.folder).endObject();
  }
  out.endArray().endObject();
}

Response answerOf(const std::string& folder, const Contents& found) {
  std::string body;
  json::Writer out(body);
  writeContents(out, folder, found);
  return jsonAnswer(std::move(body));
}

Job<Expected<Unit>> mustRest(Call& call, const std::string& folder) {
  auto* runs = call.services.server->runs;
  if (runs == nullptr) co_return Unit{};
  for (const auto state :
       {store::RunState::starting, store::RunState::running, store::RunState::stopping, store::RunState::held}) {
    store::RunQuery query;
    query.folder = folder;
    query.state = state;
    query.limit = 1;
    const auto page = co_await call.of(runs->list(query, call.waker()));
    if (!page) co_return std::unexpected(refusalOf(page.error()));
    if (page->runs.empty()) continue;
    const auto& run = page->runs.front();
    co_return refuse(409, "run.goes_on",
                     "the run '" + run.id + "' of the flow '" + run.flow + "' in it goes on; stop it first");
  }
  co_return Unit{};
}

std::string keptOf(const Contents& found) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("flows").beginArray();
  for (const auto& flow : found.flows) out.value(flow.id);
  out.endArray().key("settings").beginArray();
  for (const auto& record : found.settings) {
    out.beginObject().key("folder").value(record.folder).key("kind").value(record.kind).key("name").value(record.name);
    out.key("body").value(record.body).endObject();
  }
  out.endArray().endObject();
  return text;
}

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->isString() ? *found->asString() : std::string();
}

/// Everything that goes on behind the API asks for these two.
Expected<store::Applier*> applierOf(const Call& call) {
  auto* server = call.services.server;
  if (server != nullptr && server->applier != nullptr) return server->applier;
  return refuse(501, "host.missing", "this server keeps its flows in files; move or delete them there");
}

/// Claims what a flow answers, and looks whether the caller may bring it back.
Job<Expected<Unit>> claimFor(Call& call, const store::Flow& flow, Publishing::Claims* claims) {
  auto* publishing = call.services.publishing;
  if (publishing == nullptr || claims == nullptr || flow.head.publishedVersion == 0) co_return Unit{};
  if (auto open = publishing->open(); !open) co_return std::unexpected(open.error());
  const auto version =
      co_await call.of(call.services.store.readVersion(flow.head.id, flow.head.publishedVersion, call.waker()));
  if (!version) co_return std::unexpected(refusalOf(version.error()));
  const auto document = flowOf(version->document);
  if (!document) co_return std::unexpected(document.error());
  if (auto may = co_await publishing->mayUse(call, flow.head.folder, *document); !may)
    co_return std::unexpected(may.error());
  if (auto free = claims->claim(call, flow.head.id, flow.head.folder, *document); !free)
    co_return std::unexpected(free.error());
  co_return Unit{};
}

/// Applies the steps with the changes of the folder, all or none.
Job<Expected<Unit>> applyWith(Call& call, folders::FolderBook& book, std::vector<store::FlowStep> steps,
                              std::vector<store::FolderChange> changes, std::vector<store::AuditEntry> entries,
                              Publishing::Claims* claims = nullptr) {
  if (steps.empty()) co_return co_await keepSettings(call, book, std::move(changes), std::move(entries));
  const auto carried = book.carry();
  carried->changes = std::move(changes);
  carried->entries = std::move(entries);
  book.goWithNext(carried);
  if (claims != nullptr) claims->goWithNext();
  auto applied = co_await call.of(call.services.server->applier->apply(std::move(steps), call.waker()));
  if (!applied) co_return std::unexpected(refusalOf(std::move(applied.error())));
  co_return Unit{};
}

}  // namespace

Job<Response> getFolder(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  const auto& folder = call.parameters.front();
  auto found = co_await contentsOf(call, **book, folder);
  if (!found) co_return toResponse(found.error());
  std::erase_if(found->flows, [&call](const store::FlowHead& flow) {
    return !call.permissionsAt({flow.folder, flow.id}).has(auth::Permission::flowRead);
  });
  co_return answerOf(folder, *found);
}

Job<Response> binFolder(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  const auto applier = applierOf(call);
  if (!applier) co_return toResponse(applier.error());
  const auto& folder = call.parameters.front();
  if (auto rests = co_await mustRest(call, folder); !rests) co_return toResponse(rests.error());
  const auto found = co_await contentsOf(call, **book, folder);
  if (!found) co_return toResponse(found.error());
  if (found->flows.empty() && found->settings.empty())
    co_return toResponse({404, "storage.not_found", "there is nothing in " + folderInWords(folder)});
  if (found->flows.size() >= kMostFlows)
    co_return toResponse(
        {422, "api.too_large", "more than 10,000 flows do not go as one; delete folders below it first"});
  std::vector<store::FlowStep> steps;
  for (const auto& flow : found->flows) {
    store::FlowStep step{.id = flow.id};
    step.ifRevision = flow.revision;
    step.intoBin = true;
    steps.push_back(std::move(step));
  }
  const auto now = call.services.clock.nowMicros() / 1000;
  std::vector<store::FolderChange> changes;
  for (const auto& record : found->settings)
    changes.push_back({record.folder, record.kind, record.name, std::nullopt, now, call.principal.user});
  changes.push_back({folder, std::string(kBin), std::string(kBinName), keptOf(*found), now, call.principal.user});
  std::vector<store::AuditEntry> entries;
  std::string detail;
  json::Writer out(detail);
  writeContents(out, folder, *found);
  entries.push_back(entryOf(call, "folder.binned", "folder:" + folder, std::move(detail), folder));
  const auto kept = co_await applyWith(call, **book, std::move(steps), std::move(changes), std::move(entries));
  if (!kept) co_return toResponse(kept.error());
  co_return answerOf(folder, *found);
}

Job<Response> restoreFolder(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  const auto applier = applierOf(call);
  if (!applier) co_return toResponse(applier.error());
  const auto& folder = call.parameters.front();
  const auto* record = (*book)->find(folder, kBin, kBinName);
  if (record == nullptr) co_return toResponse({404, "storage.not_found", folderInWords(folder) + " is not in the bin"});
  const auto kept = json::parse(record->body);
  if (!kept) co_return toResponse(refusalOf(kept.error()));
  Contents back;
  std::unique_ptr<Publishing::Claims> claims;
  if (call.services.publishing != nullptr) claims = call.services.publishing->claims();
  std::vector<store::FlowStep> steps;
  const auto* ids = kept->root().find("flows");
  for (const auto& id : ids != nullptr && ids->isArray() ? *ids->asArray() : json::Value::Array()) {
    auto flow = co_await call.of(call.services.store.read(id.isString() ? *id.asString() : "", call.waker()));
    // What was purged or brought back by itself meanwhile is not missed.
    if (!flow || !flow->head.binnedAt) continue;
    if (auto claimed = co_await claimFor(call, *flow, claims.get()); !claimed) co_return toResponse(claimed.error());
    store::FlowStep step{.id = flow->head.id};
    step.ifRevision = flow->head.revision;
    step.outOfBin = true;
    steps.push_back(std::move(step));
    back.flows.push_back(std::move(flow->head));
  }
  const auto now = call.services.clock.nowMicros() / 1000;
  std::vector<store::FolderChange> changes;
  changes.push_back({folder, std::string(kBin), std::string(kBinName), std::nullopt, now, call.principal.user});
  const auto* settings = kept->root().find("settings");
  for (const auto& one : settings != nullptr && settings->isArray() ? *settings->asArray() : json::Value::Array()) {
    store::FolderRecord setting{
        textIn(one, "folder"), textIn(one, "kind"), textIn(one, "name"), textIn(one, "body"), now, call.principal.user};
    // Claims came with their flows; what was set anew meanwhile stays.
    if (setting.kind == folders::kHooks || (*book)->find(setting.folder, setting.kind, setting.name) != nullptr)
      continue;
    changes.push_back({setting.folder, setting.kind, setting.name, setting.body, now, call.principal.user});
    back.settings.push_back(std::move(setting));
  }
  std::vector<store::AuditEntry> entries;
  entries.push_back(entryOf(call, "folder.restored", "folder:" + folder, {}, folder));
  const auto stored =
      co_await applyWith(call, **book, std::move(steps), std::move(changes), std::move(entries), claims.get());
  if (!stored) co_return toResponse(stored.error());
  co_return answerOf(folder, back);
}

}  // namespace weir::api
