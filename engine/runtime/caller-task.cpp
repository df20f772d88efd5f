// Calls of io nodes: begun row by row, finished in order or as they come.
#include "engine/runtime/caller-task.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace weir::runtime {
namespace {

class CallerTask final : public Task {
 public:
  CallerTask(std::shared_ptr<Caller> caller, const PlannedNode& node)
      : caller_(std::move(caller)),
        most_(static_cast<std::size_t>(std::max(1, node.type->parallel))),
        ordered_(node.type->ordered) {}

  Result<Progress> step(StepIo& io) override {
    WEIR_TRY(poll(io));
    while (calls_.size() < most_ && io.peek(0) != nullptr && !io.budgetSpent()) {
      const auto row = io.take(0, 1);
      if (row.rows() == 0) continue;
      auto call = caller_->begin(RowView{&row, 0});
      if (call) {
        calls_.push_back(Under{std::move(*call), row});
      } else {
        io.fail(kFirstRow, std::move(call.error()));
      }
      WEIR_TRY(poll(io));
    }
    if (calls_.empty() && io.ended(0)) return Progress::finished();
    if (io.budgetSpent()) return Progress::yielded();
    return Progress::blockedOn(calls_.size() < most_ && !io.ended(0) ? portSet(0) : 0);
  }

 private:
  struct Under {
    std::unique_ptr<Call> call;
    Batch row;
  };
  static constexpr std::uint32_t kFirstRow[1] = {0};

  Result<void> poll(StepIo& io) {
    for (std::size_t i = 0; i < calls_.size();) {
      auto flow = calls_[i].call->poll(io);
      if (!flow) {
        io.failValue(calls_[i].row.row(0), std::move(flow.error()));
      } else if (*flow != Flow::done) {
        if (ordered_) return {};
        ++i;
        continue;
      }
      calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return {};
  }

  std::shared_ptr<Caller> caller_;
  std::size_t most_;
  bool ordered_;
  std::deque<Under> calls_;
};

}  // namespace

std::unique_ptr<Task> makeCallerTask(std::shared_ptr<Caller> caller, const PlannedNode& node) {
  return std::make_unique<CallerTask>(std::move(caller), node);
}

}  // namespace weir::runtime
