// SqlApplier: several changes of flows in one transaction of the service's database.
#pragma once

#include "engine/host/clock.h"
#include "service/store/apply.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

/// Thread-safe. Both outlive it.
class SqlApplier final : public Applier {
 public:
  SqlApplier(Database& database, Clock& clock) : database_(database), clock_(clock) {}
  Operation<std::vector<AppliedFlow>> apply(std::vector<FlowStep> steps, Waker waker) override;

 private:
  Database& database_;
  Clock& clock_;
};

}  // namespace weir::store::sql
