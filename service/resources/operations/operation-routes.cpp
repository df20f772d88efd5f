// The log of a draft: read in pages, and appended to behind the operation that the editor has seen last.
#include "service/resources/operations/operation-routes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/handlers.h"
#include "service/resources/identity/body.h"
#include "service/resources/server.h"
#include "service/store/operations.h"

namespace weir::api {
namespace {

constexpr std::int64_t kMostAtOnce = 500;
constexpr std::int64_t kMostBytes = 256 << 10;  // of one operation

Expected<store::OperationLog*> logOf(const Call& call) {
  auto* server = call.services.server;
  if (server != nullptr && server->operations != nullptr) return server->operations;
  return refuse(404, "api.not_found", "this server keeps no flows, and so no operations of theirs");
}

bool isDigest(const std::string& text) {
  const auto isDigit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 64 && std::ranges::all_of(text, isDigit);
}

std::unexpected<Refusal> wrong(std::size_t index, const std::string& why) {
  return refuse(400, "api.body", "/operations/" + std::to_string(index) + " " + why);
}

Expected<store::NewOperation> operationOf(const json::Value& given, std::size_t index) {
  if (!given.isObject()) return wrong(index, "is no object with 'base' and 'operation'");
  for (const auto& member : *given.asObject()) {
    if (member.key != "base" && member.key != "operation")
      return wrong(index, "has '" + std::string(member.key) + "'; it has 'base' and 'operation' alone");
  }
  const auto* base = given.find("base");
  if (base == nullptr || !base->isString() || !isDigest(*base->asString())) {
    return wrong(index, "needs 'base': the SHA-256 of the document before it, as 64 digits 0-9 and a-f");
  }
  const auto* operation = given.find("operation");
  if (operation == nullptr || !operation->isObject()) return wrong(index, "needs 'operation', an object");
  auto text = json::write(*operation);
  if (std::ssize(text) > kMostBytes) {
    return refuse(413, "storage.too_large",
                  "/operations/" + std::to_string(index) + " has " + std::to_string(text.size()) +
                      " bytes, and one may have " + std::to_string(kMostBytes) +
                      "; leave it out of the log, and begin a new one from the document");
  }
  return store::NewOperation{*base->asString(), std::move(text)};
}

Expected<std::vector<store::NewOperation>> operationsOf(const Body& body) {
  const auto* given = body.find("operations");
  if (given == nullptr || given->asArray() == nullptr || given->count() == 0 || given->count() > kMostAtOnce) {
    return refuse(400, "api.body",
                  "the body needs 'operations', a list of one to " + std::to_string(kMostAtOnce) + " operations");
  }
  std::vector<store::NewOperation> operations;
  for (const auto& one : *given->asArray()) {
    auto operation = operationOf(one, operations.size());
    if (!operation) return std::unexpected(std::move(operation.error()));
    operations.push_back(std::move(*operation));
  }
  return operations;
}

Job<Response> listOperations(Call& call) {
  const auto log = logOf(call);
  if (!log) co_return toResponse(log.error());
  store::OperationQuery query;
  if (call.query.find("after") != nullptr) query.after = call.query.number("after", 0);
  query.limit = call.query.number("limit", query.limit);
  const auto page = co_await call.of((*log)->operations(call.parameters.front(), query, call.waker()));
  if (!page) co_return toResponse(refusalOf(page.error()));
  std::string body;
  json::Writer out(body);
  out.beginObject().key("operations").beginArray();
  for (const auto& one : page->operations) {
    out.beginObject().key("number").value(one.number).key("author").value(one.author).key("at").value(one.at);
    out.key("base").value(one.base).key("operation").raw(one.operation).endObject();
  }
  out.endArray().key("oldest").value(page->oldest).key("last").value(page->last).endObject();
  co_return jsonAnswer(std::move(body));
}

/// With the numbers of the log beside the reason: the editor reads on from there.
Response behind(const store::Appended& log, std::int64_t after) {
  auto response =
      toResponse({409, "storage.conflict",
                  "operation " + std::to_string(after + 1) +
                      " of the log is not the one that was sent: the log ends with " + std::to_string(log.last) +
                      "; read what is behind the last that you know (GET …/operations?after=), take "
                      "it over, and send yours behind it"});
  response.body.pop_back();
  response.body += ",\"oldest\":" + std::to_string(log.oldest) + ",\"last\":" + std::to_string(log.last) + "}";
  return response;
}

Job<Response> appendOperations(Call& call) {
  const auto log = logOf(call);
  if (!log) co_return toResponse(log.error());
  Body body(call, "after operations");
  if (!body.has("after")) {
    body.refuseOnce("the body needs 'after': the number of the last operation that you know; 0: the log is empty");
  }
  const auto after = body.number("after", 0, 0, std::int64_t{1} << 53);
  if (body.refused()) co_return toResponse(*body.refused());
  auto operations = operationsOf(body);
  if (!operations) co_return toResponse(operations.error());
  const auto done = co_await call.of(
      (*log)->append(call.parameters.front(), after, call.principal.user, std::move(*operations), call.waker()));
  if (!done) co_return toResponse(refusalOf(done.error()));
  if (!done->fits) co_return behind(*done, after);
  std::string text;
  json::Writer out(text);
  out.beginObject().key("oldest").value(done->oldest).key("last").value(done->last);
  out.key("added").value(done->added).endObject();
  co_return jsonAnswer(std::move(text));
}

constexpr std::array kPaging = {
    QueryRule{.name = "after",
              .kind = QueryRule::Kind::number,
              .help = "Only operations behind this number; left out: the newest."},
    QueryRule{.name = "limit", .kind = QueryRule::Kind::number, .help = "200 unless said.", .least = 1, .most = 1'000},
};

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/flows/{flow}/operations",
          .operation = "listOperations",
          .permission = "flow.edit",
          .summary = "What was done to the draft, oldest first, as its editors have said it.",
          .takes = "",
          .gives = "Operations",
          .handler = listOperations,
          .query = kPaging,
          .object = Object::flow},
    Route{.method = "POST",
          .pattern = "/flows/{flow}/operations",
          .operation = "appendOperations",
          .permission = "flow.edit",
          .summary = "Appends to the log of the draft, behind the operation that was seen last; what is there already "
                     "is left alone.",
          .takes = "NewOperations",
          .gives = "AppendedOperations",
          .handler = appendOperations,
          .object = Object::flow},
};

constexpr Shape kShapes[] = {
    Shape{"NewOperations", R"({
      "type": "object", "required": ["after", "operations"], "additionalProperties": false,
      "properties": {
        "after": {"type": "integer", "minimum": 0, "maximum": 9007199254740992,
          "description": "The number of the last operation of the log that is known; 0: it is empty. 409 with `last` if the log has gone on otherwise."},
        "operations": {"type": "array", "minItems": 1, "maxItems": 500, "items": {
          "type": "object", "required": ["base", "operation"], "additionalProperties": false,
          "properties": {
            "base": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the document before it."},
            "operation": {"type": "object", "description": "What was done, as the editor writes it; 256 KiB at most."}}}}}})"},
    Shape{"AppendedOperations", R"({
      "type": "object", "required": ["oldest", "last", "added"],
      "properties": {
        "oldest": {"type": "integer", "description": "The first number that is kept; 0: none."},
        "last": {"type": "integer"}, "added": {"type": "integer", "description": "0: all were there already."}}})"},
    Shape{"Operations", R"({
      "type": "object", "required": ["operations", "oldest", "last"],
      "properties": {
        "oldest": {"type": "integer", "description": "The first number that is kept; 0: none."},
        "last": {"type": "integer", "description": "The number of the newest of all; 0: there was none yet."},
        "operations": {"type": "array", "items": {
          "type": "object", "required": ["number", "author", "at", "base", "operation"],
          "properties": {
            "number": {"type": "integer"}, "author": {"type": "string", "description": "The id of a user."},
            "at": {"type": "integer", "description": "Milliseconds since 1970."},
            "base": {"type": "string"}, "operation": {"type": "object"}}}}}})"},
};

}  // namespace

std::span<const Route> operationRoutes() { return kRoutes; }
std::span<const Shape> operationShapes() { return kShapes; }

}  // namespace weir::api
