// Orders keys by the shapes, moves positions to the layout, and writes.
#include "engine/flow/format.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "engine/flow/shape.h"
#include "engine/json/text.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

using json::Value;

constexpr std::size_t kWidth = 110;
/// Lines below so many levels begin where those of this level do: a deep document is not many times as long as it was.
constexpr int kIndentedLevels = 16;

Value ordered(const Value& value, const Shape& shape);

Value orderedBy(const Value& value, const Key& key) {
  if (key.shape == nullptr) return value;
  if (key.form == Form::object) return ordered(value, *key.shape);
  if (const auto* members = value.asObject()) {
    Value::Object own;
    for (const auto& member : *members) own.push_back({member.key, ordered(member.value, *key.shape)});
    return Value::object(std::move(own));
  }
  auto out = key.form == Form::list ? Value::array() : Value::object();
  if (const auto* elements = value.asArray()) {
    for (const auto& element : *elements) out.push(ordered(element, *key.shape));
  }
  return out;
}

Value ordered(const Value& value, const Shape& shape) {
  if (!value.isObject()) return value;
  Value::Object out;
  for (const auto& key : shape.keys) {
    const auto* found = value.find(key.name);
    if (found == nullptr || (found->isNull() && key.name != "default")) continue;
    out.push_back({std::string(key.name), orderedBy(*found, key)});
  }
  std::vector<const json::Member*> own;
  for (const auto& member : *value.asObject()) {
    if (shape.find(member.key) == nullptr) own.push_back(&member);
  }
  std::ranges::sort(own, {}, [](const json::Member* member) -> const std::string& { return member->key; });
  for (const auto* member : own) out.push_back(*member);
  return Value::object(std::move(out));
}

constexpr std::array<std::string_view, 4> kPlaced = {"nodes", "groups", "notes", "widgets"};

/// A thing's position and size are in the layout, if it can be named there.
bool isPlaced(const Value& item) {
  const auto* id = item.find("id");
  return id != nullptr && id->isString();
}

/// The places of one kind of things: their own, or those that the layout has had.
void collectPlaces(const Value& root, std::string_view kind, Value& layout) {
  const auto* list = root.find(kind);
  if (list == nullptr || list->asArray() == nullptr) return;
  Value::Object places;
  std::map<std::string_view, const Value*> stood;
  if (const auto* old = layout.find(kind); old != nullptr && old->isObject()) {
    for (const auto& member : *old->asObject()) stood.insert_or_assign(member.key, &member.value);
  }
  std::map<std::string_view, std::size_t> seen;
  for (const auto& item : *list->asArray()) {
    if (!isPlaced(item)) continue;
    const auto& name = *item.find("id")->asString();
    Value box = Value::object();
    const auto before = stood.find(name);
    for (const char* key : {"position", "size"}) {
      const auto* given = item.find(key);
      const auto* from = given != nullptr ? given : before == stood.end() ? nullptr : before->second;
      const bool first = key == std::string_view("position");
      for (const char* part : {first ? "x" : "width", first ? "y" : "height"}) {
        const auto* number = from == nullptr ? nullptr : from->find(part);
        if (number != nullptr) box.set(part, *number);
      }
    }
    if (box.count() == 0) continue;
    // Of things that share an id the last, where the first stands.
    const auto [known, isNew] = seen.try_emplace(name, places.size());
    if (isNew) {
      places.push_back({name, std::move(box)});
    } else {
      places[known->second].value = std::move(box);
    }
  }
  if (!places.empty()) {
    layout.set(std::string(kind), Value::object(std::move(places)));
  } else {
    layout.remove(kind);
  }
}

Value layoutOf(const Value& root) {
  const auto* given = root.find("layout");
  auto layout = given != nullptr ? *given : Value::object();
  for (const auto kind : kPlaced) collectPlaces(root, kind, layout);
  return layout;
}

bool hasPreset(const Value& edge) {
  const auto* preset = edge.find("preset");
  return preset != nullptr && preset->isString();
}

void expandPreset(Value& edge) {
  auto expanded = presetOf(*edge.find("preset")->asString());
  edge.remove("preset");
  for (const auto& part : *expanded.asObject()) {
    auto* own = edge.find(part.key);
    if (own == nullptr) {
      edge.set(part.key, part.value);
      continue;
    }
    for (const auto& member : *part.value.asObject()) {
      if (own->find(member.key) == nullptr) own->set(member.key, member.value);
    }
  }
}

/// How the members of a value are printed.
struct Order {
  enum class By : std::uint8_t {
    source,  // as they stand, with all below
    shape,   // as canonicalFlow() would have them
    each     // as they stand; those below by the shape
  };
  By by = By::source;
  const Shape* shape = nullptr;
  bool placed = false;   // what has an id leaves out its position and size
  bool presets = false;  // presets of the elements are expanded

  [[nodiscard]] Order below() const { return by == By::each ? Order{By::shape, shape, placed} : Order{}; }
  [[nodiscard]] static Order of(const Key& key) {
    if (key.shape == nullptr) return {};
    return {key.form == Form::object ? By::shape : By::each, key.shape};
  }
};

/// Prints values as they are, or documents in the canonical form without making that first.
class Printer {
 public:
  /// Stops a little behind `most` bytes: the text is not whole then.
  explicit Printer(std::size_t most = std::string::npos) : most_(most) {}

  std::string print(const Value& root) {
    object(root, {}, 0, true);
    return std::move(out_) + "\n";
  }

  std::string canonical(const Value& root) {
    root_ = &root;
    layout_ = layoutOf(root);
    out_.reserve(2048);
    object(root, {Order::By::shape, &flowShape()}, 0, true);
    out_ += '\n';
    return std::move(out_);
  }

  std::string part(const Value& value) {
    any(value, {}, 0, 0);
    return std::move(out_);
  }

  std::string flat(const Value& value) {
    spaced(value, {});
    return std::move(out_);
  }

 private:
  void put(std::string_view text) { out_.append(text.data(), text.size()); }
  void line(int depth) {
    constexpr std::string_view kIndented = "\n                                ";
    static_assert(kIndented.size() == 2 * kIndentedLevels + 1);
    put(kIndented.substr(0, static_cast<std::size_t>(std::min(depth, kIndentedLevels)) * 2 + 1));
  }

  /// `visit(key, value, order)` for each member that is printed, in order.
  template <class Visit>
  void members(const Value& value, Order order, Visit visit) const {
    const auto& all = *value.asObject();
    if (order.by != Order::By::shape) {
      for (const auto& member : all) visit(member.key, member.value, order.below());
      return;
    }
    const bool placed = order.placed && isPlaced(value);
    const auto& keys = order.shape->keys;
    std::array<const Value*, kMostKeys> given{};
    std::size_t known = 0, next = 0;
    for (const auto& member : all) {
      const auto place = order.shape->placeOf(member.key, next);
      if (place == keys.size()) continue;
      given[place] = &member.value;
      next = place + 1;
      ++known;
    }
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto* found = given[i];
      const auto& key = keys[i];
      if (found == nullptr || (found->isNull() && key.name != "default")) continue;
      if (placed && (key.name == "position" || key.name == "size")) continue;
      if (&value != root_) {
        visit(key.name, *found, Order::of(key));
      } else if (key.name != "layout") {
        auto below = Order::of(key);
        below.placed = std::ranges::contains(kPlaced, key.name);
        below.presets = key.name == "edges";
        visit(key.name, *found, below);
      }
    }
    if (known < all.size()) ownMembers(all, *order.shape, visit);
    if (&value == root_ && layout_.count() > 0) visit("layout", layout_, Order::of(*flowShape().find("layout")));
  }

  template <class Visit>
  static void ownMembers(const Value::Object& all, const Shape& shape, Visit& visit) {
    std::vector<const json::Member*> own;
    for (const auto& member : all) {
      if (shape.find(member.key) == nullptr) own.push_back(&member);
    }
    std::ranges::sort(own, {}, [](const json::Member* member) -> const std::string& { return member->key; });
    for (const auto* member : own) visit(member->key, member->value, Order{});
  }

  [[nodiscard]] bool filled(const Value& value, Order order) const {
    if (value.count() == 0 || !value.isObject() || order.by != Order::By::shape) return value.count() > 0;
    // What is not null is left out only if it is a place.
    const auto stays = [&order](const json::Member& member) {
      return !member.value.isNull() && !(order.placed && (member.key == "position" || member.key == "size"));
    };
    if (std::ranges::any_of(*value.asObject(), stays)) return true;
    bool any = false;
    members(value, order, [&any](std::string_view, const Value&, Order) { any = true; });
    return any;
  }

  /// On one line; what goes on beyond the limit is left out.
  void spaced(const Value& value, Order order, std::size_t limit = std::string::npos) {
    if (out_.size() > limit) return;
    const bool isObject = value.isObject();
    if (!filled(value, order)) {
      if (isObject) {
        put("{}");
      } else {
        json::appendValue(out_, value);
      }
      return;
    }
    bool first = true;
    if (isObject) {
      put("{ ");
      members(value, order, [&](std::string_view key, const Value& inner, Order below) {
        if (!std::exchange(first, false)) put(", ");
        json::appendQuoted(out_, key);
        put(": ");
        spaced(inner, below, limit);
      });
      put(" }");
    } else {
      out_ += '[';
      for (const auto& element : *value.asArray()) {
        if (!std::exchange(first, false)) put(", ");
        if (out_.size() > limit) return;
        spaced(element, order.below(), limit);
      }
      out_ += ']';
    }
  }

  void any(const Value& value, Order order, int depth, std::size_t used) {
    const auto from = out_.size();
    if (!filled(value, order)) return spaced(value, order);
    if (used < kWidth) {
      const auto limit = from + kWidth - used - 1;
      spaced(value, order, limit);
      if (out_.size() <= limit) return;
      out_.resize(from);
    }
    if (value.isObject()) {
      object(value, order, depth, false);
    } else {
      list(value, order, depth, false);
    }
  }

  void object(const Value& value, Order order, int depth, bool top) {
    out_ += '{';
    bool first = true;
    members(value, order, [&](std::string_view key, const Value& inner, Order below) {
      if (out_.size() > most_) return;
      if (!std::exchange(first, false)) out_ += ',';
      line(depth + 1);
      const auto from = out_.size();
      json::appendQuoted(out_, key);
      put(": ");
      const bool blocks = top && filled(inner, below);
      if (blocks && inner.isArray() && inner.at(0)->isObject()) {
        list(inner, below, depth + 1, true);
      } else if (blocks && key == "layout") {
        layout(inner, below, depth + 1);
      } else {
        any(inner, below, depth + 1, static_cast<std::size_t>(depth + 1) * 2 + out_.size() - from);
      }
    });
    line(depth);
    out_ += '}';
  }

  void list(const Value& value, Order order, int depth, bool blocks) {
    out_ += '[';
    bool first = true;
    for (const auto& element : *value.asArray()) {
      if (out_.size() > most_) return;
      if (!std::exchange(first, false)) out_ += ',';
      line(depth + 1);
      if (order.presets && hasPreset(element)) {
        auto expanded = element;
        expandPreset(expanded);
        block(expanded, order.below(), depth + 1, blocks);
      } else {
        block(element, order.below(), depth + 1, blocks);
      }
    }
    line(depth);
    out_ += ']';
  }

  void block(const Value& value, Order order, int depth, bool blocks) {
    if (blocks && value.isObject() && filled(value, order)) return object(value, order, depth, false);
    any(value, order, depth, static_cast<std::size_t>(depth) * 2);
  }

  // A line per thing, so that moving one changes one line.
  void layout(const Value& value, Order order, int depth) {
    out_ += '{';
    bool first = true;
    members(value, order, [&](std::string_view key, const Value& kind, Order below) {
      if (!std::exchange(first, false)) out_ += ',';
      line(depth + 1);
      json::appendQuoted(out_, key);
      put(": ");
      if (kind.isObject() && kind.count() > 0) {
        places(kind, below, depth + 1);
      } else {
        any(kind, below, depth + 1, 0);
      }
    });
    line(depth);
    out_ += '}';
  }

  void places(const Value& value, Order order, int depth) {
    out_ += '{';
    bool first = true;
    members(value, order, [&](std::string_view key, const Value& place, Order below) {
      if (!std::exchange(first, false)) out_ += ',';
      line(depth + 1);
      json::appendQuoted(out_, key);
      put(": ");
      spaced(place, below);
    });
    line(depth);
    out_ += '}';
  }

  std::size_t most_;
  std::string out_;
  const Value* root_ = nullptr;  // of a document that is printed in the canonical form
  Value layout_;
};

Value bounds(std::int64_t rows, double threshold, double dropThreshold, std::int64_t maxRows, std::int64_t maxWaitMs) {
  auto preset = Value::object();
  auto buffer = Value::object();
  buffer.set("rows", rows);
  buffer.set("threshold", threshold);
  buffer.set("dropThreshold", dropThreshold);
  auto batch = Value::object();
  batch.set("maxRows", maxRows);
  batch.set("maxWaitMs", maxWaitMs);
  preset.set("buffer", std::move(buffer));
  preset.set("batch", std::move(batch));
  return preset;
}

}  // namespace

json::Value presetOf(std::string_view name) {
  if (name == "highFrequency") return bounds(2000, 0.7, 0.9, 100, 8);
  if (name == "lowLatency") return bounds(500, 0.9, 0.95, 20, 4);
  if (name == "smallMemory") return bounds(200, 0.6, 0.9, 10, 50);
  return Value::object();
}

json::Value canonicalFlow(const FlowDocument& document) {
  auto root = document.source.root();
  auto layout = layoutOf(root);
  for (const auto kind : kPlaced) {
    auto* list = root.find(kind);
    if (list == nullptr || list->asArray() == nullptr) continue;
    for (auto& item : *list->asArray()) {
      if (!isPlaced(item)) continue;
      item.remove("position");
      item.remove("size");
    }
  }
  root.remove("layout");
  if (auto* edges = root.find("edges"); edges != nullptr && edges->asArray() != nullptr) {
    for (auto& edge : *edges->asArray()) {
      if (hasPreset(edge)) expandPreset(edge);
    }
  }
  auto out = ordered(root, flowShape());
  const auto* shape = flowShape().find("layout")->shape;
  if (layout.count() > 0) out.set("layout", ordered(layout, *shape));
  return out;
}

std::string formatCanonical(const json::Value& root) { return Printer().print(root); }

std::string formatFlow(const FlowDocument& document) { return formatSource(document.source.root()); }

std::string formatSource(const json::Value& root) { return Printer().canonical(root); }

std::optional<std::string> formatWithin(const json::Value& root, std::size_t mostBytes) {
  auto text = Printer(mostBytes).canonical(root);
  return text.size() > mostBytes ? std::nullopt : std::optional(std::move(text));
}

std::string oneLine(const json::Value& value) { return Printer().flat(value); }

std::string severalLines(const json::Value& value) { return Printer().part(value); }

}  // namespace weir::flow
