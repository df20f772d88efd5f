// Library: the extensions lists, sets and optional.
#include <algorithm>

#include "engine/cel/frame.h"
#include "engine/cel/library.h"

namespace weir::cel {
namespace {

using Args = std::span<const Value>;

[[nodiscard]] bool flattenInto(CallFrame& frame, std::vector<Value>& into, std::span<const Value> items,
                               std::int64_t depth) {
  for (const auto& item : items) {
    if (!frame.charge(1)) return false;
    if (item.kind() != ValueKind::list || depth == 0) {
      into.push_back(item);
    } else if (!flattenInto(frame, into, item.items(), depth - 1)) {
      return false;
    }
  }
  return true;
}

bool flatten(CallFrame& frame, Args args, Value& out) {
  const auto depth = args.size() > 1 ? args[1].int64() : 1;
  if (depth < 0) return frame.fail("cel.invalid_argument", "The depth of flatten must not be negative.");
  std::vector<Value> items;
  if (!flattenInto(frame, items, args[0].items(), depth)) return false;
  out = Value::list(std::move(items));
  return true;
}

bool slice(CallFrame& frame, Args args, Value& out) {
  const auto begin = args[1].int64();
  const auto end = args[2].int64();
  if (begin < 0 || end < begin || end > args[0].size())
    return frame.fail("cel.index_out_of_range", "The slice from " + std::to_string(begin) + " to " +
                                                    std::to_string(end) + " is not inside the list, which has " +
                                                    std::to_string(args[0].size()) + " elements.");
  if (!frame.charge(end - begin)) return false;
  const auto items = args[0].items().subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  out = Value::list({items.begin(), items.end()});
  return true;
}

bool range(CallFrame& frame, Args args, Value& out) {
  const auto count = std::max<std::int64_t>(args[0].int64(), 0);
  if (!frame.charge(count)) return false;
  std::vector<Value> items;
  items.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) items.push_back(Value::int64(i));
  out = Value::list(std::move(items));
  return true;
}

bool distinct(CallFrame& frame, Args args, Value& out) {
  if (!frame.charge(args[0].size() * 2)) return false;
  MapBuilder seen;
  std::vector<Value> items;
  for (const auto& item : args[0].items())
    if (seen.insert(item, Value())) items.push_back(item);
  out = Value::list(std::move(items));
  return true;
}

bool reverse(CallFrame& frame, Args args, Value& out) {
  if (!frame.charge(args[0].size())) return false;
  out = Value::list({args[0].items().rbegin(), args[0].items().rend()});
  return true;
}

bool sort(CallFrame& frame, Args args, Value& out) {
  std::vector<Value> items(args[0].items().begin(), args[0].items().end());
  if (!frame.charge(args[0].size() * 4)) return false;
  for (const auto& item : items)
    if (item.kind() != items.front().kind() || compareValues(item, item) == Ordering::incomparable)
      return frame.fail("cel.no_such_overload", "sort() needs elements of one type that has an order; found " +
                                                    showValue(items.front()) + " and " + showValue(item) + ".");
  std::stable_sort(items.begin(), items.end(), [](const Value& a, const Value& b) { return totalOrder(a, b) < 0; });
  out = Value::list(std::move(items));
  return true;
}

bool first(CallFrame&, Args args, Value& out) {
  out = args[0].items().empty() ? Value::optionalNone() : Value::optionalOf(args[0].items().front());
  return true;
}

bool last(CallFrame&, Args args, Value& out) {
  out = args[0].items().empty() ? Value::optionalNone() : Value::optionalOf(args[0].items().back());
  return true;
}

[[nodiscard]] bool holds(const Value& list, const Value& item) noexcept {
  return std::any_of(list.items().begin(), list.items().end(),
                     [&](const Value& other) { return equalValues(item, other); });
}

[[nodiscard]] bool holdsAll(const Value& list, const Value& items) noexcept {
  return std::all_of(items.items().begin(), items.items().end(), [&](const Value& item) { return holds(list, item); });
}

[[nodiscard]] bool chargePairs(CallFrame& frame, Args args) {
  return frame.charge(args[0].size()) &&
         (args[1].size() == 0 || frame.charge(args[0].size() * std::min<std::int64_t>(args[1].size(), 1'000'000)));
}

bool setContains(CallFrame& frame, Args args, Value& out) {
  if (!chargePairs(frame, args)) return false;
  out = Value::boolean(holdsAll(args[0], args[1]));
  return true;
}

bool setEquivalent(CallFrame& frame, Args args, Value& out) {
  if (!chargePairs(frame, args)) return false;
  out = Value::boolean(holdsAll(args[0], args[1]) && holdsAll(args[1], args[0]));
  return true;
}

bool setIntersects(CallFrame& frame, Args args, Value& out) {
  if (!chargePairs(frame, args)) return false;
  out = Value::boolean(std::any_of(args[1].items().begin(), args[1].items().end(),
                                   [&](const Value& item) { return holds(args[0], item); }));
  return true;
}

bool optionalOf(CallFrame&, Args args, Value& out) {
  out = Value::optionalOf(args[0]);
  return true;
}

[[nodiscard]] bool isZero(const Value& value) noexcept {
  switch (value.kind()) {
    case ValueKind::null:
      return true;
    case ValueKind::boolean:
    case ValueKind::int64:
    case ValueKind::uint64:
      return value.uint64() == 0;
    case ValueKind::float64:
      return value.float64() == 0.0;
    case ValueKind::timestamp:
    case ValueKind::duration:
      return value.seconds() == 0 && value.nanos() == 0;
    case ValueKind::string:
    case ValueKind::bytes:
    case ValueKind::list:
    case ValueKind::map:
    case ValueKind::optional:
      return value.size() == 0;
    case ValueKind::type:
    case ValueKind::blob:
    case ValueKind::opaque:
      return false;
  }
  return false;
}

bool optionalOfNonZero(CallFrame&, Args args, Value& out) {
  out = isZero(args[0]) ? Value::optionalNone() : Value::optionalOf(args[0]);
  return true;
}

bool optionalNone(CallFrame&, Args, Value& out) {
  out = Value::optionalNone();
  return true;
}

bool hasValue(CallFrame&, Args args, Value& out) {
  out = Value::boolean(args[0].optionalValue() != nullptr);
  return true;
}

bool value(CallFrame& frame, Args args, Value& out) {
  if (args[0].optionalValue() == nullptr)
    return frame.fail("cel.no_value", "optional.none() has no value; ask hasValue() first, or use orValue(...).");
  out = *args[0].optionalValue();
  return true;
}

// The evaluator looks at the receiver first; these see only what it left.
bool alternative(CallFrame&, Args args, Value& out) {
  out = args[0].optionalValue() != nullptr ? args[0] : args[1];
  return true;
}

bool alternativeValue(CallFrame&, Args args, Value& out) {
  out = args[0].optionalValue() != nullptr ? *args[0].optionalValue() : args[1];
  return true;
}

bool unwrap(CallFrame& frame, Args args, Value& out) {
  if (!frame.charge(args[0].size())) return false;
  std::vector<Value> items;
  for (const auto& item : args[0].items()) {
    if (item.kind() != ValueKind::optional)
      return frame.fail("cel.no_such_overload",
                        "Only a list of optionals can be unwrapped; found " + showValue(item) + " in it.");
    if (item.optionalValue() != nullptr) items.push_back(*item.optionalValue());
  }
  out = Value::list(std::move(items));
  return true;
}

constexpr FunctionEntry kLists[] = {
    {"slice", "list<A>.(int, int): list<A>", slice},
    {"flatten", "list<A>.(): list<dyn>", flatten},
    {"flatten", "list<A>.(int): list<dyn>", flatten},
    {"lists.range", "(int): list<int>", range},
    {"distinct", "list<A>.(): list<A>", distinct},
    {"reverse", "list<A>.(): list<A>", reverse},
    {"sort", "list<A>.(): list<A>", sort},
    {"first", "list<A>.(): optional<A>", first},
    {"last", "list<A>.(): optional<A>", last},
    {"sets.contains", "(list<A>, list<B>): bool", setContains},
    {"sets.equivalent", "(list<A>, list<B>): bool", setEquivalent},
    {"sets.intersects", "(list<A>, list<B>): bool", setIntersects},
};

constexpr FunctionEntry kOptionals[] = {
    {"optional.of", "(A): optional<A>", optionalOf},
    {"optional.ofNonZeroValue", "(A): optional<A>", optionalOfNonZero},
    {"optional.none", "(): optional<A>", optionalNone},
    {"optional.unwrap", "(list<optional<A>>): list<A>", unwrap},
    {"unwrapOpt", "list<optional<A>>.(): list<A>", unwrap},
    {"hasValue", "optional<A>.(): bool", hasValue},
    {"value", "optional<A>.(): A", value},
    {"or", "optional<A>.(optional<A>): optional<A>", alternative},
    {"orValue", "optional<A>.(A): A", alternativeValue},
};

}  // namespace

std::span<const FunctionEntry> listFunctions() noexcept { return kLists; }
std::span<const FunctionEntry> optionalFunctions() noexcept { return kOptionals; }

}  // namespace weir::cel
