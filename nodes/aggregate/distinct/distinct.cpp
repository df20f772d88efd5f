// Passes the first row of each key. Past the memory bound, rows whose key was not seen before wait in a file, sorted by
// key to find the first of each, then by their place among all rows.
#include <algorithm>
#include <utility>

#include "engine/node/key-table.h"
#include "engine/node/memory-charge.h"
#include "engine/node/row-expression.h"
#include "engine/node/row-sorter.h"
#include "nodes/aggregate/distinct/distinct.gen.h"

namespace weir::nodes::distinct {
namespace {

constexpr std::size_t kOrdinalBytes = 8;

class Distinct final : public Transform {
 public:
  Distinct(std::vector<RowExpression> keys, RowSorterOptions options, MemoryAccount* account)
      : keys_(std::move(keys)), options_(options), account_(account), charge_(*account) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    WEIR_TRY(columnsOf(batch));
    if (late_) {
      WEIR_TRY(defer(batch, io.ordinal()));
      return Flow::more;
    }
    numbers_.resize(static_cast<std::size_t>(batch.rows()));
    auto known = static_cast<std::uint32_t>(table_.groups());
    WEIR_TRY(table_.assign(columns_, batch.rows(), numbers_.data()));
    // Keys are numbered as they come: a number not met before is a first row.
    std::vector<std::uint32_t> first;
    for (std::uint32_t row = 0; row < numbers_.size(); ++row) {
      if (numbers_[row] < known) continue;
      first.push_back(row);
      known = numbers_[row] + 1;
    }
    if (first.size() == numbers_.size()) {
      io.emit(out::rows, batch);
    } else if (!first.empty()) {
      WEIR_ASSIGN(auto kept, batch.gather(first));
      io.emit(out::rows, std::move(kept));
    }
    WEIR_TRY(checkMemory());
    return Flow::more;
  }

  Result<Flow> finish(StepIo& io) override {
    if (!late_) return Flow::done;
    if (!byOrdinal_) WEIR_TRY(pickFirsts());
    while (io.room(out::rows).rows > 0) {
      WEIR_ASSIGN(auto batch, byOrdinal_->next(kMaxBatchRows));
      if (!batch) return Flow::done;
      io.emit(out::rows, std::move(*batch));
      if (io.budgetSpent()) return Flow::more;
    }
    return Flow::again;
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    if (late_)
      return fail("state.too_large", "distinct past its memory bound cannot be saved. Give it more memoryBytes.");
    WEIR_TRY(state.write(table_.groups()));
    for (std::int64_t i = 0; i < table_.groups(); ++i) WEIR_TRY(state.write(Value::bytes(table_.key(i))));
    return Poll::ready;
  }
  Result<Poll> restore(StateReader& state) override {
    std::int64_t count = 0;
    WEIR_TRY(state.read(count));
    for (std::int64_t i = 0; i < count; ++i) {
      WEIR_ASSIGN(const auto key, state.readValue());
      if (key.kind() != ValueKind::bytes) return fail("state.mismatch", "the saved state of distinct is damaged");
      table_.find(key.text(), {});
    }
    return Poll::ready;
  }

 private:
  Result<void> columnsOf(const Batch& batch) {
    columns_.assign(batch.columns().begin(), batch.columns().end());
    if (keys_.empty()) return {};
    columns_.clear();
    std::vector<cel::RowError> none;
    for (const auto& key : keys_) {
      WEIR_ASSIGN(auto column, key.evaluate(batch, none));
      columns_.push_back(std::move(column));
    }
    return {};
  }

  Result<void> checkMemory() {
    const auto bytes = table_.memoryBytes();
    const bool charged = charge_.set(bytes);
    if (charged && bytes <= options_.memoryBytes) return {};
    if (options_.files == nullptr) {
      if (charged) return {};
      return fail("memory.limit",
                  "the keys seen so far need more memory than the run may use, and there is no temporary "
                  "file here to spill to. Allow more memory, or use fewer keys.");
    }
    table_.freeze();
    late_.emplace(options_, *account_);
    return {};
  }

  Result<void> defer(const Batch& batch, std::int64_t ordinal) {
    numbers_.resize(static_cast<std::size_t>(batch.rows()));
    WEIR_TRY(table_.assign(columns_, batch.rows(), numbers_.data()));
    std::vector<std::uint32_t> unseen;
    KeyList keys;
    for (std::uint32_t row = 0; row < numbers_.size(); ++row) {
      if (numbers_[row] != KeyTable::kNone) continue;
      unseen.push_back(row);
      for (const auto& column : columns_) appendKey(keys.open(), column, row);
      appendKeyNumber(keys.open(), ordinal + row);
      keys.close();
    }
    if (unseen.empty()) return {};
    WEIR_ASSIGN(const auto rows, batch.gather(unseen));
    return late_->add(rows, keys);
  }

  Result<void> pickFirsts() {
    std::vector<RowSorter> sorters;
    sorters.push_back(std::move(*late_));
    WEIR_ASSIGN(auto byKey, SortedRows::of(std::move(sorters), *account_));
    RowSorter again(options_, *account_);
    std::string last;
    bool any = false;
    for (;;) {
      KeyList keys;
      WEIR_ASSIGN(const auto batch, byKey.next(kMaxBatchRows, &keys));
      if (!batch) break;
      std::vector<std::uint32_t> first;
      KeyList ordinals;
      for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(batch->rows()); ++row) {
        const auto whole = keys[row];
        const auto key = whole.substr(0, whole.size() - kOrdinalBytes);
        if (any && key == last) continue;
        any = true;
        last = key;
        first.push_back(row);
        ordinals.append(whole.substr(key.size()));
      }
      if (first.empty()) continue;
      WEIR_ASSIGN(const auto rows, batch->gather(first));
      WEIR_TRY(again.add(rows, ordinals));
    }
    sorters.clear();
    sorters.push_back(std::move(again));
    WEIR_ASSIGN(byOrdinal_, SortedRows::of(std::move(sorters), *account_));
    return {};
  }

  std::vector<RowExpression> keys_;
  RowSorterOptions options_;
  MemoryAccount* account_;
  MemoryCharge charge_;
  KeyTable table_;
  std::vector<Column> columns_;
  std::vector<std::uint32_t> numbers_;
  std::optional<RowSorter> late_;
  std::optional<SortedRows> byOrdinal_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  std::vector<RowExpression> keys;
  for (const auto& key : settings.keys) keys.push_back(RowExpression::field(key));
  RowSorterOptions options{spillBound(settings.memoryBytes, context.account()), INT64_MAX, nullptr};
  if (auto files = context.host<Files>()) options.files = *files;
  return makeNode<Distinct>(std::move(keys), options, &context.account());
}

}  // namespace weir::nodes::distinct
