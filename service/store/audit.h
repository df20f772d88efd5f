// AuditLog: who did what, in a list that only grows and in which every entry vouches for those before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/host/operation.h"
#include "service/auth/grants.h"

namespace weir::store {

struct AuditEntry {
  std::int64_t at = 0;     // milliseconds since 1970
  std::string actor;       // the id of a user; empty: nobody that is known
  std::string credential;  // the id of the session or token
  std::string address;     // where the request came from
  std::string request;     // its id
  std::string action;      // `user.created`, `session.refused`
  std::string object;      // `user:ID`, `grant:ID`
  std::string folder;      // where it was; the root for what is of the server as a whole
  std::string detail;      // a JSON object: what was and what is, without secrets; empty: nothing to tell
};

struct AuditRecord {
  std::int64_t number = 0;  // 1 for the first, without gaps
  AuditEntry entry;
  std::string previous, hash;  // of the record before, of this one: SHA-256 in hexadecimal digits
};

struct AuditQuery {
  auth::Reach visible{.folders = {std::string()}};  // only entries of these folders
  std::string actor{}, action{}, object{};          // empty: any; an action with a dot at its end: all that begin so
  std::optional<std::int64_t> after{};              // only newer ones than this number, oldest first
  std::int64_t before = 0;                          // only older ones than this number, if it is not 0
  std::optional<std::string> folder{};              // only there and below; the root: all
  std::int64_t from = 0, until = 0;                 // only of then and later, and of then and earlier; 0: no bound
  std::int64_t limit = 100;
};

/// What going through the whole list has found.
struct AuditCheck {
  std::int64_t entries = 0;
  std::string head;     // the hash of the last one: compare it with one that was noted elsewhere
  std::string problem;  // empty: every entry is as it was written, and none is missing
};

/// Errors are those of Store.
class AuditLog {
 public:
  virtual ~AuditLog() = default;
  virtual Operation<Unit> append(std::vector<AuditEntry> entries, Waker waker) = 0;
  /// Newest first, unless the query says otherwise.
  virtual Operation<std::vector<AuditRecord>> list(AuditQuery query, Waker waker) = 0;
  virtual Operation<AuditCheck> verify(Waker waker) = 0;
};

}  // namespace weir::store
