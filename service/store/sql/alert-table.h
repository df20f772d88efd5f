// Alerts, rules, channels and silences in SQL.
#pragma once

#include "service/store/alerts.h"
#include "service/store/sql/database.h"
#include "service/store/sql/epochs.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& alertKind();

class SqlAlerts final : public AlertStore {
 public:
  /// The database outlives it.
  explicit SqlAlerts(Database& database) : database_(database) {}
  Operation<All> load(std::int64_t mostAlerts, Waker waker) override;
  Operation<Unit> put(Entry entry, Waker waker) override;
  Operation<Unit> remove(std::string kind, std::string id, Waker waker) override;
  Operation<Unit> keep(Kept alert, std::int64_t oldest, Waker waker) override;
  Operation<std::int64_t> reserve(std::int64_t count, Waker waker) override;
  Operation<std::optional<News>> changed(bool all, Waker waker) override;
  void saw(const News& news) override;

 private:
  Database& database_;
  Epochs epochs_{"alerts"};
};

}  // namespace weir::store::sql
