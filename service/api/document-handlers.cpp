// Validating, formatting, comparing and merging documents that are not kept.
#include <optional>

#include "engine/flow/describe-diff.h"
#include "engine/flow/flow-merge.h"
#include "engine/flow/format.h"
#include "engine/flow/validate.h"
#include "engine/json/writer.h"
#include "service/api/elsewhere.h"
#include "service/api/flow-answers.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"

namespace weir::api {
namespace {

void writeProblems(json::Writer& out, const flow::Problems& problems) {
  out.key("problems").beginArray();
  for (const auto& problem : problems) out.value(flow::toJson(problem));
  out.endArray();
}

/// Nodes of the flow that this place cannot run, with the places that can.
void writeElsewhere(json::Writer& out, const flow::FlowDocument& document, const Services& services) {
  out.key("elsewhere").beginArray();
  for (const auto& node : document.nodes) {
    const auto* type = services.catalogue.find(node.typeId, node.version);
    if (type == nullptr || runsOn(*type, services.place)) continue;
    out.beginObject().key("node").value(node.id).key("typeId").value(type->id).key("hosts").beginArray();
    for (const auto& host : type->hosts) out.value(host);
    out.endArray().endObject();
  }
  out.endArray();
}

/// A document of several in one body, or its text; the problems of one that is none say which.
Expected<flow::FlowDocument> memberFlow(const json::Value& body, const std::string& name) {
  const auto* found = body.find(name);
  if (found == nullptr) return refuse(400, "api.body", "the body has no '" + name + "'; give the document");
  auto document = flowOf(found->isString() ? *found->asString() : json::write(*found));
  if (!document) {
    document.error().detail = "'" + name + "': " + document.error().detail;
  } else if (auto text = canonicalText(document->source.root()); !text) {
    return std::unexpected(std::move(text.error()));
  }
  return document;
}

Expected<std::string> difference(const std::string& text, const Services& /*services*/, const Asker& asker) {
  auto body = jsonOf(text);
  if (!body) return std::unexpected(std::move(body.error()));
  const auto& asked = body->root();
  if (auto known = checkMembers(asked, "before after all format"); !known)
    return std::unexpected(std::move(known.error()));
  const auto before = memberFlow(asked, "before");
  if (!before) return std::unexpected(before.error());
  if (asker.gone()) return givenUp();
  const auto after = memberFlow(asked, "after");
  if (!after) return std::unexpected(after.error());
  const auto* all = asked.find("all");
  if (all != nullptr && all->asBool() == nullptr) return refuse(400, "api.body", "'all' is true or false");
  if (asker.gone()) return givenUp();
  const auto diff = flow::diffFlows(*before, *after, {.all = all != nullptr && *all->asBool()});
  if (asker.gone()) return givenUp();
  auto answer = flow::toJson(diff);
  if (const auto* format = asked.find("format")) {
    const auto name = format->isString() ? *format->asString() : std::string();
    if (name != "text" && name != "markdown") return refuse(400, "api.body", "'format' is \"text\" or \"markdown\"");
    answer.set("text", name == "text" ? flow::textOf(diff, false) : flow::markdownOf(diff));
  }
  return json::write(answer);
}

Expected<std::string> merge(const std::string& text, const Services& services, const Asker& asker) {
  auto body = jsonOf(text);
  if (!body) return std::unexpected(std::move(body.error()));
  const auto& asked = body->root();
  if (auto known = checkMembers(asked, "base ours theirs"); !known) return std::unexpected(std::move(known.error()));
  std::optional<flow::FlowDocument> base;
  if (const auto* given = asked.find("base"); given != nullptr && !given->isNull()) {
    auto document = memberFlow(asked, "base");
    if (!document) return std::unexpected(std::move(document.error()));
    base = std::move(*document);
  }
  if (asker.gone()) return givenUp();
  const auto ours = memberFlow(asked, "ours");
  if (!ours) return std::unexpected(ours.error());
  if (asker.gone()) return givenUp();
  const auto theirs = memberFlow(asked, "theirs");
  if (!theirs) return std::unexpected(theirs.error());
  flow::MergeOptions options;
  options.catalogue = &services.catalogue;
  options.validate.parametersOpen = true;
  if (asker.gone()) return givenUp();
  const auto merged = flow::mergeFlows(base ? &*base : nullptr, *ours, *theirs, options);
  if (!merged) return refuse(500, "flow.invalid", flow::toError(merged.error()).message);
  if (asker.gone()) return givenUp();
  return json::write(flow::toJson(*merged));
}

/// {valid, problems, deterministic?, whyNotDeterministic?, elsewhere?}
Expected<std::string> judged(const std::string& text, const Services& services, const Asker& asker) {
  std::string body;
  json::Writer out(body);
  out.beginObject();
  const auto document = flow::parseFlow(text);
  if (!document) {
    out.key("valid").value(false);
    writeProblems(out, document.error());
  } else {
    if (asker.gone()) return givenUp();
    flow::ValidateOptions options;
    options.parametersOpen = true;
    const auto found = flow::validate(*document, services.catalogue, options);
    out.key("valid").value(!found.failed());
    writeProblems(out, found.problems);
    out.key("deterministic").value(found.deterministic).key("whyNotDeterministic").beginArray();
    for (const auto& why : found.whyNotDeterministic) out.value(why);
    out.endArray();
    writeElsewhere(out, *document, services);
  }
  out.endObject();
  return body;
}

Expected<std::string> formatted(const std::string& text, const Services& /*services*/, const Asker& asker) {
  const auto document = flowOf(text);
  if (!document) return std::unexpected(document.error());
  if (asker.gone()) return givenUp();
  return canonicalText(document->source.root());
}

using Make = Expected<std::string> (*)(const std::string&, const Services&, const Asker&);

/// What is made of a body and of what never changes.
Job<Response> made(Call& call, Make make) {
  auto answer = co_await call.ofBody([make, &services = call.services](const std::string& text, const Asker& asker) {
    return make(text, services, asker);
  });
  co_return answer ? jsonAnswer(std::move(*answer)) : toResponse(std::move(answer.error()));
}

}  // namespace

Job<Response> validateFlow(Call& call) { return made(call, judged); }
Job<Response> formatFlow(Call& call) { return made(call, formatted); }
Job<Response> diffFlows(Call& call) { return made(call, difference); }
Job<Response> mergeFlows(Call& call) { return made(call, merge); }

}  // namespace weir::api
