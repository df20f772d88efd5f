// The kinds of records of a server, and how their tables are brought up to date.
#include "service/store/sql/kinds.h"

#include <algorithm>
#include <array>
#include <map>

#include "service/store/sql/alert-table.h"
#include "service/store/sql/audit-table.h"
#include "service/store/sql/epochs.h"
#include "service/store/sql/flow-table.h"
#include "service/store/sql/folder-table.h"
#include "service/store/sql/identity-table.h"
#include "service/store/sql/letter-table.h"
#include "service/store/sql/object-table.h"
#include "service/store/sql/operation-table.h"
#include "service/store/sql/request-key-table.h"
#include "service/store/sql/run-log-table.h"
#include "service/store/sql/run-table.h"
#include "service/store/sql/schedule-table.h"
#include "service/store/sql/secret-table.h"

namespace weir::store::sql {
namespace {

/// Of the tables below; a newer one means another way of keeping count.
constexpr std::int64_t kFormat = 1;

bool isWord(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

/// Where the text that is quoted at `at` ends.
std::size_t quotedEnd(std::string_view sql, std::size_t at) {
  const auto end = sql.find(sql[at], at + 1);
  return end == std::string_view::npos ? sql.size() : end + 1;
}

std::vector<std::string> statementsOf(std::string_view sql) {
  std::vector<std::string> statements;
  std::string one;
  const auto take = [&] {
    if (one.find_first_not_of(" \n\t") != std::string::npos) statements.push_back(one);
    one.clear();
  };
  for (std::size_t at = 0; at < sql.size();) {
    const auto end = sql[at] == '\'' || sql[at] == '"' ? quotedEnd(sql, at) : at + 1;
    if (sql[at] == ';') {
      take();
    } else {
      one += sql.substr(at, end - at);
    }
    at = end;
  }
  take();
  return statements;
}

std::unexpected<Error> newer(const std::string& what) {
  return fail("storage.newer", "a newer program wrote this database: " + what +
                                   "; use the newer program, or restore a backup that was made before");
}

Result<void> checkFormat(Session& session) {
  WEIR_ASSIGN(const auto format, session.queryOne("SELECT value FROM meta WHERE name = 'format'"));
  if (!format || format->integer(0) <= kFormat) return {};
  return newer("it has format " + std::to_string(format->integer(0)) + ", and this one knows it up to " +
               std::to_string(kFormat));
}

Result<Steps> stepsTold(Session& session) {
  Steps done;
  WEIR_ASSIGN(const auto rows, session.query("SELECT kind, step FROM migrations"));
  for (const auto& row : rows) done.emplace(row.text(0), row.integer(1));
  return done;
}

Result<Steps> stepsDone(Session& session) {
  WEIR_TRY(session.exec("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BIGINT NOT NULL)"));
  WEIR_TRY(session.exec("CREATE TABLE IF NOT EXISTS migrations (kind TEXT PRIMARY KEY, step BIGINT NOT NULL)"));
  WEIR_TRY(checkFormat(session));
  WEIR_TRY(
      session.exec("INSERT INTO meta (name, value) VALUES ('format', ?) ON CONFLICT (name) DO NOTHING", {kFormat}));
  return stepsTold(session);
}

/// A word behind which a table's name comes, and the name: `CREATE TABLE x (…)`.
std::string_view createdBy(std::string_view statement) {
  constexpr std::string_view kBegin = "CREATE TABLE ";
  const auto from = statement.find_first_not_of(" \n\t");
  if (from == std::string_view::npos || !statement.substr(from).starts_with(kBegin)) return {};
  statement.remove_prefix(from + kBegin.size());
  std::size_t end = 0;
  while (end < statement.size() && isWord(statement[end])) ++end;
  return statement.substr(0, end);
}

Result<void> makeNumbers(Session& session) {
  if (session.dialect() == Dialect::postgres) {
    WEIR_TRY(session.exec("CREATE SEQUENCE IF NOT EXISTS numbers"));
    return {};
  }
  WEIR_TRY(session.exec("INSERT INTO meta (name, value) VALUES ('number', 0) ON CONFLICT DO NOTHING"));
  return {};
}

}  // namespace

std::span<const Kind* const> allKinds() {
  static const std::array kKinds{
      &flowKind(),      &auditKind(),      &identityKind(), &secretKind(), &runKind(),
      &alertKind(),     &runLogKind(),     &scheduleKind(), &folderKind(), &objectKind(),
      &operationKind(), &requestKeyKind(), &letterKind(),   &epochKind(),
  };
  return kKinds;
}

std::string postgresOf(const Step& step) {
  if (!step.postgres.empty()) return std::string(step.postgres);
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kWords{{
      {"BLOB", "BYTEA"},
      {"TEXT", "TEXT COLLATE \"C\""},
      {"INTEGER", "BIGINT"},
      {"REAL", "DOUBLE PRECISION"},
      {"WITHOUT", ""},
      {"ROWID", ""},
  }};
  std::string text;
  const auto sql = step.sql;
  for (std::size_t at = 0; at < sql.size();) {
    std::size_t end = at + 1;
    if (sql[at] == '\'' || sql[at] == '"') end = quotedEnd(sql, at);
    if (isWord(sql[at])) {
      while (end < sql.size() && isWord(sql[end])) ++end;
    }
    const auto word = sql.substr(at, end - at);
    const auto* known = std::ranges::find(kWords, word, &std::pair<std::string_view, std::string_view>::first);
    text += known != kWords.end() ? known->second : word;
    at = end;
  }
  return text;
}

Result<void> checkSteps(const Steps& steps, std::span<const Kind* const> kinds) {
  for (const auto& [name, step] : steps) {
    const auto known = std::ranges::find(kinds, name, [](const Kind* kind) { return kind->name; });
    if (known == kinds.end()) return newer("it holds records of the kind '" + name + "', which this one does not know");
    if (step > std::ssize((*known)->steps)) {
      return newer("its records of the kind '" + name + "' have format " + std::to_string(step) +
                   ", and this one knows them up to " + std::to_string(std::ssize((*known)->steps)));
    }
  }
  return {};
}

Steps stepsOf(std::span<const Kind* const> kinds) {
  Steps steps;
  for (const auto* kind : kinds) steps.emplace(kind->name, std::ssize(kind->steps));
  return steps;
}

Result<Steps> stepsIn(Session& session, std::span<const Kind* const> kinds) {
  const auto* sql = session.dialect() == Dialect::postgres
                        ? "SELECT 1 FROM pg_class WHERE relname = 'migrations' AND relkind = 'r' AND relnamespace = "
                          "current_schema()::regnamespace"
                        : "SELECT 1 FROM sqlite_master WHERE name = 'migrations' AND type = 'table'";
  WEIR_ASSIGN(const auto there, session.queryOne(sql));
  if (!there) return Steps();
  WEIR_TRY(checkFormat(session));
  WEIR_ASSIGN(auto steps, stepsTold(session));
  WEIR_TRY(checkSteps(steps, kinds));
  return steps;
}

Result<void> beforeMigrating(Session& session, std::span<const Kind* const> kinds,
                             const std::function<Result<void>(const Steps& from)>& before) {
  if (!before) return {};
  WEIR_ASSIGN(const auto from, stepsIn(session, kinds));
  if (from.empty() || from == stepsOf(kinds)) return {};
  return before(from);
}

std::int64_t versionOf(const Steps& steps) {
  std::int64_t version = 0;
  for (const auto& [name, step] : steps) version += step;
  return version;
}

std::vector<std::string> tablesOf(std::span<const Kind* const> kinds, const Steps& steps) {
  std::vector<std::string> tables{"meta", "migrations"};
  for (const auto* kind : kinds) {
    const auto done = steps.find(std::string(kind->name));
    if (done == steps.end()) continue;
    for (const auto& step : kind->steps.first(static_cast<std::size_t>(done->second))) {
      for (const auto& statement : statementsOf(step.sql)) {
        if (const auto name = createdBy(statement); !name.empty()) tables.emplace_back(name);
      }
    }
  }
  return tables;
}

namespace {

/// `done` is known to these kinds.
Result<void> bring(Session& session, std::span<const Kind* const> kinds, const Steps& done, const Steps& to) {
  WEIR_TRY(makeNumbers(session));
  for (const auto* kind : kinds) {
    const std::string name(kind->name);
    const auto from = done.contains(name) ? done.at(name) : 0, until = to.contains(name) ? to.at(name) : 0;
    if (from >= until) continue;
    for (const auto& step :
         kind->steps.first(static_cast<std::size_t>(until)).subspan(static_cast<std::size_t>(from))) {
      const auto text = session.dialect() == Dialect::postgres ? postgresOf(step) : std::string(step.sql);
      for (const auto& statement : statementsOf(text)) WEIR_TRY(session.exec(statement));
    }
    WEIR_TRY(
        session.exec("INSERT INTO migrations (kind, step) VALUES (?, ?) "
                     "ON CONFLICT (kind) DO UPDATE SET step = excluded.step",
                     {kind->name, until}));
  }
  return {};
}

}  // namespace

Result<void> migrate(Session& session, std::span<const Kind* const> kinds) {
  WEIR_ASSIGN(const auto done, stepsDone(session));
  // All is looked at before anything is changed.
  WEIR_TRY(checkSteps(done, kinds));
  return bring(session, kinds, done, stepsOf(kinds));
}

Result<void> migrateTo(Session& session, std::span<const Kind* const> kinds, const Steps& steps) {
  WEIR_TRY(checkSteps(steps, kinds));
  WEIR_ASSIGN(const auto done, stepsDone(session));
  return bring(session, kinds, done, steps);
}

}  // namespace weir::store::sql
