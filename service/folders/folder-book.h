// FolderBook: what belongs to folders beside their flows, in memory; changes are stored first and seen here afterwards.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/json/value.h"
#include "service/store/folder-settings.h"
#include "service/store/follow.h"

namespace weir::folders {

// The kinds of settings.
inline constexpr std::string_view kMount = "mount", kEnvironment = "environment", kNetwork = "network",
                                  kHooks = "hooks";

/// A folder of the machine that flows of a folder may use by name.
struct Mount {
  std::string folder, name;
  std::string directory;
  bool writes = false;
};

/// Values for parameters of flows, by the name of a purpose such as `test` or `production`.
struct Environment {
  std::string folder, name, description;
  json::Value parameters;  // an object
};

/// What flows of a folder may connect to beside public addresses, and the ports at which they may listen.
struct Network {
  std::vector<std::string> allow;   // host:port or a range
  std::vector<std::string> listen;  // "9000" or "9000-9010"
};

/// The requests that a published flow answers: each path with its methods.
struct HookClaim {
  std::vector<std::string> methods;
  std::string path;  // of the node, such as /orders/:id
};
struct FlowHooks {
  std::string folder, flow;
  std::vector<HookClaim> claims;
};

/// A commit under way; `outcome` is there once FolderBook::settle has found it stored or failed.
struct BookCommit {
  std::vector<store::FolderChange> changes;
  Operation<Unit> stored;
  std::optional<Result<Unit>> outcome;
};

/// The folders in which a setting of a folder is looked for, nearest first: the folder and those above it, but not the
/// root, which is a tenant of its own.
[[nodiscard]] std::vector<std::string> foldersAbove(std::string_view folder);
/// A letter, then letters, digits, _ and -, two to 64 of them; not `project`.
[[nodiscard]] bool isSettingName(std::string_view name);

/// One thread. All that is asked shows every commit that the store has told of.
class FolderBook {
 public:
  /// It outlives the book.
  explicit FolderBook(store::FolderSettings& store) : store_(store) {}
  /// At the start, with all that the store holds.
  void fill(std::vector<store::FolderRecord> records);

  /// Begins to store changes and what the audit log is to say of them; `waker` when it is done.
  [[nodiscard]] std::shared_ptr<BookCommit> commit(std::vector<store::FolderChange> changes,
                                                   std::vector<store::AuditEntry> entries, Waker waker);
  /// Changes to be filled in, which another change of the store takes along (goWithNext); nobody else gets the hooks in
  /// them until they have come to an end, or are given up by letting go of them.
  [[nodiscard]] std::shared_ptr<store::CarriedChanges> carry();
  /// Fills in one that may be a claim of hooks; gives the turn that begins with it.
  std::uint64_t add(store::CarriedChanges& carried, store::FolderChange change);
  void goWithNext(const std::shared_ptr<store::CarriedChanges>& carried);
  /// Takes over what was stored meanwhile.
  void settle();
  /// Where other servers write to the same database: asks it, if `due` or if what is known is known to be old, what
  /// they have changed, and takes that over. Call it again soon if it says so, or when `waker` is woken.
  [[nodiscard]] bool follow(bool due, const Waker& waker);

  /// Null: there is none.
  [[nodiscard]] const store::FolderRecord* find(std::string_view folder, std::string_view kind, std::string_view name);
  /// Of one kind, or of all if it is empty, in the folder; with those below it if `below`.
  [[nodiscard]] std::vector<const store::FolderRecord*> in(std::string_view folder, std::string_view kind, bool below);

  /// What flows of the folder see: of each name the nearest.
  [[nodiscard]] std::vector<Mount> mountsFor(std::string_view folder);
  [[nodiscard]] std::optional<Environment> environmentFor(std::string_view folder, std::string_view name);
  [[nodiscard]] std::vector<std::string> environmentNamesFor(std::string_view folder);
  /// The nearest.
  [[nodiscard]] Network networkFor(std::string_view folder);
  /// Of all flows that claim some; they hold until the book is asked again.
  [[nodiscard]] std::vector<const FlowHooks*> hooks();
  /// What others than who is about to make `mine` are about to claim.
  [[nodiscard]] std::vector<FlowHooks> hooksCarried(const std::shared_ptr<store::CarriedChanges>& mine);
  /// Another number after each change that hooks() or hooksCarried() could tell of.
  [[nodiscard]] std::uint64_t turn();

 private:
  using Key = std::tuple<std::string, std::string, std::string>;
  void apply(std::vector<store::FolderChange>& changes);
  void settleCarried();
  void put(store::FolderRecord record);

  store::FolderSettings& store_;
  std::map<Key, store::FolderRecord> records_;
  std::map<Key, FlowHooks> hooks_;  // of the records that are claims
  std::uint64_t turn_ = 0;
  std::deque<std::shared_ptr<BookCommit>> commits_;
  std::vector<std::shared_ptr<store::CarriedChanges>> carried_;
  std::vector<const store::CarriedChanges*> went_;  // of those, with a change
  std::uint64_t begun_ = 0;                         // changes
  store::Follow<store::FolderNews> follow_;
};

// What records hold; missing members are empty.
[[nodiscard]] Mount mountOf(const store::FolderRecord& record);
[[nodiscard]] Environment environmentOf(const store::FolderRecord& record);
[[nodiscard]] Network networkOf(const store::FolderRecord& record);
[[nodiscard]] FlowHooks hooksOf(const store::FolderRecord& record);
[[nodiscard]] std::string toJson(const Mount& mount);
[[nodiscard]] std::string toJson(const Environment& environment);
[[nodiscard]] std::string toJson(const Network& network);
[[nodiscard]] std::string toJson(const std::vector<HookClaim>& claims);

}  // namespace weir::folders
