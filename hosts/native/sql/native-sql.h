// NativeSql: databases of this machine's run: SQLite files in its mounts, PostgreSQL servers that it may reach.
#pragma once

#include <memory>

#include "engine/host/sql.h"
#include "hosts/native/native-files.h"

namespace weir::native {

/// A connection has a thread of its own. What it is given outlives it.
class NativeSql final : public Sql {
 public:
  explicit NativeSql(NativeFiles& files) : files_(files) {}
  [[nodiscard]] Result<std::unique_ptr<SqlConnection>> open(SqlTarget target) override;

 private:
  NativeFiles& files_;
};

}  // namespace weir::native
