// SqlQuotas: quotas in the service's database, beside the runs that they bound.
#pragma once

#include "engine/host/clock.h"
#include "service/store/quotas.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {

/// A run of the folder may begin now.
[[nodiscard]] Result<void> admit(Session& session, const std::string& folder, std::int64_t nowMs);
/// What a run of the folder may take, as a JSON object {memoryBytes, diskBytes, maxRunMs, threads, descriptors,
/// connections, connectionsOf, egressBytes, egressBytesOf (folders), totalConnections [{folder, most}]}; empty: no
/// bound.
[[nodiscard]] Result<std::string> limitsOf(Session& session, const std::string& folder);

/// Thread-safe. Both outlive it. Its table is one of the kind of runs.
class SqlQuotas final : public Quotas {
 public:
  SqlQuotas(Database& database, Clock& clock) : database_(database), clock_(clock) {}
  Operation<std::vector<QuotaRecord>> list(Waker waker) override;
  Operation<QuotaPage> page(QuotaQuery query, Waker waker) override;
  Operation<QuotaRecord> put(QuotaRecord record, Waker waker) override;
  Operation<Unit> remove(std::string folder, Waker waker) override;
  Operation<Unit> addSent(std::map<std::string, std::int64_t> bytes, Waker waker) override;

 private:
  Database& database_;
  Clock& clock_;
};

}  // namespace weir::store::sql
