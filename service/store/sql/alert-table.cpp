// Two tables: what is set, and what there was.
#include "service/store/sql/alert-table.h"

#include <utility>

namespace weir::store::sql {
namespace {

constexpr Step kSteps[] = {{R"(CREATE TABLE alert_settings (
  kind TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE alerts (number BIGINT PRIMARY KEY, document TEXT NOT NULL))"}};

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
