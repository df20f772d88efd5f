// Taps and breakpoints: setting, listing, ending them.
#include "engine/runtime/debugger.h"

#include <algorithm>
#include <utility>

#include "engine/data/packet.h"
#include "engine/runtime/link.h"
#include "engine/runtime/node-state.h"
#include "engine/text/suggest.h"

namespace weir {

using runtime::LinkWatch;
using runtime::Stop;
using runtime::Tap;

namespace {

std::unexpected<Error> unknown(std::string_view what, std::string_view name, std::span<const std::string> names) {
  std::string message = "there is no " + std::string(what) + " '" + std::string(name) + "'.";
  if (const auto hint = didYouMean(name, names); !hint.empty()) return fail("debug.unknown", message + hint);
  message += " There are ";
  constexpr std::size_t kMost = 20;
  for (std::size_t i = 0; i < std::min(kMost, names.size()); ++i) message += (i > 0 ? ", " : "") + names[i];
  return fail("debug.unknown", message + (names.size() > kMost ? ", …" : ""));
}

std::unexpected<Error> noSuchNumber(std::string_view what, std::uint32_t number) {
  return fail("debug.unknown", "there is no " + std::string(what) + " " + std::to_string(number));
}

}  // namespace

Debugger::Debugger(const Plan& plan, runtime::RunShared& run, Lock& lock, Workers& workers, LinkOf linkOf,
                   DebuggerLimits limits)
    : plan_(&plan), run_(run), lock_(lock), workers_(workers), linkOf_(std::move(linkOf)), limits_(limits) {}

Result<std::size_t> Debugger::edgeNamed(std::string_view id) const {
  for (std::size_t i = 0; i < plan().edges.size(); ++i) {
    if (plan().edges[i].id == id) return i;
  }
  std::vector<std::string> names;
  for (const auto& edge : plan().edges) names.push_back(edge.id);
  return unknown("edge", id, names);
}

cel::ExpressionOptions Debugger::expressions() const {
  cel::ExpressionOptions options;
  options.params = &plan().params;
  options.origins = &run_.origins;
  options.zones = run_.zones;
  return options;
}

Result<cel::Expression> Debugger::condition(const std::string& where) const {
  if (where.empty()) return cel::Expression();
  auto options = expressions();
  options.expected = Type::boolean();
  return cel::Expression::compile(where, options);
}

LinkWatch& Debugger::watchOf(runtime::Link& link) {
  if (!link.watch) link.watch = std::make_unique<LinkWatch>(*this);
  return *link.watch;
}

/// Links that nobody looks at any more cost nothing again.
void Debugger::tidy() {
  for (std::size_t i = 0; i < plan().edges.size(); ++i) {
    auto* link = linkAt(i);
    if (link != nullptr && link->watch && link->watch->idle()) link->watch.reset();
  }
}

Result<std::uint32_t> Debugger::tap(const TapOptions& options, std::uint64_t client) {
  WEIR_ASSIGN(const auto at, edgeNamed(options.edge));
  if (!(options.rowsPerSecond > 0) || !(options.bytesPerSecond > 0)) {
    return fail("settings.range", "the budget of a tap is more than 0 rows and 0 bytes a second");
  }
  WEIR_ASSIGN(auto where, condition(options.where));
  auto tap = std::make_shared<Tap>(options, std::move(where), plan().sensitive);
  const Locked locked(lock_);
  if (taps_.size() >= limits_.taps) {
    return fail("debug.limit", "a run has at most " + std::to_string(limits_.taps) + " taps; end one of them first");
  }
  auto* link = linkAt(at);
  if (link == nullptr) return fail("debug.unknown", "the edge '" + options.edge + "' is not part of the run any more");
  watchOf(*link).taps.push_back(tap);
  taps_[++lastNumber_] = {client, std::move(tap)};
  return lastNumber_;
}

Result<TapTaken> Debugger::take(std::uint32_t tap, std::int64_t nowNanos) {
  std::shared_ptr<Tap> found;
  std::deque<Batch> waiting;
  {
    const Locked locked(lock_);
    const auto at = taps_.find(tap);
    if (at == taps_.end()) return noSuchNumber("tap", tap);
    found = at->second.second;
    waiting = found->swapOut();
  }
  return found->look(std::move(waiting), nowNanos);
}

void Debugger::endTap(std::uint32_t tap) {
  const Locked locked(lock_);
  const auto at = taps_.find(tap);
  if (at == taps_.end()) return;
  if (auto* link = linkOf_(at->second.second->edge()); link != nullptr && link->watch) {
    std::erase(link->watch->taps, at->second.second);
  }
  taps_.erase(at);
  tidy();
}

Result<std::vector<std::size_t>> Debugger::placesOf(const BreakpointOptions& options) const {
  if (!options.edge.empty()) {
    WEIR_ASSIGN(const auto at, edgeNamed(options.edge));
    return std::vector{at};
  }
  const auto node = std::ranges::find(plan().nodes, options.node, &PlannedNode::id);
  if (node == plan().nodes.end()) {
    std::vector<std::string> names;
    for (const auto& planned : plan().nodes) names.push_back(planned.id);
    return unknown("node", options.node, names);
  }
  const auto index = static_cast<std::int32_t>(node - plan().nodes.begin());
  std::vector<std::size_t> edges;
  for (std::size_t i = 0; i < plan().edges.size(); ++i) {
    const auto& edge = plan().edges[i];
    if (node->inputs.empty() ? edge.source == index : edge.target == index) edges.push_back(i);
  }
  if (edges.empty())
    return fail("debug.unknown", "no edge leads to node '" + options.node + "'; nothing to stop there");
  return edges;
}

void Debugger::add(const StopRef& stop, const std::vector<std::size_t>& edges) {
  stops_.push_back(stop);
  for (const auto at : edges) {
    if (auto* link = linkAt(at); link != nullptr) watchOf(*link).stops.push_back(stop);
  }
}

Result<std::uint32_t> Debugger::stopAt(const BreakpointOptions& options, std::uint64_t client) {
  if (options.node.empty() == options.edge.empty()) {
    return fail("settings.invalid", "a breakpoint is at a node or at an edge; name one of the two");
  }
  if (options.after < 1) return fail("settings.range", "the hit count of a breakpoint is at least 1");
  WEIR_ASSIGN(const auto edges, placesOf(options));
  auto stop = std::make_shared<Stop>();
  stop->client = client;
  stop->node = options.node;
  stop->edge = options.edge;
  stop->where = options.where;
  stop->log = options.log;
  stop->after = options.after;
  WEIR_ASSIGN(stop->condition, condition(options.where));
  if (!options.log.empty()) {
    WEIR_ASSIGN(stop->message, runtime::LogTemplate::compile(options.log, expressions()));
  }
  const Locked locked(lock_);
  if (stops_.size() >= limits_.breakpoints) {
    return fail("debug.limit",
                "a run has at most " + std::to_string(limits_.breakpoints) + " breakpoints; remove one of them first");
  }
  stop->id = ++lastNumber_;
  add(stop, edges);
  return stop->id;
}

void Debugger::holdSources() {
  std::vector<std::size_t> edges;
  for (std::size_t i = 0; i < plan().edges.size(); ++i) {
    if (plan().nodes[static_cast<std::size_t>(plan().edges[i].source)].inputs.empty()) edges.push_back(i);
  }
  const Locked locked(lock_);
  auto stop = std::make_shared<Stop>();
  stop->id = ++lastNumber_;
  add(stop, edges);
}

Result<void> Debugger::removeStop(std::uint32_t breakpoint) {
  {
    const Locked locked(lock_);
    const auto known = [&](const StopRef& stop) { return stop->id == breakpoint && !stop->once; };
    if (std::ranges::none_of(stops_, known)) return noSuchNumber("breakpoint", breakpoint);
    remove([&](const Stop& stop) { return stop.id == breakpoint; });
    tidy();
  }
  workers_.notify();
  return {};
}

std::vector<BreakpointView> Debugger::breakpoints() const {
  const Locked locked(lock_);
  std::vector<BreakpointView> views;
  for (const auto& stop : stops_) {
    if (stop->once) continue;
    BreakpointView view;
    view.id = stop->id;
    view.options = {stop->node, stop->edge, stop->where, stop->after, stop->log};
    view.hits = stop->hits;
    view.failed = stop->failed;
    view.problem = stop->problem;
    views.push_back(std::move(view));
  }
  return views;
}

void Debugger::leave(std::size_t edge) {
  auto* link = linkAt(edge);
  if (link == nullptr || !link->watch) return;
  if (link->watch->held) letGo(edge, HeldAction::go);
  link->watch->stops.clear();
  link->watch->taps.clear();
  if (link->watch->idle()) link->watch.reset();
}

void Debugger::follow(const Plan& next) {
  plan_.store(&next, std::memory_order_release);
  for (const auto& stop : stops_) {
    if (stop->node.empty()) continue;
    for (std::size_t i = 0; i < next.edges.size(); ++i) {
      const auto& edge = next.edges[i];
      const auto& source = next.nodes[static_cast<std::size_t>(edge.source)];
      const auto& target = next.nodes[static_cast<std::size_t>(edge.target)];
      if (target.id != stop->node && !(source.inputs.empty() && source.id == stop->node)) continue;
      auto* link = linkAt(i);
      if (link == nullptr) continue;
      auto& stops = watchOf(*link).stops;
      if (std::ranges::find(stops, stop) == stops.end()) stops.push_back(stop);
    }
  }
}

void Debugger::releaseClient(std::uint64_t client) {
  {
    const Locked locked(lock_);
    std::erase_if(taps_, [&](const auto& entry) {
      if (entry.second.first != client) return false;
      auto* link = linkOf_(entry.second.second->edge());
      if (link != nullptr && link->watch) std::erase(link->watch->taps, entry.second.second);
      return true;
    });
    remove([&](const Stop& stop) { return stop.client == client; });
    tidy();
  }
  workers_.notify();
}

void Debugger::releaseAll() {
  {
    const Locked locked(lock_);
    over_ = true;
    remove([](const Stop&) { return true; });
    tidy();
  }
  workers_.notify();
}

}  // namespace weir
