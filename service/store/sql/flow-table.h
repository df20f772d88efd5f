// FlowTable: the statements about flows and versions, over one session.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/host/clock.h"
#include "service/store/sql/session.h"
#include "service/store/store.h"

namespace weir::store::sql {

struct Kind;
[[nodiscard]] const Kind& flowKind();

/// Made for one piece of work. Errors are those of Store.
class FlowTable {
 public:
  FlowTable(Session& session, Clock& clock) : session_(session), clock_(clock) {}

  Result<FlowHead> create(const std::string& id, const FlowChange& flow);
  Result<Flow> read(const std::string& id);
  Result<FlowHead> replace(const std::string& id, std::int64_t ifRevision, const FlowChange& change);
  Result<FlowHead> put(const std::string& id, IfRevision revision, bool intoBin);
  Result<Unit> purge(const std::string& id, IfRevision revision);
  Result<FlowPage> list(const FlowQuery& query);
  Result<VersionHead> appendVersion(const std::string& id, IfRevision revision, const NewVersion& version);
  Result<std::vector<VersionHead>> listVersions(const std::string& id, std::int64_t before, std::int64_t limit);
  Result<Version> readVersion(const std::string& id, std::int64_t number);

 private:
  enum class Where : std::uint8_t { anywhere, outside, inBin };
  Result<FlowHead> head(const std::string& id, IfRevision revision, Where where);
  /// Whether quotas let a flow become so.
  Result<void> mayBecome(const FlowHead& before, const FlowHead& changed);
  Result<void> write(const FlowHead& head);
  /// For a change of a flow that is there, which leaves alone what has not changed.
  Result<void> rewrite(const FlowHead& before, const FlowHead& head);
  Result<void> writeTags(const FlowHead& head);
  Result<void> writeDocument(const std::string& flow, std::string_view document, bool isNew);
  [[nodiscard]] std::int64_t nowMs() { return clock_.nowMicros() / 1000; }

  Session& session_;
  Clock& clock_;
  bool bounded_ = false;  // some quota bounds documents, when a head was read last
};

}  // namespace weir::store::sql
