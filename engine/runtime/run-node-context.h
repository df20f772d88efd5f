// RunNodeContext: the NodeContext of a run.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/hash.h"
#include "engine/data/trace-context.h"
#include "engine/host/clock.h"
#include "engine/host/hosts.h"
#include "engine/host/log.h"
#include "engine/node/hidden-fields.h"
#include "engine/runtime/node-state.h"

namespace weir::runtime {

class RunNodeContext final : public NodeContext {
 public:
  RunNodeContext(const Plan& plan, NodeState& state, const Hosts& hosts, int workers, std::uint64_t seed)
      : plan_(plan), state_(state), hosts_(hosts), workers_(workers), seed_(seed), hidden_{plan.sensitive} {
    const auto& node = *state.plan;
    for (const auto target : node.acceptedFilter) {
      if (target < 0) {
        filters_.emplace_back();
      } else {
        const auto& giver = plan.nodes[static_cast<std::size_t>(target)];
        filters_.push_back(AcceptedFilter{giver.type->id, &giver.settings});
      }
    }
  }
  [[nodiscard]] std::string_view nodeId() const override { return state_.plan->id; }
  [[nodiscard]] std::uint64_t random() override { return seed_ = hash::ofUint64(seed_ + 0x9E3779B97F4A7C15ULL); }
  [[nodiscard]] const FieldSet& needed(Port out) const override {
    static const FieldSet all = FieldSet::everything();
    return out < state_.plan->needed.size() ? state_.plan->needed[out] : all;
  }
  void tellFields(Port out, std::vector<std::string> names) override {
    if (out != 0) return;
    const Locked locked(state_.toldLock);
    state_.toldFields = std::move(names);
  }
  [[nodiscard]] const AcceptedFilter* acceptedFilter(Port out) const override {
    return out < filters_.size() && filters_[out] ? &*filters_[out] : nullptr;
  }
  [[nodiscard]] bool outputWired(Port out) const override {
    for (const auto& edge : plan_.edges) {
      if (&plan_.nodes[static_cast<std::size_t>(edge.source)] == state_.plan && edge.sourcePort == out) return true;
    }
    return false;
  }
  [[nodiscard]] MemoryAccount& account() override { return *state_.account; }
  [[nodiscard]] Result<Buffer> allocate(std::int64_t bytes) override {
    return Buffer::allocate(bytes, *state_.account);
  }
  [[nodiscard]] const Value& params() const override { return plan_.params; }
  [[nodiscard]] const cel::RowOrigins* origins() const override { return &state_.run->origins; }
  [[nodiscard]] bool traced(const EnvelopePlace& place, TraceId stored) const override {
    return state_.run->traces != nullptr && state_.run->traces->sampled(place, stored);
  }
  void tellCaller(const TraceContext& caller) override {
    if (state_.run->traces != nullptr) state_.run->traces->noteCaller(caller);
  }
  [[nodiscard]] std::int64_t nowMicros() override { return state_.run->clock->nowMicros(); }
  [[nodiscard]] int workers() const override { return workers_; }
  void log(LogLevel level, std::string_view message) override {
    if (auto* log = hosts_.get<Log>()) log->write(level, state_.plan->id, message);
  }

 protected:
  [[nodiscard]] void* findHost(std::string_view name) override {
    return name == HiddenFields::kName ? &hidden_ : hosts_.find(name);
  }

 private:
  const Plan& plan_;
  NodeState& state_;
  const Hosts& hosts_;
  int workers_;
  std::uint64_t seed_;
  HiddenFields hidden_;
  std::vector<std::optional<AcceptedFilter>> filters_;
};

}  // namespace weir::runtime
