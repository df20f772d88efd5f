// Queries and transactions on a server.
#include "hosts/native/sql/postgres-session.h"

#include <algorithm>
#include <span>

#include "engine/host/sql-text.h"
#include "hosts/native/network/connect-checked.h"
#include "hosts/native/sql/postgres-values.h"

namespace weir::native {
namespace {

/// Rows that go to the server at once; a bad one costs a group.
constexpr std::size_t kGroupRows = 256;

bool aboutTheRow(const Error& error) {
  return error.code == "sql.constraint" || error.code == "sql.type" || error.code == "sql.limit";
}

Result<postgres::Parameters> parametersOf(const Batch& batch, std::int64_t row) {
  postgres::Parameters parameters;
  for (std::int64_t column = 0; column < batch.schema()->size(); ++column) {
    WEIR_ASSIGN(auto text, postgresText(batch.value(row, column)));
    parameters.push_back(std::move(text));
  }
  return parameters;
}

}  // namespace

void PostgresSession::drop() {
  place_.leave();
  connection_.reset();
}

Error PostgresSession::told(Error error) {
  if (error.code == "sql.unavailable" || error.code == "sql.interrupted") {
    drop();
    prepared_.clear();
  }
  if (error.code.starts_with("sql.")) error.message = shown_ + ": " + error.message;
  return network_.secrets != nullptr ? network_.secrets->redact(std::move(error)) : error;
}

Result<void> PostgresSession::connect() {
  if (connection_) return {};
  auto text = target_.connection;
  // A secret may be the whole of it.
  if (text.starts_with("${secret:") && network_.secrets != nullptr) {
    WEIR_ASSIGN(text, network_.secrets->resolve(text, ""));
  }
  WEIR_ASSIGN(auto where, postgres::Target::parse(text));
  const auto hostPort = where.host + ":" + where.port;
  shown_ = "PostgreSQL at " + hostPort;
  if (network_.secrets != nullptr) {
    WEIR_ASSIGN(where.password, network_.secrets->resolve(where.password, hostPort));
    WEIR_ASSIGN(where.user, network_.secrets->resolve(where.user, hostPort));
  }
  const auto port = static_cast<std::uint16_t>(std::stoi(where.port));
  const auto timeout = std::clamp<std::int64_t>(target_.timeoutMs, 1, 3'600'000);
  WEIR_ASSIGN(const auto addresses, resolveChecked(where.host, port, network_.policy, static_cast<int>(timeout)));
  WEIR_ASSIGN(auto place, enterWithin(network_.meter, timeout, stop_.descriptor()));
  postgres::ConnectOptions options;
  options.target = std::move(where);
  options.stopFd = stop_.descriptor();
  options.timeoutMs = timeout;
  options.settings =
      "-c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c extra_float_digits=3 -c statement_timeout=" +
      std::to_string(timeout) +
      // A run that is stopped in the middle of a transaction must not keep the one that takes it over waiting.
      " -c idle_in_transaction_session_timeout=" + std::to_string(timeout) +
      (target_.reading ? " -c default_transaction_read_only=on" : "");
  Error last{"sql.unavailable", "the host has no address", true};
  for (const auto& address : addresses) {
    options.address = addressText(address.address);
    auto opened = postgres::Connection::open(options);
    if (opened) {
      connection_ = std::move(*opened);
      place_ = std::move(place);
      place_.watch(connection_->socket());
      return {};
    }
    last = std::move(opened.error());
    if (!last.recoverable) break;
  }
  return std::unexpected(std::move(last));
}

Result<void> PostgresSession::begin(SqlQuery query) {
  WEIR_TRY(connect());
  prepared_.clear();
  WEIR_ASSIGN(const auto wanted, connection_->prepare(query.statement));
  const auto given = query.parameters.schema()->size();
  if (wanted != given) {
    return fail("sql.statement", "the statement has " + std::to_string(wanted) +
                                     " parameters, and the setting parameters gives " + std::to_string(given));
  }
  reading_.emplace();
  reading_->query = std::move(query);
  return {};
}

Result<SqlRows> PostgresSession::query(SqlQuery query, MemoryAccount& account) {
  // Of a query that was left in the middle, rows may still be on their way.
  if (reading_) {
    drop();
    reading_.reset();
  }
  auto begun = begin(std::move(query));
  if (!begun) {
    reading_.reset();
    return std::unexpected(told(std::move(begun.error())));
  }
  return fetch(account);
}

Result<void> PostgresSession::take(Reading& reading, const postgres::Rows& found) {
  if (!reading.rows) {
    std::vector<std::string> names;
    std::vector<TypeRef> types;
    for (int i = 0; i < found.columns(); ++i) {
      names.emplace_back(found.name(i));
      reading.types.push_back(found.type(i));
      types.push_back(postgresType(found.type(i)));
    }
    WEIR_ASSIGN(reading.rows, RowCollector::make(std::move(names), std::move(types)));
  }
  for (int row = 0; row < found.rows(); ++row) {
    for (int i = 0; i < found.columns(); ++i) {
      const auto text = found.value(row, i);
      const auto column = static_cast<std::size_t>(i);
      reading.rows->add(column, text ? postgresValue(reading.types[column], *text) : Value());
    }
    reading.rows->endRow(static_cast<std::uint32_t>(reading.row));
  }
  return {};
}

Result<void> PostgresSession::execute(Reading& reading, SqlRows& rows) {
  for (; reading.row < reading.query.parameters.rows(); ++reading.row) {
    const auto row = static_cast<std::uint32_t>(reading.row);
    if (!reading.started) {
      auto parameters = parametersOf(reading.query.parameters, reading.row);
      if (!parameters) {
        rows.refused.push_back({row, std::move(parameters.error())});
        continue;
      }
      WEIR_TRY(connection_->start(*parameters));
      reading.started = true;
    }
    for (;;) {
      if (reading.rows && reading.rows->full()) return {};
      auto found = connection_->next();
      if (!found && aboutTheRow(found.error())) {
        rows.refused.push_back({row, told(std::move(found.error()))});
        break;
      }
      if (!found) return std::unexpected(std::move(found.error()));
      if (!*found) break;
      if (found->columns() > 0) {
        WEIR_TRY(take(reading, *found));
      } else {
        rows.changed += found->changed();
      }
    }
    reading.started = false;
  }
  return {};
}

Result<SqlRows> PostgresSession::fetch(MemoryAccount& account) {
  if (!reading_ || !connection_) return fail("sql.failed", "there is no query whose rows could be fetched");
  SqlRows rows;
  auto done = execute(*reading_, rows);
  if (done && reading_->rows) done = reading_->rows->finish(rows, account);
  rows.more = reading_->row < reading_->query.parameters.rows();
  if (done && rows.more) return rows;
  reading_.reset();
  if (done) return rows;
  return std::unexpected(told(std::move(done.error())));
}

/// Locked until the transaction ends.
Result<std::optional<SinkCheckpoint>> PostgresSession::known(const std::string& sink) {
  WEIR_ASSIGN(const auto table, connection_->execute("SELECT to_regclass('weir_checkpoints') IS NOT NULL"));
  if (table.value(0, 0) != "t") return std::nullopt;
  WEIR_ASSIGN(
      const auto found,
      connection_->execute("SELECT checkpoint, ended, epoch FROM weir_checkpoints WHERE sink = $1 FOR UPDATE", {sink}));
  if (found.rows() == 0) return std::nullopt;
  const auto number = [&found](int column) {
    return static_cast<std::uint64_t>(postgresValue(20, found.value(0, column).value_or("0")).int64());
  };
  return SinkCheckpoint{sink, number(0), found.value(0, 1) == "1", number(2)};
}

Result<SinkCheckpoint> PostgresSession::takeOver(const std::string& sink) {
  WEIR_TRY(connection_->execute(kSqlCheckpointTable));
  WEIR_ASSIGN(const auto now,
              connection_->execute("INSERT INTO weir_checkpoints(sink, checkpoint, ended, epoch, written_at)"
                                   " VALUES($1, 0, 0, 1, to_char(now() AT TIME ZONE 'UTC',"
                                   " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))"
                                   " ON CONFLICT(sink) DO UPDATE SET epoch = weir_checkpoints.epoch + 1"
                                   " RETURNING checkpoint, ended, epoch",
                                   {sink}));
  const auto number = [&now](int column) {
    return static_cast<std::uint64_t>(postgresValue(20, now.value(0, column).value_or("0")).int64());
  };
  return SinkCheckpoint{sink, number(0), now.value(0, 1) == "1", number(2)};
}

Result<SinkCheckpoint> PostgresSession::claim(const std::string& sink) {
  if (auto connected = connect(); !connected) return std::unexpected(told(std::move(connected.error())));
  auto claimed = takeOver(sink);
  if (!claimed) return std::unexpected(told(std::move(claimed.error())));
  return claimed;
}

Result<void> PostgresSession::keep(const SinkCheckpoint& checkpoint) {
  WEIR_TRY(connection_->execute(kSqlCheckpointTable));
  WEIR_ASSIGN(const auto kept,
              connection_->execute("INSERT INTO weir_checkpoints(sink, checkpoint, ended, epoch, written_at)"
                                   " VALUES($1, $2, $3, $4,"
                                   " to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))"
                                   " ON CONFLICT(sink) DO UPDATE SET checkpoint = excluded.checkpoint,"
                                   " ended = excluded.ended, epoch = excluded.epoch, written_at = excluded.written_at"
                                   " WHERE weir_checkpoints.epoch <= excluded.epoch",
                                   {checkpoint.sink, std::to_string(checkpoint.id), checkpoint.ended ? "1" : "0",
                                    std::to_string(checkpoint.epoch)}));
  // Taken over before there was a row that could be locked.
  if (kept.changed() == 0) return fail("state.fenced", "a run that was resumed later has taken this sink over");
  return {};
}

/// In groups; a row that is refused ends its group, whose rows before it and behind it are written anew.
Result<void> PostgresSession::writeBatch(const SqlWrite& write, const Batch& batch, std::uint32_t first,
                                         SqlWritten& written) {
  WEIR_ASSIGN(auto text, sqlWriteText(write, *batch.schema()));
  if (text != prepared_) {
    WEIR_TRY(connection_->prepare(text));
    prepared_ = std::move(text);
  }
  std::vector<postgres::Parameters> rows;
  std::vector<std::uint32_t> places;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    const auto place = first + static_cast<std::uint32_t>(row);
    auto parameters = parametersOf(batch, row);
    if (parameters) {
      rows.push_back(std::move(*parameters));
      places.push_back(place);
    } else {
      written.refused.push_back({place, std::move(parameters.error())});
    }
  }
  for (std::size_t done = 0; done < rows.size();) {
    const auto count = std::min(kGroupRows, rows.size() - done);
    const auto group = std::span(rows).subspan(done, count);
    WEIR_ASSIGN(auto outcome, connection_->runGroup(group));
    written.changed += outcome.changed;
    if (!outcome.failed) {
      done += count;
      continue;
    }
    auto& [at, error] = *outcome.failed;
    if (!aboutTheRow(error)) return std::unexpected(std::move(error));
    if (at > 0) {
      WEIR_ASSIGN(const auto before, connection_->runGroup(group.first(at)));
      if (before.failed) return std::unexpected(before.failed->second);
      written.changed += before.changed;
    }
    written.refused.push_back({places[done + at], told(std::move(error))});
    done += at + 1;
  }
  return {};
}

Result<SqlWritten> PostgresSession::writeRows(const SqlWrite& write) {
  WEIR_TRY(connection_->execute("BEGIN"));
  WEIR_TRY(connection_->execute("SET CONSTRAINTS ALL IMMEDIATE"));
  SqlWritten written;
  if (write.checkpoint) {
    WEIR_ASSIGN(const auto before, known(write.checkpoint->sink));
    if (before) {
      WEIR_ASSIGN(written.already, alreadyWritten(*write.checkpoint, *before));
    }
    if (written.already) {
      WEIR_TRY(connection_->execute("ROLLBACK"));
      return written;
    }
  }
  std::uint32_t first = 0;
  for (const auto& batch : write.rows) {
    WEIR_TRY(writeBatch(write, batch, first, written));
    first += static_cast<std::uint32_t>(batch.rows());
  }
  if (write.checkpoint) WEIR_TRY(keep(*write.checkpoint));
  WEIR_TRY(connection_->execute("COMMIT"));
  return written;
}

Result<SqlWritten> PostgresSession::write(const SqlWrite& write) {
  if (reading_) {
    drop();
    reading_.reset();
    prepared_.clear();
  }
  if (auto connected = connect(); !connected) return std::unexpected(told(std::move(connected.error())));
  auto written = writeRows(write);
  if (written) return written;
  auto error = told(std::move(written.error()));
  if (connection_) {
    prepared_.clear();
    if (auto undone = connection_->execute("ROLLBACK"); !undone) drop();
  }
  return std::unexpected(std::move(error));
}

}  // namespace weir::native
