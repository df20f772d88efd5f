// Tags, conditions and heads of flows.
#include "service/api/flow-answers.h"

#include <algorithm>
#include <charconv>

namespace weir::api {

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
  out.beginObject().key("id").value(head.id).key("name").value(head.name).key("description").value(head.description);
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

}  // namespace weir::api
