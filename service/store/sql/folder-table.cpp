// Settings by folder, kind and name; the front keeps all of them in memory.
#include "service/store/sql/folder-table.h"

#include <utility>

#include "service/store/sql/audit-table.h"
#include "service/store/sql/kinds.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {
    {"CREATE TABLE folder_settings (folder TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, "
     "changed_at BIGINT NOT NULL, changed_by TEXT NOT NULL, PRIMARY KEY (folder, kind, name)) WITHOUT ROWID"}};

Result<void> put(Session& session, const FolderChange& change) {
  if (!change.body) {
    WEIR_TRY(session.exec("DELETE FROM folder_settings WHERE folder = ? AND kind = ? AND name = ?",
                          {change.folder, change.kind, change.name}));
    return {};
  }
  WEIR_TRY(
      session.exec("INSERT INTO folder_settings (folder, kind, name, body, changed_at, changed_by) "
                   "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (folder, kind, name) DO UPDATE SET body = excluded.body, "
                   "changed_at = excluded.changed_at, changed_by = excluded.changed_by",
                   {change.folder, change.kind, change.name, *change.body, change.changedAt, change.changedBy}));
  return {};
}

Result<std::vector<FolderRecord>> recordsIn(Session& session) {
  WEIR_ASSIGN(const auto rows, session.query("SELECT folder, kind, name, body, changed_at, changed_by FROM "
                                             "folder_settings ORDER BY folder, kind, name"));
  std::vector<FolderRecord> records;
  for (const auto& row : rows) {
    records.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.integer(4), row.text(5)});
  }
  return records;
}

/// What goes with the next change of a thread, and what was known of others' changes when it was decided.
struct Waiting {
  const Database* database = nullptr;
  std::shared_ptr<CarriedChanges> carried;
  Epochs::Seen seen;
};
thread_local std::vector<Waiting> waiting;

/// A change, and behind it those that it takes along.
class CarryingJob final : public StoreJob {
 public:
  CarryingJob(std::unique_ptr<StoreJob> change, std::vector<Waiting> carried)
      : change_(std::move(change)), carried_(std::move(carried)) {
    frees = change_->frees;
  }
  CarryingJob(const CarryingJob&) = delete;
  CarryingJob& operator=(const CarryingJob&) = delete;
  ~CarryingJob() override { end(false); }

  Result<void> work(Session& session) override {
    worked_ = false;
    WEIR_TRY(change_->work(session));
    for (const auto& [database, one, seen] : carried_) {
      if (!one->changes.empty()) WEIR_TRY(raiseEpochIfSeen(session, seen));
      for (const auto& change : one->changes) WEIR_TRY(put(session, change));
      WEIR_TRY(appendAudit(session, one->entries));
    }
    worked_ = true;
    return {};
  }
  void tell(const Result<void>& kept) override {
    // Who waits for the change sees what went with it.
    end(kept.has_value() && worked_);
    change_->tell(kept);
  }
  [[nodiscard]] Given given() const override { return change_->given(); }

 private:
  void end(bool kept) {
    for (auto& one : carried_) one.carried->state = kept ? CarriedChanges::State::kept : CarriedChanges::State::lost;
    carried_.clear();
  }

  std::unique_ptr<StoreJob> change_;
  std::vector<Waiting> carried_;
  bool worked_ = false;
};

}  // namespace

const Kind& folderKind() {
  static constexpr Kind kKind{"folder-settings", kSteps};
  return kKind;
}

Operation<std::vector<FolderRecord>> SqlFolderSettings::load(Waker waker) {
  return database_.read<std::vector<FolderRecord>>(
      std::move(waker), [this](Session& session) -> Result<std::vector<FolderRecord>> {
        WEIR_ASSIGN(const auto others, othersEpoch(session, epochs_.seen()));
        WEIR_ASSIGN(auto records, recordsIn(session));
        epochs_.saw(others);
        return records;
      });
}

Operation<Unit> SqlFolderSettings::commit(std::vector<FolderChange> changes, std::vector<AuditEntry> entries,
                                          Waker waker) {
  return database_.write<Unit>(std::move(waker),
                               [changes = std::move(changes), entries = std::move(entries),
                                seen = epochs_.seen()](Session& session) -> Result<Unit> {
                                 if (!changes.empty()) WEIR_TRY(raiseEpochIfSeen(session, seen));
                                 for (const auto& change : changes) WEIR_TRY(put(session, change));
                                 WEIR_TRY(appendAudit(session, entries));
                                 return Unit{};
                               });
}

void SqlFolderSettings::goWithNext(const std::shared_ptr<CarriedChanges>& carried) {
  auto seen = epochs_.seen();
  seen.epoch = carried->epoch;
  waiting.push_back({&database_, carried, std::move(seen)});
}

Operation<std::optional<FolderNews>> SqlFolderSettings::changed(bool all, Waker waker) {
  return database_.read<std::optional<FolderNews>>(
      std::move(waker), [all, seen = epochs_.seen()](Session& session) -> Result<std::optional<FolderNews>> {
        FolderNews news;
        WEIR_ASSIGN(news.epoch, othersEpoch(session, seen));
        if (!all && news.epoch <= seen.epoch) return std::optional<FolderNews>();
        WEIR_ASSIGN(news.records, recordsIn(session));
        return std::optional(std::move(news));
      });
}

void SqlFolderSettings::saw(const FolderNews& news) { epochs_.saw(news.epoch); }

std::unique_ptr<StoreJob> withCarried(const Database& database, std::unique_ptr<StoreJob> job) {
  std::vector<Waiting> carried;
  for (auto& one : std::exchange(waiting, {})) {
    auto state = CarriedChanges::State::waiting;
    if (one.database == &database && one.carried->state.compare_exchange_strong(state, CarriedChanges::State::taken))
      carried.push_back(std::move(one));
  }
  if (carried.empty()) return job;
  return std::make_unique<CarryingJob>(std::move(job), std::move(carried));
}

}  // namespace weir::store::sql
