// Joins rows with a lookup that is read first.
#include <algorithm>
#include <optional>
#include <utility>

#include "engine/node/memory-charge.h"
#include "nodes/data/join/join.gen.h"
#include "nodes/data/join/lookup-table.h"
#include "nodes/data/join/spilled-join.h"

namespace weir::nodes::join {
namespace {

constexpr std::int64_t kWorthSpilling = 1 << 20;

class Join final : public Task {
 public:
  explicit Join(JoinPlan plan) : plan_(std::move(plan)), table_(*plan_.account), charge_(*plan_.account) {}

  Result<Progress> step(StepIo& io) override {
    if (!built_) {
      WEIR_ASSIGN(const auto complete, build(io));
      if (!complete) return io.budgetSpent() ? Progress::yielded() : Progress::blockedOn(portSet(in::lookup));
    }
    if (spilled_) return stepSpilled(io);
    for (;;) {
      // The head stays where it is until all its pairs are emitted, so that a checkpoint never falls between them.
      const auto* head = io.peek(in::rows);
      if (head == nullptr) break;
      if (!current_) {
        if (io.budgetSpent()) return Progress::yielded();
        current_ = *head;
        WEIR_TRY(begin(io));
      }
      WEIR_ASSIGN(const auto complete, emitPairs(io));
      if (!complete) return Progress::blockedOn(0, kAllPorts);
      current_ = {};
      static_cast<void>(io.take(in::rows, INT64_MAX));
    }
    return io.ended(in::rows) ? Progress::finished() : Progress::blockedOn(portSet(in::rows));
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    if (spilled_)
      return fail("state.too_large", "a join past its memory bound cannot be saved. Give it more memoryBytes.");
    WEIR_TRY(state.write(std::int64_t{built_ ? 1 : 0}));
    WEIR_TRY(table_.save(state));
    return Poll::ready;
  }
  Result<Poll> restore(StateReader& state) override {
    std::int64_t built = 0;
    WEIR_TRY(state.read(built));
    WEIR_TRY(table_.restore(state));
    if (built != 0) WEIR_TRY(seal());
    return Poll::ready;
  }

 private:
  /// True: the whole lookup is there.
  Result<bool> build(StepIo& io) {
    while (io.peek(in::lookup) != nullptr) {
      const auto batch = io.take(in::lookup, INT64_MAX);
      if (batch.rows() == 0) {
        if (!empty_) empty_ = batch;
        continue;
      }
      anyLookup_ = true;
      WEIR_ASSIGN(const auto keys, columnsNamed(batch, plan_.added.keys, "the rows of the lookup"));
      if (spilled_) {
        WEIR_TRY(addSpilled(batch, keys));
      } else {
        WEIR_TRY(table_.add(batch, keys, plan_.added));
        WEIR_TRY(checkMemory());
      }
      if (io.budgetSpent()) return false;
    }
    if (!io.ended(in::lookup)) return false;
    if (!anyLookup_ && empty_) {
      WEIR_ASSIGN(const auto keys, columnsNamed(empty_, plan_.added.keys, "the rows of the lookup"));
      WEIR_TRY(table_.add(empty_, keys, plan_.added));
    }
    WEIR_TRY(seal());
    return true;
  }

  Result<void> seal() {
    built_ = true;
    if (spilled_) return {};
    return table_.seal(plan_.plain() ? Settings::Duplicates::all : plan_.duplicates);
  }

  /// Past the bound everything goes by files.
  Result<void> checkMemory() {
    const auto bytes = table_.memoryBytes();
    const bool charged = charge_.set(table_.tableBytes());
    if (plan_.files == nullptr) {
      if (charged && bytes <= plan_.memoryBytes) return {};
      return fail("memory.limit",
                  "the lookup of this join needs more than its memoryBytes, or than the run may use, and there is no "
                  "temporary file here to spill to. Allow more, select fewer fields, or swap the inputs.");
    }
    const bool pressed = bytes > kWorthSpilling && plan_.account->underPressure();
    if (charged && bytes <= plan_.memoryBytes && !pressed) return {};
    spilled_.emplace(plan_);
    WEIR_TRY(table_.drain([this](const Batch& part, const KeyList& keys) { return spilled_->addLookup(part, keys); }));
    static_cast<void>(charge_.set(0));
    return {};
  }

  Result<void> addSpilled(const Batch& batch, const std::vector<Column>& keys) {
    WEIR_ASSIGN(const auto part, LookupPart::of(batch, keys, plan_.added, *plan_.account));
    KeyList encoded;
    for (const auto row : part.good) {
      for (const auto& key : keys) appendKey(encoded.open(), key, row);
      encoded.close();
    }
    return spilled_->addLookup(part.rows, encoded);
  }

  Result<Progress> stepSpilled(StepIo& io) {
    while (io.peek(in::rows) != nullptr) {
      if (io.budgetSpent()) return Progress::yielded();
      const auto batch = io.take(in::rows, INT64_MAX);
      WEIR_ASSIGN(const auto keys, columnsNamed(batch, plan_.keys, "the rows"));
      WEIR_TRY(spilled_->addRows(batch, keys));
    }
    if (!io.ended(in::rows)) return Progress::blockedOn(portSet(in::rows));
    for (;;) {
      if (io.budgetSpent()) return Progress::yielded();
      WEIR_ASSIGN(const auto merged, spilled_->merge(io.wired(out::unmatched)));
      if (merged) break;
    }
    WEIR_ASSIGN(const auto complete, spilled_->emit(io));
    if (complete) return Progress::finished();
    return io.budgetSpent() ? Progress::yielded() : Progress::blockedOn(0, kAllPorts);
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
    if (total == 0 && io.fresh(out::rows)) WEIR_TRY(emitPart({}, io));
    while (at_ < total) {
      if (io.room(out::rows).rows <= 0) return false;
      const auto to = std::min(total, at_ + kMaxBatchRows);
      const auto from = static_cast<std::ptrdiff_t>(at_);
      const auto end = static_cast<std::ptrdiff_t>(to);
      Pairs part;
      part.left.assign(pairs_.left.begin() + from, pairs_.left.begin() + end);
      part.right.assign(pairs_.right.begin() + from, pairs_.right.begin() + end);
      WEIR_TRY(emitPart(part, io));
      at_ = to;
    }
    return true;
  }

  Result<void> emitPart(const Pairs& part, StepIo& io) const {
    WEIR_ASSIGN(auto joined,
                plan_.plain() ? current_.gather(part.left) : beside(current_, table_.rows(), part, *plan_.account));
    io.emit(out::rows, std::move(joined));
    return {};
  }

  /// Keeps of all pairs those that the kind asks for; rows without a match that are not wanted go to `unmatched`.
  Result<void> choose(const Batch& batch, StepIo& io) {
    Pairs kept;
    std::vector<std::uint32_t> unmatched;
    for (std::size_t i = 0; i < pairs_.left.size(); ++i) {
      const bool matches = pairs_.right[i] != Pairs::kNoMatch;
      const bool again = !kept.left.empty() && kept.left.back() == pairs_.left[i];
      if (!matches && plan_.dropsUnmatched()) {
        unmatched.push_back(pairs_.left[i]);
        continue;
      }
      if (matches && plan_.kind == Settings::Kind::anti) continue;
      if (again && (plan_.kind == Settings::Kind::semi || plan_.duplicates == Settings::Duplicates::first)) continue;
      kept.left.push_back(pairs_.left[i]);
      kept.right.push_back(pairs_.right[i]);
    }
    pairs_ = std::move(kept);
    if ((unmatched.empty() && !io.fresh(out::unmatched)) || !io.wired(out::unmatched)) return {};
    WEIR_ASSIGN(auto rows, batch.gather(unmatched));
    io.emit(out::unmatched, std::move(rows));
    return {};
  }

  JoinPlan plan_;
  LookupTable table_;
  MemoryCharge charge_;
  std::optional<SpilledJoin> spilled_;
  Batch current_;  // the head of the rows, its pairs from at_ on not yet emitted
  Pairs pairs_;
  std::int64_t at_ = 0;
  Batch empty_;  // tells the fields of the lookup if no row of it comes
  bool built_ = false, anyLookup_ = false;
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
                nullptr,
                settings.memoryBytes};
  if (auto files = context.host<Files>()) {
    plan.files = *files;
    plan.memoryBytes = spillBound(settings.memoryBytes, context.account());
  }
  for (const auto& key : settings.keys) {
    plan.keys.push_back(key.field);
    plan.added.keys.push_back(key.lookup.value_or(key.field));
  }
  return makeNode<Join>(std::move(plan));
}

}  // namespace weir::nodes::join
