// Whose runs are: leases that are renewed, what is left of other servers, and what only they can go on with.
#include <unistd.h>

#include <algorithm>

#include "engine/json/document.h"
#include "service/engines/supervisor.h"

namespace weir::engines {
namespace {

using store::RunState;

constexpr std::int64_t kLookMs = 2'000;

bool hasDurableEdge(const json::Value& value) {
  if (const auto* list = value.asArray()) return std::ranges::any_of(*list, hasDurableEdge);
  const auto* object = value.asObject();
  if (object == nullptr) return false;
  const auto* guarantee = value.find("guarantee");
  if (guarantee != nullptr && guarantee->asString() != nullptr && *guarantee->asString() == "durable") return true;
  return std::ranges::any_of(*object, [](const json::Member& member) { return hasDurableEdge(member.value); });
}

/// Whether people were promised that the run goes on where it was.
bool keepsSomething(const store::StoredRun& run) {
  if (!run.record.replay.empty()) return true;
  const auto parsed = json::parse(run.document);
  if (!parsed) return false;
  const auto* storage = parsed->root().findPointer("/config/stateStorage");
  if (storage != nullptr && storage->asString() != nullptr && *storage->asString() == "file") return true;
  return parsed->root().findPointer("/config/checkpoint") != nullptr || hasDurableEdge(parsed->root());
}

}  // namespace

store::IsHere Supervisor::isHere() const {
  return [folder = options_.runsFolder](const std::string& run) {
    return ::access((folder + "/" + run).c_str(), F_OK) == 0;
  };
}

bool Supervisor::isElsewhere(const store::StoredRun& run) const {
  return !options_.alone && run.record.startedAt > 0 && !isHere()(run.record.id) && keepsSomething(run);
}

/// To begin anew here would do everything again that was done there.
void Supervisor::holdElsewhere(Managed& run) {
  finish(run, RunState::held);
  auto& record = run.stored.record;
  record.endedAt = 0;
  record.errorCode = store::kElsewhere;
  record.errorMessage = "what it goes on from is in the folder runs/" + record.id +
                        " of the data folder of another server, which has gone";
  record.why = record.errorMessage + "; it goes on there when that one is back, or stop it and start a new run";
}

void Supervisor::lease(std::int64_t now) {
  if (taking_.active() && taking_.ready()) {
    auto taken = taking_.take();
    takeAtMs_ = now + (taken ? options_.leaseMs / 3 : 1'000);
    if (taken) {
      for (auto& run : *taken) adopt(std::move(run));
      if (!options_.alone && !looking_.active()) {
        std::vector<std::string> known;
        for (const auto& [id, run] : managed_) known.push_back(id);
        looking_ = runs_.strays(options_.owner, std::move(known), moved_);
      }
    }
  }
  if (looking_.active() && looking_.ready()) findStrays();
  // An owner without a word from the store for so long stops before another one may begin.
  if (!options_.alone && !managed_.empty() && now - renewedMs_ > options_.leaseMs * 2 / 3) loseLeases();
  if (!taking_.active() && now >= takeAtMs_) {
    // Others than those of an earlier start of this program are looked for only where there may be other servers.
    taking_ = runs_.takeOver(options_.owner, options_.leaseMs, options_.alone,
                             options_.alone ? store::IsHere() : isHere(), moved_);
    takeAtMs_ = now + options_.leaseMs;
  }
  if (managed_.empty()) renewedMs_ = now;
  if (renewing_.active() && renewing_.ready()) {
    if (const auto unwanted = renewing_.take()) {
      renewedMs_ = std::max(renewedMs_, askedToRenewMs_);
      for (const auto& id : *unwanted) stop(id);
    }
  }
  if (!renewing_.active() && now >= renewAtMs_) {
    // Other servers say through the store that a run is to stop.
    renewAtMs_ = now + (options_.alone ? options_.leaseMs / 3 : std::min(options_.leaseMs / 3, kLookMs));
    askedToRenewMs_ = now;
    if (!managed_.empty()) renewing_ = runs_.renew(options_.owner, options_.leaseMs, moved_);
  }
  tellLease();
}

/// Engines end by themselves when they hear of no renewal, as this program does: it may be stopped and unable to say
/// so.
void Supervisor::tellLease() {
  const auto until = options_.alone || managed_.empty() ? 0 : renewedMs_ + options_.leaseMs * 2 / 3;
  if (until == toldLeaseMs_) return;
  toldLeaseMs_ = until;
  engines_.lease(until);
}

/// A database that hung while a run was made or taken over may have done it all the same. What was found only once may
/// be about to be told.
void Supervisor::findStrays() {
  auto found = looking_.take();
  if (!found) return;
  std::set<std::string> seen;
  for (auto& run : *found) {
    auto id = run.record.id;
    if (managed_.contains(id) || std::ranges::find(ended_, id) != ended_.end()) continue;
    if (strays_.contains(id)) {
      adopt(std::move(run));
    } else {
      seen.insert(std::move(id));
    }
  }
  strays_ = std::move(seen);
}

/// Nothing of these runs is known any more; what is left of them is taken over like that of anybody.
void Supervisor::loseLeases() {
  for (auto& [id, run] : managed_) {
    if (run.going) engines_.kill(run.number);
    if (options_.told) options_.told(id, RunTurn::lost);
  }
  managed_.clear();
  renewing_ = {};
  looking_ = {};
  strays_.clear();
  if (options_.newOwner) options_.owner = options_.newOwner();
}

}  // namespace weir::engines
