// Dead letters of all runs together: listed, counted, thrown away. Which runs have some, the index says; what stands in
// them, the shelf.
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "engine/json/writer.h"
#include "service/api/auditor.h"
#include "service/api/handlers.h"
#include "service/resources/dead-letters/letter-routes.h"
#include "service/resources/dead-letters/letter-shelf.h"
#include "service/resources/server.h"
#include "service/store/letter-index.h"

namespace weir::api {
namespace {

using Kind = QueryRule::Kind;

/// Runs of a page at most, and of a request that throws letters away.
constexpr std::int64_t kMostRuns = 100;

struct Parts {
  LetterShelf& shelf;
  store::LetterIndex& index;
};

Expected<Parts> partsOf(const Call& call) {
  auto* server = call.services.server;
  if (server == nullptr || server->letters == nullptr || server->letterIndex == nullptr) {
    return refuse(501, "host.missing", "this server keeps no dead letters");
  }
  return Parts{*server->letters, *server->letterIndex};
}

store::LetterQuery queryOf(const Call& call, auth::Permission permission) {
  store::LetterQuery query;
  query.flow = call.query.text("flow");
  query.run = call.query.text("run");
  query.folder = call.query.text("folder");
  query.nodes = call.query.all("node");
  query.codes = call.query.all("code");
  if (const auto state = call.query.text("state"); !state.empty()) query.edited = state == "edited";
  if (call.services.gate != nullptr) query.visible = call.reachOf(permission);
  return query;
}

LetterFilter filterOf(const store::LetterQuery& query) {
  LetterFilter filter;
  filter.codes = query.codes;
  filter.nodes = query.nodes;
  filter.editedOnly = query.edited.value_or(false);
  filter.uneditedOnly = !query.edited.value_or(true);
  return filter;
}

/// Where a page begins: at a run, behind a letter of it.
struct Cursor {
  std::int64_t run = 0, after = 0;
};

Expected<Cursor> cursorOf(const Call& call) {
  Cursor cursor;
  const auto text = call.query.text("cursor");
  if (text.empty()) return cursor;
  const auto* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, cursor.run);
  const bool dot = first.ec == std::errc() && first.ptr != end && *first.ptr == '.';
  const auto second = dot ? std::from_chars(first.ptr + 1, end, cursor.after) : first;
  if (dot && second.ec == std::errc() && second.ptr == end && cursor.run > 0 && cursor.after >= 0) return cursor;
  return refuse(400, "storage.invalid", "the cursor '" + text + "' is of no list of dead letters; begin without one");
}

Job<Response> listAll(Call& call) {
  const auto parts = partsOf(call);
  if (!parts) co_return toResponse(parts.error());
  const auto cursor = cursorOf(call);
  if (!cursor) co_return toResponse(cursor.error());
  const auto query = queryOf(call, auth::Permission::flowRead);
  const auto fresh = co_await call.of(parts->shelf.refresh(call.waker()));
  if (!fresh) co_return letterRefusal(fresh.error());
  const auto runs = co_await call.of(parts->index.runs(query, cursor->run, kMostRuns, call.waker()));
  if (!runs) co_return toResponse(refusalOf(runs.error()));
  auto filter = filterOf(query);
  filter.fromMs = call.query.number("from", 0);
  filter.untilMs = call.query.number("until", 0);
  filter.limit = call.query.number("limit", 50);
  std::vector<LetterSource> sources;
  for (const auto& one : *runs) {
    const bool sees = call.permissionsAt({one.folder, one.flow}).has(auth::Permission::dataRead);
    if (sources.empty() && one.number == cursor->run) filter.after = cursor->after;
    sources.push_back({one.run, one.flow, sees});
  }
  auto page = co_await call.of(parts->shelf.listOf(std::move(sources), std::move(filter), call.waker()));
  if (!page) co_return letterRefusal(std::move(page.error()));
  std::string next;
  if (page->more) {
    next = std::to_string((*runs)[page->source].number) + "." + std::to_string(page->after);
  } else if (std::ssize(*runs) == kMostRuns && runs->back().number > 1) {
    next = std::to_string(runs->back().number - 1) + ".0";
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("letters").raw(page->letters);
  if (!next.empty()) out.key("next").value(next);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> countAll(Call& call) {
  const auto parts = partsOf(call);
  if (!parts) co_return toResponse(parts.error());
  const auto by = call.query.text("group");
  const auto group = by == "cause" ? store::LetterGroup::cause
                     : by == "run" ? store::LetterGroup::run
                                   : store::LetterGroup::flow;
  const auto fresh = co_await call.of(parts->shelf.refresh(call.waker()));
  if (!fresh) co_return letterRefusal(fresh.error());
  const auto counts = co_await call.of(parts->index.counts(queryOf(call, auth::Permission::flowRead), group,
                                                           call.query.number("limit", 100), call.waker()));
  if (!counts) co_return toResponse(refusalOf(counts.error()));
  std::string body;
  json::Writer out(body);
  out.beginObject().key("counts").beginArray();
  for (const auto& one : *counts) {
    out.beginObject().key("flow").value(one.flow).key("folder").value(one.folder);
    if (group == store::LetterGroup::run) out.key("run").value(one.run);
    if (group == store::LetterGroup::cause) out.key("nodeId").value(one.node).key("code").value(one.code);
    out.key("letters").value(one.letters).key("edited").value(one.edited).key("runs").value(one.runs);
    if (one.firstAt > 0) out.key("firstAt").value(one.firstAt);
    if (one.lastAt > 0) out.key("lastAt").value(one.lastAt);
    out.endObject();
  }
  out.endArray().endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> discardAll(Call& call) {
  const auto parts = partsOf(call);
  if (!parts) co_return toResponse(parts.error());
  const auto query = queryOf(call, auth::Permission::deadLetterEdit);
  if (query.flow.empty() && query.run.empty() && query.folder.empty() && query.nodes.empty() && query.codes.empty()) {
    co_return toResponse({400, "api.query",
                          "nothing says which dead letters are to be thrown away; name a flow, run, folder, node or "
                          "code"});
  }
  const auto fresh = co_await call.of(parts->shelf.refresh(call.waker()));
  if (!fresh) co_return letterRefusal(fresh.error());
  const auto runs = co_await call.of(parts->index.runs(query, 0, kMostRuns, call.waker()));
  if (!runs) co_return toResponse(refusalOf(runs.error()));
  std::int64_t discarded = 0;
  for (const auto& one : *runs) {
    co_await settleLetters(call, parts->shelf, one.run);
    auto filter = filterOf(query);
    filter.run = one.run;
    auto gone = co_await call.of(parts->shelf.discard(std::move(filter), call.waker()));
    // Its letters are another server's, or have gone by themselves.
    if (!gone && gone.error().code == "dead_letters.unknown_run") continue;
    if (!gone) co_return letterRefusal(std::move(gone.error()));
    discarded += *gone;
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("discarded").value(discarded).key("runs").value(std::ssize(*runs));
  out.key("more").value(std::ssize(*runs) == kMostRuns && discarded > 0).endObject();
  co_return jsonAnswer(std::move(body));
}

constexpr QueryRule kFlow{.name = "flow", .help = "only of runs of this flow"};
constexpr QueryRule kRun{.name = "run", .help = "only of this run"};
constexpr QueryRule kFolder{.name = "folder", .help = "only of flows in this folder, or below"};
constexpr QueryRule kNode{.name = "node", .help = "only of this node or edge; several: any of them", .repeats = true};
constexpr QueryRule kCode{.name = "code", .help = "only with this error code; several: any of them", .repeats = true};
constexpr QueryRule kState{.name = "state",
                           .kind = Kind::choice,
                           .help = "only those that were mended, or only the others",
                           .choices = "edited|unedited"};
constexpr std::array kListQuery = {
    kFlow,
    kRun,
    kFolder,
    kNode,
    kCode,
    kState,
    QueryRule{.name = "from",
              .kind = Kind::number,
              .help = "only those that failed then or later, in milliseconds since 1970"},
    QueryRule{
        .name = "until", .kind = Kind::number, .help = "only those that failed earlier, in milliseconds since 1970"},
    QueryRule{.name = "limit", .kind = Kind::number, .help = "50 unless said", .least = 1, .most = 1'000},
    QueryRule{.name = "cursor", .help = "the next of the page before"}};
constexpr std::array kCountQuery = {
    QueryRule{.name = "group",
              .kind = Kind::choice,
              .help = "flow unless said; cause: of each node and code of a flow",
              .choices = "flow|cause|run"},
    kFlow,
    kRun,
    kFolder,
    kNode,
    kCode,
    kState,
    QueryRule{.name = "limit", .kind = Kind::number, .help = "100 unless said", .least = 1, .most = 1'000}};
constexpr std::array kDiscardQuery = {kFlow, kRun, kFolder, kNode, kCode, kState};

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/dead-letters",
          .operation = "listAllDeadLetters",
          .permission = "flow.read",
          .summary = "The rows that failed in all runs, those of the newest run first; without data.read on a flow the "
                     "values of its rows are left out.",
          .takes = "",
          .gives = "AllDeadLetters",
          .handler = listAll,
          .query = kListQuery,
          .object = Object::inside},
    Route{.method = "GET",
          .pattern = "/dead-letters/counts",
          .operation = "countDeadLetters",
          .permission = "flow.read",
          .summary = "How many dead letters there are: of each flow, of each cause in it, or of each run; most first.",
          .takes = "",
          .gives = "DeadLetterCounts",
          .handler = countAll,
          .query = kCountQuery,
          .object = Object::inside},
    Route{.method = "DELETE",
          .pattern = "/dead-letters",
          .operation = "discardAllDeadLetters",
          .permission = "deadletter.edit",
          .summary = "Throws dead letters of several runs away for good, of a hundred runs at a time: those of a flow, "
                     "run, folder, node or code.",
          .takes = "",
          .gives = "DiscardedOfAll",
          .handler = discardAll,
          .query = kDiscardQuery,
          .object = Object::inside},
};

}  // namespace

std::span<const Route> allLetterRoutes() { return kRoutes; }

}  // namespace weir::api
