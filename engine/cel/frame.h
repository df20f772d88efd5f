// CallFrame: the state of one evaluation, and how functions report failure and cost.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/program.h"
#include "engine/data/value.h"

namespace weir::cel {

struct Failure {
  std::string_view code;
  std::string message;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

class CallFrame {
 public:
  CallFrame(const Activation& activation, Budget& budget, const Checked& checked)
      : activation_(activation), budget_(budget), checked_(checked), flow_(checked.profile == Profile::flow) {
    if (checked.slotCount != 0) locals_.resize(checked.slotCount);
  }
  CallFrame(const CallFrame&) = delete;
  CallFrame& operator=(const CallFrame&) = delete;

  /// Notes why the evaluation fails; returns false, for `return frame.fail(...)`.
  [[nodiscard]] bool fail(std::string_view code, std::string message) {
    failure_.code = code;
    failure_.message = std::move(message);
    failure_.offset = offset_;
    failure_.length = length_;
    return false;
  }
  [[nodiscard]] bool fail(Error error) { return fail(error.code, std::move(error.message)); }
  /// False, with `cel.cost_limit`, if the budget is used up; no operator absorbs that.
  [[nodiscard]] bool charge(std::int64_t units) {
    budget_.remaining -= units;
    if (budget_.remaining >= 0) [[likely]]
      return true;
    return overBudget();
  }
  /// What handling this many bytes costs.
  [[nodiscard]] bool chargeBytes(std::int64_t bytes) { return charge(bytes / 10 + 1); }

  /// Where failures are from now on.
  void setPlace(std::uint32_t offset, std::uint32_t length) noexcept {
    offset_ = offset;
    length_ = length;
  }
  [[nodiscard]] bool exhausted() const noexcept { return exhausted_; }
  [[nodiscard]] bool flow() const noexcept { return flow_; }
  [[nodiscard]] Zones* zones() const noexcept { return checked_.zones; }
  [[nodiscard]] const Activation& activation() const noexcept { return activation_; }
  [[nodiscard]] const Checked& checked() const noexcept { return checked_; }
  [[nodiscard]] Failure& failure() noexcept { return failure_; }
  [[nodiscard]] Value& local(std::uint32_t slot) noexcept { return locals_[slot]; }
  /// The failure that a binding in this slot ended with, or nullptr.
  [[nodiscard]] std::unique_ptr<Failure>& bindingFailure(std::uint32_t slot) {
    if (bindingFailures_.empty()) bindingFailures_.resize(checked_.slotCount);
    return bindingFailures_[slot];
  }
  [[nodiscard]] bool hasBindingFailures() const noexcept { return !bindingFailures_.empty(); }

 private:
  bool overBudget();

  const Activation& activation_;
  Budget& budget_;
  const Checked& checked_;
  bool flow_;
  bool exhausted_ = false;
  std::uint32_t offset_ = 0;
  std::uint32_t length_ = 0;
  Failure failure_;
  std::vector<Value> locals_;
  std::vector<std::unique_ptr<Failure>> bindingFailures_;
};

/// `int (42)`, `string ("abc")`: what was found, for messages; long values are cut.
[[nodiscard]] std::string showValue(const Value& value);

}  // namespace weir::cel
