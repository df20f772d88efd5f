// Orders keys by the shapes, moves positions to the layout, and writes.
#include "engine/flow/format.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/flow/shape.h"
#include "engine/json/text.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

using json::Value;

constexpr std::size_t kWidth = 110;

Value ordered(const Value& value, const Shape& shape);

Value orderedBy(const Value& value, const Key& key) {
  if (key.shape == nullptr) return value;
  if (key.form == Form::object) return ordered(value, *key.shape);
  auto out = key.form == Form::list ? Value::array() : Value::object();
  if (const auto* elements = value.asArray()) {
    for (const auto& element : *elements) out.push(ordered(element, *key.shape));
  } else if (const auto* members = value.asObject()) {
    for (const auto& member : *members) out.set(member.key, ordered(member.value, *key.shape));
  }
  return out;
}

Value ordered(const Value& value, const Shape& shape) {
  if (!value.isObject()) return value;
  auto out = Value::object();
  for (const auto& key : shape.keys) {
    const auto* found = value.find(key.name);
    if (found == nullptr || (found->isNull() && key.name != "default")) continue;
    out.set(std::string(key.name), orderedBy(*found, key));
  }
  std::vector<const json::Member*> own;
  for (const auto& member : *value.asObject()) {
    if (shape.find(member.key) == nullptr) own.push_back(&member);
  }
  std::ranges::sort(own, {}, [](const json::Member* member) -> const std::string& { return member->key; });
  for (const auto* member : own) out.set(member->key, member->value);
  return out;
}

void moveToLayout(Value& root, const char* kind, Value& layout) {
  auto* list = root.find(kind);
  if (list == nullptr || list->asArray() == nullptr) return;
  auto places = Value::object();
  const auto* old = layout.find(kind);
  for (auto& item : *list->asArray()) {
    const auto* id = item.find("id");
    if (id == nullptr || !id->isString()) continue;
    const std::string name = *id->asString();
    Value box = Value::object();
    const auto* before = old == nullptr ? nullptr : old->find(name);
    for (const char* key : {"position", "size"}) {
      const auto* given = item.find(key);
      const auto* from = given != nullptr ? given : before;
      const bool first = key == std::string_view("position");
      for (const char* part : {first ? "x" : "width", first ? "y" : "height"}) {
        const auto* number = from == nullptr ? nullptr : from->find(part);
        if (number != nullptr) box.set(part, *number);
      }
      item.remove(key);
    }
    if (box.count() > 0) places.set(name, std::move(box));
  }
  if (places.count() > 0) {
    layout.set(kind, std::move(places));
  } else {
    layout.remove(kind);
  }
}

void expandPresets(Value& root) {
  auto* edges = root.find("edges");
  if (edges == nullptr || edges->asArray() == nullptr) return;
  for (auto& edge : *edges->asArray()) {
    const auto* preset = edge.find("preset");
    if (preset == nullptr || !preset->isString()) continue;
    auto expanded = presetOf(*preset->asString());
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
}

class Printer {
 public:
  std::string print(const Value& root) {
    object(root, 0, true);
    return std::move(out_) + "\n";
  }

  std::string part(const Value& value) {
    any(value, 0, 0);
    return std::move(out_);
  }

  static void spaced(std::string& out, const Value& value) {
    if (const auto* members = value.asObject(); members != nullptr && !members->empty()) {
      out += "{ ";
      for (std::size_t i = 0; i < members->size(); ++i) {
        if (i > 0) out += ", ";
        json::appendQuoted(out, (*members)[i].key);
        out += ": ";
        spaced(out, (*members)[i].value);
      }
      out += " }";
    } else if (const auto* elements = value.asArray(); elements != nullptr && !elements->empty()) {
      out += "[";
      for (std::size_t i = 0; i < elements->size(); ++i) {
        if (i > 0) out += ", ";
        spaced(out, (*elements)[i]);
      }
      out += "]";
    } else {
      json::appendValue(out, value);
    }
  }

 private:
  void line(int depth) {
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth) * 2, ' ');
  }

  void any(const Value& value, int depth, std::size_t used) {
    std::string flat;
    spaced(flat, value);
    if (value.count() == 0 || used + flat.size() + 1 <= kWidth) {
      out_ += flat;
    } else if (value.isObject()) {
      object(value, depth, false);
    } else {
      list(value, depth, false);
    }
  }

  void object(const Value& value, int depth, bool top) {
    out_ += '{';
    const auto& members = *value.asObject();
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out_ += ',';
      line(depth + 1);
      const auto from = out_.size();
      json::appendQuoted(out_, members[i].key);
      out_ += ": ";
      const auto& inner = members[i].value;
      const bool blocks = top && inner.count() > 0;
      if (blocks && inner.isArray() && inner.at(0)->isObject()) {
        list(inner, depth + 1, true);
      } else if (blocks && members[i].key == "layout") {
        layout(inner, depth + 1);
      } else {
        any(inner, depth + 1, static_cast<std::size_t>(depth + 1) * 2 + out_.size() - from);
      }
    }
    line(depth);
    out_ += '}';
  }

  void list(const Value& value, int depth, bool blocks) {
    out_ += '[';
    const auto& elements = *value.asArray();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (i > 0) out_ += ',';
      line(depth + 1);
      if (blocks && elements[i].count() > 0 && elements[i].isObject()) {
        object(elements[i], depth + 1, false);
      } else {
        any(elements[i], depth + 1, static_cast<std::size_t>(depth + 1) * 2);
      }
    }
    line(depth);
    out_ += ']';
  }

  // A line per thing, so that moving one changes one line.
  void layout(const Value& value, int depth) {
    out_ += '{';
    bool first = true;
    for (const auto& kind : *value.asObject()) {
      if (!std::exchange(first, false)) out_ += ',';
      line(depth + 1);
      json::appendQuoted(out_, kind.key);
      out_ += ": ";
      if (kind.value.isObject() && kind.value.count() > 0) {
        out_ += '{';
        bool firstPlace = true;
        for (const auto& place : *kind.value.asObject()) {
          if (!std::exchange(firstPlace, false)) out_ += ',';
          line(depth + 2);
          json::appendQuoted(out_, place.key);
          out_ += ": ";
          spaced(out_, place.value);
        }
        line(depth + 1);
        out_ += '}';
      } else {
        any(kind.value, depth + 1, 0);
      }
    }
    line(depth);
    out_ += '}';
  }

  std::string out_;
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
  auto layout = root.find("layout") != nullptr ? *root.find("layout") : Value::object();
  for (const char* kind : {"nodes", "groups", "notes", "widgets"}) moveToLayout(root, kind, layout);
  root.remove("layout");
  expandPresets(root);
  auto out = ordered(root, flowShape());
  const auto* shape = flowShape().find("layout")->shape;
  if (layout.count() > 0) out.set("layout", ordered(layout, *shape));
  return out;
}

std::string formatCanonical(const json::Value& root) { return Printer().print(root); }

std::string formatFlow(const FlowDocument& document) { return formatCanonical(canonicalFlow(document)); }

std::string oneLine(const json::Value& value) {
  std::string text;
  Printer::spaced(text, value);
  return text;
}

std::string severalLines(const json::Value& value) { return Printer().part(value); }

}  // namespace weir::flow
