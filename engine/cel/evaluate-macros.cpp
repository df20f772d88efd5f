// Evaluates comprehensions and bindings by row.
#include <algorithm>

#include "engine/cel/plan.h"

namespace weir::cel {
namespace {

class Comprehension {
 public:
  Comprehension(const Node& node, CallFrame& frame)
      : node_(node),
        frame_(frame),
        predicate_(node.children.size() == 3 ? node.children[1] : nullptr),
        body_(*node.children.back()) {}

  [[nodiscard]] bool run(const Value& range, Value& out) {
    switch (node_.expr->macro) {
      case Macro::all:
        return quantifier(range, false, out);
      case Macro::exists:
        return quantifier(range, true, out);
      case Macro::existsOne:
        return existsOne(range, out);
      case Macro::filter:
        return filter(range, out);
      case Macro::map:
      case Macro::mapFiltered:
        return map(range, out);
      case Macro::transformMap:
      case Macro::transformMapFiltered:
        return transformMap(range, out);
      case Macro::transformMapEntry:
      case Macro::transformMapEntryFiltered:
        return transformMapEntry(range, out);
      case Macro::sortBy:
        return sortBy(range, out);
      case Macro::none:
      case Macro::bind:
      case Macro::optMap:
      case Macro::optFlatMap:
        break;
    }
    return false;
  }

 private:
  enum class Truth : std::uint8_t { no, yes, null, failed };

  // Calls each(first) with the variables set, until it returns false.
  template <class Each>
  [[nodiscard]] bool walk(const Value& range, Each each) {
    const bool two = node_.expr->variable2 != 0;
    const auto slot = node_.reference->slot;
    const auto slot2 = node_.reference->slot2;
    std::int64_t index = 0;
    for (const auto& item : range.items()) {
      if (!frame_.charge(body_.cost)) return false;
      frame_.local(slot) = two ? Value::int64(index++) : item;
      if (two) frame_.local(slot2) = item;
      if (!each(item)) return false;
    }
    for (const auto& entry : range.entries()) {
      if (!frame_.charge(body_.cost)) return false;
      frame_.local(slot) = entry.key;
      if (two) frame_.local(slot2) = entry.value;
      if (!each(entry.key)) return false;
    }
    return true;
  }

  [[nodiscard]] Truth truthOf(const Node& condition) {
    Value value;
    if (!evaluateNode(condition, frame_, value)) return Truth::failed;
    if (value.kind() == ValueKind::boolean) return value.boolean() ? Truth::yes : Truth::no;
    if (value.isNull() && node_.flow) return Truth::null;
    (void)failAt(condition, frame_, "cel.no_such_overload",
                 "The condition of " + std::string(macroName(node_.expr->macro)) + " must be bool; found " +
                     showValue(value) + ".");
    return Truth::failed;
  }

  // Does the element pass the predicate (if there is one)? Null is no.
  [[nodiscard]] bool passes(bool& passed) {
    passed = true;
    if (predicate_ == nullptr) return true;
    const auto truth = truthOf(*predicate_);
    passed = truth == Truth::yes;
    return truth != Truth::failed;
  }

  // all() is &&, exists() is || over the elements: a deciding element absorbs failures of others.
  [[nodiscard]] bool quantifier(const Value& range, bool deciding, Value& out) {
    bool decided = false;
    bool sawNull = false;
    std::optional<Failure> failed;
    const bool finished = walk(range, [&](const Value&) {
      const auto truth = truthOf(body_);
      if (truth == Truth::failed) {
        if (frame_.exhausted()) return false;
        if (!failed) failed = std::move(frame_.failure());
      }
      sawNull = sawNull || truth == Truth::null;
      decided = truth == (deciding ? Truth::yes : Truth::no);
      return !decided;
    });
    if (!finished && !decided) return false;
    if (!decided && failed) {
      frame_.failure() = std::move(*failed);
      return false;
    }
    out = decided ? Value::boolean(deciding) : sawNull ? Value() : Value::boolean(!deciding);
    return true;
  }

  [[nodiscard]] bool existsOne(const Value& range, Value& out) {
    std::int64_t count = 0;
    const bool finished = walk(range, [&](const Value&) {
      const auto truth = truthOf(body_);
      count += truth == Truth::yes;
      return truth != Truth::failed;
    });
    if (finished) out = Value::boolean(count == 1);
    return finished;
  }

  [[nodiscard]] bool filter(const Value& range, Value& out) {
    std::vector<Value> items;
    const bool finished = walk(range, [&](const Value& item) {
      const auto truth = truthOf(body_);
      if (truth == Truth::yes) items.push_back(item);
      return truth != Truth::failed;
    });
    if (finished) out = Value::list(std::move(items));
    return finished;
  }

  [[nodiscard]] bool map(const Value& range, Value& out) {
    std::vector<Value> items;
    const bool finished = walk(range, [&](const Value&) {
      bool passed = false;
      if (!passes(passed)) return false;
      if (!passed) return true;
      return evaluateNode(body_, frame_, items.emplace_back());
    });
    if (finished) out = Value::list(std::move(items));
    return finished;
  }

  [[nodiscard]] bool transformMap(const Value& range, Value& out) {
    MapBuilder builder;
    const bool finished = walk(range, [&](const Value&) {
      bool passed = false;
      if (!passes(passed)) return false;
      if (!passed) return true;
      Value key = frame_.local(node_.reference->slot);
      Value value;
      if (!evaluateNode(body_, frame_, value)) return false;
      builder.set(std::move(key), std::move(value));
      return true;
    });
    if (finished) out = std::move(builder).build();
    return finished;
  }

  [[nodiscard]] bool transformMapEntry(const Value& range, Value& out) {
    MapBuilder builder;
    const bool finished = walk(range, [&](const Value&) {
      bool passed = false;
      if (!passes(passed)) return false;
      if (!passed) return true;
      Value made;
      if (!evaluateNode(body_, frame_, made)) return false;
      if (made.kind() != ValueKind::map)
        return failAt(body_, frame_, "cel.no_such_overload",
                      "transformMapEntry makes a map of one entry; found " + showValue(made) + ".");
      for (const auto& entry : made.entries())
        if (!builder.insert(entry.key, entry.value))
          return failAt(body_, frame_, "cel.duplicate_key", "The key " + showValue(entry.key) + " was made twice.");
      return true;
    });
    if (finished) out = std::move(builder).build();
    return finished;
  }

  [[nodiscard]] bool sortBy(const Value& range, Value& out) {
    if (range.kind() != ValueKind::list)
      return failAt(node_, frame_, "cel.no_such_overload", "sortBy sorts a list; found " + showValue(range) + ".");
    struct Keyed {
      Value key;
      Value item;
    };
    std::vector<Keyed> keyed;
    const bool finished = walk(range, [&](const Value& item) {
      Value key;
      if (!evaluateNode(body_, frame_, key)) return false;
      keyed.push_back({std::move(key), item});
      const auto& first = keyed.front().key;
      const auto& last = keyed.back().key;
      if (node_.flow && (first.isNull() || last.isNull())) return true;
      if (first.kind() == last.kind() && compareValues(last, last) != Ordering::incomparable) return true;
      return failAt(body_, frame_, "cel.no_such_overload",
                    "The keys of sortBy must be of one type that has an order; found " + showValue(first) + " and " +
                        showValue(last) + ".");
    });
    if (!finished) return false;
    std::stable_sort(keyed.begin(), keyed.end(),
                     [](const Keyed& a, const Keyed& b) { return totalOrder(a.key, b.key) < 0; });
    std::vector<Value> items;
    items.reserve(keyed.size());
    for (auto& entry : keyed) items.push_back(std::move(entry.item));
    out = Value::list(std::move(items));
    return true;
  }

  const Node& node_;
  CallFrame& frame_;
  const Node* predicate_;
  const Node& body_;
};

// A binding that fails fails where it is used, if it is.
[[nodiscard]] bool runBind(const Node& node, CallFrame& frame, Value& out) {
  const auto slot = node.reference->slot;
  Value initial;
  if (evaluateNode(*node.children[0], frame, initial)) {
    frame.local(slot) = std::move(initial);
    if (frame.hasBindingFailures()) frame.bindingFailure(slot).reset();
  } else {
    if (frame.exhausted()) return false;
    frame.bindingFailure(slot) = std::make_unique<Failure>(std::move(frame.failure()));
  }
  const bool done = evaluateNode(*node.children[1], frame, out);
  if (frame.hasBindingFailures()) frame.bindingFailure(slot).reset();
  return done;
}

[[nodiscard]] bool runOptional(const Node& node, CallFrame& frame, const Value& optional, Value& out) {
  if (optional.kind() != ValueKind::optional)
    return failAt(node, frame, "cel.no_such_overload",
                  std::string(macroName(node.expr->macro)) + " needs an optional; found " + showValue(optional) + ".");
  const auto* held = optional.optionalValue();
  if (held == nullptr) {
    out = Value::optionalNone();
    return true;
  }
  frame.local(node.reference->slot) = *held;
  Value made;
  if (!evaluateNode(*node.children[1], frame, made)) return false;
  if (node.expr->macro == Macro::optMap) {
    out = Value::optionalOf(std::move(made));
    return true;
  }
  if (made.kind() != ValueKind::optional)
    return failAt(*node.children[1], frame, "cel.no_such_overload",
                  "optFlatMap needs an optional; found " + showValue(made) + ".");
  out = std::move(made);
  return true;
}

}  // namespace

bool runComprehension(const Node& node, CallFrame& frame, Value& out) {
  if (node.expr->macro == Macro::bind) return runBind(node, frame, out);
  Value range;
  if (!evaluateNode(*node.children[0], frame, range)) return false;
  if (range.isNull() && node.flow) {
    out = Value();
    return true;
  }
  if (node.expr->macro == Macro::optMap || node.expr->macro == Macro::optFlatMap)
    return runOptional(node, frame, range, out);
  if (range.kind() != ValueKind::list && range.kind() != ValueKind::map)
    return failAt(
        node, frame, "cel.no_such_overload",
        std::string(macroName(node.expr->macro)) + " goes over a list or a map; found " + showValue(range) + ".");
  return Comprehension(node, frame).run(range, out);
}

}  // namespace weir::cel
