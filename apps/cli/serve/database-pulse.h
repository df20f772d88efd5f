// DatabasePulse: whether a database elsewhere answers, for who asks whether the server is well.
#pragma once

#include "service/resources/health/store-watch.h"
#include "service/store/sql/database.h"

namespace weir::cli {

class DatabasePulse final : public api::StoreWatch {
 public:
  explicit DatabasePulse(const store::sql::Database& database) : database_(database) {}
  [[nodiscard]] bool slow() const override { return false; }
  [[nodiscard]] std::optional<bool> answers() const override { return database_.answers(); }

 private:
  const store::sql::Database& database_;
};

}  // namespace weir::cli
