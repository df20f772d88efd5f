// Places: in which folder a flow or a run is, for the rights that hold there.
#pragma once

#include <optional>
#include <string>

#include "service/api/route.h"
#include "service/auth/grants.h"

namespace weir::auth {

class Places {
 public:
  virtual ~Places() = default;
  /// Nothing: there is no such flow.
  [[nodiscard]] virtual api::Job<api::Expected<std::optional<Place>>> ofFlow(api::Call& call, std::string flow) = 0;
  /// The place of its flow. Nothing: there is no such run.
  [[nodiscard]] virtual api::Job<api::Expected<std::optional<Place>>> ofRun(api::Call& call, std::string run) = 0;
};

}  // namespace weir::auth
