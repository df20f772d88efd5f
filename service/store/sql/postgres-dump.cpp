// COPY out of a snapshot, COPY into what the steps have made.
#include "service/store/sql/postgres-dump.h"

#include <algorithm>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::store::sql {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kPartBytes = 4 << 20;
/// Of a single wait: a table may be large, and so may be what a lock waits for.
constexpr std::int64_t kPatienceMs = 600'000;
constexpr const char* kSettings =
    "-c synchronous_commit=on -c statement_timeout=0 -c lock_timeout=60s -c idle_in_transaction_session_timeout=0 "
    "-c jit=off -c bytea_output=hex -c extra_float_digits=1 -c datestyle=ISO -c timezone=UTC";

std::unexpected<Error> damaged(const std::string& what) {
  return fail("backup.damaged", "the backup cannot be used: " + what + ". Nothing was written");
}

template <class T>
Result<T> stored(Result<T> result) {
  if (!result) return std::unexpected(asStored(std::move(result.error())));
  return result;
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + '"';
}

std::string columnsOf(const DumpHead::Table& table) {
  std::string text;
  for (const auto& column : table.columns) text += (text.empty() ? "" : ", ") + quoted(column);
  return quoted(table.name) + " (" + text + ")";
}

Result<PostgresLink> linkOf(const PostgresOptions& options) {
  WEIR_ASSIGN(auto connect, connectOptionsOf(options, kSettings));
  connect.timeoutMs = kPatienceMs;
  return PostgresLink(std::move(connect));
}

Result<PostgresSession*> sessionOf(PostgresLink& link, const PostgresOptions& options) {
  WEIR_ASSIGN(auto* session, link.session(options.timeoutMs));
  session->waitAtMost(kPatienceMs);
  return session;
}

/// The tables of the kinds, in their order, with the columns that they have now.
Result<std::vector<DumpHead::Table>> tablesIn(PostgresSession& session, const Steps& steps,
                                              std::span<const Kind* const> kinds) {
  std::vector<DumpHead::Table> tables;
  for (auto& name : tablesOf(kinds, steps)) {
    DumpHead::Table table{std::move(name)};
    WEIR_ASSIGN(const auto rows,
                session.query("SELECT column_name::text FROM information_schema.columns WHERE table_schema = "
                              "current_schema() AND table_name = ? ORDER BY ordinal_position",
                              {table.name}));
    if (rows.empty()) return fail("storage.corrupt", "the database has lost its table '" + table.name + "'");
    for (const auto& row : rows) table.columns.push_back(row.text(0));
    tables.push_back(std::move(table));
  }
  return tables;
}

Result<std::map<std::string, std::int64_t>> sequencesIn(PostgresSession& session) {
  WEIR_ASSIGN(const auto rows, session.query("SELECT sequencename::text, last_value FROM pg_sequences "
                                             "WHERE schemaname = current_schema() AND last_value IS NOT NULL"));
  std::map<std::string, std::int64_t> sequences;
  for (const auto& row : rows) sequences.emplace(row.text(0), row.integer(1));
  return sequences;
}

std::map<std::string, std::int64_t> numbersAt(const json::Value& root, std::string_view key) {
  std::map<std::string, std::int64_t> numbers;
  const auto* object = root.find(key) == nullptr ? nullptr : root.find(key)->asObject();
  if (object == nullptr) return numbers;
  for (const auto& member : *object) {
    if (const auto* number = member.value.asInt64()) numbers.emplace(std::string(member.key), *number);
  }
  return numbers;
}

Result<void> checkEmpty(PostgresSession& session, const std::string& database) {
  WEIR_ASSIGN(const auto rows,
              session.query("SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
                            "AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f') ORDER BY relkind DESC, relname LIMIT 6"));
  if (rows.empty()) return {};
  std::string names;
  for (std::size_t i = 0; i < std::min<std::size_t>(rows.size(), 5); ++i)
    names += (names.empty() ? "" : ", ") + rows[i].text(0);
  return fail("backup.not_empty", "the database '" + database + "' is not empty: it has " + names +
                                      (rows.size() > 5 ? " and more" : "") +
                                      "; make an empty one (createdb) and name that. Nothing was changed");
}

}  // namespace

std::string DumpHead::text() const {
  std::string text;
  json::Writer out(text);
  const auto numbers = [&out](std::string_view key, const std::map<std::string, std::int64_t>& of) {
    out.key(key).beginObject();
    for (const auto& [name, number] : of) out.key(name).value(number);
    out.endObject();
  };
  out.beginObject().key("format").value(kFormat);
  numbers("steps", steps);
  out.key("tables").beginArray();
  for (const auto& table : tables) {
    out.beginObject().key("name").value(table.name).key("columns").beginArray();
    for (const auto& column : table.columns) out.value(column);
    out.endArray().endObject();
  }
  out.endArray();
  numbers("sequences", sequences);
  out.endObject();
  return text;
}

Result<DumpHead> DumpHead::read(std::string_view text, std::span<const Kind* const> kinds) {
  const auto document = json::parse(text);
  if (!document || !document->root().isObject()) return damaged("what it says of the database cannot be read");
  const auto& root = document->root();
  const auto* format = root.find("format") == nullptr ? nullptr : root.find("format")->asInt64();
  if (format == nullptr || *format < 1) return damaged("what it says of the database cannot be read");
  DumpHead head;
  head.steps = numbersAt(root, "steps");
  head.sequences = numbersAt(root, "sequences");
  if (*format > kFormat) return fail("storage.newer", "a newer program wrote this backup; restore with that");
  WEIR_TRY(checkSteps(head.steps, kinds));
  const auto* tables = root.find("tables") == nullptr ? nullptr : root.find("tables")->asArray();
  if (tables == nullptr) return damaged("it does not say which tables it holds");
  for (const auto& one : *tables) {
    const auto* name = one.find("name") == nullptr ? nullptr : one.find("name")->asString();
    const auto* columns = one.find("columns") == nullptr ? nullptr : one.find("columns")->asArray();
    if (name == nullptr || columns == nullptr) return damaged("a table of it has no name or no columns");
    Table table{std::string(*name)};
    for (const auto& column : *columns) {
      if (const auto* said = column.asString()) table.columns.emplace_back(*said);
    }
    head.tables.push_back(std::move(table));
  }
  const auto names = tablesOf(kinds, head.steps);
  if (!std::ranges::equal(names, head.tables, {}, {}, &Table::name))
    return damaged("its tables are not those of its versions");
  return head;
}

Result<std::unique_ptr<PostgresDump>> PostgresDump::begin(const PostgresOptions& options) {
  return stored(begun(options));
}

Result<std::unique_ptr<PostgresDump>> PostgresDump::begun(const PostgresOptions& options) {
  WEIR_ASSIGN(auto link, linkOf(options));
  auto dump = std::make_unique<PostgresDump>(Private{}, std::move(link));
  WEIR_ASSIGN(dump->session_, sessionOf(dump->link_, options));
  auto& session = *dump->session_;
  WEIR_TRY(session.send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  // The first statement makes the moment.
  WEIR_ASSIGN(dump->head_.steps, stepsIn(session, options.kinds));
  if (dump->head_.steps.empty()) return fail("backup.no_data", "the database holds no tables of a server");
  WEIR_ASSIGN(dump->head_.tables, tablesIn(session, dump->head_.steps, options.kinds));
  // Sequences know no moment: they are asked behind it, and are never behind what is in the tables.
  WEIR_ASSIGN(dump->head_.sequences, sequencesIn(session));
  return dump;
}

Result<void> PostgresDump::write(const Take& take) {
  WEIR_TRY(take(std::string(kHead), head_.text()));
  for (const auto& table : head_.tables) {
    std::string part;
    int parts = 0;
    const auto give = [&]() -> Result<void> {
      auto number = std::to_string(++parts);
      number.insert(0, 6 - std::min<std::size_t>(number.size(), 6), '0');
      WEIR_TRY(take(table.name + "/" + number, part));
      part.clear();
      return {};
    };
    const auto add = [&](std::string_view row) -> Result<void> {
      part += row;
      return part.size() < kPartBytes ? Result<void>{} : give();
    };
    WEIR_TRY(stored(session_->copyOut("COPY " + columnsOf(table) + " TO STDOUT", add)));
    if (!part.empty()) WEIR_TRY(give());
  }
  return {};
}

Result<std::unique_ptr<PostgresFill>> PostgresFill::begin(const PostgresOptions& options) {
  return stored(begun(options));
}

Result<std::unique_ptr<PostgresFill>> PostgresFill::begun(const PostgresOptions& options) {
  WEIR_ASSIGN(auto link, linkOf(options));
  auto fill = std::make_unique<PostgresFill>(Private{}, std::move(link), options.kinds);
  WEIR_ASSIGN(fill->session_, sessionOf(fill->link_, options));
  auto& session = *fill->session_;
  WEIR_TRY(session.send("BEGIN"));
  WEIR_TRY(lockForMigration(session));
  WEIR_ASSIGN(const auto name, session.queryOne("SELECT current_database()::text"));
  WEIR_TRY(checkEmpty(session, name ? name->text(0) : std::string()));
  return fill;
}

Result<void> PostgresFill::make(std::string_view text) {
  WEIR_ASSIGN(const auto head, DumpHead::read(text, kinds_));
  WEIR_TRY(migrateTo(*session_, kinds_, head.steps));
  for (const auto& table : head.tables) {
    // Steps may have put something into what they made.
    WEIR_TRY(session_->exec("DELETE FROM " + quoted(table.name)));
    copies_.emplace(table.name, "COPY " + columnsOf(table) + " FROM STDIN");
  }
  for (const auto& [name, number] : head.sequences) {
    WEIR_TRY(session_->queryOne("SELECT setval(quote_ident(?)::regclass, ?)", {name, number}));
  }
  return {};
}

Result<void> PostgresFill::take(const std::string& name, std::string_view bytes) {
  if (name == PostgresDump::kHead) return stored(make(bytes));
  const auto copy = copies_.find(std::string_view(name).substr(0, name.find('/')));
  if (copy == copies_.end()) return damaged("it holds rows of a table that it does not name");
  return stored(session_->copyIn(copy->second, bytes));
}

Result<void> PostgresFill::commit() {
  if (copies_.empty()) return damaged("it does not say what it holds of the database");
  WEIR_TRY(stored(session_->send("COMMIT")));
  const auto done = session_->finish();
  if (done) return {};
  auto error = asStored(done.error());
  if (session_->lost())
    error.message += "; the database may have been filled or not: make another one for the next try";
  return std::unexpected(std::move(error));
}

}  // namespace weir::store::sql
