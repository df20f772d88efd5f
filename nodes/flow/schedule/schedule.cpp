// Rows at planned times.
#include "engine/time/schedule.h"

#include <algorithm>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/host/time-zones.h"
#include "engine/node/setting-values.h"
#include "engine/time/due-times.h"
#include "nodes/flow/schedule/schedule.gen.h"

namespace weir::nodes::schedule {
namespace {

constexpr std::int64_t kEveryMinute = 60'000;

/// What the settings say; an interval without a first time begins when the flow does.
struct Plan {
  std::optional<Cron> cron;
  std::shared_ptr<const TimeZone> zone;
  std::int64_t interval = 0;
  std::optional<Timestamp> anchor;
};

class Planned final : public Task {
 public:
  Planned(const Settings& settings, Plan plan, NodeContext* context)
      : plan_(std::move(plan)),
        policy_{.misfire = settings.misfire == Settings::Misfire::skip   ? Misfire::skip
                           : settings.misfire == Settings::Misfire::once ? Misfire::once
                                                                         : Misfire::all,
                .catchUp = settings.catchUp,
                .toleranceMicros = settings.tolerance * 1000,
                .jitterMicros = settings.jitter * 1000,
                .seed = context->random()},
        count_(settings.count),
        context_(*context),
        schema_(Schema::of(
            {Field{"plannedAt", Type::timestamp(), false, false}, Field{"firedAt", Type::timestamp(), false, false},
             Field{"number", Type::int64(), false, false}, Field{"missed", Type::int64(), false, false}})) {}

  Result<Progress> step(StepIo& io) override {
    if (!times_) begin();
    for (;;) {
      if (draining_ || (count_ > 0 && number_ >= count_)) return Progress::finished();
      if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, portSet(out::rows));
      const auto now = context_.nowMicros();
      const auto next = times_->consider(now, [&io] { return io.budgetSpent(); });
      auto& state = times_->state();
      if (!state.fires.empty()) WEIR_TRY(emit(now, io));
      if (next == DueTimes::kMore) return Progress::yielded();
      if (!state.fires.empty()) continue;
      if (count_ > 0 && number_ >= count_) return Progress::finished();
      if (next == DueTimes::kNever) return Progress::finished();
      io.holdWatermark(std::min(now, *times_->schedule().next(state.position) - 1));
      return Progress::until(next);
    }
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& to) override {
    if (!times_) begin();
    const auto& state = times_->state();
    WEIR_TRY(to.write(state.position));
    WEIR_TRY(to.write(plan_.anchor.value_or(0)));
    WEIR_TRY(to.write(number_));
    WEIR_TRY(to.write(state.missed));
    WEIR_TRY(to.write(state.lastDue));
    WEIR_TRY(to.write(std::int64_t{state.late ? 1 : 0}));
    WEIR_TRY(to.write(state.late.value_or(0)));
    WEIR_TRY(to.write(static_cast<std::int64_t>(state.fires.size())));
    for (const auto planned : state.fires) WEIR_TRY(to.write(planned));
    return Poll::ready;
  }
  Result<Poll> restore(StateReader& from) override {
    DueTimes::State state;
    std::int64_t anchor = 0, late = 0, planned = 0, waiting = 0;
    WEIR_TRY(from.read(state.position));
    WEIR_TRY(from.read(anchor));
    WEIR_TRY(from.read(number_));
    WEIR_TRY(from.read(state.missed));
    WEIR_TRY(from.read(state.lastDue));
    WEIR_TRY(from.read(late));
    WEIR_TRY(from.read(planned));
    if (late != 0) state.late = planned;
    WEIR_TRY(from.read(waiting));
    for (std::int64_t i = 0; i < waiting; ++i) {
      WEIR_TRY(from.read(planned));
      state.fires.push_back(planned);
    }
    if (!plan_.anchor) plan_.anchor = anchor;
    makeTimes();
    times_->state() = std::move(state);
    return Poll::ready;
  }
  void drain() override { draining_ = true; }

 private:
  static constexpr std::size_t kRowsEach = 1024;

  void begin() {
    const auto now = context_.nowMicros();
    if (!plan_.anchor) plan_.anchor = now;
    makeTimes();
    times_->state().position = now - 1;  // a time that is just now counts
  }
  void makeTimes() {
    times_.emplace(plan_.cron ? Schedule::ofCron(*plan_.cron, plan_.zone)
                              : Schedule::ofInterval(plan_.interval, plan_.anchor.value_or(0)),
                   policy_);
  }

  Result<void> emit(Timestamp now, StepIo& io) {
    BatchBuilder builder(schema_, context_.account());
    Envelope envelope;
    envelope.timestampMicros = now;
    envelope.firstSequence = static_cast<std::uint64_t>(number_ + 1);
    const auto most = std::min<std::int64_t>(kRowsEach, io.room(out::rows).rows);
    auto& state = times_->state();
    while (!state.fires.empty() && builder.rows() < most && (count_ == 0 || number_ < count_)) {
      const Value row[] = {timeValue(state.fires.front()), timeValue(now), Value::int64(++number_),
                           Value::int64(std::exchange(state.missed, 0))};
      WEIR_TRY(builder.append(row));
      state.fires.pop_front();
    }
    WEIR_ASSIGN(auto batch, builder.finish(std::move(envelope)));
    io.emit(out::rows, std::move(batch));
    return {};
  }

  static Value timeValue(Timestamp micros) {
    const auto instant = instantFromMicros(micros).value_or(Instant{});
    return Value::timestamp(instant.seconds, instant.nanos);
  }

  Plan plan_;
  DuePolicy policy_;
  std::int64_t count_;
  NodeContext& context_;
  SchemaRef schema_;
  std::optional<DueTimes> times_;
  std::int64_t number_ = 0;
  bool draining_ = false;
};

Result<std::shared_ptr<const TimeZone>> zoneOf(const std::string& name, NodeContext& context) {
  if (auto fixed = TimeZone::fromOffsetText(name)) return std::make_shared<const TimeZone>(std::move(*fixed));
  WEIR_ASSIGN(auto* const zones, context.host<TimeZones>());
  auto found = zones->zone(name);
  if (!found) return fail(found.error().code, "/settings/timeZone: " + found.error().message);
  return found;
}

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  Plan plan;
  if (settings.cron && settings.every) {
    return fail("settings.option",
                "/settings/cron: a schedule has either 'cron' or 'every', and this one has both. Leave one out.");
  }
  if (settings.cron) {
    auto cron = Cron::parse(*settings.cron);
    if (!cron) return fail(cron.error().code, "/settings/cron: " + cron.error().message);
    plan.cron = *cron;
    WEIR_ASSIGN(plan.zone, zoneOf(settings.timeZone, context));
  } else {
    plan.interval = settings.every.value_or(kEveryMinute) * 1000;
  }
  if (settings.startTime) {
    const auto start = parseInstant(*settings.startTime);
    if (!start) return fail("settings.type", "/settings/startTime: " + start.error().message);
    plan.anchor = toMicros(*start);
  }
  return makeNode<Planned>(settings, std::move(plan), &context);
}

}  // namespace weir::nodes::schedule
