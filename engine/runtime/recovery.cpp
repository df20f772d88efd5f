// Sentences about tries that failed and what came of them.
#include "engine/runtime/recovery.h"

#include <algorithm>
#include <utility>

#include "engine/runtime/node-state.h"

namespace weir::runtime {

void Recovery::retried(NodeState& node, std::int64_t tries, const Error& last, std::int64_t nowMicros) {
  node.metrics.retries += tries;
  triesUnsaid_ += tries;
  if (!retrying_.allows(nowMicros)) return;
  const auto count = std::exchange(triesUnsaid_, 0);
  node.run->say(EventSeverity::warning, "node.retrying", node.plan->id,
                (count == 1 ? std::string("a try") : std::to_string(count) + " tries") +
                    " failed and will be repeated; the last: " + last.message + " [" + std::string(last.code) + "]");
}

void Recovery::recovered(NodeState& node, std::int64_t sinceMicros, std::int64_t nowMicros) {
  ++node.metrics.recovered;
  ++recoveredUnsaid_;
  const auto took = std::max<std::int64_t>(0, nowMicros - sinceMicros);
  node.metrics.recovery.add(took * 1000);
  if (!recovering_.allows(nowMicros)) return;
  const auto count = std::exchange(recoveredUnsaid_, 0);
  node.run->say(EventSeverity::info, "node.recovered", node.plan->id,
                (count == 1 ? std::string("what had failed got through")
                            : std::to_string(count) + " times what had failed got through") +
                    ", the last " + std::to_string(took / 1000) + " ms after its first failure");
}

void Recovery::say(NodeState& node, EventSeverity severity, std::string kind, std::string message,
                   std::int64_t nowMicros) {
  if (others_.allows(nowMicros)) node.run->say(severity, std::move(kind), node.plan->id, std::move(message));
}

}  // namespace weir::runtime
