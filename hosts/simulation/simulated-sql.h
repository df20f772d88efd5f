// SimulatedSql: tables in memory that nodes can write to by key, and queries whose answers are written down beforehand.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/data/value.h"
#include "engine/host/sql.h"

namespace weir::simulation {

/// Not thread-safe. Every target is the same database; calls finish at once.
class SimulatedSql final : public Sql {
 public:
  /// A table with a unique key; none: every row may be there many times.
  void makeTable(std::string name, std::vector<std::string> key) { tables_[std::move(name)].key = std::move(key); }
  /// What `statement` with `parameters` (a list) gives; asked again, the next answer for the same, at last the last.
  void answer(std::string statement, const Value& parameters, std::vector<Value> rows) {
    answers_[{std::move(statement), text(parameters)}].push_back(std::move(rows));
  }
  /// The next call fails.
  void failNext(Error error) { failures_.push_back(std::move(error)); }
  [[nodiscard]] const std::vector<Value>& rowsOf(const std::string& table) { return tables_[table].rows; }
  [[nodiscard]] std::vector<std::string> tables() const;
  [[nodiscard]] std::int64_t writes() const { return writes_; }

  [[nodiscard]] Result<std::unique_ptr<SqlConnection>> open(SqlTarget target) override;

 private:
  class Connection;
  struct Table {
    std::vector<std::string> key;
    std::vector<Value> rows;
  };
  [[nodiscard]] static std::string text(const Value& parameters);
  [[nodiscard]] std::optional<Error> takeFailure();
  Result<SqlRows> query(const SqlQuery& query, MemoryAccount& account);
  Result<SqlWritten> write(const SqlWrite& write);
  Result<std::int64_t> writeRow(Table& table, const SqlWrite& write, const Value& row);

  struct Asked {
    std::string statement, parameters;
    [[nodiscard]] auto operator<=>(const Asked&) const = default;
  };
  std::map<std::string, Table> tables_;
  std::map<Asked, std::vector<std::vector<Value>>> answers_;
  std::map<std::string, SinkCheckpoint> checkpoints_;
  std::vector<Error> failures_;
  std::int64_t writes_ = 0;
};

}  // namespace weir::simulation
