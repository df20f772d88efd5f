// Publishes a set of flows in one transaction: what is there already is left alone, so the request may be sent again.
#include "service/resources/apply/apply.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/declared-fields.h"
#include "service/api/flow-answers.h"
#include "service/api/flow-id.h"
#include "service/api/flow-text.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/api/once.h"
#include "service/api/publishing.h"
#include "service/resources/apply/apply-order.h"
#include "service/resources/identity/change.h"
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
  /// A published document where it is to be.
  struct Answering {
    std::string id, folder;
    flow::FlowDocument document;
  };
  std::vector<Answering> answering;
  std::vector<std::string> released;           // flows that go
  std::unique_ptr<Publishing::Claims> claims;  // of both; null: nobody keeps count of them
};

constexpr std::size_t kMostToldMessage = 4096;

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
    for (std::size_t i = 0; i < order_.flows.size(); ++i) {
      const auto& wanted = order_.flows[i];
      auto added = co_await add(wanted, plan);
      if (!added) co_return std::unexpected(inFlow(std::move(added.error()), i, wanted.document.id));
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

  /// A published document comes to be in a folder.
  Job<Expected<Unit>> answers(const std::string& id, const std::string& folder, const flow::FlowDocument& document,
                              Plan& plan) {
    auto* publishing = call_.services.publishing;
    if (publishing == nullptr) co_return Unit{};
    if (auto uses = co_await publishing->mayUse(call_, folder, document); !uses)
      co_return std::unexpected(uses.error());
    if (auto has = publishing->has(folder, document); !has) co_return std::unexpected(has.error());
    plan.answering.push_back({id, folder, document});
    co_return Unit{};
  }

  /// Whether what comes to be published in the folder can run there, with the rights of the folder.
  Job<Expected<Unit>> mayRun(const AppliedDocument& wanted, const store::FlowHead* found, Plan& plan) {
    const auto& id = wanted.document.id;
    const bool there = found != nullptr && !found->binnedAt;
    if (order_.publish) {
      const auto runs = co_await call_.aside(
          wanted.text().size(), [text = wanted.text(), &catalogue = call_.services.catalogue]() -> Expected<Unit> {
            if (auto good = runnableOf(text, catalogue); !good) return std::unexpected(std::move(good.error()));
            return Unit{};
          });
      if (!runs) co_return std::unexpected(runs.error());
      auto may =
          co_await mayDeclareFields(call_, id, wanted.folder, there ? found->publishedVersion : 0, wanted.text());
      if (!may) co_return std::unexpected(std::move(may.error()));
      if (auto good = co_await answers(id, wanted.folder, wanted.document, plan); !good)
        co_return std::unexpected(good.error());
    } else if (found != nullptr && found->publishedVersion > 0 && (!there || found->folder != wanted.folder)) {
      // What was published before runs with the rights of the folder to which it comes.
      auto version = co_await call_.of(call_.services.store.readVersion(id, found->publishedVersion, call_.waker()));
      if (!version) co_return std::unexpected(refusalOf(std::move(version.error())));
      auto document = flowOf(version->document);
      if (!document) co_return std::unexpected(document.error());
      if (auto good = co_await answers(id, wanted.folder, *document, plan); !good)
        co_return std::unexpected(good.error());
    }
    co_return Unit{};
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
    const bool same = there && (*flow)->document == wanted.text() && found->folder == wanted.folder;
    if (there) {
      auto known = co_await isPublished(*found, wanted.text());
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
    if (auto runs = co_await mayRun(wanted, found, plan); !runs) co_return std::unexpected(std::move(runs.error()));
    if (found != nullptr && there && found->folder != wanted.folder && call_.services.publishing != nullptr) {
      if (auto rests = co_await call_.services.publishing->mustRest(call_, found->id); !rests)
        co_return std::unexpected(rests.error());
    }
    if (found != nullptr && found->folder != wanted.folder && call_.services.publishing != nullptr) {
      auto leaves = co_await call_.services.publishing->mustLeaveNoLetters(call_, found->id, found->folder);
      if (!leaves) co_return std::unexpected(leaves.error());
    }
    store::FlowStep step{.id = line.id};
    if (found == nullptr) {
      if (auto fresh = co_await call_.flowIsNew(line.id); !fresh) co_return std::unexpected(fresh.error());
    }
    if (found != nullptr) {
      step.ifRevision = found->revision;
      step.outOfBin = !there;
      line.change = !there ? "restored" : same ? "published" : (*flow)->document == wanted.text() ? "moved" : "changed";
    }
    if (!same) {
      step.change = wanted.change;
    }
    if (order_.publish && !published) {
      step.version = store::NewVersion{wanted.document.flowVersion, order_.message, true};
    }
    tell(step, wanted, found, found != nullptr && (*flow)->document != wanted.text());
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
      tell(step, "flow.binned", head.folder);
      plan.steps.push_back(std::move(step));
      plan.released.push_back(gone.id);
    }
    plan.lines.push_back(std::move(line));
    co_return Unit{};
  }

  /// For the audit log, as if it was asked for by itself.
  void tell(store::FlowStep& step, std::string_view action, const std::string& folder, std::string request = {}) {
    if (call_.services.auditor == nullptr) return;
    step.entries.push_back(entryOf(call_, std::string(action), "flow:" + step.id, std::move(request), folder));
  }
  void tell(store::FlowStep& step, const AppliedDocument& wanted, const store::FlowHead* found, bool differs) {
    if (found == nullptr) tell(step, "flow.created", wanted.folder);
    if (step.outOfBin) tell(step, "flow.restored", found->folder);
    if (found != nullptr && found->folder != wanted.folder) {
      std::string request;
      json::Writer(request).beginObject().key("folder").value(wanted.folder).endObject();
      tell(step, "flow.moved", found->folder, request);
      tell(step, "flow.moved", wanted.folder, std::move(request));
    }
    if (differs) tell(step, "flow.changed", wanted.folder);
    if (step.version) {
      std::string request;
      json::Writer out(request);
      out.beginObject().key("publish").value(true);
      // It would stand there once for each flow.
      if (order_.message.size() <= kMostToldMessage) out.key("message").value(order_.message);
      out.endObject();
      tell(step, "flow.version_kept", wanted.folder, std::move(request));
    }
  }

  Call& call_;
  const ApplyOrder& order_;
};

/// The paths of webhooks change hands with the flows.
Expected<void> claimAll(Call& call, const ApplyOrder& order, Plan& plan) {
  auto* publishing = call.services.publishing;
  if (publishing == nullptr) return {};
  plan.claims = publishing->claims();
  for (const auto& id : plan.released) plan.claims->release(call, id);
  // A path that goes from one to another does so whichever comes first.
  for (const auto& one : plan.answering) plan.claims->claimsAnew(one.id);
  for (const auto& one : plan.answering) {
    auto free = plan.claims->claim(call, one.id, one.folder, one.document);
    if (free) continue;
    const auto at =
        std::ranges::find(order.flows, one.id, [](const AppliedDocument& flow) { return flow.document.id; });
    return std::unexpected(inFlow(std::move(free.error()), static_cast<std::size_t>(at - order.flows.begin()), one.id));
  }
  return {};
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

/// Whether another came between the reading and the writing.
bool isRace(const Error& error) {
  return error.code == "storage.exists" || error.code == "storage.changed" || error.code == "storage.in_bin" ||
         error.code == "storage.not_in_bin" || error.code == "storage.not_found";
}

/// `raced`: nothing was changed, and how things are now has to be read again.
Job<Response> applyOnce(Call& call, store::Applier& applier, const ApplyOrder& order, bool& raced) {
  Planner planner(call, order);
  auto plan = co_await planner.plan();
  if (!plan) co_return toResponse(plan.error());
  if (auto claimed = claimAll(call, order, *plan); !claimed) co_return toResponse(claimed.error());
  std::vector<store::AppliedFlow> done;
  if (!plan->steps.empty()) {
    answering<std::vector<store::AppliedFlow>>(
        call, [lines = plan->lines](const auto& applied) { return jsonAnswer(written(lines, applied)); });
    if (call.services.once != nullptr) call.services.once->claim(call);
    if (plan->claims) plan->claims->goWithNext();
    auto applied = co_await call.of(applier.apply(std::move(plan->steps), call.waker()));
    if (!applied) {
      raced = isRace(applied.error());
      if (raced && call.services.once != nullptr) call.services.once->unclaim(call);
      auto refusal = refusalOf(std::move(applied.error()));
      // It came between the reading and the writing.
      if (refusal.code == "storage.exists") refusal.status = 412;
      co_return toResponse(std::move(refusal));
    }
    done = std::move(*applied);
  }
  co_return jsonAnswer(written(plan->lines, done));
}

/// Whoever said which state they change is refused by the next reading if it was another's meanwhile.
constexpr int kMostTries = 5;

Job<Response> apply(Call& call) {
  auto* applier = call.services.server == nullptr ? nullptr : call.services.server->applier;
  if (applier == nullptr) {
    co_return toResponse({501, "host.missing", "this server keeps no flows, or keeps them in files; save them there"});
  }
  const auto order = co_await call.ofBody(applyOrderOf);
  if (!order) co_return toResponse(order.error());
  for (int tries = 1;; ++tries) {
    bool raced = false;
    auto response = co_await applyOnce(call, *applier, *order, raced);
    if (!raced || tries == kMostTries) co_return response;
  }
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
          .also = "501",
          .wide = true},
};

}  // namespace

std::span<const Route> applyRoutes() { return kRoutes; }

}  // namespace weir::api
