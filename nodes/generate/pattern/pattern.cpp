// Makes rows by a pattern. The value of a row depends only on its number, so a position is all there is to save.
#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/data/hash.h"
#include "engine/data/portable-math.h"
#include "engine/node/node-time.h"
#include "engine/node/setting-values.h"
#include "engine/time/instant.h"
#include "nodes/generate/pattern/pattern.gen.h"

namespace weir::nodes::pattern {
namespace {

enum FieldIndex : std::size_t { kTs, kId, kValue };
constexpr double kMicros = 1'000'000;
/// Rows that come due within so long go together: one by one, a fast rate would keep a worker busy with batches of a
/// row.
constexpr double kGatherSeconds = 0.001;
/// Chunks of which small batches are slices.
constexpr std::int64_t kChunkRows = 4096;

/// Fills values of rows first..first+count-1.
void fillValues(const Settings& settings, std::uint64_t seed, std::int64_t first, std::int64_t count, double* to) {
  const auto base = static_cast<double>(first);
  switch (settings.pattern) {
    case Settings::Pattern::sequential:
      for (std::int64_t i = 0; i < count; ++i)
        to[i] = settings.start + settings.step * (base + static_cast<double>(static_cast<std::int32_t>(i)));
      return;
    case Settings::Pattern::random: {
      const auto width = settings.max - settings.min;
      for (std::int64_t i = 0; i < count; ++i) {
        const auto bits = hash::ofUint64(static_cast<std::uint64_t>(first + i), seed);
        to[i] = settings.min + width * (static_cast<double>(bits >> 11) * 0x1p-53);
      }
      return;
    }
    case Settings::Pattern::sine: {
      constexpr double kTwoPi = 6.283185307179586;
      for (std::int64_t i = 0; i < count; ++i) {
        const auto periods = static_cast<double>(first + i) / settings.period + settings.phase;
        to[i] = kTwoPi * (periods - std::floor(periods));
      }
      const std::span<double> values(to, static_cast<std::size_t>(count));
      math::sin(values, values);
      for (auto& value : values) value = settings.start + settings.amplitude * value;
      return;
    }
    case Settings::Pattern::step:
      for (std::int64_t i = 0; i < count; ++i)
        to[i] = settings.start + settings.step * std::floor(static_cast<double>(first + i) / settings.period);
      return;
    case Settings::Pattern::constant:
      std::fill(to, to + count, settings.start);
      return;
  }
}

class Pattern final : public Task {
 public:
  Pattern(const Settings& settings, NodeContext& context, std::uint64_t seed, std::optional<std::int64_t> startMicros)
      : settings_(settings), context_(&context), time_(context), seed_(seed), startMicros_(startMicros) {
    const auto& needed = context.needed(out::rows);
    const Field all[] = {Field{"ts", Type::timestamp(), false, false}, Field{"id", Type::int64(), false, false},
                         Field{"value", Type::float64(), false, false}};
    std::vector<Field> fields;
    for (std::size_t i = 0; i < 3; ++i) {
      column_[i] = -1;
      if (!needed.contains(all[i].name)) continue;
      column_[i] = static_cast<std::int64_t>(fields.size());
      fields.push_back(all[i]);
    }
    schema_ = Schema::of(std::move(fields));
    end_ = settings.rows == 0 ? INT64_MAX : settings.rows;
    leastRows_ =
        std::clamp(static_cast<std::int64_t>(settings.rate * kGatherSeconds), std::int64_t{1}, settings.batchRows);
  }

  Result<Progress> step(StepIo& io) override {
    if (!startMicros_) startMicros_ = context_->nowMicros();
    if (!beganMicros_) beganMicros_ = time_.now();
    for (;;) {
      if (draining_ || next_ >= end_) return Progress::finished();
      if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, kAllPorts);
      const auto due = dueRows();
      const auto least = std::min(leastRows_, end_ - next_);
      if (due < least) return Progress::until(time_.wakeAt(timeOf(emitted_ + least)));
      WEIR_TRY(emit(io, std::min({due, settings_.batchRows, end_ - next_})));
      if (io.budgetSpent()) return Progress::yielded();
    }
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    WEIR_TRY(state.write(next_));
    return state.write(startMicros_.value_or(INT64_MIN));
  }
  Result<Poll> restore(StateReader& state) override {
    std::int64_t start = 0;
    WEIR_TRY(state.read(next_));
    WEIR_TRY(state.read(start));
    if (start != INT64_MIN) startMicros_ = start;
    return Poll::ready;
  }
  void drain() override { draining_ = true; }

 private:
  /// When the row that many after the beginning of this run is due.
  [[nodiscard]] std::int64_t timeOf(std::int64_t rows) const {
    return *beganMicros_ + static_cast<std::int64_t>(std::ceil(static_cast<double>(rows) * kMicros / settings_.rate));
  }
  /// Rows that are due and not yet emitted.
  [[nodiscard]] std::int64_t dueRows() {
    if (settings_.rate <= 0) return kMaxBatchRows;
    const auto elapsed = static_cast<double>(time_.now() - *beganMicros_);
    return static_cast<std::int64_t>(elapsed * settings_.rate / kMicros) - emitted_;
  }

  Result<void> emit(StepIo& io, std::int64_t rows) {
    if (rows * 4 >= kChunkRows || settings_.rate > 0) {
      WEIR_ASSIGN(auto batch, make(next_, rows));
      io.emit(out::rows, std::move(batch));
    } else {
      if (!chunk_ || next_ < chunkFirst_ || next_ >= chunkFirst_ + chunk_.rows()) {
        WEIR_ASSIGN(chunk_, make(next_, std::min(kChunkRows, end_ - next_)));
        chunkFirst_ = next_;
      }
      rows = std::min(rows, chunkFirst_ + chunk_.rows() - next_);
      io.emit(out::rows, chunk_.slice(next_ - chunkFirst_, rows));
    }
    next_ += rows;
    emitted_ += rows;
    return {};
  }

  Result<Batch> make(std::int64_t first, std::int64_t rows) {
    WEIR_ASSIGN(auto writer, BatchWriter::make(schema_, rows, {}, context_->account()));
    if (column_[kTs] >= 0) {
      auto* to = writer.ints(column_[kTs]);
      if (settings_.rate > 0) {
        for (std::int64_t i = 0; i < rows; ++i)
          to[i] = *startMicros_ + static_cast<std::int64_t>(static_cast<double>(first + i) * kMicros / settings_.rate);
      } else {
        const auto interval = settings_.interval * 1000;
        const auto base = *startMicros_ + first * interval;
        for (std::int64_t i = 0; i < rows; ++i) to[i] = base + static_cast<std::int32_t>(i) * interval;
      }
    }
    if (column_[kId] >= 0) {
      auto* to = writer.ints(column_[kId]);
      for (std::int64_t i = 0; i < rows; ++i) to[i] = first + i;
    }
    if (column_[kValue] >= 0) fillValues(settings_, seed_, first, rows, writer.doubles(column_[kValue]));
    Envelope envelope;
    envelope.firstSequence = static_cast<std::uint64_t>(first);
    envelope.timestampMicros = context_->nowMicros();
    return writer.finish(rows, std::move(envelope));
  }

  Settings settings_;
  NodeContext* context_;
  NodeTime time_;
  std::uint64_t seed_;
  std::optional<std::int64_t> startMicros_, beganMicros_;
  SchemaRef schema_;
  std::int64_t column_[3];
  std::int64_t next_ = 0, end_ = 0, emitted_ = 0, leastRows_ = 1;
  Batch chunk_;
  std::int64_t chunkFirst_ = 0;
  bool draining_ = false;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  std::optional<std::int64_t> start;
  if (settings.startTime) {
    const auto parsed = parseInstant(*settings.startTime);
    if (!parsed) return fail("settings.type", "/settings/startTime: " + parsed.error().message);
    start = parsed->seconds * 1'000'000 + parsed->nanos / 1000;
  }
  const auto seed = settings.seed ? static_cast<std::uint64_t>(*settings.seed) : context.random();
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].makeTask = [settings, &context, seed, start]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<Pattern>(settings, context, seed, start);
  };
  return node;
}

}  // namespace weir::nodes::pattern
