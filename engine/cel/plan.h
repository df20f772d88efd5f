// Plan: a checked expression made ready for evaluation by row (only for the row evaluator's files).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/cel/checker.h"
#include "engine/cel/frame.h"
#include "engine/regex/regex.h"

namespace weir::cel {

/// A regex with a spare scratch that survives from row to row; a second thread at work makes its own.
class PreparedRegex {
 public:
  explicit PreparedRegex(regex::Regex compiled) : regex_(std::move(compiled)) {}
  PreparedRegex(const PreparedRegex&) = delete;
  PreparedRegex& operator=(const PreparedRegex&) = delete;
  ~PreparedRegex() { std::unique_ptr<regex::Regex::Scratch>(spare_.load()).reset(); }
  [[nodiscard]] bool search(std::string_view text) const {
    std::unique_ptr<regex::Regex::Scratch> scratch(spare_.exchange(nullptr, std::memory_order_acquire));
    if (scratch == nullptr) scratch = std::make_unique<regex::Regex::Scratch>();
    const bool found = regex_.search(text, *scratch);
    scratch.reset(spare_.exchange(scratch.release(), std::memory_order_acq_rel));
    return found;
  }

 private:
  regex::Regex regex_;
  mutable std::atomic<regex::Regex::Scratch*> spare_{nullptr};
};

struct Node {
  /// Sets `out`, or notes a failure in the frame and returns false.
  using Run = bool (*)(const Node& node, CallFrame& frame, Value& out);

  Run run = nullptr;
  std::vector<const Node*> children;
  const Expr* expr = nullptr;
  const Reference* reference = nullptr;
  Operator op = Operator::none;
  bool flow = false;
  bool toDouble = false;  // conditional: int and uint become double
  bool optional = false;
  Value value;                           // constant; select: the key
  std::uint32_t cost = 1;                // nodes in this subtree, charged per iteration of a comprehension
  std::vector<bool> optionalEntry;       // list, map
  std::unique_ptr<PreparedRegex> regex;  // matches with a constant pattern
};

struct Plan {
  std::vector<Node> nodes;  // by ExprId
  const Node* root = nullptr;
};

/// Chooses how each expression runs, and folds constants.
[[nodiscard]] std::expected<Plan, std::vector<Problem>> makePlan(const Checked& checked);

/// Runs the node; notes the place of a failure that has none.
[[nodiscard]] inline bool evaluateNode(const Node& node, CallFrame& frame, Value& out) {
  return node.run(node, frame, out);
}

/// The operand's value, without a copy where it lies still: constants and locals.
[[nodiscard]] const Value* operandOf(const Node& node, CallFrame& frame, Value& scratch);

[[nodiscard]] bool failAt(const Node& node, CallFrame& frame, std::string_view code, std::string message);
/// `cel.no_such_overload` for an operator.
[[nodiscard]] bool noOperator(const Node& node, CallFrame& frame, const Value& left, const Value& right);

// evaluate-basic.cpp
bool runConstant(const Node& node, CallFrame& frame, Value& out);
bool runVariable(const Node& node, CallFrame& frame, Value& out);
bool runField(const Node& node, CallFrame& frame, Value& out);
bool runLocal(const Node& node, CallFrame& frame, Value& out);
bool runUnresolved(const Node& node, CallFrame& frame, Value& out);
bool runSelect(const Node& node, CallFrame& frame, Value& out);
bool runHas(const Node& node, CallFrame& frame, Value& out);
bool runHasField(const Node& node, CallFrame& frame, Value& out);
bool runIndex(const Node& node, CallFrame& frame, Value& out);
bool runList(const Node& node, CallFrame& frame, Value& out);
bool runMap(const Node& node, CallFrame& frame, Value& out);
// evaluate-operators.cpp
bool runAdd(const Node& node, CallFrame& frame, Value& out);
bool runArithmetic(const Node& node, CallFrame& frame, Value& out);
bool runCompare(const Node& node, CallFrame& frame, Value& out);
bool runEqual(const Node& node, CallFrame& frame, Value& out);
bool runIn(const Node& node, CallFrame& frame, Value& out);
bool runUnary(const Node& node, CallFrame& frame, Value& out);
bool runLogical(const Node& node, CallFrame& frame, Value& out);
bool runConditional(const Node& node, CallFrame& frame, Value& out);
// evaluate-calls.cpp
bool runCall(const Node& node, CallFrame& frame, Value& out);
bool runMatches(const Node& node, CallFrame& frame, Value& out);
// evaluate-macros.cpp
bool runComprehension(const Node& node, CallFrame& frame, Value& out);

}  // namespace weir::cel
