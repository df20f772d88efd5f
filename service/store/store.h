// Store: where flows and their versions are kept. No transaction spans two calls: what must not be lost is compared and
// set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/host/operation.h"
#include "service/auth/grants.h"

namespace weir::store {

/// What is known of a flow without its document. Times are milliseconds since 1970.
struct FlowHead {
  std::string id;
  std::string folder;  // such as team/reports; empty: the root
  std::string name, description;
  std::vector<std::string> tags;
  /// Another one after each change; grows; never stands for two states of one id.
  std::int64_t revision = 0;
  std::int64_t createdAt = 0, changedAt = 0;
  std::optional<std::int64_t> binnedAt;  // it is in the bin
  std::int64_t bytes = 0;                // of the document
  /// Numbers of versions; 0: none.
  std::int64_t latestVersion = 0, publishedVersion = 0;
};

struct Flow {
  FlowHead head;
  std::string document;
};

/// What is not given stays as it is; in a new flow it is empty, and the name is the id.
struct FlowChange {
  std::optional<std::string> folder;
  std::optional<std::string> name, description, document;
  std::optional<std::vector<std::string>> tags;
};

struct FlowQuery {
  std::string search;             // every word of it is in the name, id, description or tags, whatever the case
  std::vector<std::string> tags;  // it has all of them
  std::string folder;             // it is there or below; empty: anywhere
  /// Only what this reaches; absent: all. A place that knows no callers leaves it out.
  std::optional<auth::Reach> visible;
  bool bin = false;     // those in the bin instead of the others
  bool byName = false;  // else the newest change first
  std::string cursor;   // of the page before
  std::int64_t limit = 50;
};

struct FlowPage {
  std::vector<FlowHead> flows;
  std::string cursor;  // opaque; empty: there are no more
};

/// A state of a flow that is kept for good.
struct VersionHead {
  std::int64_t number = 0;     // 1 for the first of a flow, and so on
  std::string label, message;  // the flow's own version, such as 1.4.0; what the author says of it
  bool published = false;
  std::int64_t createdAt = 0;
  std::int64_t bytes = 0;
};

struct Version {
  VersionHead head;
  std::string document;
};

struct NewVersion {
  std::string label, message;
  bool published = false;
};

using IfRevision = std::optional<std::int64_t>;

/// Implementations: memory, the browser's database, later SQLite, PostgreSQL and others; service/store/suite.h holds
/// all of them to one suite. A call that has succeeded is as safe as the place makes anything. Codes of refusals:
/// `storage.exists`, `storage.not_found`, `storage.changed` (the revision is not the one that was said),
/// `storage.in_bin`, `storage.not_in_bin`, `storage.invalid`; of trouble: `storage.corrupt`, `storage.full`,
/// `storage.unavailable`.
class Store {
 public:
  virtual ~Store() = default;

  /// `storage.exists`: there is one of that id, in the bin or not.
  virtual Operation<FlowHead> create(std::string id, FlowChange flow, Waker waker) = 0;
  /// In the bin or not. `storage.not_found`.
  virtual Operation<Flow> read(std::string id, Waker waker) = 0;
  /// One in the bin is refused.
  virtual Operation<FlowHead> replace(std::string id, std::int64_t ifRevision, FlowChange change, Waker waker) = 0;
  virtual Operation<FlowHead> bin(std::string id, IfRevision ifRevision, Waker waker) = 0;
  virtual Operation<FlowHead> restore(std::string id, IfRevision ifRevision, Waker waker) = 0;
  /// Deletes what is in the bin for good, with its versions.
  virtual Operation<Unit> purge(std::string id, IfRevision ifRevision, Waker waker) = 0;
  /// A flow that changes between two pages is not listed twice. `storage.invalid` for a cursor that no list gave.
  virtual Operation<FlowPage> list(FlowQuery query, Waker waker) = 0;

  /// Keeps the document as it is now; the flow and its revision stay.
  virtual Operation<VersionHead> appendVersion(std::string id, IfRevision ifRevision, NewVersion version,
                                               Waker waker) = 0;
  /// Newest first, with numbers below `before` if it is not 0.
  virtual Operation<std::vector<VersionHead>> listVersions(std::string id, std::int64_t before, std::int64_t limit,
                                                           Waker waker) = 0;
  virtual Operation<Version> readVersion(std::string id, std::int64_t number, Waker waker) = 0;
};

}  // namespace weir::store
