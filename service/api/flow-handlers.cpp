// Flows that are kept: created, listed, read, replaced, put into the bin and taken out of it.
#include <charconv>
#include <optional>
#include <utility>

#include "engine/flow/format.h"
#include "engine/json/writer.h"
#include "engine/text/base64.h"
#include "engine/text/url.h"
#include "service/api/flow-answers.h"
#include "service/api/flow-id.h"
#include "service/api/flow-text.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/api/once.h"
#include "service/api/publishing.h"

namespace weir::api {
namespace {

constexpr int kMostTries = 100;  // of a change of any state, against others

/// The flow as it is, with its tag.
Response whole(const store::Flow& flow, int status = 200) {
  std::string body;
  json::Writer out(body);
  writeHead(out, flow.head, flow.document);
  auto response = jsonAnswer(std::move(body), status);
  response.with("etag", tagOf(flow.head.revision));
  return response;
}

Expected<store::FlowQuery> queryOf(const Call& call) {
  store::FlowQuery query;
  query.search = call.query.text("search");
  query.tags = call.query.all("tag");
  query.bin = call.query.flag("bin");
  query.folder = call.query.text("folder");
  if (auto good = checkFolder(query.folder); !good) return std::unexpected(std::move(good.error()));
  if (auto* gate = call.services.gate) {
    auto reach = gate->reachOf(call.principal, auth::Permission::flowRead);
    if (!reach.everywhere()) query.visible = std::move(reach);
  }
  query.byName = call.query.text("order") == "name";
  query.limit = call.query.number("limit", 50);
  if (const auto* cursor = call.query.find("cursor"); cursor != nullptr && !cursor->empty()) {
    auto decoded = decodeBase64(*cursor);
    if (!decoded || decoded->empty()) {
      return refuse(400, "api.query", "the cursor is none that a list gave; begin again without one");
    }
    query.cursor = std::move(*decoded);
  }
  return query;
}

/// Whether a flow may come to be in a folder: it is one, and the caller may do that there.
Expected<void> mayPut(const Call& call, const std::string& folder, auth::Permission permission) {
  if (auto good = checkFolder(folder); !good) return good;
  if (call.services.place.foldersAreFiles && (folder.starts_with('.') || folder.contains("/."))) {
    return refuse(400, "api.folder",
                  "the folder '" + folder + "' is hidden, and flows of hidden folders have no file in a project; " +
                      "choose a folder without a dot at the beginning");
  }
  if (call.services.gate == nullptr) return {};
  return call.services.gate->mustHave(call.principal, permission, {folder, {}}, folderInWords(folder));
}

/// The document that is published; the draft of a flow that is not.
Job<Expected<flow::FlowDocument>> publishedOf(Call& call, const store::Flow& flow) {
  const auto number = flow.head.publishedVersion;
  const auto read = [&call](const std::string& text) {
    return call.aside(text.size(), [text] { return flowOf(text); });
  };
  if (number == 0) co_return co_await read(flow.document);
  const auto version = co_await call.of(call.services.store.readVersion(flow.head.id, number, call.waker()));
  if (!version) co_return std::unexpected(refusalOf(version.error()));
  co_return co_await read(version->document);
}

using Claims = std::unique_ptr<Publishing::Claims>;

/// Claims in a folder what the flow answers; null: it answers nothing.
Job<Expected<Claims>> claimIn(Call& call, const store::Flow& flow, const std::string& folder) {
  auto* publishing = call.services.publishing;
  if (publishing == nullptr) co_return Claims();
  const auto document = co_await publishedOf(call, flow);
  if (!document) co_return std::unexpected(document.error());
  if (auto may = co_await publishing->mayUse(call, folder, *document); !may) co_return std::unexpected(may.error());
  if (flow.head.publishedVersion == 0) co_return Claims();
  if (auto has = publishing->has(folder, *document); !has) co_return std::unexpected(has.error());
  auto claims = publishing->claims();
  if (auto free = claims->claim(call, flow.head.id, folder, *document); !free) co_return std::unexpected(free.error());
  co_return claims;
}

/// What is kept of a document in a body.
struct Kept {
  std::string id;
  store::FlowChange change;
};

Expected<Kept> keptOf(const std::string& body) {
  const auto source = sourceOf(body);
  if (!source) return std::unexpected(source.error());
  auto change = changeOf(*source);
  if (!change) return std::unexpected(std::move(change.error()));
  return Kept{source->id(), std::move(*change)};
}

Response createdAnswer(const store::FlowHead& head) {
  auto response = headAnswer(head, 201);
  response.with("location", std::string(kPrefix) + "/flows/" + percentEncoded(head.id));
  return response;
}

Response changedAnswer(const store::FlowHead& head) { return headAnswer(head, 200); }

/// {folder}
Expected<std::string> targetOf(const std::string& body) {
  const auto parsed = jsonOf(body);
  if (!parsed) return std::unexpected(parsed.error());
  if (auto known = checkMembers(parsed->root(), "folder"); !known) return std::unexpected(std::move(known.error()));
  const auto* folder = parsed->root().find("folder");
  if (folder == nullptr || !folder->isString()) return refuse(400, "api.body", "'folder' is a text; \"\" is the root");
  return *folder->asString();
}

}  // namespace

Job<Response> createFlow(Call& call) {
  auto read = co_await call.ofBody(keptOf);
  if (!read) co_return toResponse(read.error());
  auto& [id, change] = *read;
  if (auto good = checkFlowId(id); !good) co_return toResponse(good.error());
  change.folder = call.query.text("folder");
  if (auto may = mayPut(call, *change.folder, auth::Permission::flowEdit); !may) co_return toResponse(may.error());
  if (auto fresh = co_await call.flowIsNew(id); !fresh) co_return toResponse(fresh.error());
  answering<store::FlowHead>(call, createdAnswer);
  auto made = co_await call.of(call.changing().create(std::move(id), std::move(change), call.waker()));
  co_return made ? createdAnswer(*made) : toResponse(refusalOf(std::move(made.error())));
}

Job<Response> listFlows(Call& call) {
  auto query = queryOf(call);
  if (!query) co_return toResponse(query.error());
  const auto page = co_await call.of(call.services.store.list(std::move(*query), call.waker()));
  if (!page) co_return toResponse(refusalOf(page.error()));
  std::string body;
  json::Writer out(body);
  out.beginObject().key("flows").beginArray();
  for (const auto& head : page->flows) writeHead(out, head);
  out.endArray();
  if (!page->cursor.empty()) out.key("next").value(encodeBase64Url(page->cursor));
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getFlow(Call& call) {
  const auto flow = co_await call.of(call.services.store.read(call.parameters.front(), call.waker()));
  if (!flow) co_return toResponse(refusalOf(flow.error()));
  const auto tag = tagOf(flow->head.revision);
  if (const auto* known = call.header("if-none-match"); known != nullptr && namesTag(*known, tag)) {
    co_return Response{.status = 304}.with("etag", tag);
  }
  co_return whole(*flow);
}

Job<Response> replaceFlow(Call& call) {
  const auto& id = call.parameters.front();
  auto read = co_await call.ofBody(keptOf);
  if (!read) co_return toResponse(read.error());
  if (read->id != id) {
    co_return toResponse({422, "api.other_flow",
                          "the document's id is '" + read->id + "', and the path names '" + id +
                              "'; a flow keeps its id: create another one"});
  }
  auto& store = call.services.store;
  auto& change = read->change;
  if (const auto* none = call.header("if-none-match"); none != nullptr && *none == "*") {
    if (auto good = checkFlowId(id); !good) co_return toResponse(good.error());
    change.folder = call.query.text("folder");
    if (auto may = mayPut(call, *change.folder, auth::Permission::flowEdit); !may) co_return toResponse(may.error());
    if (auto fresh = co_await call.flowIsNew(id); !fresh) co_return toResponse(fresh.error());
    auto made = co_await call.of(call.changing().create(id, std::move(change), call.waker()));
    if (made) co_return headAnswer(*made, 201);
    const bool exists = made.error().code == "storage.exists";
    auto refusal = refusalOf(std::move(made.error()));
    if (exists) refusal.status = 412;
    co_return toResponse(std::move(refusal));
  }
  const auto wanted = co_await revisionOf(call);
  if (!wanted) co_return toResponse(wanted.error());
  if (call.query.find("folder") != nullptr) {
    co_return toResponse(
        {400, "api.query", "'folder' says where a new flow is made (If-None-Match: *); POST to its /move to move it"});
  }
  for (int tries = 1;; ++tries) {
    auto flow = co_await call.of(store.read(id, call.waker()));
    if (!flow && flow.error().code == "storage.corrupt" && wanted->has_value()) {
      // A document that has come to harm is put right by who says which state is meant.
      auto head = co_await call.of(call.changing().replace(id, **wanted, change, call.waker()));
      co_return head ? headAnswer(*head, 200) : toResponse(refusalOf(std::move(head.error())));
    }
    if (!flow) co_return toResponse(refusalOf(flow.error()));
    // What is there already need not be written: a request that is sent again does no harm (RFC 9110, 13.1.1).
    if (flow->document == *change.document && !flow->head.binnedAt) co_return whole(*flow);
    const auto revision = wanted->value_or(flow->head.revision);
    auto head = co_await call.of(call.changing().replace(id, revision, change, call.waker()));
    if (head) co_return headAnswer(*head, 200);
    // Who changes any state changes the one that somebody else has just made, too.
    const bool again = !wanted->has_value() && head.error().code == "storage.changed" && tries < kMostTries;
    if (!again) co_return toResponse(refusalOf(std::move(head.error())));
  }
}

Job<Response> moveFlow(Call& call) {
  const auto given = co_await ifGiven(call);
  if (!given) co_return toResponse(given.error());
  auto folder = targetOf(call.body);
  if (!folder) co_return toResponse(folder.error());
  // What is published runs with the rights of its folder.
  for (const auto permission : {auth::Permission::flowEdit, auth::Permission::flowPublish}) {
    if (auto may = mayPut(call, *folder, permission); !may) co_return toResponse(may.error());
  }
  auto& store = call.services.store;
  const auto& id = call.parameters.front();
  const auto flow = co_await call.of(store.read(id, call.waker()));
  if (!flow) co_return toResponse(refusalOf(flow.error()));
  if (flow->head.folder == *folder && given->value_or(flow->head.revision) == flow->head.revision) {
    co_return headAnswer(flow->head, 200);
  }
  if (auto* publishing = call.services.publishing) {
    if (auto rests = co_await publishing->mustRest(call, id); !rests) co_return toResponse(rests.error());
    auto leaves = co_await publishing->mustLeaveNoLetters(call, id, flow->head.folder);
    if (!leaves) co_return toResponse(leaves.error());
  }
  auto claims = co_await claimIn(call, *flow, *folder);
  if (!claims) co_return toResponse(claims.error());
  store::FlowChange change;
  change.folder = std::move(*folder);
  const auto revision = given->value_or(flow->head.revision);
  if (*claims) (*claims)->goWithNext();
  answering<store::FlowHead>(call, changedAnswer);
  const auto head = co_await call.of(call.changing().replace(id, revision, std::move(change), call.waker()));
  if (!head) co_return toResponse(refusalOf(head.error()));
  co_return headAnswer(*head, 200);
}

Job<Response> binFlow(Call& call) {
  const auto revision = co_await revisionOf(call);
  if (!revision) co_return toResponse(revision.error());
  const auto& id = call.parameters.front();
  if (auto* publishing = call.services.publishing) {
    if (auto rests = co_await publishing->mustRest(call, id); !rests) co_return toResponse(rests.error());
  }
  if (call.query.flag("purge")) {
    const auto gone = co_await call.of(call.changing().purge(id, *revision, call.waker()));
    if (!gone) co_return toResponse(refusalOf(gone.error()));
    // Should this fail, it is done before a flow of that id is made.
    static_cast<void>(co_await call.flowIsNew(id));
    co_return Response{.status = 204};
  }
  // What lies in the bin answers nobody, and its paths are free for others.
  Claims claims;
  if (auto* publishing = call.services.publishing) {
    claims = publishing->claims();
    claims->release(call, id);
    claims->goWithNext();
  }
  const auto head = co_await call.of(call.changing().bin(id, *revision, call.waker()));
  if (!head) co_return toResponse(refusalOf(head.error()));
  co_return headAnswer(*head, 200);
}

Job<Response> restoreFlow(Call& call) {
  const auto given = co_await ifGiven(call);
  if (!given) co_return toResponse(given.error());
  const auto& id = call.parameters.front();
  const auto flow = co_await call.of(call.services.store.read(id, call.waker()));
  if (!flow) co_return toResponse(refusalOf(flow.error()));
  Claims claims;
  if (flow->head.binnedAt) {
    auto claimed = co_await claimIn(call, *flow, flow->head.folder);
    if (!claimed) co_return toResponse(claimed.error());
    claims = std::move(*claimed);
  }
  if (claims) claims->goWithNext();
  answering<store::FlowHead>(call, changedAnswer);
  const auto head = co_await call.of(call.changing().restore(id, *given, call.waker()));
  if (!head) co_return toResponse(refusalOf(head.error()));
  co_return headAnswer(*head, 200);
}

}  // namespace weir::api
