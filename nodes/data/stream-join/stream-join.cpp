// Keeps the rows of both streams for as long as a match may come.
#include <algorithm>
#include <deque>
#include <numeric>
#include <utility>

#include "engine/node/memory-charge.h"
#include "engine/node/node-time.h"
#include "engine/node/saved-rows.h"
#include "engine/node/watermark-ceiling.h"
#include "nodes/data/joined-rows.h"
#include "nodes/data/stream-join/side.h"
#include "nodes/data/stream-join/stream-join.gen.h"

namespace weir::nodes::stream_join {
namespace {

constexpr Timestamp kEnded = INT64_MAX;

struct JoinPlan {
  std::vector<std::string> leftKeys;
  join::Added added;
  RowTimes times[2];
  std::int64_t before = 0, after = 0, maxDelay = 0, idle = 0, maxRows = 0, maxBytes = 0;
  bool keepsAll = false, ownWatermark = false;
  MemoryAccount* account = nullptr;
};

/// One input and its side.
struct Stream {
  Side side;
  Timestamp watermark = kNoWatermark, greatest = kNoWatermark, lastRowAt = INT64_MAX;
  bool fromUpstream = false;
  Batch first;  // its fields: all other rows have the same
};

class StreamJoin final : public Task {
 public:
  StreamJoin(JoinPlan plan, NodeContext* context) : plan_(std::move(plan)), time_(*context), charge_(*plan_.account) {}

  Result<Progress> step(StepIo& io) override {
    auto progress = join(io);
    if (progress) holdWatermark(io);
    return progress;
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& to) override {
    WEIR_TRY(to.write(static_cast<std::int64_t>(ready_.size())));
    for (const auto& rows : ready_) WEIR_TRY(saveRows(rows, to));
    for (const auto& stream : streams_) {
      WEIR_TRY(to.write(stream.watermark));
      WEIR_TRY(to.write(stream.greatest));
      WEIR_TRY(to.write(static_cast<std::int64_t>(stream.side.batches().size())));
      for (const auto& [number, batch] : stream.side.batches()) {
        std::string found;
        for (const bool each : batch.found) found.push_back(each ? '1' : '0');
        WEIR_TRY(saveRows(batch.rows, to));
        WEIR_TRY(to.write(Value::bytes(found)));
      }
    }
    return Poll::ready;
  }
  Result<Poll> restore(StateReader& from) override {
    std::int64_t count = 0;
    WEIR_TRY(from.read(count));
    for (std::int64_t i = 0; i < count; ++i) {
      WEIR_ASSIGN(auto rows, restoreRows(from, *plan_.account));
      ready_.push_back(std::move(rows));
    }
    for (const Port port : {in::rows, in::right}) WEIR_TRY(restoreStream(port, from));
    return Poll::ready;
  }

 private:
  Result<Progress> join(StepIo& io) {
    for (;;) {
      while (!ready_.empty()) {
        if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, portSet(out::rows));
        io.emit(out::rows, std::move(ready_.front()));
        ready_.pop_front();
      }
      if (io.budgetSpent()) return Progress::yielded();
      WEIR_TRY(moveWatermarks(io));
      if (!ready_.empty()) continue;
      WEIR_ASSIGN(const auto reads, inputsToRead(io));
      bool took = false;
      for (const Port port : {in::rows, in::right}) {
        if ((reads & portSet(port)) == 0 || io.peek(port) == nullptr) continue;
        WEIR_TRY(take(port, io));
        took = true;
        break;
      }
      if (took) continue;
      if (io.ended(in::rows) && io.ended(in::right)) {
        if (ready_.empty()) return Progress::finished();
        continue;
      }
      return waiting(reads, io);
    }
  }

  [[nodiscard]] Progress waiting(Ports reads, StepIo& io) {
    Ports waits = 0;
    for (const Port port : {in::rows, in::right}) {
      if ((reads & portSet(port)) != 0 && !io.ended(port)) waits |= portSet(port);
    }
    auto progress = Progress::blockedOn(waits);
    if (plan_.idle == 0) return progress;
    // Once a second is often enough to let rows go.
    constexpr Timestamp kSecond = 1'000'000;
    auto wake = INT64_MAX;
    for (const auto& stream : streams_) {
      if (stream.lastRowAt == INT64_MAX || stream.watermark == kEnded) continue;
      wake = std::min(wake, std::max(stream.lastRowAt + plan_.idle, time_.now() + kSecond));
    }
    if (wake != INT64_MAX && streams_[0].side.rows() + streams_[1].side.rows() > 0)
      progress.wakeAt = time_.wakeAt(wake);
    return progress;
  }

  /// Both, or past the bound the one that is behind: when it goes on, rows of the other can go. `join.state_limit`.
  Result<Ports> inputsToRead(StepIo& io) {
    const auto rows = streams_[0].side.rows() + streams_[1].side.rows();
    const auto bytes = streams_[0].side.bytes() + streams_[1].side.bytes();
    const Ports both = portSet(in::rows) | portSet(in::right);
    if (!charge_.set(streams_[0].side.tableBytes() + streams_[1].side.tableBytes()) || rows > 2 * plan_.maxRows ||
        bytes > 2 * plan_.maxBytes) {
      return fail("join.state_limit", "the join keeps " + std::to_string(rows) + " rows (" +
                                          std::to_string(bytes >> 20) +
                                          " MiB) whose match may still come, more than twice what maxRows or "
                                          "memoryBytes allow, or more than the run has. Choose a smaller before, after "
                                          "or maxDelay, give the input that is silent an idleTimeout, or allow more.");
    }
    if (rows <= plan_.maxRows && bytes <= plan_.maxBytes) return both;
    if (io.ended(in::rows) || io.ended(in::right)) return both;
    return streams_[0].watermark <= streams_[1].watermark ? portSet(in::rows) : portSet(in::right);
  }

  Result<void> moveWatermarks(StepIo& io) {
    for (const Port port : {in::rows, in::right}) {
      auto& stream = streams_[port];
      if (io.ended(port)) {
        stream.watermark = kEnded;
        continue;
      }
      const auto upstream = plan_.ownWatermark ? kNoWatermark : io.watermark(port);
      if (upstream != kNoWatermark) {
        stream.fromUpstream = true;
        stream.watermark = std::max(stream.watermark, upstream);
      }
      if (plan_.idle == 0 || stream.lastRowAt == INT64_MAX || io.peek(port) != nullptr) continue;
      const auto silent = time_.now() - stream.lastRowAt;
      if (silent >= plan_.idle)
        stream.watermark = std::max(stream.watermark, stream.greatest - plan_.maxDelay + silent);
    }
    return letGo();
  }

  /// Rows that no row to come can match.
  Result<void> letGo() {
    const auto bound = [](Timestamp watermark, std::int64_t reach) {
      return watermark == kEnded ? kEnded : watermark == kNoWatermark ? kNoWatermark : watermark - reach;
    };
    WEIR_TRY(streams_[in::rows].side.forget(bound(streams_[in::right].watermark, plan_.after), [&](HeldBatch& batch) {
      return plan_.keepsAll ? giveUnmatched(batch) : Result<void>();
    }));
    return streams_[in::right].side.forget(bound(streams_[in::rows].watermark, plan_.before),
                                           [](HeldBatch&) { return Result<void>(); });
  }

  Result<void> giveUnmatched(const HeldBatch& batch) {
    join::Pairs pairs;
    for (std::uint32_t row = 0; row < batch.found.size(); ++row) {
      if (batch.found[row]) continue;
      pairs.left.push_back(row);
      pairs.right.push_back(join::Pairs::kNoMatch);
    }
    if (pairs.left.empty()) return {};
    WEIR_ASSIGN(auto rows, join::beside(batch.rows, streams_[in::right].first, pairs, *plan_.account));
    ready_.push_back(std::move(rows));
    return {};
  }

  Result<std::vector<Column>> keysOf(Port port, const Batch& batch) const {
    const bool left = port == in::rows;
    return join::columnsNamed(batch, left ? plan_.leftKeys : plan_.added.keys,
                              left ? "the left rows" : "the right rows");
  }

  Result<void> take(Port port, StepIo& io) {
    // Not all at once, so that rows can go before too many are kept.
    const auto watermark = io.watermark(port);
    WEIR_ASSIGN(auto batch, io.take(port, std::clamp<std::int64_t>(plan_.maxRows / 4, 1, kMaxBatchRows)).dense());
    std::vector<cel::RowError> errors;
    WEIR_TRY(plan_.times[port].evaluate(batch, errors, times_));
    if (!errors.empty()) {
      const auto good = failRows(errors, batch.rows(), io);
      WEIR_ASSIGN(batch, batch.gather(good));
      errors.clear();
      WEIR_TRY(plan_.times[port].evaluate(batch, errors, times_));
    }
    WEIR_ASSIGN(batch, nullable(batch));
    auto& stream = streams_[port];
    stream.lastRowAt = time_.now();
    WEIR_TRY(noteFields(port, batch, io));
    WEIR_ASSIGN(batch, withoutLate(port, std::move(batch), io));
    WEIR_ASSIGN(const auto keys, keysOf(port, batch));
    WEIR_ASSIGN(auto held, heldOf(port, batch, watermark));
    WEIR_TRY(match(port, held, keys));
    return stream.side.keep(std::move(held), keys, times_);
  }

  /// Batches of one source differ in what may be null.
  static Result<Batch> nullable(const Batch& batch) {
    std::vector<Field> fields(batch.schema()->fields().begin(), batch.schema()->fields().end());
    for (auto& field : fields) field.nullable = true;
    return batch.withColumns(Schema::of(std::move(fields), batch.schema()->version()), batch.columns());
  }

  Result<void> noteFields(Port port, const Batch& batch, StepIo& io) {
    auto& first = streams_[port].first;
    if (!first) {
      first = batch.slice(0, 0);
      if (port == in::right) {
        WEIR_ASSIGN(first, plan_.added.of(first));
      }
      schemas_[port] = batch.schema();
      if (streams_[0].first && streams_[1].first && io.fresh(out::rows)) {
        WEIR_ASSIGN(auto told, join::beside(streams_[0].first, streams_[1].first, {}, *plan_.account));
        ready_.push_back(std::move(told));
      }
    }
    if (schemas_[port] == batch.schema()) return {};
    return fail("schema.mismatch", "the rows of the input '" + std::string(port == in::rows ? "rows" : "right") +
                                       "' do not all have the same fields: " + schemas_[port]->describe() + " and " +
                                       batch.schema()->describe() + ". Give them one schema before the join.");
  }

  /// Moves the input's own watermark row by row; rows behind it leave.
  Result<Batch> withoutLate(Port port, Batch batch, StepIo& io) {
    auto& stream = streams_[port];
    std::vector<std::uint32_t> good, late;
    for (std::uint32_t row = 0; row < batch.rows(); ++row) {
      const auto time = times_[row];
      (time < stream.watermark ? late : good).push_back(row);
      stream.greatest = std::max(stream.greatest, time);
      if (!stream.fromUpstream) stream.watermark = std::max(stream.watermark, stream.greatest - plan_.maxDelay);
    }
    if (late.empty()) return batch;
    const auto out = port == in::rows ? out::late : out::lateRight;
    if (io.wired(out)) {
      WEIR_ASSIGN(auto some, batch.gather(late));
      io.emit(out, std::move(some));
    }
    WEIR_ASSIGN(auto kept, batch.gather(good));
    for (std::size_t i = 0; i < good.size(); ++i) times_[i] = times_[good[i]];
    times_.resize(good.size());
    return kept;
  }

  Result<HeldBatch> heldOf(Port port, const Batch& batch, Timestamp watermark) const {
    HeldBatch held{batch, {}, std::vector<bool>(static_cast<std::size_t>(batch.rows())), watermark, 0};
    // A few rows must not keep a whole chunk alive.
    if (batch.mayPin(std::max<std::int64_t>(4096, 4 * batch.logicalBytes()))) {
      WEIR_ASSIGN(held.rows, batch.compact(*plan_.account));
    }
    if (port == in::right) {
      WEIR_ASSIGN(held.added, plan_.added.of(held.rows));
    }
    return held;
  }

  /// The new rows beside those of the other side.
  Result<void> match(Port port, HeldBatch& fresh, std::span<const Column> keys) {
    auto& other = streams_[1 - port].side;
    const bool left = port == in::rows;
    std::vector<std::pair<std::uint32_t, Kept>> found;
    WEIR_TRY(other.probe(keys, times_, left ? plan_.before : plan_.after, left ? plan_.after : plan_.before,
                         [&](std::uint32_t row, const Kept& kept) {
                           if (anyNull(keys, row)) return;
                           found.emplace_back(row, kept);
                           fresh.found[row] = true;
                           other.batch(kept.batch).found[kept.row] = true;
                         }));
    for (std::size_t from = 0; from < found.size(); from += kRowsEach)
      WEIR_TRY(givePairs(port, fresh, std::span(found).subspan(from, std::min(kRowsEach, found.size() - from))));
    return {};
  }

  Result<void> givePairs(Port port, const HeldBatch& fresh, std::span<const std::pair<std::uint32_t, Kept>> found) {
    auto& other = streams_[1 - port].side;
    const bool left = port == in::rows;
    // Of each kept batch the rows that are asked for, one piece behind the other.
    std::map<std::int64_t, std::vector<std::uint32_t>> byBatch;
    for (const auto& [row, kept] : found) byBatch[kept.batch].push_back(kept.row);
    std::map<std::int64_t, std::uint32_t> next;
    std::vector<Batch> pieces;
    std::uint32_t at = 0;
    for (const auto& [number, rows] : byBatch) {
      const auto& held = other.batch(number);
      WEIR_ASSIGN(auto piece, (left ? held.added : held.rows).gather(rows));
      pieces.push_back(std::move(piece));
      next[number] = at;
      at += static_cast<std::uint32_t>(rows.size());
    }
    WEIR_ASSIGN(const auto joined, concat(pieces, *plan_.account));
    join::Pairs pairs;
    for (const auto& [row, kept] : found) {
      const auto place = next[kept.batch]++;
      pairs.left.push_back(left ? row : place);
      pairs.right.push_back(left ? place : row);
    }
    WEIR_ASSIGN(auto rows,
                join::beside(left ? fresh.rows : joined, left ? joined : fresh.added, pairs, *plan_.account));
    ready_.push_back(std::move(rows));
    return {};
  }

  /// Rows to come may be as old as the oldest left row that is kept, and as what each input may still bring.
  void holdWatermark(StepIo& io) {
    if (!ready_.empty()) return;  // goes out before
    auto ceiling = WatermarkCeiling::kOpen;
    if (io.watermark(in::rows) != kNoWatermark) ceiling = streams_[in::rows].side.oldestWatermark();
    ceiling_.set(ceiling, io);
  }

  Result<void> restoreStream(Port port, StateReader& from) {
    auto& stream = streams_[port];
    std::int64_t batches = 0;
    Timestamp watermark = 0, greatest = 0;
    WEIR_TRY(from.read(watermark));
    WEIR_TRY(from.read(greatest));
    if (watermark != kEnded) stream.watermark = std::max(stream.watermark, watermark);
    stream.greatest = std::max(stream.greatest, greatest);
    WEIR_TRY(from.read(batches));
    for (std::int64_t i = 0; i < batches; ++i) {
      WEIR_ASSIGN(const auto saved, restoreRows(from, *plan_.account));
      WEIR_ASSIGN(const auto rows, nullable(saved));
      WEIR_ASSIGN(const auto found, from.readValue());
      std::vector<cel::RowError> errors;
      WEIR_TRY(plan_.times[port].evaluate(rows, errors, times_));
      if (found.kind() != ValueKind::bytes || std::ssize(found.text()) != rows.rows() || !errors.empty())
        return fail("state.mismatch", "the saved rows of a data/stream-join are damaged");
      if (!stream.first) {
        stream.first = rows.slice(0, 0);
        if (port == in::right) {
          WEIR_ASSIGN(stream.first, plan_.added.of(stream.first));
        }
        schemas_[port] = rows.schema();
      }
      WEIR_ASSIGN(const auto keys, keysOf(port, rows));
      WEIR_ASSIGN(auto held, heldOf(port, rows, kNoWatermark));
      WEIR_TRY(stream.side.keep(std::move(held), keys, times_));
      auto& kept = stream.side.latest();
      for (std::size_t row = 0; row < found.text().size(); ++row) kept.found[row] = found.text()[row] == '1';
    }
    return {};
  }

  static constexpr std::size_t kRowsEach = 8192;

  JoinPlan plan_;
  NodeTime time_;
  MemoryCharge charge_;
  Stream streams_[2];
  SchemaRef schemas_[2];
  std::vector<Timestamp> times_;
  std::deque<Batch> ready_;
  WatermarkCeiling ceiling_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  JoinPlan plan;
  for (const auto& key : settings.keys) {
    plan.leftKeys.push_back(key.field);
    plan.added.keys.push_back(key.right.value_or(key.field));
  }
  if (settings.keys.empty())
    return fail("settings.missing", "/settings/keys: a join needs at least one field that must be equal.");
  plan.added.select = settings.select;
  plan.added.prefix = settings.prefix;
  WEIR_ASSIGN(plan.times[in::rows], RowTimes::compile(settings.time, "/settings/time", context));
  WEIR_ASSIGN(plan.times[in::right], RowTimes::compile(settings.rightTime ? settings.rightTime : settings.time,
                                                       "/settings/rightTime", context));
  plan.before = settings.before * 1000;
  plan.after = settings.after * 1000;
  plan.maxDelay = settings.maxDelay * 1000;
  plan.idle = settings.idleTimeout * 1000;
  plan.maxRows = settings.maxRows;
  plan.maxBytes = settings.memoryBytes;
  plan.keepsAll = settings.kind == Settings::Kind::left;
  plan.ownWatermark = settings.watermark == Settings::Watermark::rows;
  plan.account = &context.account();
  auto node = std::make_unique<Node>();
  Stage stage;
  stage.makeTask = [plan, &context]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<StreamJoin>(plan, &context);
  };
  node->stages.push_back(std::move(stage));
  return node;
}

}  // namespace weir::nodes::stream_join
