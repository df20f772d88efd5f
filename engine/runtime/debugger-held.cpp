// Rows that breakpoints hold: showing, changing, stepping, letting them go.
#include <algorithm>
#include <utility>

#include "engine/data/batch-builder.h"
#include "engine/data/fitted-value.h"
#include "engine/data/packet.h"
#include "engine/runtime/debugger.h"
#include "engine/runtime/link.h"
#include "engine/runtime/node-state.h"
#include "engine/text/suggest.h"

namespace weir {

using runtime::HeldEntry;
using runtime::Stop;

namespace {

constexpr std::int64_t kLogsPerSecond = 100;

std::unexpected<Error> notHeld(std::uint32_t number) {
  return fail("debug.unknown", "no row is held under the number " + std::to_string(number) + "; it went on already");
}

}  // namespace

void Debugger::say(std::string kind, const std::string& subject, std::string message) {
  run_.say(EventSeverity::info, std::move(kind), subject, std::move(message));
}

// A frozen clock would hold for ever, or jump.
std::int64_t Debugger::nowMicros() const { return run_.clock->steadyNanos() / 1000; }

TraceId Debugger::traceOf(const Batch& batch, std::int64_t row) const {
  const auto physical = batch.hasSelection() ? std::int64_t{batch.selection()[static_cast<std::size_t>(row)]} : row;
  const auto& envelope = batch.envelope();
  return traceAt(run_.runHash, envelope.place(physical), envelope.at(physical).trace);
}

void Debugger::logged(const Stop& stop, const Batch& row) {
  const auto second = run_.clock->steadyNanos() / 1'000'000'000;
  if (second != std::exchange(logSecond_, second)) logsInSecond_ = 0;
  if (++logsInSecond_ > kLogsPerSecond) {
    ++logsLeftOut_;
    return;
  }
  // Events are for everybody who may see the flow.
  auto text = stop.message->of(runtime::maskSensitive(row, plan().sensitive));
  if (logsLeftOut_ > 0)
    text += " (" + std::to_string(std::exchange(logsLeftOut_, 0)) + " more before it were left out)";
  say("debug.log", stop.edge.empty() ? stop.node : stop.edge, std::move(text));
}

std::optional<std::uint32_t> Debugger::holds(runtime::Link& link, const StopRef& stop) {
  if (over_) return std::nullopt;
  int held = 0;
  for (std::size_t i = 0; i < plan().edges.size(); ++i) {
    const auto* other = linkAt(i);
    held += other != nullptr && other->watch && other->watch->held ? 1 : 0;
  }
  if (held >= limits_.held) {
    say("debug.limit", link.id(), "a row went on: " + std::to_string(held) + " are held already, the most of one run");
    return std::nullopt;
  }
  if (stop->once) {
    // A step ends where its row is seen first.
    endSteps([&](const Stop& other) { return other.step == stop->step; });
  }
  const auto number = ++lastNumber_;
  say("debug.held", link.id(), "a row is held on edge '" + link.id() + "' as number " + std::to_string(number));
  return number;
}

/// Steps that wait for their row wait no longer; rows that are held stay held.
void Debugger::endSteps(const std::function<bool(const Stop&)>& which) {
  const auto ends = [&](const StopRef& stop) { return stop->once && which(*stop); };
  for (std::size_t i = 0; i < plan().edges.size(); ++i) {
    auto* link = linkAt(i);
    if (link != nullptr && link->watch) std::erase_if(link->watch->stops, ends);
  }
  std::erase_if(stops_, ends);
}

std::optional<std::size_t> Debugger::edgeHolding(std::uint32_t held) const {
  for (std::size_t i = 0; i < plan().edges.size(); ++i) {
    const auto* link = linkAt(i);
    if (link != nullptr && link->watch && link->watch->held && link->watch->held->id == held) return i;
  }
  return std::nullopt;
}

std::vector<HeldRow> Debugger::held(bool reveal) const {
  const Locked locked(lock_);
  std::vector<HeldRow> rows;
  const auto now = nowMicros();
  for (std::size_t i = 0; i < plan().edges.size(); ++i) {
    const auto* link = linkAt(i);
    if (link == nullptr || !link->watch || !link->watch->held) continue;
    const auto& entry = *link->watch->held;
    auto row = entry.entry.batch.slice(0, 1).compact(MemoryAccount::unlimited());
    if (!row) continue;
    HeldRow view;
    view.id = entry.id;
    view.breakpoint = entry.stop->id;
    view.edge = plan().edges[i].id;
    view.source = plan().nodes[static_cast<std::size_t>(plan().edges[i].source)].id;
    view.target = plan().nodes[static_cast<std::size_t>(plan().edges[i].target)].id;
    view.traceId = traceText(traceOf(entry.entry.batch, 0));
    view.row = reveal ? std::move(*row) : runtime::maskSensitive(*row, plan().sensitive);
    view.rowsBehind = link->snapshot().held - 1;
    view.heldMicros = std::max<std::int64_t>(0, now - entry.sinceMicros);
    view.releaseMicros = std::max<std::int64_t>(0, limits_.holdMicros - view.heldMicros);
    rows.push_back(std::move(view));
  }
  return rows;
}

/// Where the row, or the one behind it, is held next.
void Debugger::armStep(std::size_t edge, const HeldEntry& held, HeldAction action) {
  const auto client = held.stop->client;
  endSteps([&](const Stop& stop) { return stop.client == client; });
  if (action == HeldAction::go || action == HeldAction::drop) return;
  const auto target = plan().edges[edge].target;
  const auto& node = plan().nodes[static_cast<std::size_t>(target)];
  std::vector<std::size_t> edges;
  for (std::size_t i = 0; action == HeldAction::step && i < plan().edges.size(); ++i) {
    if (plan().edges[i].source == target) edges.push_back(i);
  }
  auto stop = std::make_shared<Stop>();
  stop->id = stop->step = ++lastNumber_;
  stop->client = client;
  stop->once = true;
  // Who makes new rows of old ones does not give this row on; the first that comes out is the next best.
  const auto keeps =
      node.bypass || node.type->cardinality == Cardinality::one || node.type->cardinality == Cardinality::filter;
  if (!edges.empty() && keeps) stop->trace = traceOf(held.entry.batch, 0);
  if (edges.empty()) edges.push_back(edge);
  add(stop, edges);
}

void Debugger::letGo(std::size_t edge, HeldAction action) {
  auto* link = linkAt(edge);
  armStep(edge, *link->watch->held, action);
  if (!link->watch || !link->watch->held) return;
  if (action == HeldAction::drop) {
    link->dropHeld();
    say("debug.dropped", link->id(), "a held row was discarded");
    run_.linkDrained(*link);
  } else {
    link->passHeld();
    say("debug.released", link->id(), "a held row goes on");
  }
  run_.linkFilled(*link);
}

Result<void> Debugger::act(std::uint32_t held, HeldAction action) {
  {
    const Locked locked(lock_);
    const auto edge = edgeHolding(held);
    if (!edge) return notHeld(held);
    letGo(*edge, action);
    tidy();
  }
  workers_.notify();
  return {};
}

/// Takes stops away; rows that they hold go on.
void Debugger::remove(const std::function<bool(const Stop&)>& which) {
  for (std::size_t i = 0; i < plan().edges.size(); ++i) {
    auto* link = linkAt(i);
    if (link == nullptr || !link->watch) continue;
    std::erase_if(link->watch->stops, [&](const StopRef& stop) { return which(*stop); });
    if (!link->watch->held || !which(*link->watch->held->stop)) continue;
    link->passHeld();
    say("debug.released", link->id(), "a held row goes on: nobody holds it any more");
    run_.linkFilled(*link);
  }
  std::erase_if(stops_, [&](const StopRef& stop) { return which(*stop); });
}

Result<Batch> Debugger::changed(const Batch& row, const Value& fields) const {
  const auto& schema = *row.schema();
  std::vector<std::string> names;
  for (const auto& field : schema.fields()) names.push_back(field.name);
  std::vector<Value> values;
  for (std::int64_t i = 0; i < schema.size(); ++i) values.push_back(row.value(0, i));
  for (const auto& [key, value] : fields.entries()) {
    const auto at = key.kind() == ValueKind::string ? schema.indexOf(key.text()) : -1;
    if (at < 0) {
      const auto name = key.kind() == ValueKind::string ? std::string(key.text()) : std::string("?");
      return fail("debug.row",
                  "the row has no field '" + name + "'; it has " + schema.describe() + "." + didYouMean(name, names));
    }
    values[static_cast<std::size_t>(at)] = fittedValue(value, *schema.field(at).type);
  }
  BatchBuilder builder(row.schema(), *run_.account);
  if (auto added = builder.append(values); !added) return fail("debug.row", added.error().message);
  return builder.finish(row.envelope());
}

Result<void> Debugger::change(std::uint32_t held, const Value& fields) {
  if (fields.kind() != ValueKind::map) return fail("debug.row", "a change is an object of field names and values");
  const Locked locked(lock_);
  const auto edge = edgeHolding(held);
  if (!edge) return notHeld(held);
  auto* link = linkAt(*edge);
  WEIR_ASSIGN(const auto row, link->watch->held->entry.batch.slice(0, 1).dense());
  WEIR_ASSIGN(auto made, changed(row, fields));
  link->changeHeld(std::move(made));
  say("debug.changed", link->id(), "a held row was changed");
  return {};
}

void Debugger::tick() {
  const auto now = nowMicros();
  bool any = false;
  {
    const Locked locked(lock_);
    for (std::size_t i = 0; i < plan().edges.size(); ++i) {
      const auto* link = linkAt(i);
      if (link == nullptr || !link->watch || !link->watch->held) continue;
      const auto stop = link->watch->held->stop;
      if (now - link->watch->held->sinceMicros < limits_.holdMicros) continue;
      say("debug.expired", link->id(),
          "a row was held for " + std::to_string(limits_.holdMicros / 1'000'000) +
              " seconds; it goes on, and its breakpoint is removed");
      remove([&](const Stop& other) { return other.id == stop->id; });
      any = true;
    }
    if (any) tidy();
  }
  if (any) workers_.notify();
}

}  // namespace weir
