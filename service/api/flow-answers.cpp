// Tags, conditions and heads of flows.
#include "service/api/flow-answers.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/flow/format.h"
#include "engine/flow/validate.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"

namespace weir::api {
namespace {

store::FlowChange changeOf(const json::Value& root, std::string description) {
  store::FlowChange change;
  change.description = std::move(description);
  change.document = flow::formatSource(root);
  auto& tags = change.tags.emplace();
  const auto* given = root.findPointer("/metadata/tags");
  if (given == nullptr || given->asArray() == nullptr) return change;
  for (const auto& tag : *given->asArray()) {
    if (tag.isString()) tags.push_back(*tag.asString());
  }
  return change;
}

}  // namespace

std::string tagOf(std::int64_t revision) { return "\"" + std::to_string(revision) + "\""; }

bool namesTag(std::string_view header, std::string_view tag) { return header == "*" || header.contains(tag); }

Expected<store::IfRevision> ifGiven(const Call& call) {
  const auto* header = call.header("if-match");
  if (header == nullptr || *header == "*") return store::IfRevision();
  std::int64_t revision = 0;
  const auto* first = header->data() + 1;
  const auto* last = header->data() + header->size() - 1;
  const bool quoted = header->size() > 2 && header->front() == '"' && header->back() == '"';
  if (quoted) {
    const auto [end, error] = std::from_chars(first, last, revision);
    if (error == std::errc() && end == last) return store::IfRevision(revision);
  }
  return refuse(412, "storage.changed",
                "If-Match is '" + *header + "', which is the tag of no revision; read the flow, and send its ETag");
}

Expected<store::IfRevision> revisionOf(const Call& call) {
  if (call.header("if-match") != nullptr) return ifGiven(call);
  return refuse(428, "api.no_condition",
                "a flow is only changed by who knows its state: send its ETag as If-Match, or * for any");
}

void writeHead(json::Writer& out, const store::FlowHead& head, std::string_view document) {
  out.beginObject()
      .key("id")
      .value(head.id)
      .key("folder")
      .value(head.folder)
      .key("name")
      .value(head.name)
      .key("description")
      .value(head.description);
  out.key("tags").beginArray();
  for (const auto& tag : head.tags) out.value(tag);
  out.endArray().key("revision").value(head.revision).key("createdAt").value(head.createdAt);
  out.key("changedAt").value(head.changedAt);
  if (head.binnedAt) out.key("binnedAt").value(*head.binnedAt);
  out.key("bytes").value(head.bytes).key("latestVersion").value(head.latestVersion);
  out.key("publishedVersion").value(head.publishedVersion);
  if (!document.empty()) out.key("document").raw(document);
  out.endObject();
}

store::FlowChange changeOf(const flow::FlowDocument& document) {
  return changeOf(document.source.root(), document.description);
}

store::FlowChange changeOf(const flow::FlowSource& source) { return changeOf(source.root(), source.description()); }

Response headAnswer(const store::FlowHead& head, int status) {
  std::string body;
  json::Writer out(body);
  writeHead(out, head);
  auto response = jsonAnswer(std::move(body), status);
  response.with("etag", tagOf(head.revision));
  return response;
}

Expected<void> checkRunnable(const std::string& text, const Catalogue& catalogue) {
  const auto document = flowOf(text);
  if (!document) return std::unexpected(document.error());
  flow::ValidateOptions options;
  options.parametersOpen = true;
  const auto found = flow::validate(*document, catalogue, options);
  if (found.failed()) return std::unexpected(refusalOf(found.problems));
  return {};
}

}  // namespace weir::api
