// NativeSql: databases of this machine's run: SQLite files in its mounts, PostgreSQL servers that it may reach.
#pragma once

#include <memory>
#include <utility>

#include "engine/host/sql.h"
#include "hosts/native/native-files.h"
#include "hosts/native/network/network-settings.h"

namespace weir::native {

/// A connection has a thread of its own. What it is given outlives it.
class NativeSql final : public Sql {
 public:
  NativeSql(NativeFiles& files, NetworkSettings network) : files_(files), network_(std::move(network)) {}
  [[nodiscard]] Result<std::unique_ptr<SqlConnection>> open(SqlTarget target) override;

 private:
  NativeFiles& files_;
  NetworkSettings network_;
};

}  // namespace weir::native
