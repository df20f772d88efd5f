// Groups: the partial result of one worker: its groups, and the state of each measure for each of them.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/node/key-table.h"
#include "engine/node/memory-charge.h"
#include "engine/node/row-expression.h"
#include "engine/node/row-sorter.h"
#include "nodes/aggregate/accumulator.h"

namespace weir::nodes::group {

/// The settings, compiled. Shared by all tasks of the node.
struct GroupPlan {
  struct Measure {
    std::string name;
    Function function;
    double q;
    std::size_t accumulator;
  };
  struct Fold {
    AccumulatorKind kind;
    std::int64_t value;  // index into `values`; -1: of the rows
  };
  std::vector<std::string> keyNames;
  std::vector<RowExpression> keys;
  std::vector<RowExpression> values;
  std::vector<Fold> folds;
  std::vector<Measure> measures;
  std::int64_t memoryBytes = 0;  // of one worker
  MemoryAccount* account = nullptr;
  Files* files = nullptr;
  /// So many rows could all be groups of their own without passing the bound by far.
  [[nodiscard]] std::int64_t rowsAtOnce() const {
    return std::clamp<std::int64_t>(memoryBytes / 128, 64, kMaxBatchRows);
  }
};

/// Fields by name, or objects with name and of: `aggregate/group`'s setting `keys`.
Result<void> readKeys(std::span<const json::Value> keys, NodeContext& context, GroupPlan& plan);
/// Measures over the same expression share its values, and functions of one kind their state. `pointer` is that of the
/// measure in the settings.
Result<void> addMeasure(const Settings::Measure& measure, const std::string& pointer, NodeContext& context,
                        GroupPlan& plan);
/// `settings.duplicate` if two fields of the result have one name; `others` come beside keys and measures.
Result<void> checkNames(const GroupPlan& plan, std::span<const std::string_view> others = {});

/// Keys and values of some rows.
struct EvaluatedRows {
  std::vector<Column> keys, values;
};

class Groups {
 public:
  explicit Groups(const GroupPlan& plan);

  /// Adds the rows of a batch; rows whose expressions fail go to io.fail.
  Result<void> add(const Batch& batch, StepIo& io) { return add(batch, 0, batch.rows(), io); }
  /// The same for some of its rows.
  Result<void> add(const Batch& batch, std::int64_t from, std::int64_t count, StepIo& io);
  /// Columns of keys and values of a dense batch; rows that fail are added to `errors`.
  Result<EvaluatedRows> evaluate(const Batch& batch, std::vector<cel::RowError>& errors) const;
  /// Adds rows that are evaluated, none of which failed.
  Result<void> accumulate(const EvaluatedRows& evaluated, GroupedRows rows);
  /// The same for rows whose groups are known (`rows.groups`).
  Result<void> accumulateInto(const EvaluatedRows& evaluated, const GroupedRows& rows);
  /// The group with this key, made if need be; bytes behind the key's parts make it another one.
  std::uint32_t open(std::string_view key, std::string_view payload);
  /// Adds one group of another to one of this.
  Result<void> addGroup(const Groups& other, std::int64_t group, std::int64_t to);

  /// Adds the groups of another.
  void absorb(const Groups& other);
  /// Adds copies of those of the `most` first groups of another, by key.
  Result<void> absorbFirst(const Groups& other, std::int64_t most);
  /// Adds the types, but no groups.
  void absorbTypes(const Groups& other);
  /// Groups as rows of `stateSchema()`, each with its key, and back.
  Result<void> dump(RowSorter& to) const;
  Result<void> load(const Batch& states);

  [[nodiscard]] std::int64_t size() const { return table_.groups(); }
  [[nodiscard]] std::vector<std::uint32_t> sortedByKey() const;
  [[nodiscard]] std::string_view key(std::int64_t group) const { return table_.key(group); }
  /// The given groups as rows; those whose sums overflow go to io.failValue (null: are left out).
  [[nodiscard]] Result<Batch> rows(std::span<const std::uint32_t> groups, StepIo* io) const;
  /// Of what `append` gives: `before`, keys, measures.
  [[nodiscard]] SchemaRef schema(std::span<const Field> before = {}) const;
  /// The given groups as rows that begin with the values `before`.
  Result<void> append(std::span<const std::uint32_t> groups, std::span<const Value> before, BatchBuilder& to,
                      StepIo* io) const;
  [[nodiscard]] std::string_view payload(std::int64_t group) const { return table_.payload(group); }
  [[nodiscard]] std::int64_t memoryBytes() const;
  /// The one group of a node without keys exists though no row came.
  void ensureOne();
  void clear();
  /// Forgets all groups but the one made last.
  Result<void> keepLast();
  /// All groups and types, for a checkpoint. Errors `state.mismatch`.
  Result<Poll> save(StateWriter& to) const;
  Result<Poll> restore(StateReader& from);

  /// Counts its memory now and then. True: past its bound, to be spilled. Error `memory.limit`.
  Result<bool> overBound();

 private:
  Result<void> keyRow(std::int64_t group, std::vector<Value>& to) const;
  void noteKeyTypes(const EvaluatedRows& evaluated);
  void resize();

  const GroupPlan* plan_;
  KeyTable table_;
  std::vector<std::unique_ptr<Accumulator>> states_;
  std::vector<TypeRef> keyTypes_;
  std::vector<TypeRef> typesWithoutRows_;  // of the keys, from an empty batch
  std::vector<std::uint32_t> groupOf_;
  std::int64_t rowsUnchecked_ = 0;
  MemoryCharge charge_;
  bool onlyCounts_;  // of all rows: no column is looked at
};

/// Key, payload and states of a group; what spilled groups and snapshots are made of.
[[nodiscard]] SchemaRef stateSchema();

}  // namespace weir::nodes::group
