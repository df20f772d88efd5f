// What a flow needs to be published in a folder.
#include "service/resources/folders/folder-publishing.h"

#include <algorithm>
#include <utility>

#include "service/api/folder-name.h"
#include "service/folders/hook-path.h"
#include "service/resources/folders/keep-settings.h"

namespace weir::api {
namespace {

using auth::Permission;

std::string inWords(std::string_view what, const std::vector<std::string>& names) {
  std::string text(what);
  if (names.size() > 1) text += 's';
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? " '" : i + 1 == names.size() ? " and '" : ", '";
    text += names[i] + "'";
  }
  return text;
}

struct Need {
  Permission permission;
  std::string what;
};

}  // namespace

Expected<void> FolderPublishing::mayUse(Call& call, const std::string& folder, const flow::FlowDocument& document) {
  const auto found = referencesOf(document, catalogue_);
  std::vector<Need> needs;
  if (!found.secrets.empty()) needs.push_back({Permission::secretUse, inWords("secret", found.secrets)});
  if (!found.mounts.empty()) needs.push_back({Permission::mountUse, inWords("mount", found.mounts)});
  if (!found.codeNodes.empty()) needs.push_back({Permission::nodeCode, inWords("code node", found.codeNodes)});
  const auto held = call.permissionsAt({folder, {}});
  std::string missing;
  for (const auto& need : needs) {
    if (held.has(need.permission)) continue;
    missing += missing.empty() ? "" : "; ";
    missing += std::string(auth::nameOf(need.permission)) + " for the " + need.what;
  }
  if (missing.empty()) return {};
  return refuse(403, "publish.denied",
                "the flow '" + document.id + "' runs with the rights of " + std::string(folderInWords(folder)) +
                    ", and you lack there " + missing + "; ask somebody who holds that to do it");
}

Expected<void> FolderPublishing::has(const std::string& folder, const flow::FlowDocument& document) {
  const auto found = referencesOf(document, catalogue_);
  const auto mounts = book_.mountsFor(folder);
  for (const auto& name : found.mounts) {
    if (std::ranges::contains(mounts, name, &folders::Mount::name)) continue;
    return refuse(422, "flow.mount_missing",
                  "the flow '" + document.id + "' uses the mount '" + name + "', which " +
                      std::string(folderInWords(folder)) +
                      " does not have; an administrator of the server can give it "
                      "one (PUT /api/v1/mounts/" +
                      name + "?folder=" + folder + ")");
  }
  return {};
}

Publishing::Claims FolderPublishing::claimsOf(const std::string& flow) {
  for (const auto* record : book_.in("", folders::kHooks, true)) {
    if (record->name == flow) return {flow, record->folder, record->body};
  }
  return {flow, {}, std::nullopt};
}

Expected<void> FolderPublishing::checkClash(Call& call, const std::string& flow, const std::string& folder,
                                            const std::vector<folders::HookClaim>& claims) {
  for (std::size_t i = 0; i < claims.size(); ++i) {
    for (std::size_t j = i + 1; j < claims.size(); ++j) {
      if (!folders::hooksClash(claims[i], folder, claims[j], folder)) continue;
      return refuse(409, "hook.taken",
                    "two webhooks of the flow '" + flow + "' have the path '" + claims[i].path +
                        "'; give one of them another path or method");
    }
  }
  for (const auto& other : book_.hooks()) {
    if (other.flow == flow) continue;
    for (const auto& theirs : other.claims) {
      for (const auto& mine : claims) {
        if (!folders::hooksClash(mine, folder, theirs, other.folder)) continue;
        // Of a folder that the caller may not see no name is told.
        const bool seen = call.permissionsAt({other.folder, other.flow}).has(Permission::flowRead);
        return refuse(409, "hook.taken",
                      "/hooks" + folders::hookPath(folder, mine.path) + " is answered by " +
                          (seen ? "the flow '" + other.flow + "'" : std::string("a flow of another folder")) +
                          " already; choose another path or method");
      }
    }
  }
  return {};
}

Job<Expected<Unit>> FolderPublishing::put(Call& call, std::vector<store::FolderChange> changes) {
  if (changes.empty()) co_return Unit{};
  co_return co_await keepSettings(call, book_, std::move(changes), {});
}

Job<Expected<Publishing::Claims>> FolderPublishing::claim(Call& call, const std::string& flow,
                                                          const std::string& folder,
                                                          const flow::FlowDocument& document) {
  auto before = claimsOf(flow);
  const auto claims = hooksOf(document);
  if (auto free = checkClash(call, flow, folder, claims); !free) co_return std::unexpected(std::move(free.error()));
  std::vector<store::FolderChange> changes;
  const auto now = call.services.clock.nowMicros() / 1000;
  const bool moved = before.body && before.folder != folder;
  if (before.body && (moved || claims.empty())) {
    changes.push_back({before.folder, std::string(folders::kHooks), flow, std::nullopt, now, call.principal.user});
  }
  if (!claims.empty()) {
    auto body = folders::toJson(claims);
    if (moved || before.body != body)
      changes.push_back({folder, std::string(folders::kHooks), flow, std::move(body), now, call.principal.user});
  }
  auto kept = co_await put(call, std::move(changes));
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  co_return before;
}

Job<Expected<Publishing::Claims>> FolderPublishing::release(Call& call, const std::string& flow) {
  auto before = claimsOf(flow);
  if (before.body) {
    const auto now = call.services.clock.nowMicros() / 1000;
    std::vector<store::FolderChange> changes;
    changes.push_back({before.folder, std::string(folders::kHooks), flow, std::nullopt, now, call.principal.user});
    auto kept = co_await put(call, std::move(changes));
    if (!kept) co_return std::unexpected(std::move(kept.error()));
  }
  co_return before;
}

Job<Unit> FolderPublishing::restore(Call& call, Claims before) {
  const auto now = claimsOf(before.flow);
  std::vector<store::FolderChange> changes;
  const auto at = call.services.clock.nowMicros() / 1000;
  if (now.body && (!before.body || now.folder != before.folder)) {
    changes.push_back({now.folder, std::string(folders::kHooks), before.flow, std::nullopt, at, call.principal.user});
  }
  if (before.body) {
    changes.push_back({before.folder, std::string(folders::kHooks), before.flow, before.body, at, call.principal.user});
  }
  // What cannot be stored now is put right when the flow is published next.
  static_cast<void>(co_await put(call, std::move(changes)));
  co_return Unit{};
}

Job<Expected<Unit>> FolderPublishing::mustRest(Call& call, const std::string& flow) {
  if (runs_ == nullptr) co_return Unit{};
  for (const auto state :
       {store::RunState::starting, store::RunState::running, store::RunState::stopping, store::RunState::held}) {
    store::RunQuery query;
    query.flow = flow;
    query.state = state;
    query.limit = 1;
    const auto page = co_await call.of(runs_->list(query, call.waker()));
    if (!page) co_return std::unexpected(refusalOf(page.error()));
    if (page->runs.empty()) continue;
    co_return refuse(409, "run.goes_on",
                     "the run '" + page->runs.front().id + "' of the flow '" + flow +
                         "' goes on with the rights of its folder; stop it first");
  }
  co_return Unit{};
}

}  // namespace weir::api
