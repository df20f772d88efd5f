// Statements and values as libpq wants them.
#include "service/store/sql/postgres-session.h"

#include <charconv>
#include <utility>

namespace weir::store::sql {
namespace {

/// Of pg_type.
constexpr std::uint32_t kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kFloat4 = 700,
                        kFloat8 = 701;
constexpr std::size_t kMostStatements = 256;

/// `?` and `?2` as $1 and $2, outside of what is quoted.
std::string numbered(std::string_view sql) {
  std::string text;
  int count = 0;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    if (sql[at] == '\'' || sql[at] == '"') {
      const auto end = std::min(sql.find(sql[at], at + 1), sql.size() - 1);
      text += sql.substr(at, end + 1 - at);
      at = end;
      continue;
    }
    if (sql[at] != '?') {
      text += sql[at];
      continue;
    }
    text += '$';
    const bool hasNumber = at + 1 < sql.size() && sql[at + 1] >= '0' && sql[at + 1] <= '9';
    if (!hasNumber) text += std::to_string(++count);
  }
  return text;
}

struct ToBound {
  Result<postgres::Bound> operator()(std::monostate) const { return postgres::Bound{}; }
  Result<postgres::Bound> operator()(std::int64_t number) const {
    return postgres::Bound{std::to_string(number), kInt8, false};
  }
  Result<postgres::Bound> operator()(double number) const {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number);
    return postgres::Bound{std::string(text, end.ptr), kFloat8, false};
  }
  Result<postgres::Bound> operator()(std::string_view text) const {
    if (text.contains('\0')) return fail("storage.invalid", "a text holds a NUL byte; leave it out");
    return postgres::Bound{std::string(text), kText, false};
  }
  Result<postgres::Bound> operator()(Value::Bytes bytes) const {
    return postgres::Bound{std::string(bytes.bytes), kBytea, true};
  }
};

Result<std::vector<postgres::Bound>> boundOf(std::span<const Value> values) {
  std::vector<postgres::Bound> bound;
  bound.reserve(values.size());
  for (const auto& value : values) {
    WEIR_ASSIGN(auto one, std::visit(ToBound{}, value.held()));
    bound.push_back(std::move(one));
  }
  return bound;
}

int digitOf(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

/// Bytes are told as \x and hexadecimal digits.
std::string bytesOf(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 2; at + 1 < text.size(); at += 2) {
    bytes += static_cast<char>(digitOf(text[at]) * 16 + digitOf(text[at + 1]));
  }
  return bytes;
}

Row::Cell cellOf(const postgres::Rows& rows, int row, int column) {
  const auto text = rows.value(row, column);
  if (!text) return {};
  switch (rows.type(column)) {
    case kBool:
      return std::int64_t{*text == "t" ? 1 : 0};
    case kInt2:
    case kInt4:
    case kInt8: {
      std::int64_t number = 0;
      std::from_chars(text->data(), text->data() + text->size(), number);
      return number;
    }
    case kFloat4:
    case kFloat8: {
      double number = 0;
      std::from_chars(text->data(), text->data() + text->size(), number);
      return number;
    }
    case kBytea:
      return bytesOf(*text);
    default:
      return std::string(*text);
  }
}

std::vector<Row> rowsOf(const postgres::Rows& found) {
  std::vector<Row> rows;
  const int count = found.rows();
  const int columns = found.columns();
  rows.reserve(static_cast<std::size_t>(count));
  for (int r = 0; r < count; ++r) {
    std::vector<Row::Cell> cells;
    cells.reserve(static_cast<std::size_t>(columns));
    for (int c = 0; c < columns; ++c) cells.push_back(cellOf(found, r, c));
    rows.emplace_back(std::move(cells));
  }
  return rows;
}

Result<void> checkServer(PostgresSession& session) {
  WEIR_ASSIGN(const auto row,
              session.queryOne("SELECT current_setting('server_version_num')::bigint, "
                               "current_setting('server_encoding'), current_setting('server_version')"));
  if (!row || row->integer(0) < 150'000) {
    return fail("storage.unavailable", "the database is PostgreSQL " + (row ? row->text(2) : std::string("?")) +
                                           "; version 15 or newer is needed");
  }
  if (row->text(1) != "UTF8") {
    return fail("storage.unavailable",
                "the database is encoded in " + row->text(1) + "; make one with ENCODING 'UTF8' and name it");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<PostgresSession>> PostgresSession::open(const postgres::ConnectOptions& options) {
  WEIR_ASSIGN(auto connection, postgres::Connection::open(options));
  if (options.connectMs > 0) connection->waitAtMost(options.connectMs);
  WEIR_TRY(connection->enterPipeline());
  auto session = std::make_unique<PostgresSession>(std::move(connection));
  WEIR_TRY(checkServer(*session));
  return session;
}

Result<void> PostgresSession::sent(Result<void> result) {
  if (!result) lost_ = true;
  return result;
}

Result<void> PostgresSession::send(const char* command) { return sent(connection_->sendText(command)); }

Result<postgres::Rows> PostgresSession::finish() {
  // What did not answer once is not waited for again.
  if (lost_) return fail("sql.unavailable", "the connection was lost", true);
  auto rows = connection_->finishPipeline();
  if (!rows) {
    // What was prepared on the way may not be there: it is prepared again, under another name.
    for (const auto& text : fresh_) names_.erase(text);
    if (rows.error().code == "sql.unavailable" || rows.error().code == "sql.interrupted") lost_ = true;
  }
  fresh_.clear();
  return rows;
}

Result<void> PostgresSession::alone(const std::function<Result<void>()>& work) {
  WEIR_TRY(finish());
  WEIR_TRY(sent(connection_->leavePipeline()));
  // After a copy that was broken off there is nothing to be had of the connection.
  WEIR_TRY(sent(work()));
  return sent(connection_->enterPipeline());
}

Result<void> PostgresSession::copyOut(const std::string& sql,
                                      const std::function<Result<void>(std::string_view row)>& take) {
  return alone([&] { return connection_->copyOut(sql, take); });
}

Result<void> PostgresSession::copyIn(const std::string& sql, std::string_view rows) {
  return alone([&] { return connection_->copyIn(sql, rows); });
}

Result<void> PostgresSession::later(std::string_view sql, std::span<const Value> values) {
  WEIR_ASSIGN(const auto bound, boundOf(values));
  auto name = names_.find(sql);
  if (name == names_.end()) {
    if (names_.size() >= kMostStatements) {
      WEIR_TRY(send("DEALLOCATE ALL"));
      names_.clear();
    }
    name = names_.emplace(std::string(sql), "s" + std::to_string(++lastName_)).first;
    fresh_.emplace_back(sql);
    WEIR_TRY(sent(connection_->sendPrepare(name->second, numbered(sql), bound)));
  }
  return sent(connection_->sendPrepared(name->second, bound));
}

Result<std::int64_t> PostgresSession::run(std::string_view sql, std::span<const Value> values) {
  WEIR_TRY(later(sql, values));
  WEIR_ASSIGN(const auto done, finish());
  return done ? done.changed() : 0;
}

Result<std::vector<Row>> PostgresSession::read(std::string_view sql, std::span<const Value> values) {
  WEIR_TRY(later(sql, values));
  WEIR_ASSIGN(const auto found, finish());
  if (!found) return std::vector<Row>();
  return rowsOf(found);
}

Result<std::int64_t> PostgresSession::nextNumber() {
  WEIR_ASSIGN(const auto next, queryOne("SELECT nextval('numbers')"));
  if (!next) return fail("storage.corrupt", "the database has lost its counter");
  return next->integer(0);
}

}  // namespace weir::store::sql
