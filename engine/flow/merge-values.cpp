// Goes down three documents at once.
#include "engine/flow/merge-values.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/flow/merge-order.h"
#include "engine/flow/named-elements.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

using json::Value;
using Index = std::map<std::string, const Value*, std::less<>>;

constexpr std::size_t kMostPathBytes = std::size_t{4} << 20;

/// The same to the last digit and in the same order.
bool identical(const Value* a, const Value* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return *a == *b && json::write(*a) == json::write(*b);
}

bool alike(const Value* a, const Value* b) { return a != nullptr && b != nullptr && *a == *b; }

std::optional<Value> copyOf(const Value* value) { return value == nullptr ? std::nullopt : std::optional(*value); }

const Value* ifObject(const Value* value) { return value != nullptr && value->isObject() ? value : nullptr; }
const Value* ifArray(const Value* value) { return value != nullptr && value->isArray() ? value : nullptr; }

const Value* in(const Index& index, const std::string& name) {
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

/// Names and values of a container, in its order.
struct Contents {
  std::vector<std::string> names;
  Index index;

  void add(std::string name, const Value* value) {
    index.emplace(name, value);
    names.push_back(std::move(name));
  }
};

Contents membersOf(const Value* object) {
  Contents contents;
  if (object == nullptr) return contents;
  for (const auto& member : *object->asObject()) contents.add(member.key, &member.value);
  return contents;
}

Contents elementsOf(const Value* list, std::string_view key) {
  Contents contents;
  if (list == nullptr) return contents;
  for (const auto& element : *list->asArray()) contents.add(std::string(textMember(element, key)), &element);
  return contents;
}

bool wordsOnly(const Value* list) {
  if (list == nullptr) return true;
  std::set<std::string_view> seen;
  return list->isArray() && std::ranges::all_of(*list->asArray(), [&](const Value& element) {
           return element.isString() && seen.insert(*element.asString()).second;
         });
}

std::vector<std::string> wordsOf(const Value* list) {
  std::vector<std::string> words;
  if (list == nullptr) return words;
  for (const auto& element : *list->asArray()) words.push_back(*element.asString());
  return words;
}

std::set<std::string, std::less<>> namesOf(const Contents& base, const Contents& ours, const Contents& theirs) {
  std::set<std::string, std::less<>> names;
  for (const auto* contents : {&base, &ours, &theirs}) names.insert(contents->names.begin(), contents->names.end());
  return names;
}

}  // namespace

Value ValueMerge::run() { return any({&versions_.base, &versions_.ours, &versions_.theirs}).value_or(Value::object()); }

bool ValueMerge::at(std::initializer_list<std::string_view> path) const {
  return std::ranges::equal(path_, path, {}, &MergeStep::key);
}

bool ValueMerge::isPlace() const { return path_.size() == 3 && path_[0].key == "layout"; }

/// Whether something below may be in question although one side left all of it alone.
bool ValueMerge::holdsContested() const {
  if (versions_.nodes.empty()) return false;
  return at({"nodes"}) || at({"edges"}) || at({"layout"}) || at({"layout", "nodes"});
}

/// In the lists of the document the order says nothing.
bool ValueMerge::ordersMatter() const { return path_.size() > 2; }

ValueMerge::Values ValueMerge::favoured(const Three& values) const {
  return copyOf(favour_ == Side::ours ? values.ours : values.theirs);
}

ValueMerge::Values ValueMerge::conflict(ConflictKind kind, const Three& values, std::string message) {
  for (const auto& step : path_) pathBytes_ += step.key.size();
  // Below a long key each says it again: beyond this a conflict is one of the document.
  const auto path = pathBytes_ > kMostPathBytes ? std::vector<MergeStep>() : path_;
  conflicts_.push_back(
      {kind, path, std::move(message), copyOf(values.base), copyOf(values.ours), copyOf(values.theirs)});
  return favoured(values);
}

ValueMerge::Values ValueMerge::any(const Three& values) {
  const auto [base, ours, theirs] = values;
  // A node that is in question stands where the one who keeps it has it.
  if (isPlace() && path_[1].key == "nodes" && versions_.nodes.contains(path_[2].key)) return favoured(values);
  if (!holdsContested()) {
    if (identical(ours, theirs) || identical(base, theirs)) return copyOf(ours);
    if (identical(base, ours)) return copyOf(theirs);
  }
  if (isPlace()) {
    if (ours == nullptr || theirs == nullptr) return copyOf(ours != nullptr ? ours : theirs);
    if (favour_ == Side::ours) notes_.push_back("both moved '" + path_[2].key + "': it stands where ours put it");
    return copyOf(ours);
  }
  double mine = 0, other = 0;
  if ((at({"metadata", "updatedAt"}) || at({"metadata", "createdAt"})) && ours != nullptr && theirs != nullptr &&
      ours->toDouble(mine) && theirs->toDouble(other))
    return copyOf((mine < other) == at({"metadata", "createdAt"}) ? ours : theirs);
  if (ours == nullptr || theirs == nullptr || alike(ours, theirs)) return lastResort(values);
  if (ours->isObject() && theirs->isObject()) return members({ifObject(base), ours, theirs});
  if (ours->isArray() && theirs->isArray()) {
    const bool set = at({"metadata", "tags"}) || at({"config", "sensitive"}) || at({"config", "notSensitive"});
    if (set && wordsOnly(ifArray(base)) && wordsOnly(ours) && wordsOnly(theirs))
      return words({ifArray(base), ours, theirs});
    if (const auto key = namingKey({ifArray(base), ours, theirs}); !key.empty())
      return elements({ifArray(base), ours, theirs}, key);
  }
  return lastResort(values);
}

/// Values that go one way or the other.
ValueMerge::Values ValueMerge::lastResort(const Three& values) {
  const auto [base, ours, theirs] = values;
  // Written otherwise is not changed: 1.0 for 1, members in another order.
  if (alike(base, ours)) return copyOf(theirs);
  if (alike(base, theirs)) return copyOf(ours);
  if (alike(ours, theirs)) return copyOf(json::write(*ours) < json::write(*theirs) ? ours : theirs);
  if (ours == nullptr) return conflict(ConflictKind::removed, values, "ours removed it, theirs changed it");
  if (theirs == nullptr) return conflict(ConflictKind::removed, values, "theirs removed it, ours changed it");
  if (base == nullptr) return conflict(ConflictKind::added, values, "both added it, differently");
  return conflict(ConflictKind::changed, values, "both changed it, differently");
}

ValueMerge::Values ValueMerge::members(const Three& values) {
  const auto base = membersOf(values.base), ours = membersOf(values.ours), theirs = membersOf(values.theirs);
  std::map<std::string, Value> results;
  std::set<std::string, std::less<>> kept;
  for (const auto& name : namesOf(base, ours, theirs)) {
    path_.push_back({name, false});
    auto result = any({in(base.index, name), in(ours.index, name), in(theirs.index, name)});
    path_.pop_back();
    if (!result) continue;
    results.emplace(name, std::move(*result));
    kept.insert(name);
  }
  auto members = Value::Object();
  for (auto& name : mergeOrder(base.names, ours.names, theirs.names, kept, std::nullopt).names) {
    auto& result = results[name];
    members.push_back({std::move(name), std::move(result)});
  }
  auto out = Value::object(std::move(members));
  return out;
}

ValueMerge::Values ValueMerge::element(const Three& values) {
  const auto& name = path_.back().key;
  const bool ofDocument = path_.size() == 2;
  if (ofDocument && path_[0].key == "edges" && versions_.edges.contains(name)) return favoured(values);
  if (ofDocument && path_[0].key == "nodes") {
    if (const auto contested = versions_.nodes.find(name); contested != versions_.nodes.end())
      return contested->second.message.empty() ? favoured(values)
                                               : conflict(contested->second.kind, values, contested->second.message);
    const bool both = values.base == nullptr && values.ours != nullptr && values.theirs != nullptr;
    if (both && textMember(*values.ours, "typeId") != textMember(*values.theirs, "typeId"))
      return conflict(ConflictKind::added, values, "both added a node of this id, of different types; rename one");
  }
  return any(values);
}

ValueMerge::Values ValueMerge::elements(const Three& values, std::string_view key) {
  const auto base = elementsOf(values.base, key), ours = elementsOf(values.ours, key),
             theirs = elementsOf(values.theirs, key);
  std::map<std::string, Value> results;
  std::set<std::string, std::less<>> kept;
  for (const auto& name : namesOf(base, ours, theirs)) {
    path_.push_back({name, true});
    auto result = element({in(base.index, name), in(ours.index, name), in(theirs.index, name)});
    path_.pop_back();
    if (!result) continue;
    results.emplace(name, std::move(*result));
    kept.insert(name);
  }
  const auto order =
      mergeOrder(base.names, ours.names, theirs.names, kept, ordersMatter() ? std::optional(favour_) : std::nullopt);
  if (order.conflict && ordersMatter())
    static_cast<void>(conflict(ConflictKind::order, values, "both put the list into another order, each its own"));
  auto out = Value::array();
  for (const auto& name : order.names) out.push(std::move(results[name]));
  return out;
}

/// Lists that are sets.
ValueMerge::Values ValueMerge::words(const Three& values) {
  const auto base = wordsOf(values.base), ours = wordsOf(values.ours), theirs = wordsOf(values.theirs);
  std::set<std::string, std::less<>> kept;
  const auto has = [](const std::vector<std::string>& list, const std::string& word) {
    return std::ranges::find(list, word) != list.end();
  };
  for (const auto* list : {&base, &ours, &theirs}) {
    for (const auto& word : *list) {
      const bool was = has(base, word), mine = has(ours, word), other = has(theirs, word);
      if (was ? mine && other : mine || other) kept.insert(word);
    }
  }
  auto out = Value::array();
  for (const auto& word : mergeOrder(base, ours, theirs, kept, std::nullopt).names) out.push(word);
  return out;
}

}  // namespace weir::flow
