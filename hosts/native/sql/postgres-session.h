// PostgresSession: SQL on a PostgreSQL server.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/postgres/connection.h"
#include "hosts/native/network/network-meter.h"
#include "hosts/native/network/network-settings.h"
#include "hosts/native/sql/row-collector.h"
#include "hosts/native/sql/sql-session.h"
#include "hosts/native/stop-signal.h"

namespace weir::native {

class PostgresSession final : public SqlSession {
 public:
  /// `network` outlives it.
  PostgresSession(SqlTarget target, const NetworkSettings& network) : target_(std::move(target)), network_(network) {}

  Result<SqlRows> query(SqlQuery query, MemoryAccount& account) override;
  Result<SqlRows> fetch(MemoryAccount& account) override;
  Result<SqlWritten> write(const SqlWrite& write) override;
  Result<SinkCheckpoint> claim(const std::string& sink) override;
  void interrupt() override { stop_.raise(); }

 private:
  struct Reading {
    SqlQuery query;
    std::optional<RowCollector> rows;
    std::vector<std::uint32_t> types;
    std::int64_t row = 0;  // of the parameters
    bool started = false;
  };
  [[nodiscard]] Result<void> connect();
  [[nodiscard]] Result<void> begin(SqlQuery query);
  [[nodiscard]] Result<void> execute(Reading& reading, SqlRows& rows);
  [[nodiscard]] Result<void> take(Reading& reading, const postgres::Rows& found);
  [[nodiscard]] Result<SqlWritten> writeRows(const SqlWrite& write);
  [[nodiscard]] Result<void> writeBatch(const SqlWrite& write, const Batch& batch, std::uint32_t first,
                                        SqlWritten& written);
  [[nodiscard]] Result<std::optional<SinkCheckpoint>> known(const std::string& sink);
  [[nodiscard]] Result<SinkCheckpoint> takeOver(const std::string& sink);
  Result<void> keep(const SinkCheckpoint& checkpoint);
  /// With the server's name; a connection that was lost is forgotten.
  [[nodiscard]] Error told(Error error);
  /// Closes the connection.
  void drop();

  SqlTarget target_;
  const NetworkSettings& network_;
  StopSignal stop_;
  std::string shown_ = "PostgreSQL";
  std::unique_ptr<postgres::Connection> connection_;
  MeteredSocket place_;  // of the connection; goes before it does
  std::string prepared_;
  std::optional<Reading> reading_;
};

}  // namespace weir::native
