// Answers about documents and nodes.
#include "apps/wasm/documents.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/flow/describe-diff.h"
#include "engine/flow/flow-merge.h"
#include "engine/flow/format.h"
#include "engine/flow/formula.h"
#include "engine/flow/validate.h"
#include "engine/json/writer.h"
#include "engine/node/version.h"

namespace weir::wasm {
namespace {

std::string textOf(const json::Value& question, std::string_view key) {
  const auto* found = question.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

void writeProblems(json::Writer& out, const flow::Problems& problems) {
  out.key("problems").beginArray();
  for (const auto& problem : problems) out.value(flow::toJson(problem));
  out.endArray();
}

std::string nodesJson(const Page& page) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("nodes").beginArray();
  for (const auto* type : page.catalogue().all()) out.value(type->document.root());
  out.endArray().endObject();
  return text;
}

/// Nodes of the flow that this place cannot run, with the places that can.
void writeElsewhere(json::Writer& out, const flow::FlowDocument& document, const Catalogue& catalogue) {
  out.key("elsewhere").beginArray();
  for (const auto& node : document.nodes) {
    const auto* type = catalogue.find(node.typeId, node.version);
    if (type == nullptr || std::ranges::find(type->hosts, "browser") != type->hosts.end()) continue;
    out.beginObject().key("node").value(node.id).key("typeId").value(type->id).key("hosts").beginArray();
    for (const auto& host : type->hosts) out.value(host);
    out.endArray().endObject();
  }
  out.endArray();
}

std::string validation(const Page& page, const json::Value& question) {
  std::string text;
  json::Writer out(text);
  out.beginObject();
  const auto document = flow::parseFlow(textOf(question, "flow"));
  if (!document) {
    writeProblems(out, document.error());
    out.endObject();
    return text;
  }
  flow::ValidateOptions options;
  options.parametersOpen = true;
  const auto found = flow::validate(*document, page.catalogue(), options);
  writeProblems(out, found.problems);
  out.key("deterministic").value(found.deterministic).key("whyNotDeterministic").beginArray();
  for (const auto& why : found.whyNotDeterministic) out.value(why);
  out.endArray();
  writeElsewhere(out, *document, page.catalogue());
  out.endObject();
  return text;
}

std::string formatted(const json::Value& question) {
  const auto document = flow::parseFlow(textOf(question, "flow"));
  if (!document) return problemsJson(document.error());
  std::string text;
  json::Writer(text).beginObject().key("text").value(flow::formatFlow(*document)).endObject();
  return text;
}

/// Problems of one of several documents: the first that is none.
std::string problemsOf(std::string_view document, const flow::Problems& problems) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("document").value(document);
  writeProblems(out, problems);
  out.endObject();
  return text;
}

std::string difference(const json::Value& question) {
  const auto before = flow::parseFlow(textOf(question, "before"));
  if (!before) return problemsOf("before", before.error());
  const auto after = flow::parseFlow(textOf(question, "after"));
  if (!after) return problemsOf("after", after.error());
  const auto* all = question.find("all");
  flow::DiffOptions options;
  options.all = all != nullptr && all->asBool() != nullptr && *all->asBool();
  const auto diff = flow::diffFlows(*before, *after, options);
  auto answer = flow::toJson(diff);
  const auto format = textOf(question, "format");
  if (format == "text") answer.set("text", flow::textOf(diff, false));
  if (format == "markdown") answer.set("text", flow::markdownOf(diff));
  return json::write(answer);
}

std::string merge(const Page& page, const json::Value& question) {
  std::optional<flow::FlowDocument> base;
  if (question.find("base") != nullptr && !question.find("base")->isNull()) {
    auto parsed = flow::parseFlow(textOf(question, "base"));
    if (!parsed) return problemsOf("base", parsed.error());
    base = std::move(*parsed);
  }
  const auto ours = flow::parseFlow(textOf(question, "ours"));
  if (!ours) return problemsOf("ours", ours.error());
  const auto theirs = flow::parseFlow(textOf(question, "theirs"));
  if (!theirs) return problemsOf("theirs", theirs.error());
  flow::MergeOptions options;
  options.catalogue = &page.catalogue();
  options.validate.parametersOpen = true;
  const auto merged = flow::mergeFlows(base ? &*base : nullptr, *ours, *theirs, options);
  if (!merged) return problemsOf("merged", merged.error());
  return json::write(flow::toJson(*merged));
}

std::string formula(Page& page, const json::Value& question) {
  const auto answer =
      flow::formulaAnswer(question, {.zones = page.zones().zones(), .nowMicros = page.clock().nowMicros()});
  return answer ? *answer : errorJson(answer.error());
}

std::string version(const Page& page) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("engine").value(kEngineVersion).key("document").value(flow::kDocumentVersion);
  out.key("nodes").value(static_cast<std::int64_t>(page.catalogue().all().size())).endObject();
  return text;
}

}  // namespace

std::string answerTo(Page& page, std::string_view question) {
  const auto asked = json::parse(question);
  if (!asked) return errorJson(asked.error());
  const auto what = textOf(asked->root(), "ask");
  if (what == "nodes") return nodesJson(page);
  if (what == "validate") return validation(page, asked->root());
  if (what == "format") return formatted(asked->root());
  if (what == "diff") return difference(asked->root());
  if (what == "merge") return merge(page, asked->root());
  if (what == "formula") return formula(page, asked->root());
  if (what == "functions") return flow::formulaFunctions();
  if (what == "version") return version(page);
  return errorJson(
      {"settings.invalid",
       "'" + what + "' is not among nodes, validate, format, diff, merge, formula, functions and version"});
}

std::string errorJson(const Error& error) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("error").beginObject().key("code").value(error.code).key("message").value(error.message);
  out.key("recoverable").value(error.recoverable).endObject().endObject();
  return text;
}

std::string problemsJson(const flow::Problems& problems) {
  std::string text;
  json::Writer out(text);
  out.beginObject();
  writeProblems(out, problems);
  out.endObject();
  return text;
}

std::string openedJson(const PageRun& run) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("run").value(run.id()).key("outlets").beginArray();
  for (const auto& outlet : run.outlets()) out.value(outlet);
  out.endArray().endObject();
  return text;
}

}  // namespace weir::wasm
