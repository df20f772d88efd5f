// Reads documents from bodies.
#include "service/api/flow-text.h"

#include <utility>

namespace weir::api {

Expected<json::Document> jsonOf(const std::string& body) {
  if (body.empty()) return refuse(400, "api.body", "the request has no body; send a JSON object");
  auto parsed = json::parse(body);
  if (!parsed) return refuse(400, parsed.error().code, std::move(parsed.error().message));
  if (!parsed->root().isObject()) {
    return refuse(400, "api.body",
                  "the body is " + std::string(json::nameOf(parsed->root().kind())) + "; a JSON object is expected");
  }
  return std::move(*parsed);
}

namespace {

std::unexpected<Refusal> refusalOfForm(const flow::Problems& problems) {
  auto refusal = refusalOf(problems);
  // What is no JSON is no document either.
  if (problems.begin()->code.starts_with("json.")) refusal.status = 400;
  return std::unexpected(std::move(refusal));
}

}  // namespace

Expected<flow::FlowDocument> flowOf(std::string_view text) {
  auto document = flow::parseFlow(text);
  if (!document) return refusalOfForm(document.error());
  return std::move(*document);
}

Expected<flow::FlowDocument> flowOf(json::Document read) {
  auto document = flow::readFlow(std::move(read));
  if (!document) return refusalOfForm(document.error());
  return std::move(*document);
}

Expected<flow::FlowSource> sourceOf(std::string_view text) {
  auto source = flow::parseSource(text);
  if (!source) return refusalOfForm(source.error());
  return std::move(*source);
}

Expected<void> checkMembers(const json::Value& object, std::string_view known) {
  for (const auto& member : *object.asObject()) {
    const auto padded = " " + std::string(known) + " ";
    if (padded.contains(" " + member.key + " ")) continue;
    return refuse(400, "api.body", "the body has a member '" + member.key + "'; known are: " + std::string(known));
  }
  return {};
}

}  // namespace weir::api
