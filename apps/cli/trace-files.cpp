// Writes traces beside the flow.
#include "apps/cli/trace-files.h"

#include <algorithm>
#include <filesystem>

#include "apps/cli/command.h"
#include "engine/data/packet.h"
#include "engine/json/writer.h"

namespace weir::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t kKeptBytes = std::uintmax_t{64} << 20;

void writeIds(json::Writer& out, std::string_view name, const std::vector<TraceId>& ids) {
  if (ids.empty()) return;
  out.key(name).beginArray();
  for (const auto id : ids) out.value(traceText(id));
  out.endArray();
}

void writeStep(json::Writer& out, const TraceStep& step, std::int64_t epochNanos) {
  out.beginObject()
      .key("node")
      .value(static_cast<std::int64_t>(step.node))
      .key("startNanos")
      .value(step.startNanos + epochNanos)
      .key("endNanos")
      .value(step.endNanos + epochNanos)
      .key("rows")
      .value(step.rowsIn)
      .key("tries")
      .value(static_cast<std::int64_t>(step.tries));
  writeIds(out, "taken", step.taken);
  writeIds(out, "failed", step.failed);
  if (!step.given.empty()) {
    out.key("given").beginArray();
    for (const auto& row : step.given)
      out.beginArray().value(traceText(row.row)).value(static_cast<int>(row.port)).endArray();
    out.endArray();
  }
  writeIds(out, "made", step.made);
  writeIds(out, "parents", step.parents);
  if (step.parentsBeyond > 0) out.key("parentsBeyond").value(step.parentsBeyond);
  out.endObject();
}

}  // namespace

std::string traceHead(const Run& run, const std::string& runId, std::int64_t every, std::int64_t forgotten) {
  std::string text;
  json::Writer head(text);
  head.beginObject().key("run").value(runId).key("flow").value(run.plan().flowId).key("every").value(every);
  head.key("forgottenSteps").value(forgotten).key("nodes").beginArray();
  for (const auto& node : run.planEver().nodes) {
    head.beginObject().key("id").value(node.id).key("typeId").value(node.type->id).key("outputs").beginArray();
    for (const auto& port : node.outputs) head.value(port.name);
    head.endArray().endObject();
  }
  head.endArray().endObject();
  return text + '\n';
}

std::string traceLine(const TraceStep& step, std::int64_t epochNanos) {
  std::string text;
  json::Writer out(text);
  writeStep(out, step, epochNanos);
  return text + '\n';
}

std::string traceLines(const Run& run, const std::string& runId, std::int64_t every) {
  const auto traces = run.traces();
  auto text = traceHead(run, runId, every, traces.forgotten);
  for (const auto& step : traces.steps) text += traceLine(step, traces.epochNanos);
  return text;
}

Result<std::string> keepTraces(const std::string& folder, const std::string& runId, const std::string& lines) {
  const auto place = folder + "/.weir/traces";
  std::error_code error;
  fs::create_directories(place, error);
  if (error) return fail("files.io", "cannot make '" + place + "': " + error.message());
  auto path = place + "/" + runId + ".ndjson";
  WEIR_TRY(writeText(path, lines));
  std::vector<fs::directory_entry> files;
  for (fs::directory_iterator at(place, error), end; !error && at != end; at.increment(error)) {
    std::error_code unknown;
    if (at->path().extension() == ".ndjson" && at->is_regular_file(unknown)) files.push_back(*at);
  }
  std::ranges::sort(files, std::greater<>(), [](const fs::directory_entry& file) {
    std::error_code unknown;
    return file.last_write_time(unknown);
  });
  std::uintmax_t bytes = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    bytes += files[i].file_size(error);
    if (i > 0 && bytes > kKeptBytes) fs::remove(files[i].path(), error);
  }
  return path;
}

}  // namespace weir::cli
