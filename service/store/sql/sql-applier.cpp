// Applies changes of flows one after the other, in one transaction.
#include "service/store/sql/sql-applier.h"

#include <utility>

#include "service/store/sql/audit-table.h"
#include "service/store/sql/flow-table.h"

namespace weir::store::sql {
namespace {

Result<AppliedFlow> applyOne(FlowTable& table, const FlowStep& step) {
  AppliedFlow done;
  auto revision = step.ifRevision;
  const auto moved = [&done, &revision](FlowHead head) {
    revision = head.revision;
    done.head = std::move(head);
  };
  if (!revision) {
    WEIR_ASSIGN(auto made, table.create(step.id, step.change.value_or(FlowChange{})));
    moved(std::move(made));
  } else {
    if (step.outOfBin) {
      WEIR_ASSIGN(auto back, table.put(step.id, revision, false));
      moved(std::move(back));
    }
    if (step.change) {
      WEIR_ASSIGN(auto changed, table.replace(step.id, *revision, *step.change));
      moved(std::move(changed));
    }
  }
  if (step.version) {
    WEIR_ASSIGN(const auto kept, table.appendVersion(step.id, revision, *step.version));
    done.version = kept.number;
  }
  if (step.intoBin) {
    WEIR_ASSIGN(auto binned, table.put(step.id, revision, true));
    moved(std::move(binned));
  }
  if (done.head.id.empty()) {
    WEIR_ASSIGN(auto flow, table.read(step.id));
    done.head = std::move(flow.head);
  }
  return done;
}

}  // namespace

Operation<std::vector<AppliedFlow>> SqlApplier::apply(std::vector<FlowStep> steps, Waker waker) {
  return database_.write<std::vector<AppliedFlow>>(
      std::move(waker),
      [steps = std::move(steps), &clock = clock_](Session& session) -> Result<std::vector<AppliedFlow>> {
        FlowTable table(session, clock);
        std::vector<AppliedFlow> all;
        for (const auto& step : steps) {
          WEIR_ASSIGN(auto done, applyOne(table, step));
          const Revisions revisions{
              .before = step.ifRevision.value_or(0), .after = done.head.revision, .version = done.version};
          for (const auto& entry : step.entries) WEIR_TRY(appendAudit(session, entry, revisions));
          all.push_back(std::move(done));
        }
        return all;
      });
}

}  // namespace weir::store::sql
