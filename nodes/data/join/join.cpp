// Joins rows with a lookup that is read first.
#include <algorithm>
#include <utility>

#include "engine/node/memory-charge.h"
#include "nodes/data/join/join.gen.h"
#include "nodes/data/join/lookup-table.h"

namespace weir::nodes::join {
namespace {

struct JoinPlan {
  std::vector<std::string> keys;  // of the rows
  Added added;                    // its keys are those of the lookup
  Settings::Kind kind;
  Settings::Duplicates duplicates;
  MemoryAccount* account;
  std::int64_t memoryBytes;
};

class Join final : public Task {
 public:
  explicit Join(JoinPlan plan) : plan_(std::move(plan)), table_(*plan_.account), charge_(*plan_.account) {}

  Result<Progress> step(StepIo& io) override {
    if (!built_) {
      WEIR_ASSIGN(const auto complete, build(io));
      if (!complete) return io.budgetSpent() ? Progress::yielded() : Progress::blockedOn(portSet(in::lookup));
    }
    for (;;) {
      if (current_) {
        WEIR_ASSIGN(const auto complete, emitPairs(io));
        if (!complete) return Progress::blockedOn(0, kAllPorts);
        current_ = {};
      }
      if (io.peek(in::rows) == nullptr) break;
      if (io.budgetSpent()) return Progress::yielded();
      current_ = io.take(in::rows, INT64_MAX);
      WEIR_TRY(begin(io));
    }
    return io.ended(in::rows) ? Progress::finished() : Progress::blockedOn(portSet(in::rows));
  }

 private:
  /// True: the whole lookup is there.
  Result<bool> build(StepIo& io) {
    while (io.peek(in::lookup) != nullptr) {
      const auto batch = io.take(in::lookup, INT64_MAX);
      WEIR_ASSIGN(const auto keys, columnsNamed(batch, plan_.added.keys, "the rows of the lookup"));
      WEIR_TRY(table_.add(batch, keys, plan_.added));
      if (table_.memoryBytes() > plan_.memoryBytes || !charge_.set(table_.memoryBytes())) {
        return fail("memory.limit",
                    "the lookup of this join needs more than its memoryBytes, or than the run may use. Allow more, "
                    "select fewer fields, or swap the inputs.");
      }
      if (io.budgetSpent()) return false;
    }
    if (!io.ended(in::lookup)) return false;
    const bool one = plan_.kind == Settings::Kind::semi || plan_.kind == Settings::Kind::anti;
    WEIR_TRY(table_.seal(one ? Settings::Duplicates::all : plan_.duplicates));
    built_ = true;
    return true;
  }

  /// Finds the matches of the current batch.
  Result<void> begin(StepIo& io) {
    pairs_ = {};
    at_ = 0;
    WEIR_ASSIGN(const auto keys, columnsNamed(current_, plan_.keys, "the rows"));
    WEIR_TRY(table_.probe(keys, current_.rows(), true, pairs_));
    return choose(current_, io);
  }

  /// True: all that comes of the current batch is emitted; else once more when there is room.
  Result<bool> emitPairs(StepIo& io) {
    const auto total = static_cast<std::int64_t>(pairs_.left.size());
    const bool plain = plan_.kind == Settings::Kind::semi || plan_.kind == Settings::Kind::anti;
    while (at_ < total) {
      if (io.room(out::rows).rows <= 0) return false;
      const auto to = std::min(total, at_ + kMaxBatchRows);
      const auto from = static_cast<std::ptrdiff_t>(at_);
      const auto end = static_cast<std::ptrdiff_t>(to);
      Pairs part;
      part.left.assign(pairs_.left.begin() + from, pairs_.left.begin() + end);
      part.right.assign(pairs_.right.begin() + from, pairs_.right.begin() + end);
      WEIR_ASSIGN(auto joined,
                  plain ? current_.gather(part.left) : beside(current_, table_.rows(), part, *plan_.account));
      io.emit(out::rows, std::move(joined));
      at_ = to;
    }
    return true;
  }

  /// Keeps of all pairs those that the kind asks for; rows without a match that are not wanted go to `unmatched`.
  Result<void> choose(const Batch& batch, StepIo& io) {
    Pairs kept;
    std::vector<std::uint32_t> unmatched;
    for (std::size_t i = 0; i < pairs_.left.size(); ++i) {
      const bool matches = pairs_.right[i] != Pairs::kNoMatch;
      const bool again = !kept.left.empty() && kept.left.back() == pairs_.left[i];
      if (!matches && (plan_.kind == Settings::Kind::inner || plan_.kind == Settings::Kind::semi)) {
        unmatched.push_back(pairs_.left[i]);
        continue;
      }
      if (matches && plan_.kind == Settings::Kind::anti) continue;
      if (again && (plan_.kind == Settings::Kind::semi || plan_.duplicates == Settings::Duplicates::first)) continue;
      kept.left.push_back(pairs_.left[i]);
      kept.right.push_back(pairs_.right[i]);
    }
    pairs_ = std::move(kept);
    if (unmatched.empty() || !io.wired(out::unmatched)) return {};
    WEIR_ASSIGN(auto rows, batch.gather(unmatched));
    io.emit(out::unmatched, std::move(rows));
    return {};
  }

  JoinPlan plan_;
  LookupTable table_;
  MemoryCharge charge_;
  Batch current_;  // taken, its pairs from at_ on not yet emitted
  Pairs pairs_;
  std::int64_t at_ = 0;
  bool built_ = false;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  if (settings.keys.empty())
    return fail("settings.missing", "/settings/keys: a join needs at least one field that must be equal.");
  JoinPlan plan{{},
                {settings.select, {}, settings.prefix},
                settings.kind,
                settings.duplicates,
                &context.account(),
                settings.memoryBytes};
  for (const auto& key : settings.keys) {
    plan.keys.push_back(key.field);
    plan.added.keys.push_back(key.lookup.value_or(key.field));
  }
  return makeNode<Join>(std::move(plan));
}

}  // namespace weir::nodes::join
