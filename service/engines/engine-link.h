// EngineLink: one engine process and the runs in it, as the front's thread sees them: frames in, frames out.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/live/batch-frames.h"
#include "service/engines/engine-process.h"
#include "service/engines/engine-protocol.h"
#include "service/engines/engines.h"

namespace weir::engines {

/// One thread.
class EngineLink {
 public:
  using Sink = std::function<void(live::Frame)>;
  using Asking = std::function<void(SecretAsk)>;
  /// `live` takes what is of the live protocol, `asking` questions for secrets; both outlive the link.
  EngineLink(EngineProcess process, const EnginesOptions& options, const Sink& live, const Asking& asking,
             std::int64_t nowMs);

  void order(RunNumber number, const EngineOrder& order, std::shared_ptr<RunListener> listener);
  /// A request about a run that is here; none if it has ended meanwhile.
  void ask(RunNumber number, std::string_view type, std::string_view json = {});
  void credit(RunNumber number, std::size_t outlet, std::int64_t bytes);
  void lease(std::int64_t untilMs);
  /// To a question for a secret.
  void answer(RunNumber number, const std::string& json);
  void send(const live::Control& control) { live::appendFrame(out_, {}, live::writeControl(control)); }

  [[nodiscard]] int socket() const { return process_.socket(); }
  [[nodiscard]] EngineProcess& process() { return process_; }
  [[nodiscard]] bool wantsToWrite() const { return sent_ < out_.size(); }
  /// Sends what it can. False: the other end is gone.
  [[nodiscard]] bool write();
  /// Takes what has come. Error: the other end is gone (`engine.crashed`), or breaks the rules (`engine.protocol`).
  [[nodiscard]] Result<void> read(std::int64_t nowMs);

  [[nodiscard]] bool has(RunNumber run) const { return runs_.contains(run); }
  [[nodiscard]] std::size_t runs() const { return runs_.size(); }
  [[nodiscard]] std::int64_t heardMs() const { return heardMs_; }
  /// How long its longest step has lasted, as it said last.
  [[nodiscard]] std::int64_t longestStepMs() const { return longestStepMs_; }
  [[nodiscard]] std::int64_t idleSinceMs() const { return idleSinceMs_; }
  /// Tells all runs that are left that they have ended so. If the process has crashed, each is told whether it may
  /// have been its doing, with a report.
  void endRuns(EngineEnd end);

 private:
  struct Outlet {
    explicit Outlet(MemoryAccount& account) : frames(account) {}
    live::BatchAssembler frames;
    std::int64_t open = 0;  // bytes that came, without those that credit was given for
    SchemaRef schema;       // of the last batch
    std::int64_t cost = 0;  // of the frames of the batch that comes at the moment
  };
  struct Running {
    std::shared_ptr<RunListener> listener;
    std::string id;           // by which people know it
    std::uint32_t first = 0;  // subscription of its first outlet
    std::vector<std::unique_ptr<Outlet>> outlets;
  };
  Result<void> take(live::Frame frame, std::int64_t nowMs);
  Result<void> takeControl(live::Frame frame, std::int64_t nowMs);
  void takeOfRun(const live::Control& told, std::int64_t nowMs);
  Result<void> takeHello(const live::Control& hello);
  Result<void> takeRows(const live::Frame& frame);
  Result<void> takeAsk(const live::Control& told);

  EngineProcess process_;
  const Sink& live_;
  const Asking& asking_;
  std::size_t asks_ = 0;  // that are not answered yet
  MemoryAccount account_;
  live::FrameSplitter splitter_;
  /// Descriptors that go with the byte of `out_` at a place.
  struct Passing {
    std::size_t at = 0;
    std::vector<EngineMount> mounts;
  };
  [[nodiscard]] std::int64_t sendSome();

  std::string out_;
  std::size_t sent_ = 0;
  std::deque<Passing> passing_;
  std::map<RunNumber, Running> runs_;
  std::map<std::uint32_t, RunNumber> subscriptions_;  // of first outlets
  std::uint32_t lastSubscription_ = kFirstOutlet;
  std::int64_t heardMs_, idleSinceMs_, longestStepMs_ = 0;
  bool greeted_ = false;
};

}  // namespace weir::engines
