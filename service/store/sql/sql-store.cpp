// Each call is one piece of work over the table of flows.
#include "service/store/sql/sql-store.h"

#include <type_traits>
#include <utility>

#include "service/store/sql/audit-table.h"
#include "service/store/sql/flow-table.h"

namespace weir::store::sql {
namespace {

/// Writes the entry of a change that has succeeded.
Result<void> told(Session& session, AuditEntry entry, std::int64_t before, const FlowHead& head) {
  if (entry.object.empty()) entry.object = "flow:" + head.id;
  if (entry.folder.empty()) entry.folder = head.folder;
  // Those whose folder it comes into see it come.
  if (entry.action == "flow.moved" && entry.folder != head.folder) {
    auto there = entry;
    there.folder = head.folder;
    WEIR_TRY(appendAudit(session, std::move(there), {.before = before, .after = head.revision}));
  }
  return appendAudit(session, std::move(entry), {.before = before, .after = head.revision});
}

/// The same, if there is an entry; gives what the change gave.
template <class T>
Result<T> withEntry(Session& session, Result<T> done, const std::optional<AuditEntry>& entry, std::int64_t before) {
  if (!done || !entry) return done;
  FlowHead head;
  if constexpr (std::is_same_v<T, FlowHead>) head = *done;
  WEIR_TRY(told(session, *entry, before, head));
  return done;
}

}  // namespace

void SqlStore::tell(AuditEntry entry) {
  const std::lock_guard locked(mutex_);
  told_ = std::move(entry);
  teller_ = std::this_thread::get_id();
}

std::optional<AuditEntry> SqlStore::takeTold() {
  const std::lock_guard locked(mutex_);
  if (!told_ || teller_ != std::this_thread::get_id()) return std::nullopt;
  return std::exchange(told_, std::nullopt);
}

Operation<FlowHead> SqlStore::create(std::string id, FlowChange flow, Waker waker) {
  return database_.write<FlowHead>(
      std::move(waker), [this, id = std::move(id), flow = std::move(flow), entry = takeTold()](Session& session) {
        return withEntry(session, FlowTable(session, clock_).create(id, flow), entry, 0);
      });
}

Operation<Flow> SqlStore::read(std::string id, Waker waker) {
  return database_.read<Flow>(
      std::move(waker), [this, id = std::move(id)](Session& session) { return FlowTable(session, clock_).read(id); });
}

Operation<FlowHead> SqlStore::replace(std::string id, std::int64_t ifRevision, FlowChange change, Waker waker) {
  return database_.write<FlowHead>(std::move(waker), [this, id = std::move(id), ifRevision, change = std::move(change),
                                                      entry = takeTold()](Session& session) {
    return withEntry(session, FlowTable(session, clock_).replace(id, ifRevision, change), entry, ifRevision);
  });
}

Operation<FlowHead> SqlStore::bin(std::string id, IfRevision ifRevision, Waker waker) {
  return database_.write<FlowHead>(
      std::move(waker),
      [this, id = std::move(id), ifRevision, entry = takeTold()](Session& session) {
        return withEntry(session, FlowTable(session, clock_).put(id, ifRevision, true), entry, ifRevision.value_or(0));
      },
      Database::Room::frees);
}

Operation<FlowHead> SqlStore::restore(std::string id, IfRevision ifRevision, Waker waker) {
  return database_.write<FlowHead>(
      std::move(waker), [this, id = std::move(id), ifRevision, entry = takeTold()](Session& session) {
        return withEntry(session, FlowTable(session, clock_).put(id, ifRevision, false), entry, ifRevision.value_or(0));
      });
}

Operation<Unit> SqlStore::purge(std::string id, IfRevision ifRevision, Waker waker) {
  return database_.write<Unit>(
      std::move(waker),
      [this, id = std::move(id), ifRevision, entry = takeTold()](Session& session) {
        return withEntry(session, FlowTable(session, clock_).purge(id, ifRevision), entry, ifRevision.value_or(0));
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
      std::move(waker),
      [this, id = std::move(id), ifRevision, version = std::move(version), entry = takeTold()](Session& session) {
        return withEntry(session, FlowTable(session, clock_).appendVersion(id, ifRevision, version), entry,
                         ifRevision.value_or(0));
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
