// Traces of a run of a server, as files.
#include "apps/cli/engine/trace-log.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "apps/cli/numbered-files.h"
#include "apps/cli/trace-files.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStepsAtOnce = 1'000;
/// What is kept is so many files at least, so that the oldest can go.
constexpr std::int64_t kFiles = 8;
constexpr std::string_view kEnding = ".ndjson";

}  // namespace

TraceLog::TraceLog(std::string folder, native::FileKeys keys, std::string run, std::int64_t every, std::int64_t bytes)
    : folder_(std::move(folder)), run_(std::move(run)), keys_(std::move(keys)), every_(every), bytes_(bytes) {}

Result<void> TraceLog::begin() {
  file_.close();
  WEIR_TRY(makeFolder(folder_));
  dropOld();
  const auto path = folder_ + "/" + numberedName(lastNumberIn(folder_) + 1, kEnding);
  file_.open(path, std::ios::binary | std::ios::trunc);
  if (!file_.is_open()) return fail("files.io", "cannot write '" + path + "'");
  sealer_.reset();
  if (!keys_.empty()) sealer_.emplace(keys_);
  fileBytes_ = 0;
  nodes_ = 0;
  return {};
}

void TraceLog::dropOld() {
  std::int64_t bytes = 0;
  std::error_code ignored;
  auto files = numberedIn(folder_);
  for (const auto& file : files) bytes += static_cast<std::int64_t>(fs::file_size(file, ignored));
  // The next one has room to grow.
  for (const auto& file : files) {
    if (bytes <= bytes_ - bytes_ / kFiles) return;
    bytes -= static_cast<std::int64_t>(fs::file_size(file, ignored));
    fs::remove(file, ignored);
  }
}

Result<void> TraceLog::write(std::string_view lines) {
  std::string sealed;
  if (sealer_) sealer_->add(lines, sealed);
  const auto bytes = sealer_ ? std::string_view(sealed) : lines;
  file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file_.flush();
  if (!file_.good()) return fail("files.io", "cannot write to the traces in '" + folder_ + "'");
  fileBytes_ += static_cast<std::int64_t>(bytes.size());
  return {};
}

Result<bool> TraceLog::take(const Run& run) {
  const auto found = run.tracesFrom(next_, kStepsAtOnce);
  if (found.steps.empty()) return false;
  forgotten_ += found.forgotten - next_;
  next_ = found.forgotten + std::ssize(found.steps);
  if (!file_.is_open() || fileBytes_ >= bytes_ / kFiles) WEIR_TRY(begin());
  std::string text;
  // The plan after the steps: it has all nodes that they name.
  if (const auto nodes = run.planEver().nodes.size(); nodes != nodes_) {
    nodes_ = nodes;
    text = traceHead(run, run_, every_, forgotten_);
  }
  for (const auto& step : found.steps) text += traceLine(step, found.epochNanos);
  WEIR_TRY(write(text));
  return found.steps.size() == kStepsAtOnce;
}

void TraceLog::look(const Run& run, Log& log) {
  while (!failed_) {
    const auto more = take(run);
    if (more && !*more) return;
    if (more) continue;
    failed_ = true;
    log.write(LogLevel::error, "", "traces are not kept any more: " + more.error().message);
  }
}

}  // namespace weir::cli
