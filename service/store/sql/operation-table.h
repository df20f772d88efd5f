// The logs of what was done to drafts, in SQL.
#pragma once

#include "engine/host/clock.h"
#include "service/store/operations.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

[[nodiscard]] const Kind& operationKind();

class SqlOperations final : public OperationLog {
 public:
  /// Both outlive it.
  SqlOperations(Database& database, Clock& clock, OperationBounds bounds = {})
      : database_(database), clock_(clock), bounds_(bounds) {}
  Operation<Appended> append(std::string flow, std::int64_t after, std::string author,
                             std::vector<NewOperation> operations, Waker waker) override;
  Operation<OperationPage> operations(std::string flow, OperationQuery query, Waker waker) override;
  Operation<std::vector<std::pair<std::string, std::int64_t>>> bytesOfLogs(Waker waker) override;

 private:
  Database& database_;
  Clock& clock_;
  OperationBounds bounds_;
};

}  // namespace weir::store::sql
