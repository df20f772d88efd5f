// Tags, conditions and heads of flows.
#include "service/api/flow-answers.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "engine/flow/format.h"
#include "engine/flow/validate.h"
#include "engine/text/utf8.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"

namespace weir::api {
namespace {

constexpr std::int64_t kMostDescriptionBytes = 2'000;

/// Of a description what lists show and searches look through; the document has all of it.
std::string begun(std::string description) {
  if (std::ssize(description) <= kMostDescriptionBytes) return description;
  description.resize(static_cast<std::size_t>(kMostDescriptionBytes));
  description.resize(static_cast<std::size_t>(utf8::validPrefix(description)));
  return description + "…";
}

Expected<store::FlowChange> changeOf(const json::Value& root, std::string description) {
  auto text = canonicalText(root);
  if (!text) return std::unexpected(std::move(text.error()));
  store::FlowChange change;
  change.description = begun(std::move(description));
  change.document = std::move(*text);
  auto& tags = change.tags.emplace();
  const auto* given = root.findPointer("/metadata/tags");
  if (given == nullptr || given->asArray() == nullptr) return change;
  for (const auto& tag : *given->asArray()) {
    if (tag.isString()) tags.push_back(*tag.asString());
  }
  return change;
}

}  // namespace

Expected<std::string> canonicalText(const json::Value& root) {
  auto text = flow::formatWithin(root, kMostDocumentBytes);
  if (text) return std::move(*text);
  return refuse(
      413, "json.too_large",
      "the document has more than " + std::to_string(kMostDocumentBytes) +
          " bytes in its canonical form, a line for each value; keep long lists in files that its nodes read");
}

std::string tagOf(std::int64_t revision) { return "\"" + std::to_string(revision) + "\""; }

bool namesTag(std::string_view header, std::string_view tag) { return header == "*" || header.contains(tag); }

namespace {

std::int64_t numberIn(std::string_view tag) {
  std::int64_t revision = 0;
  const auto [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), revision);
  return error == std::errc() && end == tag.data() + tag.size() ? revision : -1;
}

/// The revisions that If-Match names, by RFC 9110: a list of tags, of which weak ones and others' match nothing.
std::vector<std::int64_t> revisionsIn(std::string_view header) {
  std::vector<std::int64_t> revisions;
  while (true) {
    header.remove_prefix(std::min(header.find_first_not_of(" \t,"), header.size()));
    if (header.empty()) return revisions;
    const bool weak = header.starts_with("W/");
    if (weak) header.remove_prefix(2);
    const auto end = header.starts_with('"') ? header.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos) return {};
    if (const auto revision = numberIn(header.substr(1, end - 1)); revision >= 0 && !weak)
      revisions.push_back(revision);
    header.remove_prefix(end + 1);
  }
}

std::unexpected<Refusal> noRevision(const std::string& header) {
  return refuse(412, "storage.changed",
                "If-Match is '" + header + "', which is the tag of no revision; read the flow, and send its ETag");
}

Expected<store::IfRevision> oneOf(const std::vector<std::int64_t>& revisions, std::int64_t now) {
  if (revisions.size() == 1 || std::ranges::contains(revisions, now)) {
    return store::IfRevision(revisions.size() == 1 ? revisions.front() : now);
  }
  return refuse(412, "storage.changed",
                "If-Match names " + std::to_string(revisions.size()) + " states, and what is there now, " + tagOf(now) +
                    ", is none of them; read it again");
}

std::unexpected<Refusal> noCondition() {
  return refuse(428, "api.no_condition",
                "a flow is only changed by who knows its state: send its ETag as If-Match, or * for any");
}

Job<Expected<store::IfRevision>> oneOfFlow(Call& call, std::vector<std::int64_t> revisions) {
  const auto flow = co_await call.of(call.services.store.read(call.parameters.front(), call.waker()));
  if (!flow) co_return std::unexpected(refusalOf(flow.error()));
  co_return oneOf(revisions, flow->head.revision);
}

}  // namespace

Expected<store::IfRevision> ifGiven(const Call& call, std::int64_t now) {
  const auto* header = call.header("if-match");
  if (header == nullptr || *header == "*") return store::IfRevision();
  const auto revisions = revisionsIn(*header);
  return revisions.empty() ? noRevision(*header) : oneOf(revisions, now);
}

Expected<store::IfRevision> revisionOf(const Call& call, std::int64_t now) {
  if (call.header("if-match") == nullptr) return noCondition();
  return ifGiven(call, now);
}

Job<Expected<store::IfRevision>> ifGiven(Call& call) {
  using Given = Expected<store::IfRevision>;
  const auto* header = call.header("if-match");
  if (header == nullptr || *header == "*") return Given(store::IfRevision());
  auto revisions = revisionsIn(*header);
  if (revisions.empty()) return Given(noRevision(*header));
  if (revisions.size() == 1) return Given(store::IfRevision(revisions.front()));
  return oneOfFlow(call, std::move(revisions));
}

Job<Expected<store::IfRevision>> revisionOf(Call& call) {
  if (call.header("if-match") == nullptr) return Expected<store::IfRevision>(noCondition());
  return ifGiven(call);
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

Expected<store::FlowChange> changeOf(const flow::FlowDocument& document) {
  return changeOf(document.source.root(), document.description);
}

Expected<store::FlowChange> changeOf(const flow::FlowSource& source) {
  return changeOf(source.root(), source.description());
}

Response headAnswer(const store::FlowHead& head, int status) {
  std::string body;
  json::Writer out(body);
  writeHead(out, head);
  auto response = jsonAnswer(std::move(body), status);
  response.with("etag", tagOf(head.revision));
  return response;
}

Expected<flow::FlowDocument> runnableOf(const std::string& text, const Catalogue& catalogue) {
  auto document = flowOf(text);
  if (!document) return std::unexpected(document.error());
  flow::ValidateOptions options;
  options.parametersOpen = true;
  const auto found = flow::validate(*document, catalogue, options);
  if (found.failed()) return std::unexpected(refusalOf(found.problems));
  return document;
}

}  // namespace weir::api
