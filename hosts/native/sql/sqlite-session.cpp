// Statements, rows and transactions of SQLite.
#include "hosts/native/sql/sqlite-session.h"

#include <algorithm>
#include <utility>

#include "engine/data/value-json.h"
#include "engine/host/sql-text.h"
#include "engine/time/instant.h"

namespace weir::native {
namespace {

/// As SQLite derives an affinity from a declared type, and BOOLEAN besides. Empty: it is what its values are.
TypeRef typeOfDeclared(std::string_view declared) {
  std::string upper(declared);
  std::ranges::transform(upper, upper.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const auto has = [&](std::string_view part) { return upper.contains(part); };
  if (has("BOOL")) return Type::boolean();
  if (has("INT")) return Type::int64();
  if (has("CHAR") || has("CLOB") || has("TEXT")) return Type::string();
  if (has("BLOB")) return Type::bytes();
  if (has("REAL") || has("FLOA") || has("DOUB")) return Type::float64();
  return {};
}

Value valueOf(const sqlite::Statement& statement, int column, bool boolean) {
  switch (statement.held(column)) {
    case sqlite::Held::null:
      return {};
    case sqlite::Held::integer: {
      const auto number = statement.integer(column);
      return boolean && (number == 0 || number == 1) ? Value::boolean(number == 1) : Value::int64(number);
    }
    case sqlite::Held::real:
      return Value::float64(statement.real(column));
    case sqlite::Held::text:
      return Value::string(statement.text(column));
    case sqlite::Held::blob:
      return Value::bytes(statement.text(column));
  }
  return {};
}

/// Times as RFC 3339, lists and maps as JSON, durations as their text.
Result<void> bindValue(sqlite::Statement& statement, int place, const Value& value) {
  switch (value.kind()) {
    case ValueKind::null:
      return statement.bindNull(place);
    case ValueKind::boolean:
      return statement.bind(place, std::int64_t{value.boolean() ? 1 : 0});
    case ValueKind::int64:
      return statement.bind(place, value.int64());
    case ValueKind::uint64:
      if (value.uint64() > static_cast<std::uint64_t>(INT64_MAX)) {
        return fail("sql.type", "SQLite has no whole numbers beyond 9223372036854775807, and the row has " +
                                    std::to_string(value.uint64()));
      }
      return statement.bind(place, static_cast<std::int64_t>(value.uint64()));
    case ValueKind::float64:
      return statement.bind(place, value.float64());
    case ValueKind::string:
      return statement.bindText(place, value.text());
    case ValueKind::bytes:
      return statement.bindBlob(place, value.text());
    case ValueKind::timestamp:
      return statement.bindText(place, formatInstant({value.seconds(), value.nanos()}));
    case ValueKind::duration:
      return statement.bindText(place, formatSpan({value.seconds(), value.nanos()}));
    case ValueKind::list:
    case ValueKind::map:
    case ValueKind::type:
    case ValueKind::optional:
    case ValueKind::blob:
    case ValueKind::opaque:
      return statement.bindText(place, toJson(value));
  }
  return statement.bindNull(place);
}

/// The error is about one row, and the others can be written.
bool aboutTheRow(const Error& error) {
  return error.code == "sql.constraint" || error.code == "sql.type" || error.code == "sql.limit";
}

Result<void> bindRow(sqlite::Statement& statement, const Batch& batch, std::int64_t row) {
  for (std::int64_t column = 0; column < batch.schema()->size(); ++column) {
    const int place = statement.placeOf(static_cast<int>(column) + 1);
    WEIR_TRY(bindValue(statement, place, batch.value(row, column)));
  }
  return {};
}

}  // namespace

Error SqliteSession::named(Error error) const {
  if (error.code.starts_with("sql.")) error.message = "SQLite '" + target_.file + "': " + error.message;
  return error;
}

void SqliteSession::interrupt() {
  interrupted_ = true;
  const std::lock_guard locked(mutex_);
  if (database_) database_.interrupt();
}

Result<void> SqliteSession::connect() {
  if (interrupted_) return fail("sql.interrupted", "the run was stopped");
  if (database_) return {};
  WEIR_ASSIGN(const auto path, files_.systemPath(target_.file, target_.create, !target_.reading));
  sqlite::OpenOptions options;
  options.access = target_.reading  ? sqlite::Access::read
                   : target_.create ? sqlite::Access::create
                                    : sqlite::Access::write;
  options.busyTimeoutMs = static_cast<int>(std::clamp<std::int64_t>(target_.timeoutMs, 0, 3'600'000));
  options.guarded = true;
  WEIR_ASSIGN(auto opened, sqlite::Database::open(path, options));
  const std::lock_guard locked(mutex_);
  database_ = std::move(opened);
  return {};
}

Result<SqlRows> SqliteSession::query(SqlQuery query, MemoryAccount& account) {
  reading_.reset();
  if (auto connected = connect(); !connected) return std::unexpected(named(std::move(connected.error())));
  auto statement = database_.prepare(query.statement);
  if (!statement) return std::unexpected(named(std::move(statement.error())));
  const auto given = query.parameters.schema()->size();
  if (statement->parameters() != given) {
    return fail("sql.statement", "the statement has " + std::to_string(statement->parameters()) +
                                     " parameters, and the setting parameters gives " + std::to_string(given));
  }
  if (target_.reading && !statement->readOnly()) {
    return fail("sql.denied", "the statement changes the database, and this node only reads");
  }
  reading_.emplace();
  reading_->query = std::move(query);
  reading_->statement = std::move(*statement);
  const int columns = reading_->statement.columns();
  std::vector<std::string> names;
  std::vector<TypeRef> types;
  for (int i = 0; i < columns; ++i) {
    names.emplace_back(reading_->statement.name(i));
    types.push_back(typeOfDeclared(reading_->statement.declared(i)));
  }
  auto rows = RowCollector::make(std::move(names), std::move(types));
  if (!rows) {
    reading_.reset();
    return std::unexpected(std::move(rows.error()));
  }
  reading_->rows = std::move(*rows);
  return fetch(account);
}

/// Steps until the rows are enough or all is done.
Result<void> SqliteSession::execute(Reading& reading, SqlRows& rows) {
  const int columns = reading.statement.columns();
  for (; reading.row < reading.query.parameters.rows(); ++reading.row) {
    const auto row = static_cast<std::uint32_t>(reading.row);
    if (!reading.stepping) {
      reading.statement.reset();
      if (auto bound = bindRow(reading.statement, reading.query.parameters, reading.row); !bound) {
        rows.refused.push_back({row, std::move(bound.error())});
        continue;
      }
      reading.stepping = true;
    }
    for (;;) {
      if (reading.rows->full()) return {};
      auto more = reading.statement.step();
      if (!more && aboutTheRow(more.error())) {
        rows.refused.push_back({row, named(std::move(more.error()))});
        break;
      }
      if (!more) return std::unexpected(std::move(more.error()));
      if (!*more) break;
      for (int i = 0; i < columns; ++i) {
        const bool boolean = typeOfDeclared(reading.statement.declared(i)) == Type::boolean();
        reading.rows->add(static_cast<std::size_t>(i), valueOf(reading.statement, i, boolean));
      }
      reading.rows->endRow(row);
    }
    if (columns == 0 && !reading.statement.readOnly()) rows.changed += database_.changed();
    reading.stepping = false;
    reading.statement.reset();
  }
  return {};
}

Result<SqlRows> SqliteSession::fetch(MemoryAccount& account) {
  if (!reading_) return fail("sql.failed", "there is no query whose rows could be fetched");
  SqlRows rows;
  auto done = execute(*reading_, rows);
  if (done) done = reading_->rows->finish(rows, account);
  rows.more = reading_->row < reading_->query.parameters.rows();
  if (!done || !rows.more) reading_.reset();
  if (!done) return std::unexpected(named(std::move(done.error())));
  return rows;
}

Result<std::optional<SinkCheckpoint>> SqliteSession::known(const std::string& sink) {
  WEIR_ASSIGN(auto table, database_.prepare("SELECT 1 FROM sqlite_schema WHERE name='weir_checkpoints'"));
  WEIR_ASSIGN(const auto there, table.step());
  if (!there) return std::nullopt;
  WEIR_ASSIGN(auto look, database_.prepare("SELECT checkpoint, ended, epoch FROM weir_checkpoints WHERE sink=?1"));
  WEIR_TRY(look.bindText(1, sink));
  WEIR_ASSIGN(const auto found, look.step());
  if (!found) return std::nullopt;
  return SinkCheckpoint{sink, static_cast<std::uint64_t>(look.integer(0)), look.integer(1) != 0,
                        static_cast<std::uint64_t>(look.integer(2))};
}

/// Inside a transaction, which it ends if all went well.
Result<SinkCheckpoint> SqliteSession::takeOver(const std::string& sink) {
  WEIR_ASSIGN(const auto before, known(sink));
  auto now = before.value_or(SinkCheckpoint{.sink = sink});
  ++now.epoch;
  WEIR_TRY(keep(now));
  WEIR_TRY(database_.execute("COMMIT"));
  return now;
}

Result<SinkCheckpoint> SqliteSession::claim(const std::string& sink) {
  reading_.reset();
  auto begun = connect();
  if (begun) begun = database_.execute("BEGIN IMMEDIATE");
  if (!begun) return std::unexpected(named(std::move(begun.error())));
  auto claimed = takeOver(sink);
  if (database_.inTransaction()) static_cast<void>(database_.execute("ROLLBACK"));
  if (!claimed) return std::unexpected(named(std::move(claimed.error())));
  return claimed;
}

Result<void> SqliteSession::keep(const SinkCheckpoint& checkpoint) {
  WEIR_TRY(database_.execute(kSqlCheckpointTable));
  WEIR_ASSIGN(auto put, database_.prepare("INSERT INTO weir_checkpoints(sink, checkpoint, ended, epoch, written_at)"
                                          " VALUES(?1, ?2, ?3, ?4, strftime('%Y-%m-%dT%H:%M:%fZ'))"
                                          " ON CONFLICT(sink) DO UPDATE SET checkpoint=excluded.checkpoint,"
                                          " ended=excluded.ended, epoch=excluded.epoch,"
                                          " written_at=excluded.written_at"));
  WEIR_TRY(put.bindText(1, checkpoint.sink));
  WEIR_TRY(put.bind(2, static_cast<std::int64_t>(checkpoint.id)));
  WEIR_TRY(put.bind(3, std::int64_t{checkpoint.ended ? 1 : 0}));
  WEIR_TRY(put.bind(4, static_cast<std::int64_t>(checkpoint.epoch)));
  return put.run();
}

Result<void> SqliteSession::prepareFor(const SqlWrite& write, const Schema& columns) {
  WEIR_ASSIGN(auto text, sqlWriteText(write, columns));
  if (write_ && text == writeText_) return {};
  WEIR_ASSIGN(write_, database_.prepare(text));
  writeText_ = std::move(text);
  return {};
}

/// Inside a transaction, which it ends if all went well.
Result<SqlWritten> SqliteSession::writeRows(const SqlWrite& write) {
  SqlWritten written;
  if (write.checkpoint) {
    WEIR_ASSIGN(const auto before, known(write.checkpoint->sink));
    if (before) {
      WEIR_ASSIGN(written.already, alreadyWritten(*write.checkpoint, *before));
      if (written.already) return written;
    }
  }
  std::uint32_t place = 0;
  for (const auto& batch : write.rows) {
    WEIR_TRY(prepareFor(write, *batch.schema()));
    for (std::int64_t row = 0; row < batch.rows(); ++row, ++place) {
      auto done = bindRow(write_, batch, row);
      if (done) done = write_.run();
      if (done) {
        written.changed += database_.changed();
      } else if (aboutTheRow(done.error()) && database_.inTransaction()) {
        written.refused.push_back({place, named(std::move(done.error()))});
      } else {
        return std::unexpected(std::move(done.error()));
      }
    }
  }
  if (write.checkpoint) WEIR_TRY(keep(*write.checkpoint));
  WEIR_TRY(database_.execute("COMMIT"));
  return written;
}

Result<SqlWritten> SqliteSession::write(const SqlWrite& write) {
  reading_.reset();
  auto begun = connect();
  if (begun) begun = database_.execute("BEGIN IMMEDIATE");
  if (!begun) return std::unexpected(named(std::move(begun.error())));
  auto written = writeRows(write);
  if (database_.inTransaction()) static_cast<void>(database_.execute("ROLLBACK"));
  if (!written) return std::unexpected(named(std::move(written.error())));
  return written;
}

}  // namespace weir::native
