// What a flow needs to be published in a folder.
#include "service/resources/folders/folder-publishing.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "service/api/folder-name.h"
#include "service/folders/hook-index.h"
#include "service/folders/hook-path.h"
#include "service/resources/dead-letters/letter-shelf.h"
#include "service/resources/server.h"
#include "service/store/letter-index.h"

namespace weir::api {
namespace {

using auth::Permission;

constexpr std::int64_t kMostCounts = 1'000;

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

/// Of the subflows, those that the caller cannot read: not there, or not to be seen, which is all one.
Job<Expected<std::vector<std::string>>> unreadable(Call& call, std::vector<std::string> subflows) {
  std::vector<std::string> unread;
  for (auto& id : subflows) {
    const auto flow = co_await call.of(call.services.store.read(id, call.waker()));
    if (!flow && flow.error().code != "storage.not_found") co_return std::unexpected(refusalOf(flow.error()));
    if (flow && call.permissionsAt({flow->head.folder, id}).has(Permission::flowRead)) continue;
    unread.push_back(std::move(id));
  }
  co_return unread;
}

class FolderClaims final : public Publishing::Claims {
 public:
  explicit FolderClaims(folders::FolderBook& book) : book_(book), carried_(book.carry()) {}

  Expected<void> claim(Call& call, const std::string& flow, const std::string& folder,
                       const flow::FlowDocument& document) override {
    const auto claims = hooksOf(document);
    lookAgain();
    if (auto free = checkFree(call, flow, folder, claims); !free) return free;
    const auto* before = recordOf(flow);
    const bool moved = before != nullptr && before->folder != folder;
    if (before != nullptr && (moved || claims.empty())) add(call, before->folder, flow, std::nullopt);
    changed_[flow] = claims.empty() ? nullptr : &mine_.add({folder, flow, claims});
    if (claims.empty()) return {};
    auto body = folders::toJson(claims);
    if (before == nullptr || moved || before->body != body) add(call, folder, flow, std::move(body));
    return {};
  }

  void claimsAnew(const std::string& flow) override { changed_.emplace(flow, nullptr); }

  void release(Call& call, const std::string& flow) override {
    lookAgain();
    if (const auto* before = recordOf(flow)) add(call, before->folder, flow, std::nullopt);
    changed_[flow] = nullptr;
  }

  void goWithNext() override {
    if (!carried_->changes.empty()) book_.goWithNext(carried_);
  }

 private:
  /// What others have, unless it is as it was.
  void lookAgain() {
    const auto turn = book_.turn();
    if (seen_ == turn) return;
    seen_ = turn;
    stored_ = {};
    others_ = {};
    folders_.clear();
    for (const auto* one : book_.hooks()) {
      folders_.emplace(one->flow, one->folder);
      stored_.add(*one);
    }
    for (auto& one : book_.hooksCarried(carried_)) others_.add(std::move(one));
  }

  [[nodiscard]] const store::FolderRecord* recordOf(const std::string& flow) {
    const auto found = folders_.find(flow);
    return found == folders_.end() ? nullptr : book_.find(found->second, folders::kHooks, flow);
  }

  void add(const Call& call, const std::string& folder, const std::string& flow, std::optional<std::string> body) {
    const auto now = call.services.clock.nowMicros() / 1000;
    const bool seen = seen_ == book_.turn();
    const auto turn =
        book_.add(*carried_, {folder, std::string(folders::kHooks), flow, std::move(body), now, call.principal.user});
    // Of others nothing has changed by it.
    if (seen) seen_ = turn;
  }

  /// The flow that has it once all of this is stored, or may have it; null: it is free.
  [[nodiscard]] const folders::FlowHooks* whoHas(const folders::HookClaim& claim, const std::string& folder,
                                                 const std::string& flow) const {
    const auto* found = stored_.clash(claim, folder, [&](const folders::FlowHooks& other) {
      return other.flow != flow && !changed_.contains(other.flow);
    });
    if (found != nullptr) return found;
    found = others_.clash(claim, folder, [&](const folders::FlowHooks& other) { return other.flow != flow; });
    if (found != nullptr) return found;
    return mine_.clash(claim, folder, [&](const folders::FlowHooks& other) {
      return other.flow != flow && changed_.at(other.flow) == &other;
    });
  }

  [[nodiscard]] Expected<void> checkFree(const Call& call, const std::string& flow, const std::string& folder,
                                         const std::vector<folders::HookClaim>& claims) const {
    for (std::size_t i = 0; i < claims.size(); ++i) {
      for (std::size_t j = i + 1; j < claims.size(); ++j) {
        if (!folders::hooksClash(claims[i], folder, claims[j], folder)) continue;
        return refuse(409, "hook.taken",
                      "two webhooks of the flow '" + flow + "' have the path '" + claims[i].path +
                          "'; give one of them another path or method");
      }
    }
    for (const auto& mine : claims) {
      const auto* other = whoHas(mine, folder, flow);
      if (other == nullptr) continue;
      // Of a folder that the caller may not see no name is told.
      const bool seen = call.permissionsAt({other->folder, other->flow}).has(Permission::flowRead);
      return refuse(409, "hook.taken",
                    "/hooks" + folders::hookPath(folder, mine.path) + " is answered by " +
                        (seen ? "the flow '" + other->flow + "'" : std::string("a flow of another folder")) +
                        " already; choose another path or method");
    }
    return {};
  }

  folders::FolderBook& book_;
  std::shared_ptr<store::CarriedChanges> carried_;
  std::optional<std::uint64_t> seen_;                         // the turn of the book at which these were as they are:
  folders::HookIndex stored_, others_;                        // what is stored, what others are about to claim
  std::map<std::string, std::string> folders_;                // of the flows that have hooks
  folders::HookIndex mine_;                                   // what this claims
  std::map<std::string, const folders::FlowHooks*> changed_;  // by flow, in `mine_`; null: nothing any more
};

}  // namespace

Job<Expected<Unit>> FolderPublishing::mayUse(Call& call, const std::string& folder,
                                             const flow::FlowDocument& document) {
  const auto found = referencesOf(document, catalogue_);
  std::vector<Need> needs;
  if (!found.secrets.empty()) needs.push_back({Permission::secretUse, inWords("secret", found.secrets)});
  if (!found.mounts.empty()) needs.push_back({Permission::mountUse, inWords("mount", found.mounts)});
  if (!found.codeNodes.empty()) needs.push_back({Permission::nodeCode, inWords("code node", found.codeNodes)});
  const auto held = call.permissionsAt({folder, {}});
  std::string missing;
  const auto lacks = [&missing](const Need& need) {
    missing += missing.empty() ? "" : "; ";
    missing += std::string(auth::nameOf(need.permission)) + " for the " + need.what;
  };
  for (const auto& need : needs) {
    if (!held.has(need.permission)) lacks(need);
  }
  const auto unread = co_await unreadable(call, found.subflows);
  if (!unread) co_return std::unexpected(unread.error());
  std::string subflows;
  if (!unread->empty()) {
    subflows = "cannot read the " + inWords("subflow", *unread) + ", which " +
               (unread->size() == 1 ? "is in a folder that you do not see, or is"
                                    : "are in folders that you do not see, or are") +
               " not there";
  }
  if (missing.empty() && subflows.empty()) co_return Unit{};
  if (!missing.empty()) missing = "lack there " + missing;
  if (!missing.empty() && !subflows.empty()) missing += ", and ";
  co_return refuse(403, "publish.denied",
                   "the flow '" + document.id + "' runs with the rights of " + std::string(folderInWords(folder)) +
                       ", and you " + missing + subflows + "; ask somebody who holds that to do it");
}

Expected<void> FolderPublishing::open() {
  if (!waits_ || !waits_()) return {};
  Refusal refusal{503, "publish.waits",
                  "a backup of the server is being made, and nothing is published for some "
                  "seconds; send it again then"};
  refusal.headers.push_back({"retry-after", "2"});
  return std::unexpected(std::move(refusal));
}

Expected<void> FolderPublishing::has(const std::string& folder, const flow::FlowDocument& document) {
  if (auto now = open(); !now) return now;
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

std::unique_ptr<Publishing::Claims> FolderPublishing::claims() { return std::make_unique<FolderClaims>(book_); }

Job<Expected<Unit>> FolderPublishing::mustLeaveNoLetters(Call& call, const std::string& flow,
                                                         const std::string& folder) {
  auto* server = call.services.server;
  if (server == nullptr || server->letters == nullptr || server->letterIndex == nullptr) co_return Unit{};
  if (const auto fresh = co_await call.of(server->letters->refresh(call.waker())); !fresh) {
    co_return std::unexpected(refusalOf(fresh.error()));
  }
  store::LetterQuery query;
  query.flow = flow;
  const auto counts =
      co_await call.of(server->letterIndex->counts(query, store::LetterGroup::run, kMostCounts, call.waker()));
  if (!counts) co_return std::unexpected(refusalOf(counts.error()));
  std::int64_t letters = 0;
  std::string run;
  for (const auto& one : *counts) {
    if (one.folder != folder) continue;
    letters += one.letters;
    if (run.empty()) run = one.run;
  }
  if (letters == 0) co_return Unit{};
  co_return refuse(409, "dead_letters.waiting",
                   "the flow '" + flow + "' has " + std::to_string(letters) +
                       " dead letters in its folder, of the run '" + run +
                       "' and perhaps others, which could not be replayed once it is elsewhere; replay or discard them "
                       "first (GET /api/v1/dead-letters?flow=" +
                       flow + ")");
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
