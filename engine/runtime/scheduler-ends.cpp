// How ends travel: units that are done, links that close, errors, deadlock.
#include <algorithm>
#include <utility>

#include "engine/runtime/scheduler.h"

namespace weir::runtime {

void Scheduler::closeInputs(Unit& unit) {
  for (auto& port : unit.inputs) {
    for (auto* link : port) {
      if (link->closed()) continue;
      if (!std::ranges::all_of(link->consumers, [](const Unit* consumer) { return consumer->done; })) continue;
      link->close();
      for (auto* producer : link->producers) {
        endEarly(*producer);
        poke(*producer);
      }
    }
  }
}

void Scheduler::endEarly(Unit& unit) {
  if (unit.done || unit.abandoned) return;
  if (unit.lastStage) {
    const auto& type = *unit.node->plan->type;
    // A node that writes does so with all its rows; a source has none but those that nobody wants.
    if (type.cardinality == Cardinality::sink || (type.touches == Touches::writes && !unit.source)) return;
  }
  bool any = false;
  for (const auto& port : unit.outputs) {
    for (const auto* link : port) {
      any = true;
      if (!link->closed()) return;
    }
  }
  if (!any) return;
  unit.abandoned = true;
  // Whoever sent its rows is to hear which of them were taken.
  if (unit.running == 0 && !unit.acknowledges()) unitDone(unit);
}

void Scheduler::unitDone(Unit& unit) {
  if (unit.done) return;
  unit.done = true;
  --unitsLeft_;
  const auto ended = [this](const std::vector<Link*>& links) {
    for (auto* link : links) {
      link->producerDone();
      for (auto* consumer : link->consumers) poke(*consumer);
    }
  };
  for (const auto& port : unit.outputs) ended(port);
  ended(unit.node->errorLinks);
  if (--unit.node->unitsLeft == 0) unit.node->metrics.done = true;
  closeInputs(unit);
  unit.release();
  if (checkpoints != nullptr) checkpoints->ended(unit, *this);
}

void Scheduler::endWith(Outcome outcome, Error error, std::string node) {
  if (stopping_) return;
  stopping_ = true;
  result_.outcome = outcome;
  result_.error = std::move(error);
  result_.node = std::move(node);
}

namespace {

/// What the sources before a node told of their fields. The plan spares them those that nobody reads, so the rows
/// themselves cannot say it.
std::string fieldsTold(const NodeState& node) {
  std::vector<const NodeState*> before{&node};
  std::string text;
  for (std::size_t next = 0; next < before.size(); ++next) {
    for (const auto* unit : before[next]->units) {
      for (const auto& port : unit->inputs) {
        for (const auto* link : port) {
          for (const auto* producer : link->producers) {
            if (std::ranges::find(before, producer->node) == before.end()) before.push_back(producer->node);
          }
        }
      }
    }
  }
  for (const auto* source : before) {
    const Locked locked(source->toldLock);
    if (source->toldFields.empty()) continue;
    text += " '" + source->plan->id + "' has the fields ";
    for (std::size_t i = 0; i < source->toldFields.size(); ++i) text += (i > 0 ? ", " : "") + source->toldFields[i];
    text += ".";
  }
  return text;
}

}  // namespace

void Scheduler::fail(const NodeState& node, Error error) {
  auto outcome = Outcome::failed;
  if (error.code == "memory.limit") {
    outcome = Outcome::limit;
    error.message += "; the largest holders are " + largestHolders();
  } else if (error.code == "disk.limit") {
    outcome = Outcome::limit;
  } else if (error.code == "rows.unknown_field" || error.code == "cel.unknown_field") {
    error.message += fieldsTold(node);
  } else if (error.code == "files.sync_failed") {
    outcome = Outcome::syncFailed;
  }
  endWith(outcome, std::move(error), node.plan->id);
}

std::string Scheduler::largestHolders() const {
  std::vector<std::pair<std::int64_t, std::string>> holders;
  for (const auto& node : nodes_) holders.emplace_back(node->account->usedBytes(), node->plan->id);
  std::ranges::sort(holders, std::greater<>());
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, holders.size()); ++i) {
    if (!text.empty()) text += ", ";
    text += "'" + holders[i].second + "' (" + std::to_string(holders[i].first >> 20) + " MiB)";
  }
  return text;
}

bool Scheduler::giveUpCheckpoint() {
  if (checkpoints == nullptr || checkpoints->collecting() == 0) return false;
  checkpoints->abandon(
      {},
      Error{"state.not_aligned",
            "its barrier cannot reach every node as long as one of them reads its inputs one after the other"},
      *this);
  return true;
}

bool Scheduler::idleForGood() {
  const bool timed =
      std::ranges::any_of(timers_, [this](const auto& timer) { return timer.second.unit != checkpoints; });
  if (durable != nullptr && durable->waitsForHost()) return false;
  if (timed || heldForDebug() || (checkpoints != nullptr && checkpoints->waitsForHost())) return false;
  if (changer_ != nullptr && changer_->waitsForHost()) return false;
  return std::ranges::none_of(units_, [](const auto& unit) { return unit->waitsForHost(); });
}

Error Scheduler::deadlockError() const {
  std::string full;
  for (const auto& link : links_) {
    if (!link->full()) continue;
    if (!full.empty()) full += ", ";
    full += "'" + link->id() + "'";
  }
  if (full.empty()) full = "none";
  return Error{"flow.deadlock",
               "no node can go on and none waits for the outside; full edges: " + full +
                   ". Give these edges a larger buffer, or let the inputs they lead to be read together"};
}

void Scheduler::record(NodeState& node, const Job& job, std::int64_t rowsIn) {
  auto& metrics = node.metrics;
  ++metrics.steps;
  const auto took = job.endedNanos - job.startedNanos;
  metrics.busyNanos += took;
  metrics.step.add(took);
  Execution execution;
  execution.node = node.index;
  execution.startNanos = job.startedNanos;
  execution.endNanos = job.endedNanos;
  execution.rowsIn = rowsIn;
  execution.tries = job.triesMade;
  execution.failed = job.failed;
  log_.add(execution);
}

/// How many rows may have failed when this one does.
std::int64_t Scheduler::mostErrors(const ErrorPacket& packet) const {
  if (options_.maxErrors) return *options_.maxErrors;
  if (options_.unbounded) return INT64_MAX;
  return std::max<std::int64_t>(1000, packet.position / 100);
}

void Scheduler::deadLetter(std::vector<ErrorPacket>& packets) {
  // What other steps under way still find is not the same on every run.
  if (result_.outcome == Outcome::tooManyErrors) return;
  std::size_t kept = 0;
  bool tooMany = false;
  while (kept < packets.size() && !tooMany) {
    const auto& packet = packets[kept++];
    ++deadLettersByCode_[packet.code];
    ++result_.deadLetters;
    tooMany = ++errors_ > mostErrors(packet);
  }
  if (kept == 0) return;
  packets.resize(kept);
  const auto where = packets.back().nodeId;
  const auto most = mostErrors(packets.back());
  const auto last = packets.back().message;
  if (auto stored = storeDeadLetters(packets); !stored) {
    endWith(Outcome::failed, std::move(stored.error()), where);
  } else if (tooMany) {
    endWith(Outcome::tooManyErrors,
            Error{"run.too_many_errors", std::to_string(errors_) + " rows failed, more than maxErrors (" +
                                             std::to_string(most) + ") allows; the last: " + last},
            where);
  }
}

}  // namespace weir::runtime
