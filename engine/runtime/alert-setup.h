// AlertSetup: the alerts of one version of a flow, and what they count on its edges.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/runtime/alerts.h"
#include "engine/runtime/row-counter.h"

namespace weir::runtime {

class Link;

struct AlertSetup {
  std::optional<Alerts> alerts;                                 // empty: there are no rules
  std::map<std::size_t, std::unique_ptr<RowCounter>> counters;  // by the alert's place in the plan
  std::vector<std::pair<Link*, RowCounter*>> at;
};

}  // namespace weir::runtime
