// Engines: the processes that run flows for a server, and what travels between them and the front.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "engine/live/control.h"
#include "engine/live/frame.h"
#include "service/api/runner.h"

namespace weir::engines {

class MemoryGroups;

struct EnginesOptions {
  /// What an engine process is: this program's own open file, so that versions match.
  std::string program = "/proc/self/exe";
  int threads = 0;                 // of each process; 0: as many as the machine has
  std::int64_t idleMs = 60'000;    // so long a process without runs is kept
  std::int64_t silentMs = 10'000;  // so long one may say nothing, or be in one step, before it is ended
  /// Where the server itself answers, and what it uses: `127.0.0.1:8080`. Nobody connects there who does not name it.
  std::vector<std::string> own{};
  /// The system's bounds of memory; null: there are none. Outlives Engines.
  MemoryGroups* groups = nullptr;
};

/// What the files of a run are sealed with, as the engine understands it (native::FileKeys); empty: they are not.
struct RunKeys {
  std::string journal{}, state{}, letters{}, rows{};
  [[nodiscard]] bool empty() const { return journal.empty(); }
};

/// A folder of the machine, open: what an engine gets of a mount.
class OpenFolder {
 public:
  explicit OpenFolder(int descriptor) : descriptor_(descriptor) {}
  ~OpenFolder();
  OpenFolder(const OpenFolder&) = delete;
  OpenFolder& operator=(const OpenFolder&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

struct EngineMount {
  std::string name;
  bool writes = false;
  std::shared_ptr<const OpenFolder> folder;
};

/// So many folders go to an engine with one run.
inline constexpr std::size_t kMostMounts = 40;

/// What an engine is to do.
struct EngineOrder {
  std::string run;      // the id by which people know it
  std::string flow;     // the text of the document
  std::string options;  // api::RunRequest, as JSON
  std::vector<api::PortName> outlets{};
  std::vector<api::GivenFile> files{};  // the mount `project`, in memory, if it is not among the mounts
  std::vector<EngineMount> mounts{};
  std::vector<std::string> allow{};   // what it may connect to beside public addresses
  std::vector<std::string> listen{};  // ports where it may listen: "9000", "9000-9010"
  std::string folder{};  // journal, checkpoints and dead letters of the run; empty: nothing of it outlives its process
  std::uint64_t epoch = 0;       // of the lease under which it runs
  std::int64_t memoryBytes = 0;  // that it may have, whatever its flow says; 0: as much as its flow says
  /// Dead letters that it gives again, in place of its sources: store::RunRecord::replay; and the folder they are in.
  std::string replay{}, letters{};
  RunKeys keys{};
};

/// How a run has ended, or its process.
struct EngineEnd {
  std::string outcome;        // done, failed, cancelled, …
  std::string code, message;  // of the error, if there is one
  bool recoverable = false;
  std::string json;              // the whole result
  bool crashed = false;          // its process ended under it
  int signal = 0, exitCode = 0;  // of the process, if it crashed
  bool suspect = true;           // a step of this run was under way then, or nobody knows
  std::string report;            // {at, process, signal, exitCode, node, stack: [offsets in the program]}; empty: none
};

/// What is told of one run. Called from the thread of Engines: quick, and asks nothing of Engines.
class RunListener {
 public:
  virtual ~RunListener() = default;
  /// Rows of an outlet as NDJSON; `bytes` is what they count against its credit.
  virtual void rows(std::size_t outlet, std::string lines, std::int64_t rows, std::int64_t bytes) = 0;
  /// `json`: {at, level, node, message}
  /// The fields of the rows of an outlet, [{name, type}], before the first and when they change.
  virtual void schema(std::size_t, std::string_view) {}
  virtual void log(std::string_view json) = 0;
  /// live::describe of an event, and of the metrics about once a second.
  virtual void event(std::string_view json) = 0;
  virtual void metrics(std::string_view json) = 0;
  /// {number, state: applied | refused, steps: [], error?: {code, message}} of a change that was asked for.
  virtual void changed(std::string_view /*json*/) {}
  /// What it says of requests that come to it.
  virtual void hooks(std::string_view) {}
  /// Once, and nothing after it.
  virtual void ended(EngineEnd end) = 0;
};

struct EngineView {
  std::string key;
  std::int64_t process = 0;  // 0: none at the moment
  std::int64_t runs = 0, starts = 0, crashes = 0;
  std::int64_t quietMs = 0;  // since it said something
};

using RunNumber = std::uint64_t;

/// An engine asks for a secret, for a run that it was given.
struct SecretAsk {
  RunNumber run = 0;
  std::string runId;                 // the id by which people know the run
  std::int64_t number = 0;           // of the question, for the answer
  std::string name, nodeType, host;  // host: where it will be sent, `host:port`
};

/// Thread-safe. A process is started with the first run of its key and ended when it has been idle for long enough.
class Engines {
 public:
  explicit Engines(EnginesOptions options);
  /// Ends all processes; runs under way are told that they were cancelled.
  ~Engines();
  Engines(const Engines&) = delete;
  Engines& operator=(const Engines&) = delete;

  /// `key` names the process: runs of one key share it. What goes wrong is told by the listener.
  RunNumber start(std::string key, EngineOrder order, std::shared_ptr<RunListener> listener);
  /// Sources give no more, what is under way is finished.
  void drain(RunNumber run);
  /// Its sources give nothing, for what is said why; empty: they go on.
  void holdIntake(RunNumber run, std::string_view why);
  /// The run ends behind its next checkpoint, from which it can go on.
  void checkpoint(RunNumber run);
  /// It makes a checkpoint as soon as it may, and goes on.
  void save(RunNumber run);
  void cancel(RunNumber run);
  /// Another version of its flow: {number, flow: the document, keepState}. What became of it is told.
  void change(RunNumber run, std::string json);
  /// The dead letters that it has written so far can be changed: new ones go elsewhere.
  void closeLetters(RunNumber run);
  /// Ends its process at once, and with it all runs that share it.
  void kill(RunNumber run);
  void credit(RunNumber run, std::size_t outlet, std::int64_t bytes);
  /// Until then, by the steady clock, nobody else works the runs of this server. Processes that hear of no later time
  /// end then by themselves, whatever this one does; 0: there is nobody else.
  void lease(std::int64_t untilMs);
  /// A frame of the live protocol to the process of the run with that id (live::Relay). False: none goes on.
  bool send(const std::string& run, const live::Control& control);
  /// A control frame `hooks` to the process of the run with that id; none if it has ended.
  void hooks(const std::string& run, std::string json);
  /// Where frames of the live protocol go that engines send; called from the thread of Engines. Before the first run.
  void onLive(std::function<void(live::Frame)> sink);
  /// EnginesOptions::own, for processes that are started from here on.
  void keepFrom(std::vector<std::string> own);
  /// Where engines' questions for secrets go; called from the thread of Engines. Before the first run.
  void onSecret(std::function<void(SecretAsk)> sink);
  /// `json`: {ask, value, keepMs} or {ask, code, message, recoverable}
  void answerSecret(RunNumber run, std::string json);
  [[nodiscard]] std::vector<EngineView> processes() const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace weir::engines
