// Runs that are wanted, and how they come to run.
#include "service/engines/supervisor.h"

#include <fcntl.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/engines/engine-protocol.h"
#include "service/engines/process-runner.h"
#include "service/engines/read-only-folder.h"
#include "service/metrics/run-figures.h"

namespace weir::engines {
namespace {

using store::RunState;

constexpr std::size_t kMostLogs = 1'000, kMostLateLogs = 8'000, kMostEnded = 32;
/// By then a line is in the store.
constexpr std::int64_t kLateLogsMs = 5'000;
constexpr std::int64_t kMetricsEveryMs = 10'000;
/// As a run says it whose process goes on.
constexpr std::string_view kDiskFailed = "files.sync_failed";
constexpr int kTickMs = 250;

Result<void> makeFolders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail("files.io", "cannot make the folder '" + path + "': " + error.message());
  return {};
}

Result<std::shared_ptr<const OpenFolder>> openFolder(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return fail("files.io", "cannot open the folder '" + path + "'");
  return std::make_shared<const OpenFolder>(descriptor);
}

bool wantsOwnProcess(const std::string& document) {
  const auto parsed = json::parse(document);
  if (!parsed) return false;
  const auto* isolation = parsed->root().findPointer("/config/isolation");
  return isolation != nullptr && isolation->isString() && *isolation->asString() == "process";
}

/// The supervisor has nothing to do about it.
bool isAtRest(RunState state) { return isOver(state) || state == RunState::held; }

/// Whoever reads of a run knows its files by what lies below the data folder.
void leaveOut(std::string& text, const std::string& folder) {
  const auto slash = folder.rfind('/');
  if (slash == std::string::npos) return;
  const auto above = folder.substr(0, slash + 1);
  const auto name = folder.substr(slash + 1);
  for (std::size_t at = 0; (at = text.find(folder, at)) != std::string::npos; at += name.size()) {
    text.erase(at, above.size());
  }
}

/// Of the bounds of a run; 0: none.
std::int64_t memoryOf(const std::string& limits) {
  const auto parsed = json::parse(limits.empty() ? "{}" : limits);
  const auto* member = parsed ? parsed->root().find("memoryBytes") : nullptr;
  const auto* bytes = member == nullptr ? nullptr : member->asInt64();
  return bytes == nullptr ? 0 : std::max<std::int64_t>(*bytes, 0);
}

bool saysCheckpoint(std::string_view event) { return event.find("\"checkpoint.done\"") != std::string_view::npos; }

}  // namespace

class Supervisor::Inbox {
 public:
  explicit Inbox(Waker moved) : moved_(std::move(moved)) {}
  void put(News news) {
    {
      const std::lock_guard locked(mutex_);
      news_.push_back(std::move(news));
    }
    moved_.wake();
  }
  std::vector<News> take() {
    const std::lock_guard locked(mutex_);
    return std::exchange(news_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<News> news_;
  Waker moved_;
};

class Supervisor::Listener final : public RunListener {
 public:
  Listener(std::shared_ptr<Inbox> inbox, std::string run, std::uint64_t attempt, const SupervisorOptions& options)
      : inbox_(std::move(inbox)), run_(std::move(run)), attempt_(attempt), hooked_(options.hooked) {}
  void rows(std::size_t, std::string, std::int64_t, std::int64_t) override {}
  void log(std::string_view json) override { put(News::Kind::log, json); }
  void event(std::string_view json) override { put(News::Kind::event, json); }
  void metrics(std::string_view json) override { put(News::Kind::metrics, json); }
  void changed(std::string_view json) override { put(News::Kind::changed, json); }
  void hooks(std::string_view json) override {
    if (hooked_) hooked_(run_, json);
  }
  void ended(EngineEnd end) override { inbox_->put({run_, attempt_, News::Kind::ended, {}, std::move(end)}); }

 private:
  void put(News::Kind kind, std::string_view json) { inbox_->put({run_, attempt_, kind, std::string(json), {}}); }
  std::shared_ptr<Inbox> inbox_;
  std::string run_;
  std::uint64_t attempt_;
  std::function<void(const std::string& run, std::string_view json)> hooked_;
};

Supervisor::Supervisor(store::Runs& runs, Engines& engines, Clock& clock, SupervisorOptions options, Waker moved)
    : runs_(runs),
      engines_(engines),
      clock_(clock),
      options_(std::move(options)),
      moved_(std::move(moved)),
      inbox_(std::make_shared<Inbox>(moved_)) {}

Supervisor::~Supervisor() = default;

int Supervisor::work() {
  const auto now = nowMs();
  for (auto& news : inbox_->take()) take(std::move(news));
  lost_.clear();
  lease(now);
  for (auto one = managed_.begin(); one != managed_.end();) {
    auto& run = one->second;
    const bool over = isAtRest(run.stored.record.state);
    if (!over && !run.going && run.startAtMs <= now) start(run);
    if (run.going && options_.held) holdIntake(run);
    if (run.going && run.cancelAtMs >= 0 && run.cancelAtMs <= now) {
      engines_.cancel(run.number);
      run.cancelAtMs = -1;
    }
    save(run, now);
    const bool kept = isAtRest(run.stored.record.state) && !run.dirty && !run.saving.active();
    one = kept ? managed_.erase(one) : std::next(one);
  }
  return kTickMs;
}

void Supervisor::adopt(store::StoredRun stored) {
  const auto id = stored.record.id;
  if (const auto known = managed_.find(id); known != managed_.end()) {
    if (!isAtRest(known->second.stored.record.state)) return;
    managed_.erase(known);
  }
  if (managed_.empty()) renewedMs_ = nowMs();
  auto& run = managed_[id];
  run.stored = std::move(stored);
  std::erase(ended_, id);
  auto& told = told_[id];
  if (!told.events || told.events->ended()) told.events = std::make_shared<api::EventRing>(moved_);
  auto& record = run.stored.record;
  const bool elsewhere = record.wanted && isElsewhere(run.stored);
  // Its earlier owner has gone before it could say how the run has ended.
  if (record.startedAt > 0 && !elsewhere) ++record.restarts;
  if (!record.wanted) finish(run, RunState::stopped);
  if (elsewhere) holdElsewhere(run);
  changed(run);
  moved_.wake();
}

void Supervisor::closeLetters(const std::string& id) {
  const auto found = managed_.find(id);
  if (found != managed_.end() && found->second.going) engines_.closeLetters(found->second.number);
}

void Supervisor::stop(const std::string& id, bool atCheckpoint) {
  const auto found = managed_.find(id);
  if (found == managed_.end() || isOver(found->second.stored.record.state)) return;
  auto& run = found->second;
  run.stored.record.wanted = false;
  if (!run.going) {
    finish(run, RunState::stopped);
  } else if (run.stored.record.state != RunState::stopping) {
    run.stored.record.state = RunState::stopping;
    run.stored.record.why =
        "it finishes what is under way, for " + std::to_string(options_.drainMs / 1000) + " s at most";
    run.cancelAtMs = nowMs() + options_.drainMs;
    if (atCheckpoint) {
      run.stored.record.why = "it ends behind its next checkpoint";
      engines_.checkpoint(run.number);
    } else {
      engines_.drain(run.number);
    }
    changed(run);
  }
  moved_.wake();
}

void Supervisor::forget(const std::string& id) {
  told_.erase(id);
  std::erase(ended_, id);
  // Ids are made by the server, of letters, digits, - and _.
  std::error_code ignored;
  std::filesystem::remove_all(options_.runsFolder + "/" + id, ignored);
}

const Supervisor::Told* Supervisor::told(const std::string& id) const {
  const auto found = told_.find(id);
  return found == told_.end() ? nullptr : &found->second;
}

const store::RunRecord* Supervisor::record(const std::string& id) const {
  const auto found = managed_.find(id);
  return found == managed_.end() ? nullptr : &found->second.stored.record;
}

std::string Supervisor::replayOf(const std::string& id) const {
  for (const auto& [replay, run] : managed_) {
    const auto& record = run.stored.record;
    if (record.replay.empty() || isOver(record.state)) continue;
    const auto asked = json::parse(record.replay);
    const auto* of = asked ? asked->root().find("run") : nullptr;
    if (of != nullptr && of->asString() != nullptr && *of->asString() == id) return replay;
  }
  return {};
}

bool Supervisor::hasOwnProcess(const Managed& run) const { return run.alone || wantsOwnProcess(run.stored.document); }

std::string Supervisor::processOf(const Managed& run) const {
  const auto& record = run.stored.record;
  return hasOwnProcess(run) ? "run/" + record.id : "folder/" + engineFolderOf(run);
}

/// Whose the process is: its end concerns who may see that folder.
std::string Supervisor::engineFolderOf(const Managed& run) const {
  const auto& folder = run.stored.record.folder;
  return hasOwnProcess(run) ? folder : folder.substr(0, folder.find('/'));
}

Result<EngineOrder> Supervisor::orderOf(const Managed& run) const {
  const auto& record = run.stored.record;
  EngineOrder order;
  order.run = record.id;
  order.flow = run.stored.document;
  if (!record.replay.empty()) {
    order.replay = record.replay;
    const auto asked = json::parse(record.replay);
    const auto* of = asked ? asked->root().find("run") : nullptr;
    if (of != nullptr && of->asString() != nullptr)
      order.letters = options_.runsFolder + "/" + *of->asString() + "/dead-letters";
  }
  order.folder = options_.runsFolder + "/" + record.id;
  order.epoch = static_cast<std::uint64_t>(record.epoch);
  if (options_.keys) {
    WEIR_ASSIGN(order.keys, options_.keys(record.folder));
  }
  const auto project = options_.filesFolder + (record.folder.empty() ? "" : "/" + record.folder);
  WEIR_TRY(makeFolders(project));
  WEIR_TRY(makeFolders(order.folder));
  WEIR_ASSIGN(auto opened, openFolder(project));
  order.mounts.push_back({"project", true, std::move(opened)});
  if (options_.furnish) WEIR_TRY(options_.furnish(record, order));
  json::Writer out(order.options);
  out.beginObject().key("runId").value(record.id).key("mounts").beginArray();
  for (const auto& mount : order.mounts) out.value(mount.name);
  out.endArray().key("parameters").raw(record.parameters.empty() ? "{}" : record.parameters);
  out.key("resumeChanged").value(run.resumeChanged);
  if (!record.limits.empty()) out.key("limits").raw(record.limits);
  order.memoryBytes = memoryOf(record.limits);
  if (!record.rowsKept.empty()) out.key("rowsKept").raw(record.rowsKept);
  // What it sent before it lost its engine counts too.
  if (const auto told = metrics::runFiguresOf(record.metrics)) out.key("sentBefore").value(told->egressBytes);
  out.endObject();
  return order;
}

void Supervisor::start(Managed& run) {
  auto& record = run.stored.record;
  run.attempt = ++attempts_;
  auto order = orderOf(run);
  if (!order) {
    EngineEnd end;
    end.code = order.error().code;
    end.message = order.error().message;
    leaveOut(end.message, options_.runsFolder);
    leaveOut(end.message, options_.filesFolder);
    takeCrash(run, end);
    return;
  }
  run.going = true;
  run.heldWhy.clear();
  record.state = RunState::starting;
  record.why.clear();
  if (record.startedAt == 0) record.startedAt = clock_.nowMicros() / 1000;
  changed(run);
  run.number = engines_.start(processOf(run), std::move(*order),
                              std::make_shared<Listener>(inbox_, record.id, run.attempt, options_));
  if (options_.observer != nullptr) options_.observer->began(record, engineFolderOf(run));
}

void Supervisor::takeLine(const store::RunRecord& record, Told& told, std::string json) {
  auto& logs = told.logs;
  const bool first = logs.empty() || logs.back().epoch != record.epoch;
  const auto seq = first ? 1 : logs.back().seq + 1;
  if (options_.observer != nullptr) options_.observer->logged(record, seq, json);
  told.events->add("log", json);
  logs.push_back({record.epoch, seq, nowMs(), std::move(json)});
  const auto goes = [&] { return logs.size() > kMostLateLogs || nowMs() - logs.front().atMs > kLateLogsMs; };
  while (logs.size() > kMostLogs && goes()) logs.pop_front();
}

void Supervisor::take(News news) {
  const auto found = managed_.find(news.run);
  // Of an earlier try.
  if (found == managed_.end() || found->second.attempt != news.attempt) return;
  auto& run = found->second;
  auto& told = told_[news.run];
  auto* observer = options_.observer;
  switch (news.kind) {
    case News::Kind::log:
      return takeLine(run.stored.record, told, std::move(news.json));
    case News::Kind::event:
      if (saysCheckpoint(news.json)) {
        run.saves = false;
        run.ends.clear();
        run.restartsInARow = 0;
        recovered(run);
      }
      if (observer != nullptr) observer->event(run.stored.record, news.json);
      told.events->add("run-event", news.json);
      return;
    case News::Kind::metrics:
      if (observer != nullptr) observer->metrics(run.stored.record, news.json);
      // Only the newest count, and only for who looks.
      if (told.events->isRead()) told.events->add("metrics", news.json);
      run.stored.record.metrics = std::move(news.json);
      if (run.stored.record.state == RunState::starting) {
        run.stored.record.state = RunState::running;
        changed(run);
      } else if (nowMs() - run.savedMs > kMetricsEveryMs) {
        run.dirty = true;
      }
      return;
    case News::Kind::changed:
      return takeChange(run, news.json);
    case News::Kind::ended:
      for (const auto* folder : {&options_.runsFolder, &options_.filesFolder}) {
        leaveOut(news.end.message, *folder);
        leaveOut(news.end.json, *folder);
      }
      run.going = run.saves = false;
      run.cancelAtMs = -1;
      if (news.end.crashed) {
        takeCrash(run, news.end);
      } else {
        takeEnd(run, std::move(news.end));
      }
      return;
  }
}

/// It is past what its process ended with before.
void Supervisor::recovered(Managed& run) {
  auto& record = run.stored.record;
  if (record.errorCode.empty()) return;
  record.errorCode.clear();
  record.errorMessage.clear();
  changed(run);
}

void Supervisor::takeEnd(Managed& run, EngineEnd end) {
  auto& record = run.stored.record;
  if (run.next && run.next->restart && record.wanted && end.outcome == "cancelled") {
    becomeNext(run);
    run.startAtMs = nowMs();
    record.state = RunState::starting;
    return;
  }
  if (record.wanted && isHeldFor(end.code)) return hold(run, std::move(end.message));
  const bool diskFailed = end.code == kDiskFailed || (end.outcome == "failed" && isOnReadOnlyDisk(options_.runsFolder));
  if (record.wanted && diskFailed) return takeDiskFailure(run, end);
  record.outcome = std::move(end.outcome);
  record.errorCode = std::move(end.code);
  record.errorMessage = std::move(end.message);
  record.result = std::move(end.json);
  if (!record.wanted) return finish(run, RunState::stopped);
  finish(run, record.outcome == "done" ? RunState::done : RunState::failed);
}

void Supervisor::finish(Managed& run, RunState state) {
  auto& record = run.stored.record;
  record.state = state;
  record.why.clear();
  record.endedAt = clock_.nowMicros() / 1000;
  run.next.reset();
  changed(run);
  if (options_.told) options_.told(record.id, RunTurn::ended);
  if (options_.observer != nullptr) options_.observer->ended(record);
  auto& told = told_[record.id];
  if (told.events) told.events->end();
  ended_.push_back(record.id);
  if (ended_.size() <= kMostEnded) return;
  told_.erase(ended_.front());
  ended_.pop_front();
}

void Supervisor::changed(Managed& run) {
  run.dirty = true;
  run.saveAfterMs = 0;
  tell(run.stored.record);
}

void Supervisor::tell(const store::RunRecord& record) {
  const auto found = told_.find(record.id);
  if (found == told_.end() || found->second.events->ended()) return;
  std::string text;
  json::Writer out(text);
  out.beginObject().key("state").value(nameOf(record.state)).key("wanted").value(record.wanted ? "running" : "stopped");
  out.key("why").value(record.why).key("restarts").value(record.restarts).endObject();
  found->second.events->add("run-update", text);
}

void Supervisor::save(Managed& run, std::int64_t now) {
  if (run.saving.active() && run.saving.ready()) {
    const auto saved = run.saving.take();
    if (!saved && saved.error().code == "run.fenced") {
      // Somebody else works it now, from what is on the disk.
      if (run.going) engines_.cancel(run.number);
      run.attempt = 0;
      run.going = false;
      run.dirty = false;
      run.stored.record.state = RunState::stopped;
      return;
    }
    if (!saved) {
      run.dirty = true;
      run.versionChanged = run.versionChanged || run.savesVersion;
      run.saveAfterMs = now + 1'000;
    }
  }
  if (!run.dirty || run.saving.active() || now < run.saveAfterMs) return;
  run.dirty = false;
  run.savedMs = now;
  run.savesVersion = std::exchange(run.versionChanged, false);
  run.saving = run.savesVersion ? runs_.saveVersion(run.stored, moved_) : runs_.save(run.stored.record, moved_);
}

}  // namespace weir::engines
