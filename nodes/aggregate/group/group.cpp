// Groups rows by their keys: each worker folds into groups of its own, one task merges them and gives them in order.
#include <algorithm>
#include <array>
#include <utility>

#include "engine/data/lock.h"
#include "nodes/aggregate/group/group.gen.h"
#include "nodes/aggregate/groups.h"

namespace weir::nodes::group {
namespace {

class Fold;

/// What all tasks of one node share.
struct Shared {
  GroupPlan plan;
  Lock lock;
  std::vector<const Fold*> folds;  // of workers that are not
  std::vector<Groups> finished;    // of workers that are through
  std::vector<RowSorter> spilled;

  /// The first groups of all workers together; nothing if some are in files.
  [[nodiscard]] std::optional<Batch> soFar();
};
using SharedPtr = std::shared_ptr<Shared>;

RowSorterOptions sorterOptions(const GroupPlan& plan) {
  return {std::max<std::int64_t>(1, plan.memoryBytes / 4), INT64_MAX, plan.files};
}

class Fold final : public Task {
 public:
  explicit Fold(SharedPtr shared) : shared_(std::move(shared)), groups_(shared_->plan) {
    const Locked locked(shared_->lock);
    shared_->folds.push_back(this);
  }
  ~Fold() override { leave(); }
  Fold(const Fold&) = delete;
  Fold& operator=(const Fold&) = delete;

  /// Adds what it has so far; false: a part is in files. From any thread.
  [[nodiscard]] bool addTo(Groups& all) const {
    const Locked locked(lock_);
    return !sorter_ && all.absorbFirst(groups_, kMaxBatchRows).has_value();
  }

  Result<Progress> step(StepIo& io) override {
    {
      const Locked locked(lock_);  // once for all batches: taking it costs as much as counting a row
      while (const auto* batch = io.peek(0)) {
        WEIR_TRY(fold(*batch, io));
        io.pass(0);
        if (io.budgetSpent()) return Progress::yielded();
      }
    }
    if (!io.ended(0)) return Progress::blockedOn(portSet(0));
    handOver();
    return Progress::finished();
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    if (sorter_) {
      return fail("state.too_large", "a group past its memory bound cannot be saved. Give it more memoryBytes.");
    }
    return groups_.save(state);
  }
  Result<Poll> restore(StateReader& state) override { return groups_.restore(state); }

 private:
  void leave() {
    const Locked locked(shared_->lock);
    std::erase(shared_->folds, this);
  }
  Result<void> fold(const Batch& batch, StepIo& io) {
    const auto step = shared_->plan.rowsAtOnce();
    // An empty batch too: it says of which types the keys are.
    for (std::int64_t from = 0; from == 0 || from < batch.rows(); from += step) {
      WEIR_TRY(groups_.add(batch, from, std::min(step, batch.rows() - from), io));
      WEIR_ASSIGN(const auto over, groups_.overBound());
      if (over) WEIR_TRY(spill());
    }
    return {};
  }
  void handOver() {
    leave();
    const Locked locked(shared_->lock);
    shared_->finished.push_back(std::move(groups_));
    if (sorter_) shared_->spilled.push_back(std::move(*sorter_));
  }
  Result<void> spill() {
    if (!sorter_) sorter_.emplace(sorterOptions(shared_->plan), *shared_->plan.account);
    WEIR_TRY(groups_.dump(*sorter_));
    groups_.clear();
    return {};
  }
  SharedPtr shared_;
  mutable Lock lock_;  // between the step and those who look
  Groups groups_;
  std::optional<RowSorter> sorter_;
};

std::optional<Batch> Shared::soFar() {
  const Locked locked(lock);
  if (!spilled.empty()) return std::nullopt;
  Groups all(plan);
  for (const auto& part : finished) {
    if (!all.absorbFirst(part, kMaxBatchRows)) return std::nullopt;
  }
  for (const auto* fold : folds) {
    if (!fold->addTo(all)) return std::nullopt;
  }
  all.ensureOne();
  const auto order = all.sortedByKey();
  auto rows = all.rows(std::span(order).first(std::min<std::size_t>(order.size(), kMaxBatchRows)), nullptr);
  if (!rows) return std::nullopt;
  return std::move(*rows);
}

class Merge final : public Transform {
 public:
  explicit Merge(SharedPtr shared) : shared_(std::move(shared)), groups_(shared_->plan) {}

  /// Folds hand over what they have through `Shared`; no batches come.
  Result<Flow> process(const Batch&, StepIo&) override { return Flow::more; }

  Result<Flow> finish(StepIo& io) override {
    if (!started_) WEIR_TRY(start());
    while (io.room(out::rows).rows > 0) {
      WEIR_ASSIGN(const auto more, sorted_ ? nextSpilled(io) : nextInMemory(io));
      if (!more) return Flow::done;
      if (io.budgetSpent()) return Flow::more;
    }
    return Flow::again;
  }

  std::optional<Batch> resultSoFar() const override { return started_ ? std::nullopt : shared_->soFar(); }

 private:
  Result<void> start() {
    started_ = true;
    const Locked locked(shared_->lock);
    auto& parts = shared_->finished;
    if (shared_->spilled.empty()) {
      for (auto& part : parts) groups_.absorb(part);
      parts.clear();
      groups_.ensureOne();
      order_ = groups_.sortedByKey();
      return {};
    }
    RowSorter rest(sorterOptions(shared_->plan), *shared_->plan.account);
    for (auto& part : parts) {
      groups_.absorbTypes(part);
      WEIR_TRY(part.dump(rest));
      part.clear();
    }
    parts.clear();
    auto sorters = std::exchange(shared_->spilled, {});
    sorters.push_back(std::move(rest));
    WEIR_ASSIGN(sorted_, SortedRows::of(std::move(sorters), *shared_->plan.account));
    return {};
  }

  Result<void> emit(std::span<const std::uint32_t> groups, StepIo& io) {
    WEIR_ASSIGN(auto batch, groups_.rows(groups, &io));
    io.emit(out::rows, std::move(batch));
    return {};
  }

  Result<bool> nextInMemory(StepIo& io) {
    const auto count = std::min<std::size_t>(order_.size() - at_, kMaxBatchRows);
    if (count == 0 && !io.fresh(out::rows)) return false;
    WEIR_TRY(emit(std::span(order_).subspan(at_, count), io));
    at_ += count;
    return at_ < order_.size();
  }

  /// States come by key; all but those of the last key are complete.
  Result<bool> nextSpilled(StepIo& io) {
    WEIR_ASSIGN(const auto states, sorted_->next(kMaxBatchRows / 4));
    if (states) WEIR_TRY(groups_.load(*states));
    if (states && groups_.size() < std::min(kMaxBatchRows / 2, shared_->plan.rowsAtOnce())) return true;
    const auto complete = states ? groups_.size() - 1 : groups_.size();
    std::vector<std::uint32_t> all(static_cast<std::size_t>(complete));
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    WEIR_TRY(emit(all, io));
    if (!states) return false;
    WEIR_TRY(groups_.keepLast());
    return true;
  }

  SharedPtr shared_;
  Groups groups_;
  std::vector<std::uint32_t> order_;
  std::size_t at_ = 0;
  bool started_ = false;
  std::optional<SortedRows> sorted_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  auto shared = std::make_shared<Shared>();
  auto& plan = shared->plan;
  WEIR_TRY(readKeys(settings.keys, context, plan));
  for (const auto& measure : settings.measures) {
    WEIR_TRY(addMeasure(measure, "/settings/measures/" + std::to_string(plan.measures.size()), context, plan));
  }
  WEIR_TRY(checkNames(plan));
  plan.memoryBytes = spillBound(settings.memoryBytes, context.account(), context.workers());
  plan.account = &context.account();
  if (auto files = context.host<Files>()) plan.files = *files;
  auto node = std::make_unique<Node>();
  node->stages.resize(2);
  node->stages[0].parallelism = Stage::Parallelism::perWorker;
  node->stages[0].makeTask = [shared]() -> Result<std::unique_ptr<Task>> { return std::make_unique<Fold>(shared); };
  node->stages[1].makeTask = [shared]() -> Result<std::unique_ptr<Task>> { return std::make_unique<Merge>(shared); };
  return node;
}

}  // namespace weir::nodes::group
