// MemoryStore: flows that live as long as the process, for tests and for places that keep nothing.
#pragma once

#include <deque>
#include <map>

#include "engine/host/clock.h"
#include "service/store/operations.h"
#include "service/store/store.h"

namespace weir::store {

/// One thread at a time. Every call has finished when it returns.
class MemoryStore : public Store, public OperationLog {
 public:
  explicit MemoryStore(Clock& clock, OperationBounds bounds = {}) : clock_(clock), bounds_(bounds) {}

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

  Operation<Appended> append(std::string flow, std::int64_t after, std::string author,
                             std::vector<NewOperation> operations, Waker waker) override;
  Operation<OperationPage> operations(std::string flow, OperationQuery query, Waker waker) override;
  Operation<std::vector<std::pair<std::string, std::int64_t>>> bytesOfLogs(Waker waker) override;

 private:
  struct Kept {
    Flow flow;
    std::vector<Version> versions;
    std::deque<LoggedOperation> log{};
    std::int64_t logBytes = 0, lastOperation = 0;
  };
  enum class Where : std::uint8_t { anywhere, outside, inBin };
  /// The flow, if it is at that revision and in that place.
  [[nodiscard]] Result<Kept*> at(const std::string& id, IfRevision revision, Where where);
  [[nodiscard]] Result<FlowHead> put(const std::string& id, IfRevision revision, bool intoBin);
  [[nodiscard]] std::int64_t nowMs() { return clock_.nowMicros() / 1000; }

  Clock& clock_;
  OperationBounds bounds_;
  std::map<std::string, Kept> flows_;
  std::int64_t lastRevision_ = 0;
};

}  // namespace weir::store
