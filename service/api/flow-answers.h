// What requests about kept flows have in common: entity tags, conditions, and flows as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/flow/document.h"
#include "engine/flow/source.h"
#include "engine/json/writer.h"
#include "service/api/route.h"

namespace weir::api {

/// The entity tag of a revision.
[[nodiscard]] std::string tagOf(std::int64_t revision);
/// Whether a header If-Match or If-None-Match names the tag; a weak one is as good for reading.
[[nodiscard]] bool namesTag(std::string_view header, std::string_view tag);
/// The revision that If-Match names, of several that which the flow of the path has; none for `*`. 428
/// `api.no_condition` if the header is not there, 412 if none of its tags is that of a revision.
[[nodiscard]] Job<Expected<store::IfRevision>> revisionOf(Call& call);
/// The same, but without the header any revision does.
[[nodiscard]] Job<Expected<store::IfRevision>> ifGiven(Call& call);
/// The same of what is known to have a revision.
[[nodiscard]] Expected<store::IfRevision> revisionOf(const Call& call, std::int64_t now);
[[nodiscard]] Expected<store::IfRevision> ifGiven(const Call& call, std::int64_t now);
/// With the document if there is one.
void writeHead(json::Writer& out, const store::FlowHead& head, std::string_view document = {});
/// The head of a flow with its tag.
[[nodiscard]] Response headAnswer(const store::FlowHead& head, int status);
/// Of a document as it is kept: as long as a body may be, and room for its indentation.
inline constexpr std::size_t kMostDocumentBytes = std::size_t{16} << 20;
/// The canonical text of a document: 413 if it has more than that.
[[nodiscard]] Expected<std::string> canonicalText(const json::Value& root);
/// What the store keeps of a document, in canonical form: 413 as above.
[[nodiscard]] Expected<store::FlowChange> changeOf(const flow::FlowDocument& document);
[[nodiscard]] Expected<store::FlowChange> changeOf(const flow::FlowSource& source);
/// What is published must be able to run: 422 with all problems.
[[nodiscard]] Expected<flow::FlowDocument> runnableOf(const std::string& text, const Catalogue& catalogue);

}  // namespace weir::api
