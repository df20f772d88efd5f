// The adapters' steps: how Transform and Source answer the scheduler.
#include "engine/node/task.h"

namespace weir {

Result<Progress> Transform::step(StepIo& io) {
  while (!finishing_) {
    const Batch* head = io.peek(0);
    if (const auto watermark = io.watermark(0); watermark > advanced_) {
      WEIR_ASSIGN(const auto moved, advance(watermark, io));
      if (moved == Flow::again) return Progress::blockedOn(0, kAllPorts);
      if (moved == Flow::pending) return Progress::blockedOn(0);
      advanced_ = watermark;
      if (moved == Flow::done) return Progress::finished();
    }
    if (head == nullptr) {
      if (!io.ended(0)) return Progress::blockedOn(portSet(0));
      finishing_ = true;
      break;
    }
    // The head stays where it is until process is through with it, so that `again` and a retry see the same rows.
    WEIR_ASSIGN(const auto flow, process(*head, io));
    switch (flow) {
      case Flow::more:
        io.pass(0);
        break;
      case Flow::again:
        return Progress::blockedOn(0, kAllPorts);
      case Flow::pending:
        return Progress::blockedOn(0);
      case Flow::done:
        io.pass(0);
        return Progress::finished();
    }
    if (io.budgetSpent()) return Progress::yielded();
  }
  WEIR_ASSIGN(const auto flow, finish(io));
  switch (flow) {
    case Flow::more:
      return Progress::yielded();
    case Flow::again:
      return Progress::blockedOn(0, kAllPorts);
    case Flow::pending:
      return Progress::blockedOn(0);
    case Flow::done:
      return Progress::finished();
  }
  return Progress::finished();
}

Result<Progress> Source::step(StepIo& io) {
  for (;;) {
    WEIR_ASSIGN(const auto flow, pull(io));
    switch (flow) {
      case Flow::more:
        break;
      case Flow::again:
        return Progress::blockedOn(0, kAllPorts);
      case Flow::pending:
        return Progress::blockedOn(0);
      case Flow::done:
        return Progress::finished();
    }
    if (io.budgetSpent()) return Progress::yielded();
  }
}

}  // namespace weir
