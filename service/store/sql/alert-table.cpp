// Two tables: what is set, and what there was.
#include "service/store/sql/alert-table.h"

#include <algorithm>
#include <utility>

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {{R"(CREATE TABLE alert_settings (
  kind TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE alerts (number BIGINT PRIMARY KEY, document TEXT NOT NULL))"},
                           {"CREATE TABLE alert_numbers (name TEXT PRIMARY KEY, last BIGINT NOT NULL)"}};

Result<std::vector<AlertStore::Entry>> entriesIn(Session& session) {
  WEIR_ASSIGN(const auto rows, session.query("SELECT kind, id, document FROM alert_settings ORDER BY kind, id"));
  std::vector<AlertStore::Entry> entries;
  for (const auto& row : rows) entries.push_back({row.text(0), row.text(1), row.text(2)});
  return entries;
}

}  // namespace

const Kind& alertKind() {
  static const Kind kKind{"alerts", kSteps};
  return kKind;
}

Operation<AlertStore::All> SqlAlerts::load(std::int64_t mostAlerts, Waker waker) {
  return database_.read<All>(std::move(waker), [this, mostAlerts](Session& session) -> Result<All> {
    All all;
    all.shared = session.dialect() == Dialect::postgres;
    WEIR_ASSIGN(const auto others, othersEpoch(session, epochs_.seen()));
    WEIR_ASSIGN(all.entries, entriesIn(session));
    WEIR_ASSIGN(const auto alerts,
                session.query("SELECT number, document FROM alerts ORDER BY number DESC LIMIT ?", {mostAlerts}));
    for (const auto& row : alerts) all.alerts.push_back({row.integer(0), row.text(1)});
    epochs_.saw(others);
    return all;
  });
}

Operation<Unit> SqlAlerts::put(Entry entry, Waker waker) {
  return database_.write<Unit>(std::move(waker),
                               [entry = std::move(entry), seen = epochs_.seen()](Session& session) -> Result<Unit> {
                                 WEIR_TRY(raiseEpoch(session, seen));
                                 WEIR_TRY(
                                     session.exec("INSERT INTO alert_settings (kind, id, document) VALUES (?, ?, ?) "
                                                  "ON CONFLICT (kind, id) DO UPDATE SET document = excluded.document",
                                                  {entry.kind, entry.id, entry.document}));
                                 return Unit{};
                               });
}

Operation<Unit> SqlAlerts::remove(std::string kind, std::string id, Waker waker) {
  return database_.write<Unit>(
      std::move(waker),
      [kind = std::move(kind), id = std::move(id), seen = epochs_.seen()](Session& session) -> Result<Unit> {
        WEIR_TRY(raiseEpoch(session, seen));
        WEIR_TRY(session.exec("DELETE FROM alert_settings WHERE kind = ? AND id = ?", {kind, id}));
        return Unit{};
      },
      Database::Room::frees);
}

Operation<Unit> SqlAlerts::keep(Kept alert, std::int64_t oldest, Waker waker) {
  return database_.write<Unit>(std::move(waker), [alert = std::move(alert), oldest](Session& session) -> Result<Unit> {
    WEIR_TRY(
        session.exec("INSERT INTO alerts (number, document) VALUES (?, ?) "
                     "ON CONFLICT (number) DO UPDATE SET document = excluded.document",
                     {alert.number, alert.document}));
    WEIR_TRY(session.exec("DELETE FROM alerts WHERE number < ?", {oldest}));
    return Unit{};
  });
}

Operation<std::int64_t> SqlAlerts::reserve(std::int64_t count, Waker waker) {
  return database_.write<std::int64_t>(std::move(waker), [count](Session& session) -> Result<std::int64_t> {
    // Alerts may be from before numbers were given out here.
    WEIR_ASSIGN(const auto row,
                session.queryOne("SELECT COALESCE((SELECT MAX(number) FROM alerts), 0), "
                                 "COALESCE((SELECT last FROM alert_numbers WHERE name = 'alerts'), 0)"));
    if (!row) return fail("storage.corrupt", "the database does not count alerts");
    const auto last = std::max(row->integer(0), row->integer(1));
    WEIR_TRY(
        session.exec("INSERT INTO alert_numbers (name, last) VALUES ('alerts', ?) "
                     "ON CONFLICT (name) DO UPDATE SET last = excluded.last",
                     {last + count}));
    return last + 1;
  });
}

Operation<std::optional<AlertStore::News>> SqlAlerts::changed(bool all, Waker waker) {
  // Among the changes, so that it comes behind those of this server.
  return database_.write<std::optional<News>>(
      std::move(waker),
      [all, seen = epochs_.seen()](Session& session) -> Result<std::optional<News>> {
        News news;
        WEIR_ASSIGN(news.epoch, othersEpoch(session, seen));
        if (!all && news.epoch <= seen.epoch) return std::optional<News>();
        WEIR_ASSIGN(news.entries, entriesIn(session));
        return std::optional(std::move(news));
      },
      Database::Room::frees);
}

void SqlAlerts::saw(const News& news) { epochs_.saw(news.epoch); }

}  // namespace weir::store::sql
