// ParallelUnit: a parallel stage: numbered tickets on all workers, committed in ticket order.
#pragma once

#include <deque>
#include <memory>

#include "engine/runtime/unit.h"

namespace weir::runtime {

class ParallelUnit final : public Unit {
 public:
  ParallelUnit(NodeState& state, const Stage& stageOf, int tickets);
  ~ParallelUnit() override;

  Job* claim(Scheduler& scheduler) override;
  [[nodiscard]] bool more() const override;
  void finish(Job& job, Scheduler& scheduler) override;
  void wake(std::int64_t ticket) override;
  void release() override;
  [[nodiscard]] bool quiet() const override { return done || (running == 0 && tickets_.empty()); }
  [[nodiscard]] bool waitsForHost() const override;
  [[nodiscard]] std::string waitsFor() const override;

 private:
  struct Ticket;
  [[nodiscard]] Ticket* resumable() const;
  [[nodiscard]] bool canStart() const;
  [[nodiscard]] std::unique_ptr<Ticket> start(Scheduler& scheduler);
  /// A watermark that no row waits before becomes a ticket of its own: it leaves in its turn.
  [[nodiscard]] bool startWatermark(Scheduler& scheduler);
  [[nodiscard]] std::unique_ptr<Ticket> spareTicket(Scheduler& scheduler);
  void recycleFront();
  void settleOutcome(Ticket& ticket, Scheduler& scheduler);
  void settleFailure(Ticket& ticket, Scheduler& scheduler);
  void beginAgain(Ticket& ticket, Scheduler& scheduler, std::int64_t atMicros);
  [[nodiscard]] static bool waitsForMemory(Ticket& ticket, const Scheduler& scheduler);
  /// Commits finished tickets from the front, as far as the outputs have room.
  void advance(Scheduler& scheduler);
  [[nodiscard]] bool fits(const Ticket& ticket) const;
  [[nodiscard]] Room ticketRoom() const;
  void endIfExhausted(Scheduler& scheduler);

  std::shared_ptr<const Stateless> stateless_;
  std::shared_ptr<const ParallelWork> work_;
  std::size_t most_;  // tickets at once
  std::int64_t nextNumber_ = 0;
  std::int64_t waits_ = 0;  // counts waits for the host, so that a late timeout is known
  bool timedOut_ = false;
  std::deque<std::unique_ptr<Ticket>> tickets_;  // oldest first
  std::vector<std::unique_ptr<Ticket>> spare_;
};

}  // namespace weir::runtime
