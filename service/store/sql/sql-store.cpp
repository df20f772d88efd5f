// Each call is one piece of work over the table of flows.
#include "service/store/sql/sql-store.h"

#include <utility>

#include "service/store/sql/flow-table.h"

namespace weir::store::sql {

Operation<FlowHead> SqlStore::create(std::string id, FlowChange flow, Waker waker) {
  return database_.write<FlowHead>(std::move(waker),
                                   [this, id = std::move(id), flow = std::move(flow)](Session& session) {
                                     return FlowTable(session, clock_).create(id, flow);
                                   });
}

Operation<Flow> SqlStore::read(std::string id, Waker waker) {
  return database_.read<Flow>(
      std::move(waker), [this, id = std::move(id)](Session& session) { return FlowTable(session, clock_).read(id); });
}

Operation<FlowHead> SqlStore::replace(std::string id, std::int64_t ifRevision, FlowChange change, Waker waker) {
  return database_.write<FlowHead>(
      std::move(waker), [this, id = std::move(id), ifRevision, change = std::move(change)](Session& session) {
        return FlowTable(session, clock_).replace(id, ifRevision, change);
      });
}

Operation<FlowHead> SqlStore::bin(std::string id, IfRevision ifRevision, Waker waker) {
  return database_.write<FlowHead>(
      std::move(waker),
      [this, id = std::move(id), ifRevision](Session& session) {
        return FlowTable(session, clock_).put(id, ifRevision, true);
      },
      Database::Room::frees);
}

Operation<FlowHead> SqlStore::restore(std::string id, IfRevision ifRevision, Waker waker) {
  return database_.write<FlowHead>(std::move(waker), [this, id = std::move(id), ifRevision](Session& session) {
    return FlowTable(session, clock_).put(id, ifRevision, false);
  });
}

Operation<Unit> SqlStore::purge(std::string id, IfRevision ifRevision, Waker waker) {
  return database_.write<Unit>(
      std::move(waker),
      [this, id = std::move(id), ifRevision](Session& session) {
        return FlowTable(session, clock_).purge(id, ifRevision);
      },
      Database::Room::frees);
}

Operation<FlowPage> SqlStore::list(FlowQuery query, Waker waker) {
  return database_.read<FlowPage>(std::move(waker), [this, query = std::move(query)](Session& session) {
    return FlowTable(session, clock_).list(query);
  });
}

Operation<VersionHead> SqlStore::appendVersion(std::string id, IfRevision ifRevision, NewVersion version, Waker waker) {
  return database_.write<VersionHead>(
      std::move(waker), [this, id = std::move(id), ifRevision, version = std::move(version)](Session& session) {
        return FlowTable(session, clock_).appendVersion(id, ifRevision, version);
      });
}

Operation<std::vector<VersionHead>> SqlStore::listVersions(std::string id, std::int64_t before, std::int64_t limit,
                                                           Waker waker) {
  return database_.read<std::vector<VersionHead>>(std::move(waker),
                                                  [this, id = std::move(id), before, limit](Session& session) {
                                                    return FlowTable(session, clock_).listVersions(id, before, limit);
                                                  });
}

Operation<Version> SqlStore::readVersion(std::string id, std::int64_t number, Waker waker) {
  return database_.read<Version>(std::move(waker), [this, id = std::move(id), number](Session& session) {
    return FlowTable(session, clock_).readVersion(id, number);
  });
}

}  // namespace weir::store::sql
