// Sorts rows: each worker sorts what it gets, one task merges. The ordinal of a row is the last part of its key, so
// equal keys keep their order whichever worker had them.
#include <algorithm>
#include <utility>

#include "engine/data/lock.h"
#include "engine/node/row-expression.h"
#include "engine/node/row-sorter.h"
#include "nodes/aggregate/sort/sort.gen.h"

namespace weir::nodes::sort {
namespace {

struct Shared {
  std::vector<RowExpression> keys;
  std::vector<KeyOrder> orders;
  RowSorterOptions options;
  MemoryAccount* account = nullptr;
  Lock lock;
  std::vector<RowSorter> parts;  // of workers that are through
  Batch empty;                   // tells the schema if no rows come
};
using SharedPtr = std::shared_ptr<Shared>;

class Collect final : public Transform {
 public:
  explicit Collect(SharedPtr shared) : shared_(std::move(shared)), sorter_(shared_->options, *shared_->account) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    if (!known_) noteSchema(batch);
    std::vector<cel::RowError> errors;
    WEIR_TRY(evaluate(batch, errors));
    if (errors.empty()) {
      WEIR_TRY(add(batch, io.ordinal(), {}));
      return Flow::more;
    }
    const auto good = failRows(errors, batch.rows(), io);
    WEIR_ASSIGN(const auto kept, batch.gather(good));
    errors.clear();
    WEIR_TRY(evaluate(kept, errors));
    WEIR_TRY(add(kept, io.ordinal(), good));
    return Flow::more;
  }

  Result<Flow> finish(StepIo&) override {
    const Locked locked(shared_->lock);
    shared_->parts.push_back(std::exchange(sorter_, RowSorter(shared_->options, *shared_->account)));
    return Flow::done;
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    WEIR_TRY(sorter_.save(state));
    return Poll::ready;
  }
  Result<Poll> restore(StateReader& state) override {
    WEIR_TRY(sorter_.restore(state));
    return Poll::ready;
  }

 private:
  Result<void> evaluate(const Batch& batch, std::vector<cel::RowError>& errors) {
    columns_.clear();
    for (const auto& key : shared_->keys) {
      WEIR_ASSIGN(auto column, key.evaluate(batch, errors));
      columns_.push_back(std::move(column));
    }
    return {};
  }

  Result<void> add(const Batch& batch, std::int64_t ordinal, std::span<const std::uint32_t> offsets) {
    keys_.clear();
    auto& text = keys_.open();
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      for (std::size_t i = 0; i < columns_.size(); ++i) appendKey(text, columns_[i], row, shared_->orders[i]);
      appendKeyNumber(text, ordinal + (offsets.empty() ? row : std::int64_t{offsets[static_cast<std::size_t>(row)]}));
      keys_.close();
    }
    return sorter_.add(batch, keys_);
  }

  void noteSchema(const Batch& batch) {
    known_ = true;
    const Locked locked(shared_->lock);
    if (!shared_->empty) shared_->empty = batch.slice(0, 0);
  }

  SharedPtr shared_;
  RowSorter sorter_;
  bool known_ = false;
  std::vector<Column> columns_;
  KeyList keys_;
};

class Merge final : public Transform {
 public:
  explicit Merge(SharedPtr shared) : shared_(std::move(shared)) {}

  /// Collectors hand over what they have through `Shared`; no batches come.
  Result<Flow> process(const Batch&, StepIo&) override { return Flow::more; }

  Result<Flow> finish(StepIo& io) override {
    if (!sorted_) {
      const Locked locked(shared_->lock);
      WEIR_ASSIGN(sorted_, SortedRows::of(std::exchange(shared_->parts, {}), *shared_->account));
    }
    while (io.room(out::rows).rows > 0) {
      WEIR_ASSIGN(auto batch, sorted_->next(kMaxBatchRows));
      if (!batch) {
        if (shared_->empty && io.fresh(out::rows)) io.emit(out::rows, shared_->empty);
        return Flow::done;
      }
      io.emit(out::rows, std::move(*batch));
      if (io.budgetSpent()) return Flow::more;
    }
    return Flow::again;
  }

 private:
  SharedPtr shared_;
  std::optional<SortedRows> sorted_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  auto shared = std::make_shared<Shared>();
  for (const auto& key : settings.keys) {
    const auto pointer = "/settings/keys/" + std::to_string(shared->keys.size());
    if (key.field.has_value() == key.of.has_value())
      return fail("settings.missing", pointer + ": a key is either a field or an expression. Give `field` or `of`.");
    if (key.field) {
      shared->keys.push_back(RowExpression::field(*key.field));
    } else {
      WEIR_ASSIGN(auto compiled, RowExpression::compile(*key.of, pointer + "/of", context));
      shared->keys.push_back(std::move(compiled));
    }
    shared->orders.push_back({key.descending, key.nulls == Settings::Key::Nulls::last});
  }
  if (shared->keys.empty())
    return fail("settings.missing", "/settings/keys: there is nothing to sort by. Name at least one field.");
  shared->options.memoryBytes = spillBound(settings.memoryBytes, context.account(), context.workers());
  if (settings.limit) shared->options.limit = *settings.limit;
  if (auto files = context.host<Files>()) shared->options.files = *files;
  shared->account = &context.account();
  auto node = std::make_unique<Node>();
  node->stages.resize(2);
  node->stages[0].parallelism = Stage::Parallelism::perWorker;
  node->stages[0].makeTask = [shared]() -> Result<std::unique_ptr<Task>> { return std::make_unique<Collect>(shared); };
  node->stages[1].makeTask = [shared]() -> Result<std::unique_ptr<Task>> { return std::make_unique<Merge>(shared); };
  return node;
}

}  // namespace weir::nodes::sort
