// Fires at planned times. The position is the latest planned time that was dealt with, so that none is dealt with
// twice, whatever the clock does.
#include "engine/time/schedule.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/data/hash.h"
#include "engine/host/time-zones.h"
#include "engine/node/setting-values.h"
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
        misfire_(settings.misfire),
        catchUp_(settings.catchUp),
        tolerance_(settings.tolerance * 1000),
        jitter_(settings.jitter * 1000),
        count_(settings.count),
        seed_(context->random()),
        context_(*context),
        schema_(Schema::of(
            {Field{"plannedAt", Type::timestamp(), false, false}, Field{"firedAt", Type::timestamp(), false, false},
             Field{"number", Type::int64(), false, false}, Field{"missed", Type::int64(), false, false}})) {}

  Result<Progress> step(StepIo& io) override {
    if (!schedule_) begin();
    for (;;) {
      if (draining_ || (count_ > 0 && number_ >= count_)) return Progress::finished();
      if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, portSet(out::rows));
      const auto now = context_.nowMicros();
      const auto next = consider(now, io);
      if (!fires_.empty()) WEIR_TRY(emit(now, io));
      if (next == kMore) return Progress::yielded();
      if (!fires_.empty()) continue;
      if (count_ > 0 && number_ >= count_) return Progress::finished();
      if (next == kNever) return Progress::finished();
      io.holdWatermark(std::min(now, *schedule_->next(position_) - 1));
      return Progress::until(next);
    }
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& to) override {
    if (!schedule_) begin();
    WEIR_TRY(to.write(position_));
    WEIR_TRY(to.write(plan_.anchor.value_or(0)));
    WEIR_TRY(to.write(number_));
    WEIR_TRY(to.write(missed_));
    WEIR_TRY(to.write(lastDue_));
    WEIR_TRY(to.write(std::int64_t{late_ ? 1 : 0}));
    WEIR_TRY(to.write(late_.value_or(0)));
    WEIR_TRY(to.write(static_cast<std::int64_t>(fires_.size())));
    for (const auto planned : fires_) WEIR_TRY(to.write(planned));
    return Poll::ready;
  }
  Result<Poll> restore(StateReader& from) override {
    std::int64_t anchor = 0, late = 0, planned = 0, waiting = 0;
    WEIR_TRY(from.read(position_));
    WEIR_TRY(from.read(anchor));
    WEIR_TRY(from.read(number_));
    WEIR_TRY(from.read(missed_));
    WEIR_TRY(from.read(lastDue_));
    WEIR_TRY(from.read(late));
    WEIR_TRY(from.read(planned));
    if (late != 0) late_ = planned;
    WEIR_TRY(from.read(waiting));
    for (std::int64_t i = 0; i < waiting; ++i) {
      WEIR_TRY(from.read(planned));
      fires_.push_back(planned);
    }
    if (!plan_.anchor) plan_.anchor = anchor;
    makeSchedule();
    return Poll::ready;
  }
  void drain() override { draining_ = true; }

 private:
  static constexpr Timestamp kNever = INT64_MAX, kMore = INT64_MIN;
  static constexpr std::size_t kRowsEach = 1024;

  void begin() {
    const auto now = context_.nowMicros();
    if (!plan_.anchor) plan_.anchor = now;
    position_ = now - 1;  // a time that is just now counts
    makeSchedule();
  }
  void makeSchedule() {
    schedule_ = plan_.cron ? Schedule::ofCron(*plan_.cron, plan_.zone)
                           : Schedule::ofInterval(plan_.interval, plan_.anchor.value_or(0));
  }

  [[nodiscard]] Timestamp dueOf(Timestamp planned) const {
    if (jitter_ == 0) return planned;
    const auto chance = hash::ofUint64(static_cast<std::uint64_t>(planned), seed_);
    return std::max(lastDue_, planned + static_cast<std::int64_t>(chance % static_cast<std::uint64_t>(jitter_ + 1)));
  }

  /// Deals with the planned times up to now: `fires_` gets those that have a row. When the next one is due; kNever if
  /// none comes any more; kMore if there are more than can be dealt with at once.
  Timestamp consider(Timestamp now, StepIo& io) {
    for (;;) {
      const auto planned = schedule_->next(position_);
      if (!planned) return settleLate(kNever);
      const auto due = dueOf(*planned);
      if (due > now) return settleLate(due);
      // Those on time stand behind what was missed before them.
      if (fires_.size() >= kRowsEach && misfire_ != Settings::Misfire::all) return kMore;
      lastDue_ = due;
      if (now - due <= tolerance_) {
        settleLate(0);
        position_ = *planned;
        fires_.push_back(*planned);
      } else {
        miss(skipAhead(*planned, now));
      }
      if (io.budgetSpent()) return kMore;
    }
  }

  /// Of the times of an interval that are missed for sure all but the latest need not be looked at one by one.
  Timestamp skipAhead(Timestamp planned, Timestamp now) {
    if (plan_.interval == 0) return planned;
    const auto keep = misfire_ == Settings::Misfire::all ? catchUp_ : 1;
    const auto behind = (now - tolerance_ - jitter_ - 1 - planned) / plan_.interval;
    if (behind <= keep) return planned;
    missed_ += behind - keep;
    return planned + (behind - keep) * plan_.interval;
  }

  void miss(Timestamp planned) {
    position_ = planned;
    switch (misfire_) {
      case Settings::Misfire::skip:
        ++missed_;
        return;
      case Settings::Misfire::once:
        if (late_) ++missed_;
        late_ = planned;
        return;
      case Settings::Misfire::all:
        fires_.push_back(planned);
        if (std::ssize(fires_) > catchUp_) {
          fires_.pop_front();
          ++missed_;
        }
        return;
    }
  }

  /// The one row for all that were missed.
  Timestamp settleLate(Timestamp next) {
    if (late_) fires_.push_back(*std::exchange(late_, std::nullopt));
    return next;
  }

  Result<void> emit(Timestamp now, StepIo& io) {
    BatchBuilder builder(schema_, context_.account());
    Envelope envelope;
    envelope.timestampMicros = now;
    envelope.firstSequence = static_cast<std::uint64_t>(number_ + 1);
    const auto most = std::min<std::int64_t>(kRowsEach, io.room(out::rows).rows);
    while (!fires_.empty() && builder.rows() < most && (count_ == 0 || number_ < count_)) {
      const Value row[] = {timeValue(fires_.front()), timeValue(now), Value::int64(++number_),
                           Value::int64(std::exchange(missed_, 0))};
      WEIR_TRY(builder.append(row));
      fires_.pop_front();
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
  Settings::Misfire misfire_;
  std::int64_t catchUp_, tolerance_, jitter_, count_;
  std::uint64_t seed_;
  NodeContext& context_;
  SchemaRef schema_;
  std::optional<Schedule> schedule_;
  Timestamp position_ = 0, lastDue_ = INT64_MIN;
  std::int64_t number_ = 0, missed_ = 0;
  std::optional<Timestamp> late_;  // with misfire once: the last one that was missed
  std::deque<Timestamp> fires_;    // planned times that have a row, and wait for room
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
