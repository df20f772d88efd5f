// Identities: the records of users, groups, sessions, tokens and grants, as texts that service/auth reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/host/operation.h"
#include "service/store/audit.h"

namespace weir::store {

struct IdentityRecord {
  std::string kind, id;
  std::string body;  // a JSON object
};

struct IdentityChange {
  std::string kind, id;
  std::optional<std::string> body;  // empty: it goes
};

/// Errors are those of Store.
class Identities {
 public:
  virtual ~Identities() = default;
  /// All of them, at a start.
  virtual Operation<std::vector<IdentityRecord>> load(Waker waker) = 0;
  /// All changes and their entries in the audit log, or none of them.
  virtual Operation<Unit> commit(std::vector<IdentityChange> changes, std::vector<AuditEntry> entries, Waker waker) = 0;
};

}  // namespace weir::store
