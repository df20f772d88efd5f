// Publishes a set of flows in one transaction: what is there already is left alone, so the request may be sent again.
#include "service/resources/apply/apply.h"

#include <array>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/auditor.h"
#include "service/api/declared-fields.h"
#include "service/api/flow-answers.h"
#include "service/api/flow-id.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/api/publishing.h"
#include "service/resources/apply/apply-order.h"
#include "service/resources/server.h"
#include "service/store/apply.h"

namespace weir::api {
namespace {

/// One line of the answer.
struct Line {
  std::string id, folder;
  std::string_view change;  // created, restored, changed, moved, published, unchanged, removed
  std::int64_t revision = 0, version = 0;
  std::size_t step = SIZE_MAX;  // that does it
};

struct Plan {
  std::vector<store::FlowStep> steps;
  std::vector<Line> lines;
  std::vector<const AppliedDocument*> claims;  // those that are published, and so answer requests
  std::vector<std::string> released;           // those that go
};

std::string inWords(const std::string& id) { return "the flow '" + id + "'"; }

/// `found` is null for a flow that is not there.
Expected<void> checkBelief(const Belief& belief, const std::string& id, const store::FlowHead* found) {
  const bool there = found != nullptr && !found->binnedAt;
  if (belief.kind == Belief::Kind::absent && there) {
    return refuse(412, "storage.exists", inWords(id) + " is there already; plan again");
  }
  if (belief.kind == Belief::Kind::revision && (found == nullptr || found->revision != belief.revision)) {
    return refuse(412, "storage.changed",
                  inWords(id) + " was changed elsewhere since it was read; nothing was applied: plan again");
  }
  return {};
}

/// Whether the caller may make of the flow what is asked.
Expected<void> mayApply(const Call& call, const AppliedDocument& wanted, const store::FlowHead* found, bool publish) {
  const auto what = inWords(wanted.document.id);
  const auto both = [&](const auth::Place& at, const std::string& name) -> Expected<void> {
    if (auto may = call.mustHave(auth::Permission::flowEdit, at, name); !may || !publish) return may;
    return call.mustHave(auth::Permission::flowPublish, at, name);
  };
  if (found != nullptr) {
    if (auto may = both({found->folder, found->id}, what); !may) return may;
    if (found->folder == wanted.folder) return {};
    // What is published runs with the rights of the folder to which it comes.
    const auto name = folderInWords(wanted.folder);
    if (auto may = call.mustHave(auth::Permission::flowPublish, {wanted.folder, {}}, name); !may) return may;
  }
  return both({wanted.folder, {}}, folderInWords(wanted.folder));
}

class Planner {
 public:
  Planner(Call& call, const ApplyOrder& order) : call_(call), order_(order) {}

  Job<Expected<Plan>> plan() {
    Plan plan;
    for (const auto& wanted : order_.flows) {
      if (auto added = co_await add(wanted, plan); !added) co_return std::unexpected(std::move(added.error()));
    }
    for (const auto& gone : order_.remove) {
      if (auto added = co_await add(gone, plan); !added) co_return std::unexpected(std::move(added.error()));
    }
    co_return plan;
  }

 private:
  /// The flow, or nothing if it is not there.
  Job<Expected<std::optional<store::Flow>>> read(const std::string& id) {
    auto flow = co_await call_.of(call_.services.store.read(id, call_.waker()));
    if (flow) co_return std::optional(std::move(*flow));
    if (flow.error().code == "storage.not_found") co_return std::optional<store::Flow>();
    co_return std::unexpected(refusalOf(std::move(flow.error())));
  }

  Job<Expected<bool>> isPublished(const store::FlowHead& head, const std::string& text) {
    if (head.publishedVersion == 0) co_return false;
    auto version = co_await call_.of(call_.services.store.readVersion(head.id, head.publishedVersion, call_.waker()));
    if (!version) co_return std::unexpected(refusalOf(std::move(version.error())));
    co_return version->document == text;
  }

  Job<Expected<Unit>> add(const AppliedDocument& wanted, Plan& plan) {
    auto flow = co_await read(wanted.document.id);
    if (!flow) co_return std::unexpected(std::move(flow.error()));
    const auto* found = *flow ? &(*flow)->head : nullptr;
    if (auto may = mayApply(call_, wanted, found, order_.publish); !may) co_return std::unexpected(may.error());
    if (found == nullptr) {
      if (auto good = checkFlowId(wanted.document.id); !good) co_return std::unexpected(good.error());
    }
    Line line{wanted.document.id, wanted.folder, "created", 0, 0, SIZE_MAX};
    bool published = false;
    const bool there = found != nullptr && !found->binnedAt;
    const bool same = there && (*flow)->document == wanted.text && found->folder == wanted.folder;
    if (there) {
      auto known = co_await isPublished(*found, wanted.text);
      if (!known) co_return std::unexpected(std::move(known.error()));
      published = *known;
    }
    if (same && (published || !order_.publish)) {
      // Who asks again for what has been done already need not know what was there before.
      line.change = "unchanged";
      line.revision = found->revision;
      line.version = found->publishedVersion;
      plan.lines.push_back(std::move(line));
      co_return Unit{};
    }
    if (auto good = checkBelief(wanted.belief, line.id, found); !good) co_return std::unexpected(good.error());
    if (order_.publish) {
      if (auto good = checkRunnable(wanted.text, call_.services.catalogue); !good)
        co_return std::unexpected(good.error());
      auto may =
          co_await mayDeclareFields(call_, line.id, wanted.folder, there ? found->publishedVersion : 0, wanted.text);
      if (!may) co_return std::unexpected(std::move(may.error()));
      if (auto* publishing = call_.services.publishing) {
        if (auto uses = publishing->mayUse(call_, wanted.folder, wanted.document); !uses)
          co_return std::unexpected(uses.error());
        if (auto has = publishing->has(wanted.folder, wanted.document); !has) co_return std::unexpected(has.error());
      }
      plan.claims.push_back(&wanted);
    }
    if (found != nullptr && there && found->folder != wanted.folder && call_.services.publishing != nullptr) {
      if (auto rests = co_await call_.services.publishing->mustRest(call_, found->id); !rests)
        co_return std::unexpected(rests.error());
    }
    store::FlowStep step{.id = line.id};
    if (found == nullptr) {
      if (auto fresh = co_await call_.flowIsNew(line.id); !fresh) co_return std::unexpected(fresh.error());
    }
    if (found != nullptr) {
      step.ifRevision = found->revision;
      step.outOfBin = !there;
      line.change = !there ? "restored" : same ? "published" : (*flow)->document == wanted.text ? "moved" : "changed";
    }
    if (!same) {
      step.change = changeOf(wanted.document);
      step.change->folder = wanted.folder;
    }
    if (order_.publish && !published) {
      step.version = store::NewVersion{wanted.document.flowVersion, order_.message, true};
    }
    line.step = plan.steps.size();
    plan.steps.push_back(std::move(step));
    plan.lines.push_back(std::move(line));
    co_return Unit{};
  }

  Job<Expected<Unit>> add(const RemovedFlow& gone, Plan& plan) {
    auto flow = co_await read(gone.id);
    if (!flow) co_return std::unexpected(std::move(flow.error()));
    Line line{gone.id, "", "unchanged", 0, 0, SIZE_MAX};
    if (!*flow) {
      plan.lines.push_back(std::move(line));
      co_return Unit{};
    }
    const auto& head = (*flow)->head;
    if (auto may = call_.mustHave(auth::Permission::flowEdit, {head.folder, head.id}, inWords(head.id)); !may)
      co_return std::unexpected(may.error());
    line.folder = head.folder;
    line.revision = head.revision;
    if (!head.binnedAt) {
      if (auto good = checkBelief(gone.belief, gone.id, &head); !good) co_return std::unexpected(good.error());
      if (auto* publishing = call_.services.publishing) {
        if (auto rests = co_await publishing->mustRest(call_, gone.id); !rests)
          co_return std::unexpected(rests.error());
      }
      line.change = "removed";
      line.step = plan.steps.size();
      store::FlowStep step{.id = gone.id};
      step.ifRevision = head.revision;
      step.intoBin = true;
      plan.steps.push_back(std::move(step));
      plan.released.push_back(gone.id);
    }
    plan.lines.push_back(std::move(line));
    co_return Unit{};
  }

  Call& call_;
  const ApplyOrder& order_;
};

using Before = std::vector<Publishing::Claims>;

Job<Unit> goBack(Call& call, Before before) {
  for (auto at = before.rbegin(); at != before.rend(); ++at) {
    co_await call.services.publishing->restore(call, std::move(*at));
  }
  co_return Unit{};
}

/// The paths of webhooks change hands before the flows do; what was before, to go back to.
Job<Expected<Before>> claimAll(Call& call, const Plan& plan) {
  Before before;
  auto* publishing = call.services.publishing;
  if (publishing == nullptr) co_return before;
  for (const auto& id : plan.released) {
    auto released = co_await publishing->release(call, id);
    if (released) {
      before.push_back(std::move(*released));
      continue;
    }
    co_await goBack(call, std::move(before));
    co_return std::unexpected(std::move(released.error()));
  }
  for (const auto* wanted : plan.claims) {
    auto claimed = co_await publishing->claim(call, wanted->document.id, wanted->folder, wanted->document);
    if (claimed) {
      before.push_back(std::move(*claimed));
      continue;
    }
    co_await goBack(call, std::move(before));
    co_return std::unexpected(std::move(claimed.error()));
  }
  co_return before;
}

std::string written(const std::vector<Line>& lines, const std::vector<store::AppliedFlow>& done) {
  std::string body;
  json::Writer out(body);
  out.beginObject().key("flows").beginArray();
  for (const auto& line : lines) {
    const bool changed = line.step < done.size();
    out.beginObject().key("id").value(line.id).key("change").value(line.change);
    out.key("folder").value(changed ? done[line.step].head.folder : line.folder);
    out.key("revision").value(changed ? done[line.step].head.revision : line.revision);
    out.key("version").value(changed && done[line.step].version > 0 ? done[line.step].version : line.version);
    out.endObject();
  }
  out.endArray().endObject();
  return body;
}

Job<Response> apply(Call& call) {
  auto* applier = call.services.server == nullptr ? nullptr : call.services.server->applier;
  if (applier == nullptr) {
    co_return toResponse({501, "host.missing", "this server keeps no flows, or keeps them in files; save them there"});
  }
  const auto order = applyOrderOf(call.body);
  if (!order) co_return toResponse(order.error());
  Planner planner(call, *order);
  auto plan = co_await planner.plan();
  if (!plan) co_return toResponse(plan.error());
  auto before = co_await claimAll(call, *plan);
  if (!before) co_return toResponse(before.error());
  std::vector<store::AppliedFlow> done;
  if (!plan->steps.empty()) {
    noteChange(call);
    auto applied = co_await call.of(applier->apply(std::move(plan->steps), call.waker()));
    if (!applied) {
      co_await goBack(call, std::move(*before));
      auto refusal = refusalOf(std::move(applied.error()));
      // It came between the reading and the writing.
      if (refusal.code == "storage.exists") refusal.status = 412;
      co_return toResponse(std::move(refusal));
    }
    done = std::move(*applied);
  }
  co_return jsonAnswer(written(plan->lines, done));
}

constexpr std::array kRoutes = {
    Route{.method = "POST",
          .pattern = "/apply",
          .operation = "apply",
          .permission = "flow.publish",
          .summary = "Keeps and publishes a set of flows, all or none; what is so already is left alone.",
          .takes = "Apply",
          .gives = "Applied",
          .handler = apply,
          .object = Object::inside,
          .also = "501"},
};

}  // namespace

std::span<const Route> applyRoutes() { return kRoutes; }

}  // namespace weir::api
