// Execution: a flow that runs for the API, told as numbered events; and Executions, those that go on or are kept.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/recent.h"
#include "engine/host/clock.h"
#include "service/api/event-ring.h"
#include "service/api/refusal.h"
#include "service/api/runner.h"

namespace weir::api {

/// What one place lets executions have.
struct ExecutionLimits {
  std::int64_t running = 4;        // at the same time
  std::int64_t ofOne = 0;          // of those, one caller's at most; 0: all
  std::int64_t kept = 16;          // ended ones whose events can still be read, with those that run
  std::int64_t longestMs = 0;      // 0: no limit; else it is cut with `run.too_long_here`
  std::int64_t lingerMs = 10'000;  // without a reader, before it is cancelled
  std::int64_t memoryBytes = 0;    // of one, as the runner cuts it; 0: it does not
};

/// Events are JSON objects {id, timestamp, type, data, metadata?}: type `execution-update` with data {status, result?},
/// `node-output` with rows and metadata {node, port}, `error` with {code, message, recoverable}.
class Execution {
 public:
  Execution(std::unique_ptr<FlowRun> run, std::string flow, std::vector<PortName> outlets,
            const ExecutionLimits& limits, Clock& clock, const Waker& moved);

  [[nodiscard]] const std::string& id() const { return run_->id(); }
  /// Who started it, and alone may see it; empty: a place that knows no callers.
  [[nodiscard]] const std::string& owner() const { return owner_; }
  /// The session or token with which it was started.
  [[nodiscard]] const std::string& credential() const { return credential_; }
  void belongTo(std::string user, std::string credential) {
    owner_ = std::move(user);
    credential_ = std::move(credential);
  }
  [[nodiscard]] bool over() const { return ring_->ended(); }
  [[nodiscard]] const std::shared_ptr<EventRing>& ring() const { return ring_; }
  void cancel();
  /// Ends it at once, as `cancelled`, and tells why: for a place that ends.
  void cutShort(const Error& why);
  /// As FlowRun::work.
  [[nodiscard]] double work(double budgetMs);
  /// {id, flow, status, startedAt, endedAt?, events, result?}
  [[nodiscard]] std::string json() const;

 private:
  struct Port {
    PortName name;
    std::string lines{};  // rows that wait, from `at`
    std::size_t at = 0;
    std::int64_t rows = 0;  // in it
    std::int64_t owed = 0;  // credit, once they are told
    std::int64_t sinceNanos = 0;
  };
  /// Tells rows while readers keep up; true: all that is there has been told.
  bool tellRows(std::int64_t nowNanos, bool all);
  bool tellPort(std::size_t port, std::int64_t nowNanos, bool all);
  void tellSome(Port& port);
  void tell(std::string_view type, std::string_view data, std::string_view metadata = {});
  void tellError(const Error& error);
  void finish();
  void tellEnd();
  void lookAtTime(std::int64_t nowNanos);
  [[nodiscard]] double nextDue(std::int64_t nowNanos) const;

  const ExecutionLimits& limits_;
  Clock& clock_;
  std::shared_ptr<EventRing> ring_;
  std::string flow_, owner_, credential_;
  std::vector<Port> ports_;
  std::unique_ptr<FlowRun> run_;
  std::string status_ = "running", result_;
  std::int64_t startedNanos_ = 0, startedMs_ = 0, endedMs_ = 0;
  std::int64_t leftNanos_ = -1;  // when nobody read any more
  bool stopping_ = false, cut_ = false;
};

/// What a body asks for, and what was seen of its document.
struct ReadOrder {
  RunOrder order;
  std::string flow;  // its id
};

class Executions {
 public:
  Executions(Runner& runner, ExecutionLimits limits, Clock& clock, Waker moved)
      : runner_(runner), limits_(limits), clock_(clock), moved_(std::move(moved)) {}
  Executions(const Executions&) = delete;
  Executions& operator=(const Executions&) = delete;

  [[nodiscard]] const ExecutionLimits& limits() const { return limits_; }
  [[nodiscard]] Runner& runner() { return runner_; }
  /// `run.busy` if too many go on, in all or of this caller; one without a name has no share.
  [[nodiscard]] Expected<void> haveRoom(const std::string& user) const;
  /// As haveRoom(); 422 with all problems of the document. It belongs to the caller.
  [[nodiscard]] Expected<Execution*> start(RunOrder order, std::string flow, const std::string& user = {},
                                           const std::string& credential = {});
  /// Null: there is none, or it is not kept any more.
  [[nodiscard]] Execution* find(std::string_view id) const;
  /// Oldest first.
  [[nodiscard]] const std::vector<std::unique_ptr<Execution>>& all() const { return all_; }
  [[nodiscard]] double work(double budgetMs);
  /// The place ends: so do all that go on, and their readers are told.
  void endAll(const Error& why);
  /// By the whole body: what follows from it alone.
  [[nodiscard]] Recent<ReadOrder>& orders() { return orders_; }

 private:
  static constexpr std::size_t kMostOrderBytes = std::size_t{2} << 20;
  [[nodiscard]] std::int64_t running() const;
  void dropOld();

  Runner& runner_;
  ExecutionLimits limits_;
  Clock& clock_;
  Waker moved_;
  std::vector<std::unique_ptr<Execution>> all_;
  Recent<ReadOrder> orders_{kMostOrderBytes};
};

}  // namespace weir::api
