// Dead letters of a run: read, mended, thrown away.
#include "service/resources/dead-letters/letter-routes.h"

#include <array>
#include <charconv>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/handlers.h"
#include "service/engines/supervisor.h"
#include "service/live/topics.h"
#include "service/resources/dead-letters/letter-shelf.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

using Kind = QueryRule::Kind;

LetterShelf* shelfOf(const Call& call) {
  return call.services.server == nullptr ? nullptr : call.services.server->letters;
}

Response noShelf() { return toResponse({501, "host.missing", "this server keeps no dead letters"}); }

Expected<std::int64_t> numberOf(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number > 0) return number;
  return refuse(404, "dead_letters.unknown_run", "'" + std::string(text) + "' is no number of a dead letter");
}

LetterFilter filterOf(const Call& call) {
  LetterFilter filter;
  filter.run = call.parameters.front();
  filter.codes = call.query.all("code");
  filter.nodes = call.query.all("node");
  filter.editedOnly = call.query.flag("edited");
  filter.after = call.query.number("after", 0);
  filter.limit = call.query.number("limit", 50);
  return filter;
}

Job<Response> listLetters(Call& call) {
  auto* shelf = shelfOf(call);
  if (shelf == nullptr) co_return noShelf();
  auto filter = filterOf(call);
  filter.withRows = co_await seesAll(call);
  auto listed = co_await call.of(shelf->list(std::move(filter), call.waker()));
  if (!listed) co_return letterRefusal(std::move(listed.error()));
  co_return jsonAnswer(std::move(*listed));
}

Job<Response> editLetter(Call& call) {
  auto* shelf = shelfOf(call);
  if (shelf == nullptr) co_return noShelf();
  const auto number = numberOf(call.parameters[1]);
  if (!number) co_return toResponse(number.error());
  const auto body = json::parse(call.body);
  const auto* row = body ? body->root().find("row") : nullptr;
  const auto* trace = body ? body->root().find("traceId") : nullptr;
  if (row == nullptr || !row->isObject() || trace == nullptr || !trace->isString()) {
    co_return toResponse({400, "api.body", "the body is {\"traceId\": …, \"row\": {…}}, both as the letter was read"});
  }
  // Who may not see the row cannot mend it either.
  const bool sees = co_await seesAll(call);
  if (!sees) co_return toResponse({403, "auth.denied", "mending a row needs the right to read data (data.read)"});
  co_await settleLetters(call, *shelf, call.parameters.front());
  auto edited = co_await call.of(
      shelf->edit(call.parameters.front(), *number, *trace->asString(), json::write(*row), call.waker()));
  if (!edited) co_return letterRefusal(std::move(edited.error()));
  co_return jsonAnswer(std::move(*edited));
}

Response discardedAnswer(std::int64_t count) { return jsonAnswer("{\"discarded\":" + std::to_string(count) + "}"); }

Job<Response> discardLetter(Call& call) {
  auto* shelf = shelfOf(call);
  if (shelf == nullptr) co_return noShelf();
  const auto number = numberOf(call.parameters[1]);
  if (!number) co_return toResponse(number.error());
  LetterFilter filter;
  filter.run = call.parameters.front();
  filter.numbers = {*number};
  co_await settleLetters(call, *shelf, call.parameters.front());
  const auto gone = co_await call.of(shelf->discard(std::move(filter), call.waker()));
  if (!gone) co_return letterRefusal(gone.error());
  if (*gone == 0) {
    co_return toResponse({404, "dead_letters.unknown_run",
                          "the run '" + call.parameters.front() + "' has no dead letter " + std::to_string(*number)});
  }
  co_return discardedAnswer(*gone);
}

Job<Response> discardLetters(Call& call) {
  auto* shelf = shelfOf(call);
  if (shelf == nullptr) co_return noShelf();
  co_await settleLetters(call, *shelf, call.parameters.front());
  const auto gone = co_await call.of(shelf->discard(filterOf(call), call.waker()));
  if (!gone) co_return letterRefusal(gone.error());
  co_return discardedAnswer(*gone);
}

constexpr QueryRule kCode{.name = "code", .help = "only with this error code; several: any of them", .repeats = true};
constexpr QueryRule kNode{.name = "node", .help = "only of this node or edge; several: any of them", .repeats = true};
constexpr QueryRule kEdited{.name = "edited", .kind = Kind::flag, .help = "true: only those that were mended"};
constexpr std::array kListQuery = {
    kCode, kNode, kEdited,
    QueryRule{.name = "after", .kind = Kind::number, .help = "only behind this number: `next` of the page before"},
    QueryRule{.name = "limit", .kind = Kind::number, .help = "50 unless said", .least = 1, .most = 1'000}};
constexpr std::array kDiscardQuery = {kCode, kNode, kEdited};

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/runs/{run}/dead-letters",
          .operation = "listDeadLetters",
          .permission = "flow.read",
          .summary = "The rows of a run that failed, oldest first; without data.read their values are left out.",
          .takes = "",
          .gives = "DeadLetters",
          .handler = listLetters,
          .query = kListQuery,
          .object = Object::run},
    Route{.method = "DELETE",
          .pattern = "/runs/{run}/dead-letters",
          .operation = "discardDeadLetters",
          .permission = "deadletter.edit",
          .summary = "Throws dead letters away for good: all, or those of a code or node.",
          .takes = "",
          .gives = "Discarded",
          .handler = discardLetters,
          .query = kDiscardQuery,
          .object = Object::run},
    Route{.method = "PUT",
          .pattern = "/runs/{run}/dead-letters/{number}",
          .operation = "editDeadLetter",
          .permission = "deadletter.edit",
          .summary = "Mends the row of a dead letter, so that it can be replayed.",
          .takes = "EditedLetter",
          .gives = "DeadLetter",
          .handler = editLetter,
          .object = Object::run},
    Route{.method = "DELETE",
          .pattern = "/runs/{run}/dead-letters/{number}",
          .operation = "discardDeadLetter",
          .permission = "deadletter.edit",
          .summary = "Throws one dead letter away for good.",
          .takes = "",
          .gives = "Discarded",
          .handler = discardLetter,
          .object = Object::run},
    Route{.method = "POST",
          .pattern = "/runs/{run}/dead-letters/replay",
          .operation = "replayDeadLetters",
          .permission = "deadletter.replay",
          .summary =
              "Gives dead letters again: a run of its own begins at the nodes that they failed at. Those that go "
              "through leave the list; those that fail again are dead letters of the new run.",
          .takes = "LetterReplay",
          .gives = "Run",
          .status = 201,
          .handler = replayLetters,
          .object = Object::run,
          .headers = "idempotency-key"},
};

}  // namespace

std::span<const Route> letterRoutes() { return kRoutes; }

Job<Unit> settleLetters(Call& call, LetterShelf& shelf, std::string run) {
  auto* supervisor = call.services.server->supervisor;
  if (supervisor == nullptr || supervisor->record(run) == nullptr) co_return Unit{};
  supervisor->closeLetters(run);
  static_cast<void>(co_await call.of(shelf.settle(std::move(run), call.waker())));
  co_return Unit{};
}

Response letterRefusal(Error error) {
  auto refusal = refusalOf(std::move(error));
  const auto& code = refusal.code;
  if (code == "dead_letters.unknown_run") refusal.status = 404;
  if (code == "dead_letters.live") refusal.status = 409;
  if (code == "dead_letters.edit") refusal.status = 422;
  if (code == "files.busy") refusal.status = 503;
  return toResponse(std::move(refusal));
}

}  // namespace weir::api
