// Flow documents in the bodies of requests.
#pragma once

#include <string>

#include "engine/flow/document.h"
#include "engine/flow/source.h"
#include "service/api/refusal.h"

namespace weir::api {

/// The body of a request as JSON: `api.body` if it is none, with the place.
[[nodiscard]] Expected<json::Document> jsonOf(const std::string& body);
/// The document: 422 with all problems of its form, 400 for a text that is no JSON.
[[nodiscard]] Expected<flow::FlowDocument> flowOf(std::string_view text);
/// The same of what was read already.
[[nodiscard]] Expected<flow::FlowDocument> flowOf(json::Document document);
/// The same, for who keeps the document and needs none of its parts.
[[nodiscard]] Expected<flow::FlowSource> sourceOf(std::string_view text);
/// `api.body` if the object has members that are not among `known` (words with spaces between).
[[nodiscard]] Expected<void> checkMembers(const json::Value& object, std::string_view known);

}  // namespace weir::api
