// EngineRun: one run in an engine process, and what it tells the front.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/dead-letter-files.h"
#include "apps/cli/engine/engine-test.h"
#include "apps/cli/engine/front-ingress.h"
#include "apps/cli/engine/front-secrets.h"
#include "apps/cli/engine/given-files.h"
#include "apps/cli/engine/letter-replay.h"
#include "apps/cli/engine/outlet-nodes.h"
#include "apps/cli/engine/prepared-run.h"
#include "apps/cli/engine/run-ordered.h"
#include "apps/cli/engine/run-pool.h"
#include "apps/cli/engine/trace-log.h"
#include "apps/cli/flow-journal.h"
#include "apps/cli/recording-nodes.h"
#include "apps/cli/zone-files.h"
#include "engine/host/hosts.h"
#include "engine/host/state-store.h"
#include "engine/live/batch-frames.h"
#include "engine/live/relay.h"
#include "engine/node/catalogue.h"
#include "engine/runtime/run.h"
#include "hosts/native/broker/native-broker.h"
#include "hosts/native/mail/native-mail.h"
#include "hosts/native/native-clock.h"
#include "hosts/native/native-codecs.h"
#include "hosts/native/native-files.h"
#include "hosts/native/native-load.h"
#include "hosts/native/network/native-network.h"
#include "hosts/native/secrets.h"
#include "hosts/native/sql/native-sql.h"

namespace weir::cli {

/// What all runs of one engine process share.
struct EngineParts {
  EngineParts(Catalogue nodes, std::vector<std::string> ownAddresses, native::ProxySettings given, int threads,
              engines::CrashBoard* board, std::function<void()> wake);

  Catalogue catalogue;
  PreparedRuns prepared{catalogue};
  FrontSecrets front;
  native::Secrets secrets;
  native::NativeClock clock;
  native::NativeRandom random;
  native::NativeLoad load;
  native::NativeCodecs codecs;
  MachineZones zones;
  native::ProxySettings proxies;
  std::vector<std::string> own;  // addresses of the server
  FolderConnections connections;
  RunPool pool;
};

/// Lines of a run for the front and for those who watch it, from any thread; beyond a bound they are dropped and
/// counted.
class EngineLog final : public Log {
 public:
  EngineLog(EngineParts& parts, const std::function<void()>& wake) : parts_(parts), wake_(wake) {}
  /// Before the run.
  void watchAs(live::Relay& relay, std::string run) {
    relay_ = &relay;
    run_ = std::move(run);
  }
  void write(LogLevel level, std::string_view node, std::string_view message) override;
  /// JSON objects {at, level, node, message}
  [[nodiscard]] std::vector<std::string> take();

 private:
  EngineParts& parts_;
  const std::function<void()>& wake_;
  live::Relay* relay_ = nullptr;
  std::string run_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
  std::size_t bytes_ = 0;
  std::int64_t dropped_ = 0;
};

/// Failed rows of a run: to those who watch, and to the run's folder if it has one.
class EngineLetters final : public DeadLetters {
 public:
  EngineLetters(live::Relay& relay, std::string run, DeadLetterFiles* files)
      : relay_(relay), run_(std::move(run)), files_(files) {}
  Result<void> add(std::span<const ErrorPacket> packets) override;
  Result<void> close() override { return files_ != nullptr ? files_->close() : Result<void>(); }

 private:
  live::Relay& relay_;
  std::string run_;
  DeadLetterFiles* files_;
};

/// The thread of the session, except where it says otherwise.
class EngineRun {
 public:
  /// `wake`, from any thread: it has something to tell. All of them outlive it.
  EngineRun(EngineParts& parts, RunOrdered order, live::Relay& relay, const std::function<void()>& wake);
  ~EngineRun() {
    ingress_.end();
    if (test_) test_->stop();
  }
  EngineRun(const EngineRun&) = delete;
  EngineRun& operator=(const EngineRun&) = delete;

  /// Checks the document again and begins. After an error the run is over, and tells it.
  void begin();
  void drain();
  /// Its sources give nothing, and this is why; empty: they go on.
  void holdIntake(const std::string& why);
  void stopAtCheckpoint();
  void checkpointNow();
  void cancel();
  /// Dead letters of before can be changed by others.
  void closeLetters();
  /// {number, flow, keepState}
  void change(const json::Value& asked);
  void credit(std::uint32_t subscription, std::int64_t bytes);
  /// What the front says of requests.
  [[nodiscard]] Result<void> hooks(const json::Value& data) { return ingress_.told(data); }
  [[nodiscard]] bool owns(std::uint32_t subscription) const {
    return subscription >= order_.first && subscription - order_.first < outlets_.size();
  }

  /// Appends what there is to tell. True: it was the end.
  [[nodiscard]] bool tell(std::string& out);
  /// Several times a second: alerts, dead letters, metrics.
  void look(std::int64_t nowNanos, std::string& out);

 private:
  struct Outlet {
    EngineOutlet* rows = nullptr;
    live::BatchFrames frames;
    std::int64_t credit = 0;
  };
  [[nodiscard]] Result<void> start();
  [[nodiscard]] Result<Plan> planned(RunOptions& options);
  [[nodiscard]] Result<void> addNetwork();
  [[nodiscard]] Result<void> addFiles();
  [[nodiscard]] Result<void> keep(Plan& plan, RunOptions& options);
  [[nodiscard]] Result<Plan> changedPlan(const std::string& flow);
  /// Puts the recorder beside the edge that is to be recorded.
  [[nodiscard]] Result<void> record(Plan& plan) const;
  void tellChange(std::string& out);
  void addHosts();
  void tellRows(std::string& out);
  /// Ends it once it has sent more than it may.
  void lookAtEgress();
  void tellEvents(std::string& out);
  void tellSent(std::string& out);
  /// live::describe of the metrics, with those of its journal.
  [[nodiscard]] std::string metricsText() const;
  [[nodiscard]] bool kept() const { return !order_.folder.empty(); }

  EngineParts& parts_;
  RunOrdered order_;
  live::Relay& relay_;
  const std::function<void()>& wake_;
  EngineLog log_;
  EngineOutlets rows_;
  std::vector<Outlet> outlets_;
  native::NetworkSettings settings_;
  std::unique_ptr<native::NativeNetwork> network_;
  std::unique_ptr<native::NativeFiles> folders_;  // of this machine
  std::unique_ptr<GivenFiles> given_;
  std::unique_ptr<native::NativeFiles> ownFiles_;  // the run's folder
  std::unique_ptr<native::NativeSql> sql_;
  std::unique_ptr<native::NativeBroker> broker_;
  std::unique_ptr<native::NativeMail> mail_;
  FrontIngress ingress_;
  Hosts hosts_;
  std::unique_ptr<DeadLetterFiles> files_;
  std::unique_ptr<EngineLetters> letters_;
  std::unique_ptr<StateStore> state_;
  std::unique_ptr<FlowJournal> journal_;
  std::atomic<bool> over_{false};
  RunPool::Seat seat_;
  std::unique_ptr<EngineTest> test_;
  std::unique_ptr<Run> run_;
  std::string runId_;
  std::optional<std::string> result_;  // once it is over
  std::optional<Error> overEgress_;    // why it was cancelled
  bool cancelled_ = false;
  std::shared_ptr<const PreparedRun> prepared_;
  std::unique_ptr<LetterReplay> replay_;
  RecordingKeys recordingKeys_;
  std::optional<TraceLog> traces_;
  std::int64_t changeAsked_ = 0, changeBegun_ = 0;  // numbers of the front and of the run; 0: none is under way
  std::optional<Error> changeRefused_;
  std::uint64_t eventsTold_ = 0;
  std::int64_t lookedNanos_ = 0, measuredNanos_ = 0;
  std::int64_t toldSent_ = 0;
};

}  // namespace weir::cli
