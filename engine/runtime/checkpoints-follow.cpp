// Checkpoints of a run that goes over to another version of its flow.
#include <algorithm>
#include <utility>

#include "engine/runtime/checkpoints.h"
#include "engine/runtime/link.h"
#include "engine/runtime/stage-marks.h"

namespace weir::runtime {

void Checkpoints::follow(std::uint64_t documentHash, const std::vector<Unit*>& gone, const std::vector<Unit*>& added,
                         const std::vector<std::unique_ptr<Link>>& links) {
  options_.documentHash = documentHash;
  for (const auto* unit : gone) {
    std::erase(units_, unit);
    std::erase(stages_, unit->marks);
  }
  for (auto* unit : added) {
    units_.push_back(unit);
    if (!std::ranges::contains(stages_, unit->marks)) stages_.push_back(unit->marks);
  }
  links_.clear();
  for (const auto& link : links) links_.push_back(link.get());
  due_ = moved_ = true;
}

bool Checkpoints::dropRetired() {
  const auto gone = [this](const StageMarks* stage) { return std::ranges::contains(endedRetired_, stage); };
  std::erase_if(units_, [&](const Unit* unit) { return gone(unit->marks); });
  std::erase_if(stages_, gone);
  return !std::exchange(endedRetired_, {}).empty();
}

}  // namespace weir::runtime
