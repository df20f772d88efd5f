// Folds rows into windows; the watermark closes them.
#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/node/memory-charge.h"
#include "engine/node/node-time.h"
#include "engine/node/setting-values.h"
#include "engine/node/watermark-ceiling.h"
#include "nodes/aggregate/window/window.gen.h"
#include "nodes/aggregate/window/windows.h"

namespace weir::nodes::window {
namespace {

constexpr std::int64_t kMostSteps = 10'000;
constexpr std::int64_t kStateVersion = 1;

std::unique_ptr<Windows> makeWindows(const WindowPlan& plan) {
  if (plan.byCount) return makeCountWindows(plan);
  return plan.kind == Settings::Kind::session ? makeSessions(plan) : makeTimeWindows(plan);
}

class Window final : public Task {
 public:
  Window(std::shared_ptr<const WindowPlan> plan, NodeContext* context)
      : plan_(std::move(plan)),
        windows_(makeWindows(*plan_)),
        results_(*plan_),
        time_(*context),
        charge_(*plan_->groups.account) {}

  Result<Progress> step(StepIo& io) override {
    WEIR_TRY(passTime(io));
    for (;;) {
      if (!giveResults(io)) return Progress::blockedOn(0, portSet(out::rows));
      if (finished_) return Progress::finished();
      if (io.budgetSpent()) return Progress::yielded();
      const auto* head = io.peek(0);
      WEIR_TRY(takeWatermark(io));
      if (head != nullptr) {
        WEIR_TRY(addBatch(*head, io));
        io.pass(0);
        WEIR_TRY(close(io));
      } else if (io.ended(0)) {
        WEIR_TRY(windows_->closeAll(results_, io));
        WEIR_TRY(results_.flush());
        if (io.fresh(out::rows) && results_.empty() && known_) WEIR_TRY(results_.tell(windows_->types()));
        finished_ = true;
      } else {
        if (!results_.empty()) continue;
        return waiting();
      }
    }
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& to) override {
    WEIR_TRY(to.write(kStateVersion));
    WEIR_TRY(to.write(watermark_));
    WEIR_TRY(to.write(greatest_));
    WEIR_TRY(to.write(ordinal_));
    WEIR_TRY(results_.save(to));
    return windows_->save(to);
  }
  Result<Poll> restore(StateReader& from) override {
    std::int64_t version = 0, watermark = 0, greatest = 0, ordinal = 0;
    WEIR_TRY(from.read(version));
    if (version != kStateVersion) return fail("state.mismatch", "windows were saved by another version of this node");
    WEIR_TRY(from.read(watermark));
    WEIR_TRY(from.read(greatest));
    WEIR_TRY(from.read(ordinal));
    watermark_ = std::max(watermark_, watermark);
    greatest_ = std::max(greatest_, greatest);
    ordinal_ = std::max(ordinal_, ordinal);
    WEIR_TRY(results_.restore(from));
    return windows_->restore(from);
  }

 private:
  [[nodiscard]] Timestamp ownWatermark() const { return earlier(greatest_, plan_->maxDelay); }

  /// True: nothing is left to give.
  bool giveResults(StepIo& io) {
    while (!results_.empty()) {
      if (io.room(out::rows).rows <= 0) return false;
      io.emit(out::rows, results_.pop());
    }
    if (watermark_ != kNoWatermark) ceiling_.set(windows_->earliestStart(watermark_), io);
    return true;
  }

  Result<void> takeWatermark(StepIo& io) {
    if (plan_->ownWatermark || plan_->byCount) return {};
    const auto upstream = io.watermark(0);
    if (upstream == kNoWatermark) return {};
    fromUpstream_ = true;
    return upstream > watermark_ ? raise(upstream, io) : Result<void>();
  }

  Result<void> raise(Timestamp watermark, StepIo& io) {
    watermark_ = std::max(watermark_, watermark);
    return close(io);
  }

  Result<void> close(StepIo& io) {
    if (watermark_ != kNoWatermark) WEIR_TRY(windows_->close(watermark_, results_, io));
    return results_.flush();
  }

  Result<void> addBatch(const Batch& head, StepIo& io) {
    WEIR_ASSIGN(auto batch, head.dense());
    known_ = true;
    std::vector<cel::RowError> errors;
    WEIR_TRY(evaluate(batch, errors));
    if (batch.rows() == 0) return windows_->note(rows_.evaluated(rows_.columns));
    if (!errors.empty()) {
      const auto good = failRows(errors, batch.rows(), io);
      if (good.empty()) return {};
      WEIR_ASSIGN(batch, batch.gather(good));
      errors.clear();
      WEIR_TRY(evaluate(batch, errors));
    }
    noteWatermarks();
    rows_.firstOrdinal = ordinal_;
    rows_.arrived = time_.now();
    lastRowAt_ = rows_.arrived;
    late_.clear();
    WEIR_TRY(windows_->add(rows_, late_, results_, io));
    ordinal_ += batch.rows();
    rowsUnchecked_ += batch.rows();
    if (!late_.empty() && io.wired(out::late)) {
      WEIR_ASSIGN(auto late, batch.gather(late_));
      io.emit(out::late, std::move(late));
    }
    return checkMemory();
  }

  Result<void> evaluate(const Batch& batch, std::vector<cel::RowError>& errors) {
    WEIR_ASSIGN(auto evaluated, windows_->types().evaluate(batch, errors));
    WEIR_TRY(plan_->times.evaluate(batch, errors, times_));
    rows_.keys = evaluated.keys.size();
    std::vector<Column> columns = std::move(evaluated.keys);
    std::ranges::move(evaluated.values, std::back_inserter(columns));
    std::vector<Field> fields;
    for (const auto& column : columns) fields.push_back(Field{std::to_string(fields.size()), column.type, true, false});
    WEIR_ASSIGN(rows_.columns, Batch::of(Schema::of(std::move(fields)), std::move(columns), batch.rows(),
                                         batch.envelope(), *plan_->groups.account));
    return {};
  }

  /// The watermark before each row, and behind the last.
  void noteWatermarks() {
    before_.resize(times_.size());
    if (fromUpstream_) {
      std::ranges::fill(before_, watermark_);
      for (const auto time : times_) greatest_ = std::max(greatest_, time);
    } else {
      auto greatest = greatest_;
      auto watermark = watermark_;
      for (std::size_t row = 0; row < times_.size(); ++row) {
        before_[row] = watermark;
        greatest = std::max(greatest, times_[row]);
        watermark = std::max(watermark, greatest - plan_->maxDelay);
      }
      greatest_ = greatest;
      watermark_ = watermark;
    }
    rows_.times = times_;
    rows_.before = before_;
  }

  /// What the clock alone brings about.
  Result<void> passTime(StepIo& io) {
    if (plan_->idle == 0 && plan_->early == 0) return {};
    const auto now = time_.now();
    if (plan_->early > 0) {
      if (nextEarly_ == 0) nextEarly_ = now + plan_->early;
      if (now >= nextEarly_) {
        nextEarly_ = now + plan_->early;
        WEIR_TRY(windows_->emitEarly(results_, io));
        WEIR_TRY(results_.flush());
      }
    }
    if (io.peek(0) != nullptr) return {};
    if (plan_->byCount) {
      WEIR_TRY(windows_->closeSilent(now, results_, io));
      return results_.flush();
    }
    if (plan_->idle > 0 && lastRowAt_ != kNever && now - lastRowAt_ >= plan_->idle)
      return raise(ownWatermark() + (now - lastRowAt_), io);
    return {};
  }

  [[nodiscard]] Progress waiting() {
    auto progress = Progress::blockedOn(portSet(0));
    if (plan_->idle == 0 && plan_->early == 0) return progress;
    auto wake = kNever;
    if (plan_->early > 0) wake = nextEarly_;
    if (plan_->byCount) wake = std::min(wake, windows_->nextSilent());
    if (const auto closes = windows_->nextClose();
        !plan_->byCount && plan_->idle > 0 && lastRowAt_ != kNever && closes != kNever) {
      wake = std::min(wake, lastRowAt_ + std::max(plan_->idle, closes - ownWatermark()));
    }
    if (wake != kNever) progress.wakeAt = time_.wakeAt(wake);
    return progress;
  }

  Result<void> checkMemory() {
    if (rowsUnchecked_ < kRowsBetweenChecks) return {};
    rowsUnchecked_ = 0;
    const auto bytes = windows_->memoryBytes();
    if (bytes <= plan_->memoryBytes && charge_.set(bytes)) return {};
    return fail("window.state_limit",
                "the open windows hold " + std::to_string(bytes >> 20) + " MiB, and memoryBytes allows " +
                    std::to_string(plan_->memoryBytes >> 20) +
                    " MiB (or the run has no more). Raise memoryBytes, group by fewer keys, or close windows earlier: "
                    "a smaller size, maxDelay or allowedLateness.");
  }

  static constexpr std::int64_t kRowsBetweenChecks = 8192;

  std::shared_ptr<const WindowPlan> plan_;
  std::unique_ptr<Windows> windows_;
  Results results_;
  NodeTime time_;
  MemoryCharge charge_;
  WindowRows rows_;
  std::vector<Timestamp> times_, before_;
  std::vector<std::uint32_t> late_;
  Timestamp watermark_ = kNoWatermark;
  Timestamp greatest_ = kNoWatermark;  // event time of all rows
  Timestamp lastRowAt_ = kNever, nextEarly_ = 0;
  std::int64_t ordinal_ = 0, rowsUnchecked_ = 0;
  WatermarkCeiling ceiling_;
  bool fromUpstream_ = false, finished_ = false, known_ = false;
};

std::unexpected<Error> refuse(const char* name, const char* why) {
  return fail("settings.range", "/settings/" + std::string(name) + ": " + why);
}

Result<void> readShape(const Settings& settings, WindowPlan& plan) {
  plan.kind = settings.kind;
  plan.byCount = settings.by == Settings::By::count;
  const bool sliding = plan.kind == Settings::Kind::sliding;
  if (plan.byCount) {
    if (plan.kind == Settings::Kind::session) return refuse("kind", "a session has a length in time; choose by: time.");
    plan.rows = settings.rows;
    if (sliding && !settings.stepRows) return setting::missing("/settings/stepRows");
    plan.stepRows = sliding ? *settings.stepRows : plan.rows;
    if (plan.stepRows > plan.rows) return refuse("stepRows", "a step past the window would leave rows out.");
    if (plan.rows / std::gcd(plan.rows, plan.stepRows) > kMostSteps)
      return refuse("stepRows", "at most 10,000 steps make a window; choose a longer one.");
    return {};
  }
  plan.gap = settings.gap * 1000;
  plan.size = settings.size * 1000;
  if (sliding && !settings.step) return setting::missing("/settings/step");
  plan.step = sliding ? *settings.step * 1000 : plan.size;
  plan.offset = settings.offset * 1000;
  if (plan.step > plan.size) return refuse("step", "a step longer than the size would leave rows out.");
  if (plan.size / std::gcd(plan.size, plan.step) > kMostSteps)
    return refuse("step", "at most 10,000 steps make a window; choose a longer one.");
  return {};
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  auto plan = std::make_shared<WindowPlan>();
  plan->groups.account = &context.account();
  plan->groups.memoryBytes = INT64_MAX;
  WEIR_TRY(readShape(settings, *plan));
  WEIR_TRY(group::readKeys(settings.keys, context, plan->groups));
  for (const auto& measure : settings.measures) {
    const group::Settings::Measure same{measure.name, static_cast<group::Function>(measure.function), measure.of,
                                        measure.q};
    const auto pointer = "/settings/measures/" + std::to_string(plan->groups.measures.size());
    WEIR_TRY(group::addMeasure(same, pointer, context, plan->groups));
  }
  static_assert(static_cast<int>(Settings::Measure::Function::countDistinct) ==
                static_cast<int>(group::Function::countDistinct));
  constexpr std::string_view kOwn[] = {"windowStart", "windowEnd", "windowFinal"};
  WEIR_TRY(group::checkNames(plan->groups, kOwn));
  WEIR_ASSIGN(plan->times, RowTimes::compile(settings.time, "/settings/time", context));
  plan->maxDelay = settings.maxDelay * 1000;
  plan->lateness = settings.allowedLateness * 1000;
  plan->idle = settings.idleTimeout * 1000;
  plan->early = settings.earlyEvery * 1000;
  plan->ownWatermark = settings.watermark == Settings::Watermark::rows;
  plan->memoryBytes = settings.memoryBytes;
  return makeNode<Window>(std::shared_ptr<const WindowPlan>(std::move(plan)), &context);
}

}  // namespace weir::nodes::window
