// SqlSession: one connection to a database, with calls that block; lives on a thread of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/host/sql.h"

namespace weir::native {

/// As SqlConnection. Connects when it must; after `sql.unavailable` the next call connects again.
class SqlSession {
 public:
  virtual ~SqlSession() = default;
  virtual Result<SqlRows> query(SqlQuery query, MemoryAccount& account) = 0;
  virtual Result<SqlRows> fetch(MemoryAccount& account) = 0;
  virtual Result<SqlWritten> write(const SqlWrite& write) = 0;
  virtual Result<SinkCheckpoint> claim(const std::string& sink) = 0;
  /// From another thread: the call under way, and every later one, ends soon with `sql.interrupted`.
  virtual void interrupt() = 0;
};

}  // namespace weir::native
