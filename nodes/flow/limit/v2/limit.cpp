// Skips the first `offset` rows, passes the next `count`, then tells upstream to stop.
#include <algorithm>

#include "nodes/flow/limit/v2/limit.gen.h"

namespace weir::nodes::limit_v2 {
namespace {

class Limit final : public Transform {
 public:
  explicit Limit(const Settings& settings) : toSkip_(settings.offset), remaining_(settings.count) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    const auto skipped = std::min(toSkip_, batch.rows());
    const auto taken = std::min(remaining_, batch.rows() - skipped);
    toSkip_ -= skipped;
    remaining_ -= taken;
    if (taken > 0 || io.fresh(out::rows)) io.emit(out::rows, batch.slice(skipped, taken));
    return remaining_ == 0 ? Flow::done : Flow::more;
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    WEIR_TRY(state.write(toSkip_));
    return state.write(remaining_);
  }
  Result<Poll> restore(StateReader& state) override {
    WEIR_TRY(state.read(toSkip_));
    return state.read(remaining_);
  }

 private:
  std::int64_t toSkip_, remaining_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext&) { return makeNode<Limit>(settings); }

}  // namespace weir::nodes::limit_v2
