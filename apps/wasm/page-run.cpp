// Working, reading and writing a run of a page.
#include "apps/wasm/page-run.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "apps/wasm/run-request.h"
#include "engine/data/batch-builder.h"
#include "engine/data/hash.h"
#include "engine/data/row-json.h"
#include "engine/data/value-json.h"
#include "engine/flow/make-plan.h"
#include "engine/host/memory-state-store.h"
#include "engine/json/writer.h"
#include "hosts/browser/browser-state-store.h"

namespace weir::wasm {
namespace {

constexpr std::int64_t kDefaultMemoryBytes = std::int64_t{512} << 20;
/// The module has 2 GiB; what a run may hold leaves room for what is not counted.
constexpr std::int64_t kMostMemoryBytes = std::int64_t{1536} << 20;
constexpr std::int64_t kAlertsEveryNanos = 100'000'000;
/// Between two looks at the clock.
constexpr int kStepsPerLook = 4;

std::string newRunId(const Plan& plan, const RunRequest& request, Clock& clock) {
  if (!request.common.run.runId.empty()) return request.common.run.runId;
  const auto mark =
      request.common.run.seed != 0 ? request.common.run.seed : static_cast<std::uint64_t>(clock.nowMicros());
  const auto id = hash::combine(plan.documentHash, mark);
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(id >> static_cast<unsigned>(shift)) & 15U];
  return text;
}

/// Each one costs a write to the page's storage: a time is kept to, and rows are not counted, unless the document says.
void timeCheckpoints(const RunRequest& request, const flow::FlowConfig& config, Plan& plan) {
  if (!request.checkpointEveryMs) return;
  if (!config.checkpointEveryMs) plan.checkpointEveryMs = *request.checkpointEveryMs;
  if (!config.checkpointRows) plan.checkpointRows = std::numeric_limits<std::int64_t>::max();
}

}  // namespace

void PageWorkers::drive(WorkSource& source) {
  while (!source.runReady(0).finished) {
  }
}

Result<void> PageDeadLetters::add(std::span<const ErrorPacket> packets) {
  for (const auto& packet : packets) {
    if (kept_ == kMost) return {};
    ++kept_;
    appendJson(lines_, packet);
    lines_ += '\n';
  }
  return {};
}

flow::Problems PageRun::problemOf(const Error& error) {
  flow::Problems problems;
  problems.error(error.code, "", error.message);
  return problems;
}

PageRun::PageRun(Page& page, const Hosts& hosts, std::string flow) : page_(page), hosts_(hosts) {
  about_.flow = std::move(flow);
  hosts_.add<PageRows>(rows_);
}

std::expected<std::unique_ptr<PageRun>, flow::Problems> PageRun::make(Page& page, std::string_view flow,
                                                                      std::string_view request) {
  return make(page, page.hosts(), flow, request);
}

std::expected<std::unique_ptr<PageRun>, flow::Problems> PageRun::make(Page& page, const Hosts& hosts,
                                                                      std::string_view flow, std::string_view request) {
  auto parsed = RunRequest::parse(request);
  if (!parsed) return std::unexpected(problemOf(parsed.error()));
  auto document = flow::parseFlow(flow);
  if (!document) return std::unexpected(std::move(document.error()));
  auto made = std::make_unique<PageRun>(page, hosts, document->id);
  for (const auto& outlet : parsed->outlets) made->outlets_.push_back(api::addOutlet(*document, outlet, kOutletType));
  auto& memory = parsed->common.planning.memoryBytes;
  memory = std::min(memory.value_or(document->config.memoryBytes.value_or(kDefaultMemoryBytes)), kMostMemoryBytes);
  auto plan = flow::makePlan(*document, page.catalogue(), parsed->common.planning);
  if (!plan) return std::unexpected(std::move(plan.error()));
  auto& options = parsed->common.run;
  options.runId = newRunId(*plan, *parsed, page.clock());
  options.memoryLimitBytes = plan->limits.memoryBytes;
  options.deadLetters = &made->letters_;
  if (parsed->checkpoints) {
    const auto& key = parsed->checkpointKey;
    made->state_ = std::make_unique<browser::BrowserStateStore>(page.calls(), key.empty() ? plan->flowId : key);
    options.state = made->state_.get();
    timeCheckpoints(*parsed, document->config, *plan);
  }
  made->about_.run = options.runId;
  made->about_.version = plan->flowVersion;
  auto run = Run::make(std::move(*plan), std::move(options), made->hosts_, made->workers_);
  if (!run) return std::unexpected(problemOf(run.error()));
  made->run_ = std::move(*run);
  return made;
}

PageRun::~PageRun() {
  watchers_.clear();
  releaseExported();
}

double PageRun::work(double budgetMs) {
  if (finished_) return kFinished;
  auto& clock = page_.clock();
  auto now = clock.steadyNanos();
  const auto until = now + static_cast<std::int64_t>(budgetMs * 1e6);
  auto& source = run_->work();
  for (int step = 1;; ++step) {
    WorkSource::Idle idle;
    auto* ready = source.begin(idle);
    if (ready == nullptr) {
      if (idle.finished) finish();
      if (finished_) return kFinished;
      return idle.wakeAtMicros ? static_cast<double>(*idle.wakeAtMicros) : kIdle;
    }
    ready->execute();
    source.end(*ready);
    if (step % kStepsPerLook != 0) continue;
    now = clock.steadyNanos();
    look(now);
    if (now >= until) return 0;
  }
}

void PageRun::look(std::int64_t nowNanos) {
  if (nowNanos - alertsAtNanos_ <= kAlertsEveryNanos) return;
  alertsAtNanos_ = nowNanos;
  run_->lookAtAlerts();
  run_->debugger().tick();
}

void PageRun::finish() {
  const auto result = run_->finish();
  finished_ = true;
  result_ = api::resultJson(result);
  outcome_ = api::nameOf(result.outcome);
  error_ = result.error;
  for (auto& [number, watcher] : watchers_) watcher->end(api::nameOf(result.outcome), page_.clock().steadyNanos());
}

void PageRun::releaseExported() {
  if (exported_.array.release != nullptr) exported_.array.release(&exported_.array);
  if (exported_.schema.release != nullptr) exported_.schema.release(&exported_.schema);
}

const PageRun::Exported* PageRun::read(std::string_view outlet) {
  releaseExported();
  Batch batch;
  if (!rows_.outlet(outlet).take(batch, exported_.bytes)) return nullptr;
  // Dense columns of the batch are shared, not copied.
  if (!arrow::exportBatch(batch, &exported_.array, &exported_.schema)) return nullptr;
  return &exported_;
}

std::int64_t PageRun::readJson(std::string_view outlet, std::string& lines) {
  Batch batch;
  std::int64_t bytes = 0;
  if (!rows_.outlet(outlet).take(batch, bytes)) return -1;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    appendJson(lines, batch.row(row));
    lines += '\n';
  }
  return bytes;
}

Result<void> PageRun::writeJson(std::string_view inlet, std::string_view lines) {
  std::vector<Value> rows;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    const auto line = lines.substr(0, end);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    if (line.empty()) continue;
    WEIR_ASSIGN(auto value, parseJsonValue(line));
    rows.push_back(std::move(value));
  }
  if (rows.empty()) return {};
  WEIR_ASSIGN(auto batch, batchOfRows(rows, MemoryAccount::unlimited()));
  rows_.inlet(inlet).write(std::move(batch));
  return {};
}

Result<void> PageRun::writeArrow(std::string_view inlet, ArrowArray* array, ArrowSchema* schema) {
  WEIR_ASSIGN(auto batch, arrow::importBatch(array, schema, MemoryAccount::unlimited()));
  rows_.inlet(inlet).write(std::move(batch));
  return {};
}

std::uint32_t PageRun::watch() {
  const auto number = ++lastWatcher_;
  auto name = about_.run + "-" + std::to_string(number);
  watchers_.emplace(number, std::make_unique<live::Session>(*run_, about_, number, std::move(name), saved_));
  return number;
}

Result<void> PageRun::receive(std::uint32_t watcher, std::string_view control) {
  const auto found = watchers_.find(watcher);
  if (found == watchers_.end()) return fail("live.frame", "there is no such watcher");
  live::Frame frame;
  frame.payload = control;
  return found->second->receive(frame, page_.clock().steadyNanos());
}

std::string PageRun::due(std::uint32_t watcher) {
  const auto found = watchers_.find(watcher);
  if (found == watchers_.end()) return {};
  if (!finished_) {
    const auto now = page_.clock().steadyNanos();
    // A run that waits for its page is not worked: who watches it learns of it all the same.
    look(now);
    found->second->tick(now);
  }
  return std::exchange(found->second->outgoing(), std::string());
}

}  // namespace weir::wasm
