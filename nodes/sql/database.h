// Which database a node speaks to, and its rows as parameters: what the SQL nodes share.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/host/sql.h"
#include "engine/node/node-context.h"
#include "engine/node/row-expression.h"

namespace weir::nodes::sql {

/// The settings `file`, `connection` and `timeout` of a node. `settings.invalid` unless there is one of the first two.
template <class Settings>
[[nodiscard]] Result<SqlTarget> targetOf(const Settings& settings) {
  SqlTarget target;
  target.file = settings.file.value_or("");
  target.connection = settings.connection.value_or("");
  target.timeoutMs = settings.timeout;
  if (target.file.empty() == target.connection.empty()) {
    return fail("settings.invalid", target.file.empty()
                                        ? "give the setting file (SQLite) or connection (PostgreSQL)"
                                        : "file and connection exclude each other; take one of them away");
  }
  return target;
}

/// Opened when it is first asked for; forgotten after an error, so that the next try begins anew.
class Database {
 public:
  Database(Sql& host, SqlTarget target) : host_(host), target_(std::move(target)) {}
  [[nodiscard]] Result<SqlConnection*> get() {
    if (!connection_) {
      WEIR_ASSIGN(connection_, host_.open(target_));
    }
    return connection_.get();
  }
  void forget() { connection_.reset(); }

 private:
  Sql& host_;
  SqlTarget target_;
  std::unique_ptr<SqlConnection> connection_;
};

}  // namespace weir::nodes::sql
