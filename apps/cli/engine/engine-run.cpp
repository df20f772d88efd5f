// Runs in an engine process: made, worked by the pool, told.
#include "apps/cli/engine/engine-run.h"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <utility>

#include "engine/flow/make-plan.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/live/describe.h"
#include "hosts/native/state/sealed-state.h"
#include "service/api/run-request.h"
#include "service/engines/engine-protocol.h"

namespace weir::cli {
namespace {

using engines::appendControl;

constexpr std::int64_t kLookNanos = 100'000'000, kMeasureNanos = 1'000'000'000;
/// A larger batch goes in slices.
constexpr std::int64_t kSliceBytes = std::int64_t{4} << 20;

std::uint64_t numberOf(const std::string& id) {
  std::uint64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  return number;
}

Error errorOf(const flow::Problems& problems) { return flow::toError(problems); }

/// What frames that were appended behind `from` count against the credit: each is preceded by its length.
std::int64_t costSince(const std::string& out, std::size_t from) {
  std::int64_t cost = 0;
  for (auto at = from; at + 4 <= out.size();) {
    std::uint32_t length = 0;
    for (std::size_t i = 4; i-- > 0;) length = length << 8U | static_cast<unsigned char>(out[at + i]);
    cost += length;
    at += 4 + length;
  }
  return cost;
}

/// What the process may have open, but for the little that it needs itself.
void boundDescriptors(std::int64_t most) {
  constexpr rlim_t kLeast = 64;
  rlimit now{};
  if (most <= 0 || ::getrlimit(RLIMIT_NOFILE, &now) != 0) return;
  now.rlim_cur = std::min(now.rlim_max, std::max(kLeast, static_cast<rlim_t>(most)));
  ::setrlimit(RLIMIT_NOFILE, &now);
}

Result<void> appendRows(live::BatchFrames& frames, std::string& out, const Batch& batch) {
  const auto slices = std::min(batch.rows(), 1 + batch.logicalBytes() / kSliceBytes);
  const auto each = slices <= 1 ? batch.rows() : (batch.rows() + slices - 1) / slices;
  for (std::int64_t row = 0; row < batch.rows(); row += each) {
    WEIR_TRY(frames.append(out, batch.slice(row, std::min(each, batch.rows() - row)), 0));
  }
  return {};
}

}  // namespace

EngineParts::EngineParts(Catalogue nodes, std::vector<std::string> ownAddresses, native::ProxySettings given,
                         int threads, engines::CrashBoard* board, std::function<void()> wake)
    : catalogue(std::move(nodes)),
      front(std::move(wake)),
      proxies(std::move(given)),
      own(std::move(ownAddresses)),
      pool(threads, clock, board) {
  secrets.askOf(front);
}

EngineRun::EngineRun(EngineParts& parts, RunOrdered order, live::Relay& relay, const std::function<void()>& wake)
    : parts_(parts),
      order_(std::move(order)),
      relay_(relay),
      wake_(wake),
      log_(parts, wake),
      rows_(wake),
      ingress_(parts.secrets, wake),
      seat_(parts.pool, numberOf(order_.id), [this] {
        over_.store(true);
        wake_();
      }) {}

void EngineRun::begin() {
  const auto started = start();
  if (started) return;
  run_.reset();
  RunResult failed;
  failed.outcome = Outcome::failed;
  failed.error = parts_.secrets.redact(started.error());
  result_ = api::resultJson(failed);
}

Result<void> EngineRun::start() {
  WEIR_ASSIGN(prepared_, parts_.prepared.of(order_));
  RunOptions options = prepared_->request.run;
  if (options.runId.empty()) options.runId = order_.runId;
  if (prepared_->test) {
    WEIR_ASSIGN(const auto micros, clockMicrosOf(*prepared_->test));
    test_ = std::make_unique<EngineTest>(*prepared_->test, micros);
  }
  WEIR_TRY(addNetwork());
  boundDescriptors(prepared_->descriptors);
  WEIR_TRY(addFiles());
  addHosts();
  WEIR_ASSIGN(auto plan, planned(options));
  options.memoryLimitBytes = plan.limits.memoryBytes;
  runId_ = options.runId;
  log_.watchAs(relay_, runId_);
  WEIR_TRY(keep(plan, options));
  letters_ = std::make_unique<EngineLetters>(relay_, runId_, files_.get());
  options.deadLetters = letters_.get();
  // Ids of rows are those of `weir test`.
  if (test_) options.runId = "test";
  WEIR_ASSIGN(run_, Run::make(std::move(plan), std::move(options), hosts_, test_ ? test_->workers() : seat_));
  live::About about;
  about.run = runId_;
  about.flow = run_->plan().flowId;
  about.version = run_->plan().flowVersion;
  relay_.add(*run_, std::move(about));
  if (cancelled_) run_->cancel();
  if (test_) {
    test_->begin(*run_, [this] {
      over_.store(true);
      wake_();
    });
    return {};
  }
  seat_.takeAtMost(run_->plan().limits.threads);
  seat_.drive(run_->work());
  return {};
}

/// The plan of this run, of what has been prepared for all of its kind.
Result<Plan> EngineRun::planned(RunOptions& options) {
  outlets_.reserve(prepared_->outlets.size());
  for (const auto& node : prepared_->outlets) {
    const auto subscription = order_.first + static_cast<std::uint32_t>(outlets_.size());
    outlets_.push_back({&rows_.of(node), live::BatchFrames(subscription), engines::kOutletCredit});
  }
  auto plan = prepared_->plan;
  if (!order_.replay.empty()) {
    WEIR_ASSIGN(replay_, LetterReplay::make(order_.replay, order_.letters, order_.keys.letters, plan));
    keepInMemory(plan);
    // They have failed before: nobody wants the replay to end because of that.
    options.maxErrors = INT64_MAX;
    hosts_.add<LetterFeeds>(replay_->feeds());
  }
  if (test_) WEIR_TRY(test_->prepare(plan, options));
  if (!kept()) return plan;
  for (auto& node : plan.nodes) FrontSecrets::mark(node.settings, options.runId, node.type->id);
  WEIR_TRY(record(plan));
  return plan;
}

Result<void> EngineRun::record(Plan& plan) const {
  const auto& rows = prepared_->rows;
  if (rows.edge.empty()) return {};
  json::Value settings;
  settings.set("folder", order_.folder + "/recordings");
  settings.set("flow", plan.flowId);
  settings.set("edge", rows.edge);
  settings.set("bytes", rows.recordBytes);
  settings.set("ageMicros", rows.recordAgeMs * 1000);
  settings.set("numbered", true);
  settings.set("masked", !rows.sensitive);
  settings.set("sealed", !order_.keys.rows.empty());
  return addRecorder(plan, rows.edge, std::move(settings));
}

/// What this run may connect to is its folder's policy, and no other run's of this process.
Result<void> EngineRun::addNetwork() {
  settings_.proxies = parts_.proxies;
  settings_.secrets = &parts_.secrets;
  WEIR_ASSIGN(settings_.policy, native::NetworkPolicy::server(order_.allow));
  WEIR_TRY(settings_.policy.keepFrom(parts_.own));
  WEIR_TRY(settings_.policy.mayListenAt(order_.listen));
  // The front wants to know also where nothing is bounded.
  settings_.meter = meterOf(prepared_->network, parts_.connections);
  network_ = std::make_unique<native::NativeNetwork>(settings_, native::IngressOptions{});
  return {};
}

Result<void> EngineRun::addFiles() {
  native::Mounts mounts;
  native::FileLimits limits;
  // What sorts and groups spill is of the run, as its journal is.
  if (prepared_->plan.limits.diskBytes > 0) limits.diskBytes = prepared_->plan.limits.diskBytes;
  std::vector<native::OpenMount> opened;
  for (auto& mount : order_.mounts) {
    auto path = native::pathOf(mount.folder.get());
    if (path.empty()) return fail("files.not_found", "the folder of the mount '" + mount.name + "' is gone");
    mounts.give(mount.name, path, mount.writes);
    opened.push_back({std::move(path), std::move(mount.folder)});
  }
  if (order_.mounts.empty()) {
    given_ = std::make_unique<GivenFiles>();
    for (auto& file : order_.files) WEIR_TRY(given_->put(file.path, std::move(file.content)));
  }
  if (kept()) {
    limits.temporaryFolder = order_.folder;
    limits.sealTemporary = !order_.keys.state.empty();
    native::Mounts own;
    own.add("run", order_.folder);
    ownFiles_ = std::make_unique<native::NativeFiles>(std::move(own), limits);
  }
  folders_ = std::make_unique<native::NativeFiles>(std::move(mounts), std::move(limits), std::move(opened));
  sql_ = std::make_unique<native::NativeSql>(*folders_, settings_);
  broker_ = std::make_unique<native::NativeBroker>(settings_);
  mail_ = std::make_unique<native::NativeMail>(settings_);
  return {};
}

void EngineRun::addHosts() {
  hosts_.add<Clock>(test_ ? test_->clock() : parts_.clock);
  if (test_) hosts_.add<MemoryRows>(test_->rows());
  hosts_.add<Load>(parts_.load);
  hosts_.add<Random>(parts_.random);
  hosts_.add<Codecs>(parts_.codecs);
  hosts_.add<TimeZones>(parts_.zones);
  hosts_.add<Http>(network_->http());
  hosts_.add<Streams>(network_->streams());
  hosts_.add<Log>(log_);
  if (given_) {
    hosts_.add<Files>(*given_);
  } else {
    hosts_.add<Files>(*folders_);
  }
  hosts_.add<Sql>(*sql_);
  hosts_.add<Broker>(*broker_);
  hosts_.add<Mail>(*mail_);
  hosts_.add<EngineOutlets>(rows_);
  recordingKeys_.keys = order_.keys.rows;
  hosts_.add<RecordingKeys>(recordingKeys_);
  if (kept()) hosts_.add<Ingress>(ingress_);
}

Result<void> EngineRun::keep(Plan& plan, RunOptions& options) {
  if (!kept()) return {};
  native::FileStateOptions where;
  where.path = order_.folder + "/state";
  WEIR_ASSIGN(state_, native::openState(where, order_.keys.state, parts_.clock));
  FlowJournalOptions journal;
  journal.folder = order_.folder + "/journal";
  journal.resume = true;
  journal.keys = order_.keys.journal;
  WEIR_ASSIGN(journal_, FlowJournal::open(journal, plan));
  options.state = state_.get();
  options.resume = true;
  if (journal_) {
    options.journal = &journal_->journal();
    options.journalContents = journal_->takeContents();
  }
  files_ =
      std::make_unique<DeadLetterFiles>(*ownFiles_, parts_.clock, "run:dead-letters", options.runId, LetterBounds{},
                                        std::function<void(const std::string&)>(), order_.keys.letters);
  files_->keepEarlier();
  if (const auto& rows = prepared_->rows; rows.traceEvery > 0) {
    options.traceEvery = rows.traceEvery;
    traces_.emplace(order_.folder + "/traces", order_.keys.rows, options.runId, rows.traceEvery, rows.traceBytes);
  }
  return {};
}

void EngineRun::drain() {
  if (run_) run_->drain();
}

void EngineRun::holdIntake(const std::string& why) {
  if (!run_ || over_.load()) return;
  run_->holdIntake(!why.empty());
  log_.write(why.empty() ? LogLevel::info : LogLevel::warning, "", why.empty() ? "its sources go on" : why);
}

void EngineRun::stopAtCheckpoint() {
  if (run_) run_->stopAtCheckpoint();
}

void EngineRun::checkpointNow() {
  if (run_ && !over_.load()) run_->checkpointNow();
}

void EngineRun::closeLetters() {
  if (files_) static_cast<void>(files_->close());
}

Result<Plan> EngineRun::changedPlan(const std::string& flow) {
  if (!run_ || over_.load()) return fail("change.run_over", "the run has ended");
  if (replay_) return fail("change.run_over", "a replay of dead letters keeps the version that it began with");
  auto document = flow::parseFlow(flow);
  if (!document) return std::unexpected(errorOf(document.error()));
  auto planning = prepared_->request.planning;
  if (document->config.memoryBytes) planning.memoryBytes.reset();
  auto plan = flow::makePlan(*document, parts_.catalogue, planning);
  if (!plan) return std::unexpected(errorOf(plan.error()));
  prepared_->cutLimits(*plan);
  if (!kept()) keepInMemory(*plan);
  for (auto& node : plan->nodes) FrontSecrets::mark(node.settings, runId_, node.type->id);
  if (const auto recorded = record(*plan); !recorded)
    log_.write(LogLevel::warning, "", "nothing is recorded any more: " + recorded.error().message);
  return std::move(*plan);
}

void EngineRun::change(const json::Value& asked) {
  changeAsked_ = live::intOf(asked, "number", 0).value_or(0);
  changeBegun_ = 0;
  changeRefused_.reset();
  auto plan = changedPlan(live::textOf(asked, "flow", "").value_or(""));
  if (!plan) {
    changeRefused_ = plan.error();
    return;
  }
  ChangeOptions options;
  const auto* keep = asked.find("keepState");
  options.keepState = keep != nullptr && keep->asBool() != nullptr && *keep->asBool();
  const auto begun = run_->change(std::move(*plan), options);
  if (begun) {
    changeBegun_ = *begun;
  } else {
    changeRefused_ = begun.error();
  }
}

void EngineRun::tellChange(std::string& out) {
  if (changeAsked_ == 0) return;
  ChangeView view;
  if (changeRefused_) {
    view.error = std::exchange(changeRefused_, std::nullopt);
  } else {
    view = run_->lastChange();
    if (view.number == changeBegun_ && view.state == ChangeState::underWay && !over_.load()) return;
    if (view.state == ChangeState::underWay) view.error = Error{"change.run_over", "the run has ended meanwhile"};
  }
  std::string text;
  json::Writer told(text);
  told.beginObject().key("number").value(std::exchange(changeAsked_, 0));
  told.key("state").value(view.error ? "refused" : "applied").key("steps").beginArray();
  for (const auto& step : view.steps) told.value(step);
  told.endArray();
  if (view.error) {
    told.key("error").beginObject().key("code").value(view.error->code).key("message");
    told.value(parts_.secrets.redact(view.error->message)).endObject();
  }
  told.endObject();
  appendControl(out, "run-changed", order_.id, 0, text);
}

void EngineRun::cancel() {
  cancelled_ = true;
  if (run_) run_->cancel();
}

void EngineRun::credit(std::uint32_t subscription, std::int64_t bytes) {
  outlets_[subscription - order_.first].credit += bytes;
}

void EngineRun::lookAtEgress() {
  if (!settings_.meter || overEgress_) return;
  overEgress_ = settings_.meter->overEgress();
  if (overEgress_) run_->cancel();
}

void EngineRun::tellRows(std::string& out) {
  for (auto& outlet : outlets_) {
    while (outlet.credit > 0) {
      const auto batch = outlet.rows->take();
      if (!batch) break;
      const auto before = out.size();
      // A batch that cannot be written is one that has no memory left: the run ends with that.
      if (const auto appended = appendRows(outlet.frames, out, *batch); !appended) {
        log_.write(LogLevel::error, "", "rows cannot be handed out: " + appended.error().message);
        cancel();
      }
      outlet.credit -= costSince(out, before);
    }
  }
}

void EngineRun::tellEvents(std::string& out) {
  if (!kept() || !run_) return;
  for (const auto& event : run_->events(eventsTold_)) {
    eventsTold_ = event.number;
    appendControl(out, "run-event", order_.id, 0, parts_.secrets.redact(live::describe(event)));
  }
}

std::string EngineRun::metricsText() const {
  auto text = live::describe(run_->metrics());
  text.pop_back();
  text += ",\"connections\":" + std::to_string(settings_.meter->connections()) +
          ",\"egressBytes\":" + std::to_string(settings_.meter->sentBytes());
  if (!journal_) return text + "}";
  text += ",\"journalBytes\":" + std::to_string(journal_->journal().counters().diskBytes) +
          ",\"syncs\":" + std::to_string(journal_->disk().syncs()) +
          ",\"syncNanos\":" + std::to_string(journal_->disk().syncNanos()) + "}";
  return text;
}

/// Of a run that is not kept nobody wants more figures than this one.
void EngineRun::tellSent(std::string& out) {
  const auto sent = settings_.meter ? settings_.meter->sentBytes() : 0;
  if (sent == toldSent_) return;
  toldSent_ = sent;
  appendControl(out, "run-metrics", order_.id, 0, "{\"egressBytes\":" + std::to_string(sent) + "}");
}

bool EngineRun::tell(std::string& out) {
  for (const auto& line : log_.take()) appendControl(out, "run-log", order_.id, 0, line);
  for (const auto& told : ingress_.takeOutgoing()) appendControl(out, "run-hooks", order_.id, 0, told);
  tellRows(out);
  if (run_) tellChange(out);
  if (over_.load() && !result_) {
    auto result = test_ ? test_->take() : run_->finish();
    endAtLimit(result, overEgress_);
    if (traces_) traces_->look(*run_, log_);
    tellEvents(out);
    if (kept()) {
      appendControl(out, "run-metrics", order_.id, 0, metricsText());
    } else {
      tellSent(out);
    }
    relay_.end(runId_, api::nameOf(result.outcome), parts_.clock.steadyNanos());
    const auto text = api::resultJson(result);
    result_ = parts_.secrets.redact(test_ ? test_->told(text, result) : text);
    if (replay_) replay_->ended(result.outcome == Outcome::done, log_);
    if (journal_ && result.outcome == Outcome::done) {
      run_.reset();
      journal_->runEnded();
    }
  }
  if (!result_) return false;
  const auto waits = [](const Outlet& outlet) { return !outlet.rows->empty(); };
  if (!cancelled_ && std::ranges::any_of(outlets_, waits)) return false;
  appendControl(out, "run-end", order_.id, 0, *result_);
  return true;
}

void EngineRun::look(std::int64_t nowNanos, std::string& out) {
  if (!run_ || result_ || nowNanos - lookedNanos_ < kLookNanos) return;
  lookedNanos_ = nowNanos;
  if (test_) test_->look(nowNanos);
  run_->lookAtAlerts();
  run_->debugger().tick();
  lookAtEgress();
  if (kept()) {
    tellEvents(out);
    files_->flushWaiting();
  }
  if (nowNanos - measuredNanos_ < kMeasureNanos) return;
  measuredNanos_ = nowNanos;
  if (!kept()) return tellSent(out);
  if (traces_) traces_->look(*run_, log_);
  appendControl(out, "run-metrics", order_.id, 0, metricsText());
}

}  // namespace weir::cli
