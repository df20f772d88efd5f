// Connection: PostgreSQL's protocol as calls that wait for a socket, a deadline and a stop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/error.h"

struct pg_conn;
struct pg_result;

namespace weir::postgres {

/// A connection string in its parts, as libpq reads it; nothing of it opens a file. `settings.invalid` for socket
/// paths, several hosts, and keywords that name files, services or addresses.
struct Target {
  std::string host, port = "5432", database, user, password, sslMode = "prefer";
  [[nodiscard]] static Result<Target> parse(const std::string& text);
};

struct ConnectOptions {
  Target target;
  std::string address;         // the checked one, to which is connected; empty: libpq looks the host up
  std::string settings;        // as `-c NAME=VALUE …`
  std::string rootFile;        // certificates that a server's may be signed by; empty: the system's
  int stopFd = -1;             // readable: every wait ends with `sql.interrupted`
  std::int64_t connectMs = 0;  // for the connection to be there; 0: as the next
  /// For every wait; nor does anything that was sent stay unacknowledged for longer.
  std::int64_t timeoutMs = 30'000;
};

using Parameters = std::vector<std::optional<std::string>>;  // texts, or null

/// What is bound to a parameter of a statement that has a name.
struct Bound {
  std::optional<std::string> value;  // absent: null
  std::uint32_t type = 0;            // an oid of pg_type; 0: what the statement makes of it
  bool binary = false;
};

/// One result. Values are texts.
class Rows {
 public:
  explicit Rows(pg_result* held = nullptr) : held_(held) {}
  ~Rows();
  Rows(Rows&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  Rows& operator=(Rows&& other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  [[nodiscard]] explicit operator bool() const { return held_ != nullptr; }
  [[nodiscard]] pg_result* get() const { return held_; }
  [[nodiscard]] int rows() const;
  [[nodiscard]] int columns() const;
  [[nodiscard]] std::string_view name(int column) const;
  [[nodiscard]] std::uint32_t type(int column) const;  // an oid of pg_type
  [[nodiscard]] std::optional<std::string_view> value(int row, int column) const;
  [[nodiscard]] std::int64_t changed() const;

 private:
  pg_result* held_;
};

/// What became of a group of rows: the first that failed, if any.
struct GroupOutcome {
  std::int64_t changed = 0;
  std::optional<std::pair<std::size_t, Error>> failed{};  // place among the rows
};

/// Used by one thread. After `sql.unavailable` or `sql.interrupted` it is of no more use. Error codes: sql.* by the
/// server's SQLSTATE; `sql.constraint` and `sql.type` are about the row alone.
class Connection {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const ConnectOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Of the connection; it stays its own.
  [[nodiscard]] int socket() const;
  /// From here on every wait ends after so long with `sql.unavailable`.
  void waitAtMost(std::int64_t timeoutMs) { timeoutMs_ = timeoutMs; }

  Result<Rows> execute(const std::string& sql, const Parameters& parameters = {});
  /// `COPY … TO STDOUT`: `take` is told each row, with its end of line.
  Result<void> copyOut(const std::string& sql, const std::function<Result<void>(std::string_view row)>& take);
  /// `COPY … FROM STDIN`: whole rows.
  Result<void> copyIn(const std::string& sql, std::string_view rows);
  /// The statement that start() and runGroup() execute; another of the same name gives way. Gives the number of its
  /// parameters.
  Result<int> prepare(const std::string& sql);
  /// Begins the prepared statement; its rows come one by one from next().
  Result<void> start(const Parameters& parameters);
  /// A result with one row, or without rows at the end (then it tells the columns), or nothing: all has been said.
  Result<Rows> next();
  /// Executes the prepared statement for each of `rows` in one go, within a savepoint that is undone if one fails.
  Result<GroupOutcome> runGroup(std::span<const Parameters> rows);

  /// From here on statements are sent without waiting for what came of those before; only the four below work then.
  Result<void> enterPipeline();
  /// Everything works again; all that was sent is finished.
  Result<void> leavePipeline();
  /// Only types of `like` are looked at.
  Result<void> sendPrepare(const std::string& name, const std::string& sql, std::span<const Bound> like);
  Result<void> sendPrepared(const std::string& name, std::span<const Bound> values);
  /// One without parameters.
  Result<void> sendText(const char* sql);
  /// What came of all that was sent: the result of the last, or the error of the first that failed.
  Result<Rows> finishPipeline();

  struct Private;
  Connection(const Private&, pg_conn* handle, const ConnectOptions& options)
      : handle_(handle), stopFd_(options.stopFd), timeoutMs_(options.timeoutMs) {}

 private:
  [[nodiscard]] Result<void> connect(std::int64_t timeoutMs);
  [[nodiscard]] Result<void> waitFor(bool writing, std::int64_t deadlineMs) const;
  [[nodiscard]] Result<void> flush(std::int64_t deadlineMs);
  [[nodiscard]] Result<Rows> read(std::int64_t deadlineMs);
  [[nodiscard]] Result<void> putCopy(std::string_view rows);
  [[nodiscard]] Result<Rows> finishSimple(bool sent);
  [[nodiscard]] Result<void> sendGroup(std::span<const Parameters> rows);
  [[nodiscard]] Error lost() const;

  pg_conn* handle_;
  int stopFd_;
  std::int64_t timeoutMs_;
};

/// What a server's SQLSTATE means here; `message` is its own words.
[[nodiscard]] Error errorOfState(std::string_view state, std::string message);

}  // namespace weir::postgres
