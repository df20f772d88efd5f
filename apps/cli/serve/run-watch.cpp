// Hands on what runs do.
#include "apps/cli/serve/run-watch.h"

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "apps/cli/serve/folder-disk.h"
#include "engine/json/document.h"
#include "service/metrics/run-figures.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kFlushNanos = 1'000'000'000;
/// Of lines that wait for the store.
constexpr std::size_t kMostLineBytes = std::size_t{1} << 20;

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

metrics::FlowName nameOf(const store::RunRecord& run) { return {run.folder, run.flow}; }

alerts::Severity severityOf(std::string_view event) {
  if (event == "critical" || event == "error") return alerts::Severity::critical;
  return event == "warning" ? alerts::Severity::warning : alerts::Severity::info;
}

}  // namespace

std::string RunWatch::digits(int count) {
  std::string text;
  while (std::ssize(text) < count) {
    auto number = by_.random.next();
    for (int i = 0; i < 16 && std::ssize(text) < count; ++i, number >>= 4U) text += "0123456789abcdef"[number & 15U];
  }
  return text;
}

void RunWatch::say(LogLevel level, std::string message, const store::RunRecord& run, std::vector<logs::LogField> more) {
  logs::LogLine line{.level = level, .part = "runs", .message = std::move(message)};
  line.fields = {{"run", run.id}, {"flow", run.flow}, {"folder", run.folder}};
  if (const auto found = going_.find(run.id); found != going_.end()) {
    line.fields.push_back({"traceId", found->second.trace});
    line.fields.push_back({"spanId", found->second.span});
  }
  for (auto& field : more) line.fields.push_back(std::move(field));
  by_.log.tell(std::move(line));
}

void RunWatch::began(const store::RunRecord& run, std::string_view engineFolder) {
  by_.flows.engineBegan(engineFolder);
  const auto [going, fresh] = going_.try_emplace(run.id);
  if (fresh) {
    auto asked = logs::parseTraceparent(run.traceparent).value_or(logs::TraceContext());
    auto trace = asked.trace.empty() ? digits(32) : std::move(asked.trace);
    going->second = {.trace = std::move(trace),
                     .span = digits(16),
                     .parent = std::move(asked.parent),
                     .beganMicros = by_.clock.nowMicros(),
                     .began = by_.clock.steadyNanos()};
  }
  if (run.restarts > 0) by_.flows.restarted(run.id, nameOf(run));
  by_.flows.leased(run.id, nameOf(run), run.epoch);
  say(LogLevel::info, run.restarts > 0 ? "the run goes on in a new engine" : "the run begins", run,
      {{"version", run.version}, {"epoch", run.epoch}, {"restarts", run.restarts}});
}

void RunWatch::logged(const store::RunRecord& run, std::int64_t seq, std::string_view json) {
  if (by_.telemetry != nullptr) {
    if (const auto parsed = json::parse(json)) {
      const auto& root = parsed->root();
      const auto* at = root.find("at");
      logs::LogLine line{.level = logs::levelNamed(textIn(root, "level") == "warning" ? "warn" : textIn(root, "level"))
                                      .value_or(LogLevel::info),
                         .micros = at != nullptr && at->asInt64() != nullptr ? *at->asInt64() * 1000 : 0,
                         .part = "flow",
                         .message = textIn(root, "message")};
      if (line.micros == 0) line.micros = by_.clock.nowMicros();
      line.fields = {{"run", run.id}, {"flow", run.flow}, {"folder", run.folder}, {"node", textIn(root, "node")}};
      if (const auto found = going_.find(run.id); found != going_.end()) {
        line.fields.push_back({"traceId", found->second.trace});
        line.fields.push_back({"spanId", found->second.span});
      }
      by_.telemetry->take(line);
    }
  }
  if (by_.logs == nullptr || lineBytes_ + json.size() > kMostLineBytes) return;
  lineBytes_ += json.size();
  lines_.push_back({run.id, run.epoch, by_.clock.nowMicros() / 1000, std::string(json), seq});
}

void RunWatch::event(const store::RunRecord& run, std::string_view json) {
  const auto parsed = json::parse(json);
  if (!parsed) return;
  const auto& root = parsed->root();
  const auto kind = textIn(root, "kind");
  if (kind == "checkpoint.done") return by_.flows.checkpointed(run.id, nameOf(run));
  const auto severity = severityOf(textIn(root, "severity"));
  if (kind == "alert.raised" || kind == "alert.cleared") {
    auto name = textIn(root, "subject");
    if (const auto key = textIn(root, "key"); !key.empty()) name += " (" + key + ")";
    const bool raised = kind == "alert.raised";
    if (const auto going = going_.find(run.id); going != going_.end()) {
      raised ? void(going->second.alerts.insert(name)) : void(going->second.alerts.erase(name));
    }
    std::optional<double> value;
    if (const auto* found = root.find("value")) {
      double read = 0;
      if (found->toDouble(read)) value = read;
    }
    by_.alerts.flowAlert(run.folder, run.flow, name, severity, textIn(root, "message"), raised, value);
  }
  if (severity == alerts::Severity::info) return;
  say(severity == alerts::Severity::critical ? LogLevel::error : LogLevel::warning, textIn(root, "message"), run,
      {{"event", kind}, {"subject", textIn(root, "subject")}});
}

void RunWatch::metrics(const store::RunRecord& run, std::string_view json) {
  // What an engine says is not trusted to be right.
  const auto figures = metrics::runFiguresOf(json);
  if (!figures) return;
  by_.flows.report(run.id, nameOf(run), *figures);
  if (by_.sent == nullptr || figures->egressBytes == 0) return;
  // The record has what was said before.
  const auto before = metrics::runFiguresOf(run.metrics).value_or(metrics::RunFigures()).egressBytes;
  if (figures->egressBytes > before) by_.sent->addSent(run.folder, figures->egressBytes - before);
}

void RunWatch::lost(const store::RunRecord& run, std::string_view why) {
  say(LogLevel::error, "the run has lost its engine: " + std::string(why), run);
}

void RunWatch::engineLost(std::string_view engineFolder) { by_.flows.engineRestarted(engineFolder); }

void RunWatch::ended(const store::RunRecord& run) {
  const bool failed = run.state == store::RunState::failed;
  const auto outcome = failed ? std::string("failed") : std::string(store::nameOf(run.state));
  say(failed ? LogLevel::error : LogLevel::info, "the run has ended: " + outcome, run,
      {{"outcome", run.outcome}, {"code", run.errorCode}});
  by_.flows.ended(run.id, nameOf(run), outcome);
  const auto found = going_.find(run.id);
  if (found == going_.end()) return;
  // Nobody measures any more what they were about.
  for (const auto& name : found->second.alerts) {
    by_.alerts.flowAlert(run.folder, run.flow, name, alerts::Severity::info, "", false);
  }
  if (by_.telemetry != nullptr) {
    telemetry::Span span{.trace = found->second.trace,
                         .id = found->second.span,
                         .parent = found->second.parent,
                         .name = "run " + run.flow};
    span.beginMicros = found->second.beganMicros;
    span.endNanosLater = by_.clock.steadyNanos() - found->second.began;
    span.attributes = {{"weir.run", run.id},          {"weir.flow", run.flow},   {"weir.folder", run.folder},
                       {"weir.version", run.version}, {"weir.outcome", outcome}, {"weir.restarts", run.restarts}};
    if (failed) span.problem = run.errorCode.empty() ? "failed" : run.errorCode;
    by_.telemetry->span(span);
  }
  going_.erase(found);
}

void RunWatch::flush() {
  if (keeping_.active()) {
    if (!keeping_.ready()) return;
    // A store that is away or full loses lines of logs, and nothing else.
    static_cast<void>(keeping_.take());
  }
  if (lines_.empty()) return;
  lineBytes_ = 0;
  keeping_ = by_.logs->add(std::exchange(lines_, {}), Waker());
}

int RunWatch::work() {
  const auto now = by_.clock.steadyNanos();
  if (by_.logs != nullptr && now - flushedNanos_ >= kFlushNanos) {
    flushedNanos_ = now;
    flush();
  }
  return lines_.empty() ? 1000 : 250;
}

void RunWatch::finish() {
  for (int i = 0; i < 200 && (keeping_.active() || !lines_.empty()); ++i) {
    flush();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace weir::cli
