// The tables of the flow document, and the check against them.
#include "engine/flow/shape.h"

#include <algorithm>
#include <bitset>
#include <string>
#include <vector>

#include "engine/text/suggest.h"

namespace weir::flow {
namespace {

constexpr Key kPointKeys[] = {{"x", Form::number, nullptr, true}, {"y", Form::number, nullptr, true}};
constexpr Shape kPoint{"a position", kPointKeys};
constexpr Key kSizeKeys[] = {{"width", Form::number}, {"height", Form::number}};
constexpr Shape kSize{"a size", kSizeKeys};
constexpr Key kBoxKeys[] = {
    {"x", Form::number}, {"y", Form::number}, {"width", Form::number}, {"height", Form::number}};
constexpr Shape kBox{"a place in the layout", kBoxKeys};
constexpr Key kLayoutKeys[] = {{"nodes", Form::objects, &kBox},
                               {"groups", Form::objects, &kBox},
                               {"notes", Form::objects, &kBox},
                               {"widgets", Form::objects, &kBox}};
constexpr Shape kLayout{"the layout", kLayoutKeys};

constexpr Key kMetadataKeys[] = {{"version", Form::string},     {"author", Form::string},
                                 {"createdAt", Form::number},   {"updatedAt", Form::number},
                                 {"description", Form::string}, {"tags", Form::strings}};
constexpr Shape kMetadata{"the metadata", kMetadataKeys};

constexpr Key kCheckpointKeys[] = {{"everyMs", Form::integer}, {"rows", Form::integer}};
constexpr Shape kCheckpoint{"a checkpoint", kCheckpointKeys};
constexpr Key kLimitKeys[] = {{"memoryBytes", Form::integer},
                              {"diskBytes", Form::integer},
                              {"threads", Form::integer, nullptr, false, {}, 1024, false, 1},
                              {"maxRunMs", Form::integer},
                              {"connections", Form::integer, nullptr, false, {}, 1'000'000'000, false, 1},
                              {"egressBytes", Form::integer, nullptr, false, {}, 1'125'899'906'842'624, false, 1}};
constexpr Shape kLimits{"the limits", kLimitKeys};
constexpr Key kAlertKeys[] = {{"name", Form::string, nullptr, true},
                              {"metric", Form::string, nullptr, true},
                              {"over", Form::number},
                              {"under", Form::number},
                              {"forMs", Form::integer},
                              {"quietMs", Form::integer},
                              {"windowMs", Form::integer, nullptr, false, {}, 86'400'000, false, 1000},
                              {"where", Form::string},
                              {"key", Form::string},
                              {"muteUntil", Form::string},
                              {"severity", Form::string, nullptr, false, "info|warning|error|critical"}};
constexpr Shape kAlert{"an alert", kAlertKeys};
constexpr Key kKeepKeys[] = {{"runMs", Form::integer, nullptr, false, {}, 315'360'000'000, false, 1000},
                             {"runs", Form::integer, nullptr, false, {}, 1'000'000'000, false, 1},
                             {"bytes", Form::integer, nullptr, false, {}, 1'125'899'906'842'624, false, 1}};
constexpr Shape kKeep{"what is kept", kKeepKeys};
constexpr Key kConfigKeys[] = {{"maxConcurrency", Form::integer, nullptr, false, {}, 1024, false, 1},
                               {"stateStorage", Form::string, nullptr, false, "memory|file|redis"},
                               {"maxErrors", Form::integer},
                               {"isolation", Form::string, nullptr, false, "shared|process"},
                               {"checkpoint", Form::object, &kCheckpoint},
                               {"limits", Form::object, &kLimits},
                               {"keep", Form::object, &kKeep},
                               {"alerts", Form::list, &kAlert},
                               {"sensitive", Form::strings},
                               {"notSensitive", Form::strings}};
constexpr Shape kConfig{"the config", kConfigKeys};

constexpr Key kParameterKeys[] = {
    {"name", Form::string, nullptr, true},
    {"type", Form::string, nullptr, true, "string|text|integer|number|boolean|enum|duration|bytesize|path|list|map"},
    {"label", Form::string},
    {"help", Form::string},
    {"required", Form::boolean},
    {"default", Form::any, nullptr, false, {}, 0, true},
    {"options", Form::strings},
    {"min", Form::number},
    {"max", Form::number}};
constexpr Shape kParameter{"a parameter", kParameterKeys};

constexpr Key kDocumentPortKeys[] = {{"name", Form::string, nullptr, true}, {"type", Form::string},
                                     {"node", Form::string, nullptr, true}, {"port", Form::string, nullptr, true},
                                     {"required", Form::boolean},           {"help", Form::string}};
constexpr Shape kDocumentPort{"a port of the flow", kDocumentPortKeys};
constexpr Key kPortsKeys[] = {{"inputs", Form::list, &kDocumentPort}, {"outputs", Form::list, &kDocumentPort}};
constexpr Shape kPorts{"the ports", kPortsKeys};

constexpr Key kRetryKeys[] = {{"attempts", Form::integer, nullptr, false, {}, 1000, false, 1},
                              {"delayMs", Form::integer},
                              {"maxDelayMs", Form::integer},
                              {"jitter", Form::number, nullptr, false, {}, 1}};
constexpr Shape kRetry{"a retry", kRetryKeys};
constexpr Key kBreakerKeys[] = {
    {"failures", Form::integer}, {"windowMs", Form::integer}, {"openMs", Form::integer}, {"probes", Form::integer}};
constexpr Shape kBreaker{"a breaker", kBreakerKeys};
constexpr Key kNodeKeys[] = {{"id", Form::string, nullptr, true},
                             {"typeId", Form::string, nullptr, true},
                             {"version", Form::string, nullptr, true},
                             {"name", Form::string},
                             {"note", Form::string},
                             {"parent", Form::string},
                             {"bypass", Form::boolean},
                             {"settings", Form::map},
                             {"retry", Form::object, &kRetry},
                             {"timeoutMs", Form::integer},
                             {"breaker", Form::object, &kBreaker},
                             {"position", Form::object, &kPoint},
                             {"size", Form::object, &kSize}};
constexpr Shape kNode{"a node", kNodeKeys};

constexpr Key kEndKeys[] = {{"node", Form::string, nullptr, true}, {"port", Form::string, nullptr, true}};
constexpr Shape kEnd{"an end of an edge", kEndKeys};
constexpr Key kBufferKeys[] = {{"rows", Form::integer},
                               {"bytes", Form::integer},
                               {"ageMs", Form::integer},
                               {"order", Form::string, nullptr, false, "fifo|newest|priority"},
                               {"threshold", Form::number, nullptr, false, "adaptive", 1},
                               {"dropThreshold", Form::number, nullptr, false, {}, 1}};
constexpr Shape kBuffer{"a buffer", kBufferKeys};
constexpr Key kBatchKeys[] = {{"maxRows", Form::integer}, {"maxWaitMs", Form::integer}};
constexpr Shape kBatch{"a batch", kBatchKeys};
constexpr Key kWhenFullKeys[] = {
    {"rule", Form::string, nullptr, false, "block|dropOldest|dropNewest|dropLowestPriority|sample"},
    {"maxWaitMs", Form::integer}};
constexpr Shape kWhenFull{"whenFull", kWhenFullKeys};
constexpr Key kEdgeKeys[] = {{"id", Form::string, nullptr, true},
                             {"source", Form::object, &kEnd, true},
                             {"target", Form::object, &kEnd, true},
                             {"preset", Form::string, nullptr, false, "highFrequency|lowLatency|smallMemory"},
                             {"filter", Form::string, nullptr, false, {}, 0, true},
                             {"transform", Form::string, nullptr, false, {}, 0, true},
                             {"buffer", Form::object, &kBuffer},
                             {"batch", Form::object, &kBatch},
                             {"whenFull", Form::object, &kWhenFull},
                             {"guarantee", Form::string, nullptr, false, "memory|durable"},
                             {"onRemove", Form::string, nullptr, false, "drain|deadLetter|discard"}};
constexpr Shape kEdge{"an edge", kEdgeKeys};

constexpr Key kGroupKeys[] = {{"id", Form::string, nullptr, true},
                              {"name", Form::string},
                              {"note", Form::string},
                              {"parent", Form::string},
                              {"color", Form::string},
                              {"collapsed", Form::boolean},
                              {"position", Form::object, &kPoint},
                              {"size", Form::object, &kSize}};
constexpr Shape kGroup{"a group", kGroupKeys};
constexpr Key kNoteKeys[] = {{"id", Form::string, nullptr, true},
                             {"text", Form::string, nullptr, true},
                             {"parent", Form::string},
                             {"color", Form::string},
                             {"position", Form::object, &kPoint},
                             {"size", Form::object, &kSize}};
constexpr Shape kNote{"a note", kNoteKeys};
constexpr Key kWidgetKeys[] = {{"id", Form::string, nullptr, true},
                               {"type", Form::string, nullptr, true},
                               {"title", Form::string},
                               {"node", Form::string},
                               {"port", Form::string},
                               {"settings", Form::map},
                               {"position", Form::object, &kPoint},
                               {"size", Form::object, &kSize}};
constexpr Shape kWidget{"a widget", kWidgetKeys};
constexpr Key kPlacedKeys[] = {{"widget", Form::string, nullptr, true},
                               {"x", Form::number},
                               {"y", Form::number},
                               {"width", Form::number},
                               {"height", Form::number}};
constexpr Shape kPlaced{"a widget of a dashboard", kPlacedKeys};
constexpr Key kDashboardKeys[] = {
    {"id", Form::string, nullptr, true}, {"name", Form::string}, {"widgets", Form::list, &kPlaced}};
constexpr Shape kDashboard{"a dashboard", kDashboardKeys};

constexpr Key kFlowKeys[] = {{"$schema", Form::string},
                             {"id", Form::string, nullptr, true},
                             {"version", Form::string, nullptr, true},
                             {"metadata", Form::object, &kMetadata},
                             {"config", Form::object, &kConfig},
                             {"parameters", Form::list, &kParameter},
                             {"ports", Form::object, &kPorts},
                             {"nodes", Form::list, &kNode, true},
                             {"edges", Form::list, &kEdge, true},
                             {"groups", Form::list, &kGroup},
                             {"notes", Form::list, &kNote},
                             {"widgets", Form::list, &kWidget},
                             {"dashboards", Form::list, &kDashboard},
                             {"alerts", Form::list, &kAlert},
                             {"layout", Form::object, &kLayout}};
constexpr Shape kFlow{"a flow document", kFlowKeys};

std::vector<std::string_view> choicesOf(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto bar = text.find('|');
    out.push_back(text.substr(0, bar));
    text = bar == std::string_view::npos ? std::string_view{} : text.substr(bar + 1);
  }
  return out;
}

/// Where a value is: a step from the one above it. Becomes a pointer only where something is wrong.
struct At {
  const At* above = nullptr;
  std::string_view key;   // what it is called there
  std::size_t index = 0;  // or, in a list, its place
  bool inList = false;

  [[nodiscard]] std::string pointer() const {
    const auto before = above == nullptr ? std::string() : above->pointer();
    if (inList) return weir::flow::below(before, index);
    return above == nullptr ? std::string(key) : weir::flow::below(before, key);
  }
};

class Checker {
 public:
  explicit Checker(Problems& problems) : problems_(problems) {}

  void object(const json::Value& value, const Shape& shape, const At& at) {
    if (!value.isObject()) return wrong(value, at, std::string(shape.name) + " is an object");
    std::bitset<kMostKeys> there;
    std::size_t next = 0;
    for (const auto& member : *value.asObject()) {
      if (member.key.starts_with("x-")) continue;
      const At inner{&at, member.key};
      if (const auto place = shape.placeOf(member.key, next); place < shape.keys.size()) {
        there.set(place);
        next = place + 1;
        one(member.value, shape.keys[place], inner);
      } else {
        unknown(member.key, shape, inner);
      }
    }
    for (std::size_t i = 0; i < shape.keys.size(); ++i) {
      const auto& key = shape.keys[i];
      if (key.required && !there[i]) {
        problems_.error("flow.missing_key", at.pointer(),
                        std::string(shape.name) + " needs the key '" + std::string(key.name) + "'.", "Add it.");
      }
    }
  }

 private:
  void unknown(const std::string& name, const Shape& shape, const At& at) {
    std::vector<std::string_view> names;
    for (const auto& key : shape.keys) names.push_back(key.name);
    auto suggestion = didYouMean(name, names);
    if (suggestion.starts_with(" ")) suggestion.erase(0, 1);
    if (suggestion.empty()) suggestion = "Keys of your own begin with x-.";
    problems_.error("flow.unknown_key", at.pointer(), "'" + name + "' is no key of " + std::string(shape.name) + ".",
                    suggestion);
  }

  void wrong(const json::Value& value, const At& at, std::string_view expected) {
    problems_.error(
        "flow.type", at.pointer(),
        "expected that " + std::string(expected) + ", found " + std::string(json::nameOf(value.kind())) + ".");
  }

  void one(const json::Value& value, const Key& key, const At& at) {
    if (value.isNull() && key.nullable) return;
    const auto called = [&key](std::string_view what) {
      return std::string("'").append(key.name).append("' ").append(what);
    };
    switch (key.form) {
      case Form::any:
        return;
      case Form::string:
        return text(value, key, at);
      case Form::integer:
      case Form::number:
        return number(value, key, at);
      case Form::boolean:
        if (value.asBool() == nullptr) wrong(value, at, called("is true or false"));
        return;
      case Form::map:
        if (!value.isObject()) wrong(value, at, called("is an object"));
        return;
      case Form::object:
        return object(value, *key.shape, at);
      case Form::objects:
        if (!value.isObject()) return wrong(value, at, called("is an object"));
        for (const auto& member : *value.asObject()) object(member.value, *key.shape, {&at, member.key});
        return;
      case Form::list:
      case Form::strings: {
        if (!value.isArray()) return wrong(value, at, called("is a list"));
        At where{&at, {}, 0, true};
        for (const auto& element : *value.asArray()) {
          if (key.form == Form::list) {
            object(element, *key.shape, where);
          } else if (!element.isString()) {
            wrong(element, where, std::string("each of '").append(key.name).append("' is a text"));
          }
          ++where.index;
        }
        return;
      }
    }
  }

  void text(const json::Value& value, const Key& key, const At& at) {
    const auto* found = value.asString();
    if (found == nullptr) return wrong(value, at, "'" + std::string(key.name) + "' is a text");
    if (key.choices.empty()) return;
    const auto choices = choicesOf(key.choices);
    if (std::ranges::contains(choices, *found)) return;
    std::string list;
    for (const auto choice : choices) list += (list.empty() ? "" : ", ") + std::string(choice);
    const auto nearest = nearestName(*found, choices);
    problems_.error("flow.value", at.pointer(),
                    "'" + *found + "' is no value of '" + std::string(key.name) + "'; it is one of " + list + ".",
                    nearest.empty() ? "" : "Did you mean '" + std::string(nearest) + "'?");
  }

  void number(const json::Value& value, const Key& key, const At& at) {
    if (value.isString() && !key.choices.empty()) return text(value, key, at);
    double number = 0;
    if (!value.toDouble(number)) return wrong(value, at, "'" + std::string(key.name) + "' is a number");
    const bool counted = key.form == Form::integer;
    if (counted && value.asInt64() == nullptr) {
      problems_.error("flow.type", at.pointer(),
                      "'" + std::string(key.name) + "' is a whole number of at most 64 bits.");
      return;
    }
    const bool bounded = counted || key.most < 1e18;
    if ((bounded && number < static_cast<double>(key.least)) || number > key.most) {
      const auto least = std::to_string(key.least);
      std::string range = key.most < 1e18
                              ? "from " + least + " to " + std::to_string(static_cast<std::int64_t>(key.most))
                              : "at least " + least;
      problems_.error("flow.range", at.pointer(), "'" + std::string(key.name) + "' must be " + range + ".");
    }
  }

  Problems& problems_;
};

}  // namespace

const Key* Shape::find(std::string_view key) const {
  const auto place = placeOf(key, 0);
  return place < keys.size() ? &keys[place] : nullptr;
}

std::size_t Shape::placeOf(std::string_view key, std::size_t from) const {
  for (auto i = from; i < keys.size(); ++i) {
    if (keys[i].name == key) return i;
  }
  for (std::size_t i = 0; i < from; ++i) {
    if (keys[i].name == key) return i;
  }
  return keys.size();
}

const Shape& flowShape() { return kFlow; }

void checkShape(const json::Value& value, const Shape& shape, const std::string& pointer, Problems& problems) {
  Checker(problems).object(value, shape, {nullptr, pointer});
}

}  // namespace weir::flow
