// What a step did with sampled rows.
#include <utility>

#include "engine/runtime/node-state.h"
#include "engine/runtime/session.h"

namespace weir::runtime {

void Session::traceTaken() { traces_->collect(*taken_, traced_.taken); }

bool Session::traceGiven(Port out, const Batch& batch, bool fresh) {
  // Rows that the node has made of others are new ones; those of a source have no parents.
  const bool made = fresh && !node_.plan->inputs.empty() && batch.envelope().origin == origin();
  if (made) {
    auto children = traces_->follow(node_.index, batch, !traced_.taken.empty());
    traced_.made.insert(traced_.made.end(), children.begin(), children.end());
    return true;  // as far as is known here
  }
  std::vector<TraceId> rows;
  traces_->collect(batch, rows);
  for (const auto row : rows) traced_.given.push_back({row, out});
  return !rows.empty();
}

void Session::traceFailed(const Envelope& envelope, std::int64_t row) {
  const auto place = envelope.place(row);
  const auto stored = envelope.at(row).trace;
  if (!traces_->sampled(place, stored)) return;
  traced_.failed.push_back(traceAt(node_.run->runHash, place, stored));
  traces_->followFailed(traced_.failed.back());
}

void Session::recordTraces(std::int64_t nowNanos) {
  if (traced_.taken.empty() && traced_.given.empty() && traced_.made.empty() && traced_.failed.empty()) return;
  traced_.node = node_.index;
  traced_.tries = tries_;
  traced_.startNanos = startedNanos_;
  traced_.endNanos = nowNanos;
  traced_.rowsIn = countsIn_ ? rowsTaken_ : 0;
  if (!traces_->add(std::exchange(traced_, TraceStep{}), node_.plan->inputs.empty())) return;
  node_.run->say(EventSeverity::info, "trace.sampling", {},
                 "1 row in " + std::to_string(traces_->every()) + " is traced now, " +
                     std::to_string(RowTraces::kRowsPerSecond) + " or so a second");
}

}  // namespace weir::runtime
