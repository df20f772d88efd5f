// Says everything that is wrong with a flow, and what kind of flow it is.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/document.h"
#include "engine/node/catalogue.h"

namespace weir::flow {

/// Gives the text of the flow with this id.
using SubflowLoader = std::function<Result<std::string>(std::string_view id)>;

struct ValidateOptions {
  /// Given by `--set` or the run request; a text stands for a value of the parameter's type.
  std::map<std::string, json::Value, std::less<>> parameters;
  /// Required parameters without a value are no error: the flow is looked at, not run.
  bool parametersOpen = false;
  /// Names of the mounts that are there; not set: not checked. `project` is always there.
  std::optional<std::vector<std::string>> mounts;
  /// Host interfaces of the place ("files", "clock", …); not set: not checked.
  std::optional<std::vector<std::string>> hosts;
  /// For nodes of type subflow/<id>; not set: such nodes are an error.
  SubflowLoader loadFlow;
  /// The flow is to run here: a node type without code is an error.
  bool needsCode = false;
  /// The clock stands still (`weir test`, `--clock`): reading it is deterministic.
  bool frozenClock = false;
};

struct Validation {
  Problems problems;  // errors and warnings, with places
  bool deterministic = false;
  std::vector<std::string> whyNotDeterministic;
  std::vector<std::vector<std::string>> branches;  // ids of nodes that are connected, one list for each part

  [[nodiscard]] bool failed() const { return problems.failed(); }
};

[[nodiscard]] Validation validate(const FlowDocument& document, const Catalogue& catalogue,
                                  const ValidateOptions& options = {});

}  // namespace weir::flow
