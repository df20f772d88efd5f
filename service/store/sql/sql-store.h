// SqlStore: flows and versions in the service's database.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/host/clock.h"
#include "service/store/sql/database.h"
#include "service/store/store.h"

namespace weir::store::sql {

/// Thread-safe. Both outlive it.
class SqlStore final : public Store {
 public:
  SqlStore(Database& database, Clock& clock) : database_(database), clock_(clock) {}

  void tell(AuditEntry entry) override;
  Operation<FlowHead> create(std::string id, FlowChange flow, Waker waker) override;
  Operation<Flow> read(std::string id, Waker waker) override;
  Operation<FlowHead> replace(std::string id, std::int64_t ifRevision, FlowChange change, Waker waker) override;
  Operation<FlowHead> bin(std::string id, IfRevision ifRevision, Waker waker) override;
  Operation<FlowHead> restore(std::string id, IfRevision ifRevision, Waker waker) override;
  Operation<Unit> purge(std::string id, IfRevision ifRevision, Waker waker) override;
  Operation<FlowPage> list(FlowQuery query, Waker waker) override;
  Operation<VersionHead> appendVersion(std::string id, IfRevision ifRevision, NewVersion version, Waker waker) override;
  Operation<std::vector<VersionHead>> listVersions(std::string id, std::int64_t before, std::int64_t limit,
                                                   Waker waker) override;
  Operation<Version> readVersion(std::string id, std::int64_t number, Waker waker) override;

 private:
  /// What this thread has told for the change that it begins now.
  [[nodiscard]] std::optional<AuditEntry> takeTold();

  Database& database_;
  Clock& clock_;
  std::mutex mutex_;
  std::optional<AuditEntry> told_;
  std::thread::id teller_;
};

}  // namespace weir::store::sql
