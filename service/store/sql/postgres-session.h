// PostgresSession: one connection to PostgreSQL, always in pipeline mode.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/connection.h"
#include "service/store/sql/session.h"

namespace weir::store::sql {

/// Statements that nobody waits for go out with the next one that somebody does.
class PostgresSession final : public Session {
 public:
  /// In the clear to loopback or if `insecureTransport`; of a server before 15, or of one that is not in UTF-8,
  /// `storage.unavailable` says what it is.
  [[nodiscard]] static Result<std::unique_ptr<PostgresSession>> open(const postgres::ConnectOptions& options);
  explicit PostgresSession(std::unique_ptr<postgres::Connection> connection) : connection_(std::move(connection)) {}

  /// Every wait ends after so long, and the session with it.
  void waitAtMost(std::int64_t timeoutMs) { connection_->waitAtMost(timeoutMs); }
  [[nodiscard]] Dialect dialect() const override { return Dialect::postgres; }
  Result<std::int64_t> nextNumber() override;

  /// A command without parameters, with the next statement.
  Result<void> send(const char* command);
  /// `COPY … TO STDOUT`, told row by row; and `COPY … FROM STDIN` of whole rows.
  Result<void> copyOut(const std::string& sql, const std::function<Result<void>(std::string_view row)>& take);
  Result<void> copyIn(const std::string& sql, std::string_view rows);
  /// Waits for all that was sent; an error is that of the first which failed.
  Result<postgres::Rows> finish();
  /// The connection is of no more use.
  [[nodiscard]] bool lost() const { return lost_; }

 private:
  Result<std::int64_t> run(std::string_view sql, std::span<const Value> values) override;
  Result<void> later(std::string_view sql, std::span<const Value> values) override;
  Result<std::vector<Row>> read(std::string_view sql, std::span<const Value> values) override;
  Result<void> sent(Result<void> result);
  /// Does it outside of the pipeline.
  Result<void> alone(const std::function<Result<void>()>& work);

  std::unique_ptr<postgres::Connection> connection_;
  std::map<std::string, std::string, std::less<>> names_;  // of prepared statements, by their text
  std::vector<std::string> fresh_;                         // texts that were prepared since the last finish()
  std::int64_t lastName_ = 0;
  bool lost_ = false;
};

}  // namespace weir::store::sql
