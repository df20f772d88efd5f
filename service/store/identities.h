// Identities: the records of users, groups, sessions, tokens and grants, as texts that service/auth reads.
#pragma once

#include <cstdint>
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
  enum class Way : std::uint8_t {
    put,
    renew,  // only if it is still there
    touch,  // the same, and nobody else needs to hear of it
  };
  std::string kind, id;
  std::optional<std::string> body;  // empty: it goes
  Way way = Way::put;
};

/// All that there is, because another server on the same database has changed something.
struct IdentityNews {
  std::vector<IdentityRecord> records;
  bool onlySessions = false;              // the records are all sessions, and nothing else has changed
  std::int64_t people = 0, sessions = 0;  // how far it goes
};

/// Errors are those of Store, and `storage.elsewhere`: another server has changed something that may matter for what
/// was decided here, and that was not read yet.
class Identities {
 public:
  virtual ~Identities() = default;
  /// All of them, at a start.
  virtual Operation<std::vector<IdentityRecord>> load(Waker waker) = 0;
  /// All changes and their entries in the audit log, or none of them.
  virtual Operation<Unit> commit(std::vector<IdentityChange> changes, std::vector<AuditEntry> entries, Waker waker) = 0;
  /// Nothing: no other server has changed anything since what saw() said. With `all` what there is, in any case.
  virtual Operation<std::optional<IdentityNews>> changed(bool, Waker) {
    return Operation<std::optional<IdentityNews>>::finished(std::optional<IdentityNews>());
  }
  /// These are known from now on.
  virtual void saw(const IdentityNews&) {}
};

}  // namespace weir::store
