// Supervisor: keeps runs of kept flows alive: what is wanted and what is are brought together, also after the end of an
// engine process or of this program.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/clock.h"
#include "engine/host/waker.h"
#include "service/api/event-ring.h"
#include "service/engines/engines.h"
#include "service/engines/run-observer.h"
#include "service/store/runs.h"

namespace weir::engines {

/// What those who watch a run have to know of its process.
enum class RunTurn : std::uint8_t { lost, resumed, ended };

struct SupervisorOptions {
  std::string runsFolder;                   // runsFolder/<run>: its journal, checkpoints and dead letters
  std::string filesFolder;                  // filesFolder/<folder>: the mount `project` of a folder's flows
  std::string owner;                        // of this start of the program; another one each time
  std::function<std::string()> newOwner{};  // after its leases were lost
  bool alone = true;                        // no other server works runs of this store
  std::int64_t leaseMs = 30'000;
  std::int64_t drainMs = 30'000;  // so long a stop waits before it cancels
  std::function<void(const std::string& run, RunTurn turn)> told{};
  RunObserver* observer = nullptr;  // outlives it; null: nobody watches
  /// What a run says of requests that come to it; from the thread of Engines.
  std::function<void(const std::string& run, std::string_view json)> hooked{};
  /// What files of runs of a folder's flows are sealed with; not set: nothing is sealed.
  std::function<Result<RunKeys>(const std::string& folder)> keys{};
  /// Why runs of the folder take nothing in now, for people; empty: they do. Asked again and again.
  std::function<std::string(const std::string& folder)> held{};
  /// What the folder of a run gives it: mounts, network policy. An error keeps the run from starting, for now.
  std::function<Result<void>(const store::RunRecord& run, EngineOrder& order)> furnish{};
};

/// A version that a run is to go over to.
struct RunVersion {
  std::int64_t number = 0;  // 0: the draft
  std::string document;
  /// It ends behind a checkpoint and begins again with the other version; else it changes while it runs.
  bool restart = false;
  bool keepState = false;  // nodes whose settings change go on with the state they had
};

/// One thread, that of the API. Everything it is given outlives it.
class Supervisor {
 public:
  /// `moved` is woken, from any thread, when work() has something to do.
  Supervisor(store::Runs& runs, Engines& engines, Clock& clock, SupervisorOptions options, Waker moved);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  [[nodiscard]] const SupervisorOptions& options() const { return options_; }
  /// To be called when it was woken, and after as many milliseconds as it gives.
  int work();
  /// A run that was just created for this owner.
  void adopt(store::StoredRun run);
  /// It is wanted to stop, as the store knows already: what is under way is finished; or, `atCheckpoint`, left for when
  /// it is resumed.
  void stop(const std::string& id, bool atCheckpoint = false);
  /// All runs that go on here and keep checkpoints are asked for one now.
  void saveAll();
  /// Of those that were asked, the ids of those that have made none yet.
  [[nodiscard]] std::vector<std::string> unsaved() const;
  /// It goes over to another version, beside what it does. False: it does not go on here, or a change is under way.
  [[nodiscard]] bool change(const std::string& id, RunVersion version);
  /// Others may change the dead letters that a run has written so far.
  void closeLetters(const std::string& id);
  /// What is left of a run that is over and was deleted from the store.
  void forget(const std::string& id);

  /// How its engine process has ended under a run, the newest first: {at, process, signal, exitCode, how, suspect,
  /// node?, stack}.
  [[nodiscard]] std::vector<std::string> crashes(const std::string& id) const;

  /// What a run told lately: of those that go on, and the last few that ended.
  struct Told {
    std::shared_ptr<api::EventRing> events;
    struct Line {
      std::int64_t epoch = 0, seq = 0;  // whose lease, and which of its lines, from 1
      std::int64_t atMs = 0;            // steady
      std::string json;
    };
    /// The newest thousand, and some seconds of those before, which the store may not have yet.
    std::deque<Line> logs{};
  };
  [[nodiscard]] const Told* told(const std::string& id) const;
  /// As it is known here, which may be newer than in the store. Null: it does not go on here.
  [[nodiscard]] const store::RunRecord* record(const std::string& id) const;
  /// The run that replays dead letters of this one now; empty: none does.
  [[nodiscard]] std::string replayOf(const std::string& id) const;

 private:
  class Inbox;
  class Listener;
  struct News {
    enum class Kind : std::uint8_t { log, event, metrics, changed, ended };
    std::string run;
    std::uint64_t attempt = 0;
    Kind kind = Kind::log;
    std::string json{};
    EngineEnd end{};
  };
  struct Managed {
    store::StoredRun stored;
    RunNumber number = 0;
    std::uint64_t attempt = 0;
    bool going = false;
    bool alone = false;                // in a process of its own, because its process has ended under it
    std::optional<RunVersion> next{};  // that it goes over to
    bool versionChanged = false;       // and the store does not know yet
    bool savesVersion = false;         // it is being told
    bool resumeChanged = false;        // its state was made by another version
    std::int64_t startAtMs = 0, cancelAtMs = -1, savedMs = 0;
    std::vector<std::int64_t> ends{};  // of its process, without a checkpoint between
    std::int64_t restartsInARow = 0;
    std::string heldWhy{};  // its sources give nothing
    bool saves = false;     // it was asked for a checkpoint
    bool dirty = false;
    Operation<Unit> saving{};
    std::int64_t saveAfterMs = 0;
  };

  [[nodiscard]] std::int64_t nowMs() const { return clock_.steadyNanos() / 1'000'000; }
  void take(News news);
  void takeLine(const store::RunRecord& record, Told& told, std::string json);
  void recovered(Managed& run);
  void takeEnd(Managed& run, EngineEnd end);
  void takeCrash(Managed& run, const EngineEnd& end);
  void takeDiskFailure(Managed& run, const EngineEnd& end);
  void startAgain(Managed& run, const std::string& why);
  void takeChange(Managed& run, const std::string& json);
  void becomeNext(Managed& run);
  void finish(Managed& run, store::RunState state);
  void keepReport(const Managed& run, const std::string& report) const;
  [[nodiscard]] static bool isHeldFor(std::string_view code);
  void hold(Managed& run, std::string why);
  void loseLeases();
  void findStrays();
  void tellLease();
  /// Whether this server has what a run has left behind.
  [[nodiscard]] store::IsHere isHere() const;
  /// It would have to begin anew here, and was to go on where it was.
  [[nodiscard]] bool isElsewhere(const store::StoredRun& run) const;
  void holdElsewhere(Managed& run);
  void holdIntake(Managed& run);
  void start(Managed& run);
  [[nodiscard]] Result<EngineOrder> orderOf(const Managed& run) const;
  [[nodiscard]] bool hasOwnProcess(const Managed& run) const;
  [[nodiscard]] std::string processOf(const Managed& run) const;
  [[nodiscard]] std::string engineFolderOf(const Managed& run) const;
  void save(Managed& run, std::int64_t now);
  void lease(std::int64_t now);
  void tell(const store::RunRecord& record);
  void changed(Managed& run);

  store::Runs& runs_;
  Engines& engines_;
  Clock& clock_;
  SupervisorOptions options_;
  Waker moved_;
  std::shared_ptr<Inbox> inbox_;
  std::map<std::string, Managed> managed_;
  std::map<std::string, Told> told_;
  std::deque<std::string> ended_;  // ids in told_ that are over, oldest first
  std::uint64_t attempts_ = 0, changes_ = 0;
  Operation<std::vector<store::StoredRun>> taking_{};
  Operation<std::vector<std::string>> renewing_{};
  Operation<std::vector<store::StoredRun>> looking_{};
  std::set<std::string> strays_{};  // that the last look has found
  std::int64_t takeAtMs_ = 0, renewAtMs_ = 0, renewedMs_ = 0;
  std::int64_t askedToRenewMs_ = 0, toldLeaseMs_ = 0;
  std::vector<std::string> lost_{};  // engines that ended in this turn
};

}  // namespace weir::engines
