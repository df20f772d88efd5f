// OpenGroups: groups of which some are closed and forgotten, as those of sessions and of windows by count are.
#pragma once

#include <string>
#include <string_view>

#include "nodes/aggregate/groups.h"

namespace weir::nodes::window {

/// Every open() makes a new group with the given key. Closed ones are dropped when they are more than the others.
class OpenGroups {
 public:
  explicit OpenGroups(const group::GroupPlan& plan) : plan_(&plan), groups_(plan) {}

  std::uint32_t open(std::string_view key, std::string_view payload) {
    name_.assign(key);
    appendKeyNumber(name_, next_++);
    ++open_;
    return groups_.open(name_, payload);
  }
  void close() { --open_; }
  [[nodiscard]] bool worthCompacting() const { return groups_.size() > 2 * open_ + 1024; }
  /// Keeps the groups that `each` names: calls it with a function from the old number to the new one.
  template <class Each>
  Result<void> compact(Each&& each) {
    group::Groups kept(*plan_);
    kept.absorbTypes(groups_);
    WEIR_TRY(each([&](std::uint32_t& group) -> Result<void> {
      const auto to = kept.open(groups_.key(group), groups_.payload(group));
      WEIR_TRY(kept.addGroup(groups_, group, to));
      group = to;
      return {};
    }));
    groups_ = std::move(kept);
    return {};
  }
  [[nodiscard]] group::Groups& groups() { return groups_; }
  [[nodiscard]] const group::Groups& groups() const { return groups_; }

 private:
  const group::GroupPlan* plan_;
  group::Groups groups_;
  std::int64_t next_ = 0, open_ = 0;
  std::string name_;
};

}  // namespace weir::nodes::window
