// CachedStore: a Store with the flows that are read most in memory.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "service/store/apply.h"
#include "service/store/store.h"

namespace weir::store {

/// Thread-safe. Right as long as all changes come through it, so there is one for a database. A read sees every change
/// that was told before; while a change is under way nothing of its flow is kept.
class CachedStore final : public Store {
 public:
  /// `store` outlives it and all that was asked of it. Keeps about so many bytes of flows, those read last.
  explicit CachedStore(Store& store, std::size_t mostBytes = std::size_t{4} << 20);
  ~CachedStore() override;

  void tell(AuditEntry entry) override { store_.tell(std::move(entry)); }
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

  /// Lets `applier` change flows of the same database.
  Operation<std::vector<AppliedFlow>> apply(Applier& applier, std::vector<FlowStep> steps, Waker waker);

  class Shelf;  // what calls under way share with it

 private:
  Store& store_;
  std::shared_ptr<Shelf> shelf_;
};

/// Several changes, seen by a CachedStore. Both outlive it.
class CachedApplier final : public Applier {
 public:
  CachedApplier(CachedStore& cache, Applier& applier) : cache_(cache), applier_(applier) {}
  Operation<std::vector<AppliedFlow>> apply(std::vector<FlowStep> steps, Waker waker) override {
    return cache_.apply(applier_, std::move(steps), std::move(waker));
  }

 private:
  CachedStore& cache_;
  Applier& applier_;
};

}  // namespace weir::store
