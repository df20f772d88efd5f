// Rows by key, without a parser of SQL.
#include "hosts/simulation/simulated-sql.h"

#include <algorithm>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/data/value-json.h"
#include "engine/host/sql-text.h"

namespace weir::simulation {

class SimulatedSql::Connection final : public SqlConnection {
 public:
  explicit Connection(SimulatedSql& host) : host_(host) {}
  Operation<SqlRows> query(SqlQuery query, MemoryAccount& account, Waker) override {
    return Operation<SqlRows>::finished(host_.query(query, account));
  }
  Operation<SqlRows> fetch(MemoryAccount&, Waker) override {
    return Operation<SqlRows>::finished(fail("sql.failed", "there is no query whose rows could be fetched"));
  }
  Operation<SqlWritten> write(SqlWrite write, Waker) override {
    return Operation<SqlWritten>::finished(host_.write(write));
  }
  Operation<SinkCheckpoint> claim(std::string sink, Waker) override {
    auto& known = host_.checkpoints_[sink];
    known.sink = std::move(sink);
    ++known.epoch;
    return Operation<SinkCheckpoint>::finished(known);
  }

 private:
  SimulatedSql& host_;
};

Result<std::unique_ptr<SqlConnection>> SimulatedSql::open(SqlTarget) { return std::make_unique<Connection>(*this); }

std::string SimulatedSql::text(const Value& parameters) { return toJson(parameters); }

std::vector<std::string> SimulatedSql::tables() const {
  std::vector<std::string> names;
  for (const auto& [name, table] : tables_) names.push_back(name);
  return names;
}

std::optional<Error> SimulatedSql::takeFailure() {
  if (failures_.empty()) return std::nullopt;
  auto error = std::move(failures_.front());
  failures_.erase(failures_.begin());
  return error;
}

Result<SqlRows> SimulatedSql::query(const SqlQuery& query, MemoryAccount& account) {
  if (auto failure = takeFailure()) return std::unexpected(std::move(*failure));
  SqlRows result;
  std::vector<Value> rows;
  for (std::int64_t row = 0; row < query.parameters.rows(); ++row) {
    std::vector<Value> parameters;
    for (std::int64_t i = 0; i < query.parameters.schema()->size(); ++i) {
      parameters.push_back(query.parameters.value(row, i));
    }
    const auto asked = text(Value::list(std::move(parameters)));
    const auto found = answers_.find(Asked{query.statement, asked});
    if (found == answers_.end()) {
      return fail("sql.statement", "nobody wrote down what '" + query.statement + "' with " + asked + " gives");
    }
    for (const auto& given : found->second.front()) {
      rows.push_back(given);
      result.from.push_back(static_cast<std::uint32_t>(row));
    }
    if (found->second.size() > 1) found->second.erase(found->second.begin());
  }
  if (!rows.empty()) {
    WEIR_ASSIGN(result.rows, batchOfRows(rows, account));
  }
  return result;
}

Result<std::int64_t> SimulatedSql::writeRow(Table& table, const SqlWrite& write, const Value& row) {
  const auto same = [&](const std::vector<std::string>& keys) {
    return std::ranges::find_if(table.rows, [&](const Value& other) {
      return !keys.empty() && std::ranges::all_of(keys, [&](const std::string& key) {
        const auto* mine = row.find(key);
        const auto* its = other.find(key);
        return mine != nullptr && its != nullptr && equalValues(*mine, *its);
      });
    });
  };
  const auto merged = [&](const Value& old) {
    MapBuilder builder;
    for (const auto& entry : old.entries()) builder.set(entry.key, entry.value);
    for (const auto& entry : row.entries()) builder.set(entry.key, entry.value);
    return std::move(builder).build();
  };
  switch (write.mode) {
    case SqlWriteMode::insert:
      if (same(table.key) != table.rows.end()) return fail("sql.constraint", "the key is there already");
      table.rows.push_back(row);
      return 1;
    case SqlWriteMode::upsert: {
      const auto found = same(write.keys);
      if (found == table.rows.end()) {
        table.rows.push_back(row);
      } else {
        *found = merged(*found);
      }
      return 1;
    }
    case SqlWriteMode::update: {
      const auto found = same(write.keys);
      if (found == table.rows.end()) return 0;
      *found = merged(*found);
      return 1;
    }
    case SqlWriteMode::remove: {
      const auto found = same(write.keys);
      if (found == table.rows.end()) return 0;
      table.rows.erase(found);
      return 1;
    }
  }
  return 0;
}

Result<SqlWritten> SimulatedSql::write(const SqlWrite& write) {
  if (auto failure = takeFailure()) return std::unexpected(std::move(*failure));
  SqlWritten written;
  if (write.checkpoint) {
    const auto known = checkpoints_.find(write.checkpoint->sink);
    if (known != checkpoints_.end()) {
      WEIR_ASSIGN(written.already, alreadyWritten(*write.checkpoint, known->second));
      if (written.already) return written;
    }
    checkpoints_[write.checkpoint->sink] = *write.checkpoint;
  }
  const auto table = tables_.find(write.table);
  if (table == tables_.end()) return fail("sql.statement", "no such table: " + write.table);
  ++writes_;
  std::uint32_t place = 0;
  for (const auto& batch : write.rows) {
    WEIR_TRY(sqlWriteText(write, *batch.schema()));
    for (std::int64_t row = 0; row < batch.rows(); ++row, ++place) {
      auto changed = writeRow(table->second, write, batch.row(row).owned());
      if (changed) {
        written.changed += *changed;
      } else {
        written.refused.push_back({place, std::move(changed.error())});
      }
    }
  }
  return written;
}

}  // namespace weir::simulation
