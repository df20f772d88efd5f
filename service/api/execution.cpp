// Runs flows and tells what they do.
#include "service/api/execution.h"

#include <algorithm>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/run-request.h"

namespace weir::api {
namespace {

constexpr std::int64_t kRowsAMessage = 100;
constexpr std::int64_t kNanosAMs = 1'000'000;
/// Rows that come close together go together.
constexpr std::int64_t kHoldNanos = 50 * kNanosAMs;

void writeError(json::Writer& out, const Error& error) {
  out.beginObject().key("code").value(error.code).key("message").value(error.message);
  out.key("recoverable").value(error.recoverable).endObject();
}

}  // namespace

Execution::Execution(std::unique_ptr<FlowRun> run, std::string flow, std::vector<PortName> outlets,
                     const ExecutionLimits& limits, Clock& clock, const Waker& moved)
    : limits_(limits),
      clock_(clock),
      ring_(std::make_shared<EventRing>(moved)),
      flow_(std::move(flow)),
      run_(std::move(run)),
      startedNanos_(clock.steadyNanos()),
      startedMs_(clock.nowMicros() / 1000) {
  for (auto& outlet : outlets) ports_.push_back({.name = std::move(outlet)});
  tell("execution-update", R"({"status":"running"})");
}

void Execution::cancel() {
  if (over()) return;
  stopping_ = true;
  run_->cancel();
}

double Execution::work(double budgetMs) {
  if (over()) return FlowRun::kFinished;
  auto now = clock_.steadyNanos();
  lookAtTime(now);
  auto next = FlowRun::kIdle;
  if (run_->end() == nullptr) {
    next = run_->work(budgetMs);
    now = clock_.steadyNanos();
  }
  const bool ended = run_->end() != nullptr;
  // Rows of a run that is stopped are not complete anyhow: its end does not wait for readers.
  const bool told = (ended && stopping_) || tellRows(now, ended);
  if (ended && told) {
    finish();
    return FlowRun::kFinished;
  }
  if (next == 0) return 0;
  const auto due = nextDue(now);
  return next > 0 && (due < 0 || next < due) ? next : due;
}

void Execution::lookAtTime(std::int64_t nowNanos) {
  const auto age = nowNanos - startedNanos_;
  if (limits_.longestMs > 0 && age >= limits_.longestMs * kNanosAMs && !cut_) {
    cut_ = true;
    cancel();
  }
  if (ring_->isRead()) {
    leftNanos_ = -1;
  } else if (leftNanos_ < 0) {
    leftNanos_ = nowNanos;
  } else if (nowNanos - leftNanos_ >= limits_.lingerMs * kNanosAMs) {
    cancel();
  }
}

double Execution::nextDue(std::int64_t nowNanos) const {
  std::int64_t wait = -1;
  const auto consider = [&wait, nowNanos](std::int64_t dueNanos) {
    const auto left = std::max<std::int64_t>(0, dueNanos - nowNanos);
    wait = wait < 0 ? left : std::min(wait, left);
  };
  if (limits_.longestMs > 0 && !cut_) consider(startedNanos_ + limits_.longestMs * kNanosAMs);
  if (!ring_->isRead() && leftNanos_ >= 0 && !stopping_) consider(leftNanos_ + limits_.lingerMs * kNanosAMs);
  for (const auto& port : ports_) {
    if (port.rows > 0 && ring_->hasRoom()) consider(port.sinceNanos + kHoldNanos);
  }
  return wait < 0 ? FlowRun::kIdle : static_cast<double>(clock_.nowMicros() + wait / 1000 + 1);
}

bool Execution::tellRows(std::int64_t nowNanos, bool all) {
  bool told = true;
  for (std::size_t i = 0; i < ports_.size(); ++i) told = tellPort(i, nowNanos, all) && told;
  return told;
}

bool Execution::tellPort(std::size_t index, std::int64_t nowNanos, bool all) {
  auto& port = ports_[index];
  while (ring_->hasRoom()) {
    while (port.rows < kRowsAMessage) {
      const auto read = run_->read(index, port.lines);
      if (!read) break;
      if (port.rows == 0) port.sinceNanos = nowNanos;
      port.rows += read->rows;
      port.owed += read->credit;
    }
    if (port.rows == 0) {
      // A batch without rows has its credit too.
      run_->credit(index, std::exchange(port.owed, 0));
      return true;
    }
    if (port.rows < kRowsAMessage && !all && nowNanos - port.sinceNanos < kHoldNanos) return false;
    tellSome(port);
    if (port.rows > 0) continue;
    port.lines.clear();
    port.at = 0;
    run_->credit(index, std::exchange(port.owed, 0));
  }
  return false;
}

void Execution::tellSome(Port& port) {
  std::string data = "[";
  for (std::int64_t row = 0; row < kRowsAMessage && port.rows > 0; ++row) {
    const auto end = std::min(port.lines.find('\n', port.at), port.lines.size());
    if (row > 0) data += ',';
    data.append(port.lines, port.at, end - port.at);
    port.at = end + 1;
    --port.rows;
  }
  data += ']';
  std::string metadata;
  json::Writer(metadata).beginObject().key("node").value(port.name.node).key("port").value(port.name.port).endObject();
  tell("node-output", data, metadata);
}

void Execution::tell(std::string_view type, std::string_view data, std::string_view metadata) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("id").value(id() + "-" + std::to_string(ring_->last() + 1));
  out.key("timestamp").value(clock_.nowMicros() / 1000).key("type").value(type).key("data").raw(data);
  if (!metadata.empty()) out.key("metadata").raw(metadata);
  out.endObject();
  ring_->add(type, text);
}

void Execution::tellError(const Error& error) {
  std::string data;
  json::Writer out(data);
  writeError(out, error);
  tell("error", data);
}

void Execution::finish() {
  const auto& end = *run_->end();
  status_ = cut_ ? "cut" : end.outcome;
  endedMs_ = clock_.nowMicros() / 1000;
  if (cut_) {
    tellError({"run.too_long_here", "a run that is executed here is cut at " +
                                        std::to_string(limits_.longestMs / 1000) +
                                        " s; start it from a page, whose worker has no limit"});
  } else if (end.error) {
    tellError(*end.error);
  }
  result_ = end.json;
  tellEnd();
}

void Execution::tellEnd() {
  std::string data;
  json::Writer(data).beginObject().key("status").value(status_).key("result").raw(result_).endObject();
  tell("execution-update", data);
  ring_->end();
}

void Execution::cutShort(const Error& why) {
  if (over()) return;
  run_->cancel();
  status_ = "cancelled";
  endedMs_ = clock_.nowMicros() / 1000;
  RunResult result;
  result.outcome = Outcome::cancelled;
  result.error = why;
  result.elapsedMicros = (clock_.steadyNanos() - startedNanos_) / 1000;
  result_ = resultJson(result);
  tellError(why);
  tellEnd();
}

std::string Execution::json() const {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("id").value(id()).key("flow").value(flow_).key("status").value(status_);
  out.key("startedAt").value(startedMs_).key("events").value(ring_->last());
  if (over()) out.key("endedAt").value(endedMs_).key("result").raw(result_);
  out.endObject();
  return text;
}

Expected<void> Executions::haveRoom(const std::string& user) const {
  const auto busy = [](std::int64_t most, std::string_view whose) {
    return std::unexpected(refusalOf(Error{"run.busy",
                                           std::to_string(most) + " executions" + std::string(whose) +
                                               " go on here, and that is the limit; try again when one has ended",
                                           true}));
  };
  if (running() >= limits_.running) return busy(limits_.running, "");
  if (limits_.ofOne == 0 || user.empty()) return {};
  const auto own = std::ranges::count_if(all_, [&](const auto& one) { return !one->over() && one->owner() == user; });
  if (own >= limits_.ofOne) return busy(limits_.ofOne, " of yours");
  return {};
}

Expected<Execution*> Executions::start(RunOrder order, std::string flow, const std::string& user,
                                       const std::string& credential) {
  if (auto room = haveRoom(user); !room) return std::unexpected(std::move(room.error()));
  auto outlets = order.outlets;
  auto run = runner_.start(std::move(order));
  if (!run) return std::unexpected(refusalOf(run.error()));
  all_.push_back(
      std::make_unique<Execution>(std::move(*run), std::move(flow), std::move(outlets), limits_, clock_, moved_));
  auto* const made = all_.back().get();
  made->belongTo(user, credential);
  dropOld();
  moved_.wake();
  return made;
}

Execution* Executions::find(std::string_view id) const {
  const auto found = std::ranges::find_if(all_, [id](const auto& one) { return one->id() == id; });
  return found == all_.end() ? nullptr : found->get();
}

std::int64_t Executions::running() const {
  return std::ranges::count_if(all_, [](const auto& one) { return !one->over(); });
}

void Executions::endAll(const Error& why) {
  for (const auto& one : all_) one->cutShort(why);
}

void Executions::dropOld() {
  while (std::ssize(all_) > limits_.kept) {
    const auto oldest = std::ranges::find_if(all_, [](const auto& one) { return one->over(); });
    if (oldest == all_.end()) return;
    all_.erase(oldest);
  }
}

double Executions::work(double budgetMs) {
  const auto share = budgetMs / static_cast<double>(std::max<std::int64_t>(1, running()));
  auto next = FlowRun::kIdle;
  for (const auto& one : all_) {
    if (one->over()) continue;
    const auto due = one->work(share);
    if (due == FlowRun::kFinished || due == FlowRun::kIdle) continue;
    next = next < 0 ? due : std::min(next, due);
  }
  return next;
}

}  // namespace weir::api
