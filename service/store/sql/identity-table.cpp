// Records by kind and id; the front keeps all of them in memory, so that no column is ever searched.
#include "service/store/sql/identity-table.h"

#include <utility>

#include "service/store/sql/audit-table.h"
#include "service/store/sql/kinds.h"

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {
    {"CREATE TABLE identities (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, "
     "PRIMARY KEY (kind, id)) WITHOUT ROWID"}};

Result<std::vector<IdentityRecord>> recordsIn(Session& session, bool onlySessions) {
  WEIR_ASSIGN(const auto rows, onlySessions ? session.query("SELECT kind, id, body FROM identities WHERE kind = "
                                                            "'session' ORDER BY id")
                                            : session.query("SELECT kind, id, body FROM identities ORDER BY kind, id"));
  std::vector<IdentityRecord> records;
  records.reserve(rows.size());
  for (const auto& row : rows) records.push_back({row.text(0), row.text(1), row.text(2)});
  return records;
}

Result<void> apply(Session& session, const IdentityChange& change) {
  if (!change.body) {
    WEIR_TRY(session.exec("DELETE FROM identities WHERE kind = ? AND id = ?", {change.kind, change.id}));
  } else if (change.way != IdentityChange::Way::put) {
    WEIR_TRY(session.exec("UPDATE identities SET body = ? WHERE kind = ? AND id = ?",
                          {*change.body, change.kind, change.id}));
  } else {
    WEIR_TRY(
        session.exec("INSERT INTO identities (kind, id, body) VALUES (?, ?, ?) "
                     "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                     {change.kind, change.id, *change.body}));
  }
  return {};
}

/// Who is whom and may do what is decided on all that is known of people, a session is not. A change of a user ends
/// their sessions, so it must know of all of them.
Result<void> raiseFor(Session& session, const std::vector<IdentityChange>& changes, const Epochs::Seen& people,
                      const Epochs::Seen& sessions) {
  bool ofPeople = false, ofUsers = false, ofSessions = false;
  for (const auto& change : changes) {
    if (change.way == IdentityChange::Way::touch) continue;
    ofSessions = ofSessions || change.kind == "session";
    ofPeople = ofPeople || change.kind != "session";
    ofUsers = ofUsers || change.kind == "user";
  }
  if (ofUsers) WEIR_TRY(checkSeen(session, sessions));
  if (ofPeople) WEIR_TRY(raiseEpochIfSeen(session, people));
  if (ofSessions) WEIR_TRY(raiseEpoch(session, sessions));
  return {};
}

}  // namespace

const Kind& identityKind() {
  static constexpr Kind kKind{"identities", kSteps};
  return kKind;
}

Operation<std::vector<IdentityRecord>> SqlIdentities::load(Waker waker) {
  return database_.read<std::vector<IdentityRecord>>(
      std::move(waker), [this](Session& session) -> Result<std::vector<IdentityRecord>> {
        WEIR_ASSIGN(const auto people, othersEpoch(session, people_.seen()));
        WEIR_ASSIGN(const auto sessions, othersEpoch(session, sessions_.seen()));
        WEIR_ASSIGN(auto records, recordsIn(session, false));
        people_.saw(people);
        sessions_.saw(sessions);
        return records;
      });
}

Operation<Unit> SqlIdentities::commit(std::vector<IdentityChange> changes, std::vector<AuditEntry> entries,
                                      Waker waker) {
  return database_.write<Unit>(std::move(waker),
                               [changes = std::move(changes), entries = std::move(entries), people = people_.seen(),
                                sessions = sessions_.seen()](Session& session) -> Result<Unit> {
                                 WEIR_TRY(raiseFor(session, changes, people, sessions));
                                 for (const auto& change : changes) WEIR_TRY(apply(session, change));
                                 WEIR_TRY(appendAudit(session, entries));
                                 return Unit{};
                               });
}

Operation<std::optional<IdentityNews>> SqlIdentities::changed(bool all, Waker waker) {
  return database_.read<std::optional<IdentityNews>>(
      std::move(waker),
      [all, people = people_.seen(),
       sessions = sessions_.seen()](Session& session) -> Result<std::optional<IdentityNews>> {
        IdentityNews news;
        WEIR_ASSIGN(news.people, othersEpoch(session, people));
        WEIR_ASSIGN(news.sessions, othersEpoch(session, sessions));
        if (!all && news.people <= people.epoch && news.sessions <= sessions.epoch)
          return std::optional<IdentityNews>();
        news.onlySessions = !all && news.people <= people.epoch;
        WEIR_ASSIGN(news.records, recordsIn(session, news.onlySessions));
        return std::optional(std::move(news));
      });
}

void SqlIdentities::saw(const IdentityNews& news) {
  people_.saw(news.people);
  sessions_.saw(news.sessions);
}

}  // namespace weir::store::sql
