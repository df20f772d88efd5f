// Applier: several changes of flows that hold together or not at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/store/store.h"

namespace weir::store {

/// What becomes of one flow, in this order: made, or taken out of the bin and changed; a version kept; put into the
/// bin.
struct FlowStep {
  std::string id;
  IfRevision ifRevision{};             // none: there is no flow of that id yet
  bool outOfBin = false;               // it is in the bin now
  std::optional<FlowChange> change{};  // always there for a new one
  std::optional<NewVersion> version{};
  bool intoBin = false;
  /// What the audit log is to say of it, in the transaction of the change, which adds the revisions before and after,
  /// and the version that was kept.
  std::vector<AuditEntry> entries{};
};

struct AppliedFlow {
  FlowHead head;
  std::int64_t version = 0;  // that was kept; 0: none was
};

class Applier {
 public:
  virtual ~Applier() = default;
  /// In the order of the steps. Errors are those of Store; after one nothing was changed.
  virtual Operation<std::vector<AppliedFlow>> apply(std::vector<FlowStep> steps, Waker waker) = 0;
};

}  // namespace weir::store
