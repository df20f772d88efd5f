// Passes the first `count` rows, then tells upstream to stop.
#include <algorithm>

#include "nodes/flow/limit/limit.gen.h"

namespace weir::nodes::limit {
namespace {

class Limit final : public Transform {
 public:
  explicit Limit(const Settings& settings) : remaining_(settings.count) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override {
    const auto taken = std::min(remaining_, batch.rows());
    remaining_ -= taken;
    if (taken > 0 || io.fresh(out::rows)) io.emit(out::rows, batch.slice(0, taken));
    // Ending now, not on the next batch, spares upstream from producing it.
    return remaining_ == 0 ? Flow::done : Flow::more;
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& state) override { return state.write(remaining_); }
  Result<Poll> restore(StateReader& state) override { return state.read(remaining_); }

 private:
  std::int64_t remaining_;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext&) { return makeNode<Limit>(settings); }

}  // namespace weir::nodes::limit
