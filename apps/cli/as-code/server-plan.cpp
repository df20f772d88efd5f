// Compares a folder of flows with a server.
#include "apps/cli/as-code/server-plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/flow/describe-diff.h"
#include "engine/flow/format.h"
#include "engine/json/writer.h"
#include "engine/text/url.h"

namespace weir::cli {
namespace {

using Change = PlannedFlow::Change;

std::string textAt(const json::Value& object, std::string_view name) {
  const auto* found = object.find(name);
  return found != nullptr && found->isString() ? *found->asString() : std::string();
}

std::int64_t numberAt(const json::Value& object, std::string_view name) {
  const auto* found = object.find(name);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : 0;
}

ServerFlow headOf(const json::Value& head) {
  return {textAt(head, "id"), textAt(head, "folder"), numberAt(head, "revision"), numberAt(head, "publishedVersion")};
}

/// A flow that the list of the folder does not have: nothing, or one of another folder; one of the bin comes anew.
Result<std::optional<ServerFlow>> elsewhere(ServerClient& server, const std::string& id) {
  WEIR_ASSIGN(auto found, findFlow(server, id));
  if (!found || found->inBin) return std::nullopt;
  return std::move(found->flow);
}

flow::FlowDiff allOf(const FolderFlow& file) {
  return flow::diffCanonical(json::Value::object(), flow::canonicalFlow(file.document));
}

Result<PlannedFlow> planOne(ServerClient& server, const FolderFlow& file, const std::optional<ServerFlow>& known,
                            const PlanRequest& request) {
  PlannedFlow planned{.id = file.document.id, .folder = file.folder, .formerFolder = {}, .file = &file};
  auto there = known;
  if (!there) {
    WEIR_ASSIGN(there, elsewhere(server, file.document.id));
  }
  if (!there) {
    planned.change = Change::created;
    planned.diff = allOf(file);
    return planned;
  }
  planned.revision = there->revision;
  WEIR_ASSIGN(const auto document, readDocument(server, planned.id));
  if (flow::formatFlow(document) != file.text) {
    planned.change = Change::changed;
    planned.diff = flow::diffFlows(document, file.document, {.all = true});
  }
  if (there->folder != file.folder) {
    planned.formerFolder = there->folder.empty() ? "the root" : there->folder;
    if (planned.change == Change::unchanged) planned.change = Change::moved;
  }
  if (planned.change == Change::unchanged && request.publish) {
    bool published = false;
    if (there->publishedVersion > 0) {
      WEIR_ASSIGN(const auto version, readDocument(server, planned.id, there->publishedVersion));
      published = flow::formatFlow(version) == file.text;
    }
    if (!published) planned.change = Change::published;
  }
  return planned;
}

std::string_view signOf(Change change) {
  switch (change) {
    case Change::created:
      return "+";
    case Change::changed:
    case Change::moved:
    case Change::published:
      return "~";
    case Change::removed:
      return "-";
    case Change::unchanged:
    case Change::left:
      return "=";
  }
  return {};
}

std::string inWords(const PlannedFlow& flow) {
  std::string text;
  switch (flow.change) {
    case Change::created:
      text = "is new";
      break;
    case Change::changed:
      text = flow::summaryOf(*flow.diff);
      break;
    case Change::moved:
      text = "moves";
      break;
    case Change::published:
      text = "is published as it is";
      break;
    case Change::unchanged:
      text = "stays as it is";
      break;
    case Change::removed:
      text = "goes into the bin: no file has it";
      break;
    case Change::left:
      text = "is only on the server, and stays (--prune puts it into the bin)";
      break;
  }
  if (!flow.formerFolder.empty()) text += "; from " + flow.formerFolder;
  return text;
}

std::string nameIn(const PlannedFlow& flow) { return flow.folder.empty() ? flow.id : flow.folder + "/" + flow.id; }

std::string summaryOf(const ServerPlan& plan) {
  std::map<std::string_view, int> counts;
  for (const auto& flow : plan.flows) ++counts[signOf(flow.change)];
  return std::to_string(counts["+"]) + " to make, " + std::to_string(counts["~"]) + " to change, " +
         std::to_string(counts["-"]) + " to remove, " + std::to_string(counts["="]) + " as they are";
}

std::string indented(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    out.append(end > at ? "    " : "").append(text, at, end - at).append("\n");
    at = end + 1;
  }
  return out;
}

std::string asText(const ServerPlan& plan, bool colours) {
  std::string out;
  for (const auto& flow : plan.flows) {
    if (flow.change == Change::unchanged) continue;
    out.append(signOf(flow.change)).append(" ").append(nameIn(flow)).append(": ").append(inWords(flow)).append("\n");
    if (flow.change == Change::changed) out += indented(flow::textOf(*flow.diff, colours));
  }
  return out + summaryOf(plan) + "\n";
}

std::string asMarkdown(const ServerPlan& plan) {
  auto out = "**Flows:** " + summaryOf(plan) + "\n";
  for (const auto& flow : plan.flows) {
    if (flow.change == Change::unchanged) continue;
    out += "\n- `" + nameIn(flow) + "`: " + inWords(flow) + "\n";
    if (flow.change == Change::changed) out += "\n" + flow::markdownOf(*flow.diff);
  }
  return out;
}

std::string asJson(const ServerPlan& plan) {
  auto list = json::Value::array();
  for (const auto& flow : plan.flows) {
    auto one = json::Value::object();
    one.set("id", flow.id);
    one.set("folder", flow.folder);
    one.set("change", nameOf(flow.change));
    if (flow.file != nullptr) one.set("file", flow.file->path);
    if (!flow.formerFolder.empty()) one.set("formerFolder", flow.formerFolder);
    if (flow.revision) one.set("revision", *flow.revision);
    if (flow.diff) one.set("diff", flow::toJson(*flow.diff));
    list.push(std::move(one));
  }
  auto root = json::Value::object();
  root.set("summary", summaryOf(plan));
  root.set("same", plan.empty());
  root.set("flows", std::move(list));
  return json::write(root, json::Layout::pretty) + "\n";
}

}  // namespace

std::string_view nameOf(Change change) {
  switch (change) {
    case Change::created:
      return "created";
    case Change::changed:
      return "changed";
    case Change::moved:
      return "moved";
    case Change::published:
      return "published";
    case Change::unchanged:
      return "unchanged";
    case Change::removed:
      return "removed";
    case Change::left:
      return "left";
  }
  return {};
}

bool ServerPlan::empty() const {
  return std::ranges::all_of(
      flows, [](const auto& flow) { return flow.change == Change::unchanged || flow.change == Change::left; });
}

Result<std::vector<ServerFlow>> listFlows(ServerClient& server, const std::string& folder) {
  std::vector<ServerFlow> all;
  std::string cursor;
  do {
    auto path = std::string("/flows?order=name&limit=500");
    if (!folder.empty()) path += "&folder=" + percentEncoded(folder);
    if (!cursor.empty()) path += "&cursor=" + percentEncoded(cursor);
    WEIR_ASSIGN(const auto page, server.get(path));
    const auto* flows = page.root().find("flows");
    if (flows == nullptr || flows->asArray() == nullptr)
      return fail("server.protocol", "'" + server.url() + "' gave no list of flows; is a Weir server there?");
    for (const auto& head : *flows->asArray()) all.push_back(headOf(head));
    cursor = textAt(page.root(), "next");
  } while (!cursor.empty());
  return all;
}

Result<std::optional<FlowElsewhere>> findFlow(ServerClient& server, const std::string& id) {
  WEIR_ASSIGN(const auto answer, server.send("GET", "/flows/" + percentEncoded(id)));
  if (answer.status == 404) return std::nullopt;
  if (!answer.ok()) return std::unexpected(refusalOf(answer));
  const auto& root = answer.body.root();
  return FlowElsewhere{headOf(root), root.find("binnedAt") != nullptr};
}

Result<flow::FlowDocument> readDocument(ServerClient& server, const std::string& id, std::int64_t version) {
  auto path = "/flows/" + percentEncoded(id);
  if (version > 0) path += "/versions/" + std::to_string(version);
  WEIR_ASSIGN(const auto answer, server.get(path));
  const auto* document = answer.root().find("document");
  if (document == nullptr) return fail("server.protocol", "'" + server.url() + path + "' gave no document");
  auto flow = flow::parseFlow(json::write(*document));
  if (!flow) return std::unexpected(flow::toError(flow.error()));
  return std::move(*flow);
}

Result<ServerPlan> planFor(ServerClient& server, const std::vector<FolderFlow>& files, const PlanRequest& request) {
  WEIR_ASSIGN(auto listed, listFlows(server, request.base));
  std::map<std::string, ServerFlow> there;
  for (auto& flow : listed) {
    auto id = flow.id;
    there.emplace(std::move(id), std::move(flow));
  }
  ServerPlan plan;
  for (const auto& file : files) {
    const auto known = there.find(file.document.id);
    std::optional<ServerFlow> flow;
    if (known != there.end()) {
      flow = std::move(known->second);
      there.erase(known);
    }
    WEIR_ASSIGN(auto planned, planOne(server, file, flow, request));
    plan.flows.push_back(std::move(planned));
  }
  for (const auto& [id, flow] : there) {
    plan.flows.push_back({.change = request.prune ? Change::removed : Change::left,
                          .id = id,
                          .folder = flow.folder,
                          .formerFolder = {},
                          .revision = flow.revision});
  }
  return plan;
}

std::string describe(const ServerPlan& plan, const std::string& format, bool colours) {
  if (format == "json") return asJson(plan);
  return format == "markdown" ? asMarkdown(plan) : asText(plan, colours);
}

std::string applyBody(const ServerPlan& plan, bool publish, const std::string& message) {
  std::string body;
  json::Writer out(body);
  const auto tag = [&out](const PlannedFlow& flow) {
    out.key("ifMatch");
    if (flow.revision) {
      out.value("\"" + std::to_string(*flow.revision) + "\"");
    } else {
      out.null();
    }
  };
  out.beginObject().key("publish").value(publish).key("message").value(message).key("flows").beginArray();
  for (const auto& flow : plan.flows) {
    if (flow.file == nullptr || flow.change == Change::unchanged) continue;
    out.beginObject().key("folder").value(flow.folder);
    tag(flow);
    out.key("document").raw(flow.file->text).endObject();
  }
  out.endArray().key("remove").beginArray();
  for (const auto& flow : plan.flows) {
    if (flow.change != Change::removed) continue;
    out.beginObject().key("id").value(flow.id);
    tag(flow);
    out.endObject();
  }
  out.endArray().endObject();
  return body;
}

}  // namespace weir::cli
