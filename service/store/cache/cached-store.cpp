// Which flows are kept, and since when they may be.
#include "service/store/cache/cached-store.h"

#include <array>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace weir::store {
namespace {

constexpr std::size_t kFlowBytes = 512;  // of a flow beside its texts, about

std::size_t bytesOf(const Flow& flow) {
  std::size_t bytes = kFlowBytes + flow.document.size() + flow.head.description.size();
  for (const auto& tag : flow.head.tags) bytes += tag.size();
  return bytes;
}

}  // namespace

/// Flows by id, those read last first; and what is being changed, by slots that several ids may share.
class CachedStore::Shelf {
 public:
  explicit Shelf(std::size_t mostBytes) : mostBytes_(mostBytes) {}

  [[nodiscard]] std::optional<Flow> find(const std::string& id) {
    const std::scoped_lock held(lock_);
    const auto found = flows_.find(id);
    if (found == flows_.end()) return std::nullopt;
    order_.splice(order_.begin(), order_, found->second);
    return *found->second;
  }
  /// What put() is given back.
  [[nodiscard]] std::uint64_t stateOf(const std::string& id) {
    const std::scoped_lock held(lock_);
    return slotOf(id).changes;
  }
  /// Keeps what was read, unless the flow was being changed at any time since stateOf().
  void put(const Flow& flow, std::uint64_t state) {
    const std::scoped_lock held(lock_);
    const auto& slot = slotOf(flow.head.id);
    if (slot.changes == state && slot.underWay == 0) keep(flow);
  }
  /// The state while this change is the only one.
  std::uint64_t beginChange(const std::string& id) { return change(id, 1); }
  void endChange(const std::string& id) { change(id, -1); }
  /// Keeps what the change has made of the flow, unless another was under way at any time since it began.
  void endChange(Flow made, std::uint64_t begun) {
    const std::scoped_lock held(lock_);
    auto& slot = slotOf(made.head.id);
    const bool alone = slot.changes == begun && slot.underWay == 1;
    ++slot.changes;
    --slot.underWay;
    drop(made.head.id);
    if (alone) keep(std::move(made));
  }

 private:
  struct Slot {
    std::uint64_t changes = 0;  // begun and ended
    int underWay = 0;
  };
  [[nodiscard]] Slot& slotOf(const std::string& id) { return slots_[std::hash<std::string>{}(id) % slots_.size()]; }
  std::uint64_t change(const std::string& id, int more) {
    const std::scoped_lock held(lock_);
    auto& slot = slotOf(id);
    ++slot.changes;
    slot.underWay += more;
    drop(id);
    return slot.changes;
  }
  void keep(Flow flow) {
    const auto bytes = bytesOf(flow);
    if (bytes > mostBytes_ / 4) return;
    drop(flow.head.id);
    order_.push_front(std::move(flow));
    flows_[order_.front().head.id] = order_.begin();
    bytes_ += bytes;
    while (bytes_ > mostBytes_) drop(std::string(order_.back().head.id));
  }
  void drop(const std::string& id) {
    const auto found = flows_.find(id);
    if (found == flows_.end()) return;
    bytes_ -= bytesOf(*found->second);
    order_.erase(found->second);
    flows_.erase(found);
  }

  std::mutex lock_;
  const std::size_t mostBytes_;
  std::size_t bytes_ = 0;
  std::list<Flow> order_;
  std::unordered_map<std::string, std::list<Flow>::iterator> flows_;
  std::array<Slot, 1024> slots_{};
};

namespace {

using Shelf = CachedStore::Shelf;

/// Woken when a change is done, whoever still waits for it.
class ChangeEnd final : public WakeTarget {
 public:
  ChangeEnd(std::shared_ptr<Shelf> shelf, std::vector<std::string> ids, Waker waker)
      : shelf_(std::move(shelf)), ids_(std::move(ids)), waker_(std::move(waker)) {
    for (const auto& id : ids_) shelf_->beginChange(id);
  }
  void wake() override {
    end();
    waker_.wake();
  }
  void end() {
    {
      const std::scoped_lock held(lock_);
      if (std::exchange(ended_, true)) return;
    }
    for (const auto& id : ids_) shelf_->endChange(id);
  }

 private:
  std::shared_ptr<Shelf> shelf_;
  const std::vector<std::string> ids_;
  const Waker waker_;
  std::mutex lock_;
  bool ended_ = false;
};

/// A read under way: woken when it is done, it keeps the flow and passes it on.
class ReadEnd final : public WakeTarget {
 public:
  ReadEnd(std::shared_ptr<Shelf> shelf, std::string id, Waker waker)
      : completion(std::move(waker)), shelf_(std::move(shelf)), state_(shelf_->stateOf(id)) {}
  void wake() override {
    const std::scoped_lock held(lock_);
    finish();
  }
  void waitFor(Operation<Flow> operation) {
    const std::scoped_lock held(lock_);
    operation_ = std::move(operation);
    finish();
  }
  Completion<Flow> completion;

 private:
  void finish() {
    if (!operation_.ready()) return;
    auto found = operation_.take();
    if (found) shelf_->put(*found, state_);
    completion.complete(std::move(found));
  }

  std::shared_ptr<Shelf> shelf_;
  const std::uint64_t state_;
  std::mutex lock_;
  Operation<Flow> operation_;
};

/// A change of one flow that says what its document is: woken when it is done, it keeps the flow as it is then, and
/// passes its head on.
class DocumentEnd final : public WakeTarget {
 public:
  DocumentEnd(std::shared_ptr<Shelf> shelf, std::string id, std::string document, Waker waker)
      : completion(std::move(waker)),
        shelf_(std::move(shelf)),
        id_(std::move(id)),
        document_(std::move(document)),
        begun_(shelf_->beginChange(id_)) {}
  void wake() override {
    const std::scoped_lock held(lock_);
    finish();
  }
  void waitFor(Operation<FlowHead> operation) {
    const std::scoped_lock held(lock_);
    operation_ = std::move(operation);
    finish();
  }
  Completion<FlowHead> completion;

 private:
  void finish() {
    if (!operation_.ready()) return;
    auto made = operation_.take();
    if (made) {
      shelf_->endChange(Flow{*made, std::move(document_)}, begun_);
    } else {
      shelf_->endChange(id_);
    }
    completion.complete(std::move(made));
  }

  std::shared_ptr<Shelf> shelf_;
  const std::string id_;
  std::string document_;
  const std::uint64_t begun_;
  std::mutex lock_;
  Operation<FlowHead> operation_;
};

template <class Call>
Operation<FlowHead> writing(const std::shared_ptr<Shelf>& shelf, const std::string& id, std::string document,
                            Waker waker, Call call) {
  const auto end = std::make_shared<DocumentEnd>(shelf, id, std::move(document), std::move(waker));
  auto operation = end->completion.operation();
  end->waitFor(call(Waker(end)));
  return operation;
}

/// `call` with a waker that tells the shelf when the change is over.
template <class Call>
auto changing(const std::shared_ptr<Shelf>& shelf, std::vector<std::string> ids, Waker waker, Call call) {
  const auto end = std::make_shared<ChangeEnd>(shelf, std::move(ids), std::move(waker));
  auto operation = call(Waker(end));
  if (operation.ready()) end->end();
  return operation;
}

}  // namespace

CachedStore::CachedStore(Store& store, std::size_t mostBytes)
    : store_(store), shelf_(std::make_shared<Shelf>(mostBytes)) {}
CachedStore::~CachedStore() = default;

Operation<Flow> CachedStore::read(std::string id, Waker waker) {
  if (auto found = shelf_->find(id)) return Operation<Flow>::finished(std::move(*found));
  const auto end = std::make_shared<ReadEnd>(shelf_, id, std::move(waker));
  auto operation = end->completion.operation();
  end->waitFor(store_.read(std::move(id), Waker(end)));
  return operation;
}

Operation<FlowHead> CachedStore::create(std::string id, FlowChange flow, Waker waker) {
  return writing(shelf_, id, flow.document.value_or(std::string()), std::move(waker),
                 [&](Waker told) { return store_.create(id, std::move(flow), std::move(told)); });
}
Operation<FlowHead> CachedStore::replace(std::string id, std::int64_t ifRevision, FlowChange change, Waker waker) {
  const auto call = [&](Waker told) { return store_.replace(id, ifRevision, std::move(change), std::move(told)); };
  if (!change.document) return changing(shelf_, {id}, std::move(waker), call);
  return writing(shelf_, id, *change.document, std::move(waker), call);
}
Operation<FlowHead> CachedStore::bin(std::string id, IfRevision ifRevision, Waker waker) {
  return changing(shelf_, {id}, std::move(waker),
                  [&](Waker told) { return store_.bin(id, ifRevision, std::move(told)); });
}
Operation<FlowHead> CachedStore::restore(std::string id, IfRevision ifRevision, Waker waker) {
  return changing(shelf_, {id}, std::move(waker),
                  [&](Waker told) { return store_.restore(id, ifRevision, std::move(told)); });
}
Operation<Unit> CachedStore::purge(std::string id, IfRevision ifRevision, Waker waker) {
  return changing(shelf_, {id}, std::move(waker),
                  [&](Waker told) { return store_.purge(id, ifRevision, std::move(told)); });
}
Operation<VersionHead> CachedStore::appendVersion(std::string id, IfRevision ifRevision, NewVersion version,
                                                  Waker waker) {
  return changing(shelf_, {id}, std::move(waker), [&](Waker told) {
    return store_.appendVersion(id, ifRevision, std::move(version), std::move(told));
  });
}

Operation<std::vector<AppliedFlow>> CachedStore::apply(Applier& applier, std::vector<FlowStep> steps, Waker waker) {
  std::vector<std::string> ids;
  for (const auto& step : steps) ids.push_back(step.id);
  return changing(shelf_, std::move(ids), std::move(waker),
                  [&](Waker told) { return applier.apply(std::move(steps), std::move(told)); });
}

Operation<FlowPage> CachedStore::list(FlowQuery query, Waker waker) {
  return store_.list(std::move(query), std::move(waker));
}
Operation<std::vector<VersionHead>> CachedStore::listVersions(std::string id, std::int64_t before, std::int64_t limit,
                                                              Waker waker) {
  return store_.listVersions(std::move(id), before, limit, std::move(waker));
}
Operation<Version> CachedStore::readVersion(std::string id, std::int64_t number, Waker waker) {
  return store_.readVersion(std::move(id), number, std::move(waker));
}

}  // namespace weir::store
