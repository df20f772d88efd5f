// The canonical text is that of the canonical form, whatever the document is like.
#include "engine/flow/format.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "engine/flow/shape.h"
#include "engine/flow/source.h"
#include "engine/json/writer.h"

using namespace weir;
using namespace weir::flow;

namespace {

/// Documents made of what the tables of shapes allow.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : state_(seed) {}

  json::Value object(const Shape& shape, int depth = 0) {
    auto made = json::Value::object();
    for (const auto& key : shape.keys) {
      const bool always = key.required || (depth == 0 && below(2) == 0);
      if (always || below(3) == 0) made.set(std::string(key.name), of(key, depth + 1));
    }
    if (below(4) == 0) made.set("x-" + word(), anything(2));
    if (below(4) == 0) made.set("x-" + word(), anything(2));
    return shuffled(std::move(made));
  }

 private:
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>((state_ ^ state_ >> 29U) >> 20U) % bound;
  }
  /// Few enough that names meet each other.
  std::string word() {
    std::string made(1 + below(3), 'a');
    for (auto& c : made) c = "abé\"/~"[below(2)];
    return below(12) == 0 ? made + std::string(80 + below(60), 'z') : made;
  }
  json::Value number() { return below(2) == 0 ? json::Value(static_cast<int>(below(900)) + 1) : json::Value(0.25); }
  json::Value anything(int depth) {
    switch (below(depth > 0 ? 7 : 5)) {
      case 0:
        return nullptr;
      case 1:
        return below(2) == 0;
      case 2:
        return number();
      case 3:
      case 4:
        return word();
      case 5: {
        auto list = json::Value::array();
        for (auto left = below(4); left > 0; --left) list.push(anything(depth - 1));
        return list;
      }
      default: {
        auto map = json::Value::object();
        for (auto left = below(4); left > 0; --left) map.set(word(), anything(depth - 1));
        return map;
      }
    }
  }
  std::string choice(std::string_view choices) {
    for (;;) {
      const auto bar = choices.find('|');
      if (bar == std::string_view::npos || below(2) == 0) return std::string(choices.substr(0, bar));
      choices.remove_prefix(bar + 1);
    }
  }
  json::Value of(const Key& key, int depth) {
    if (key.nullable && below(2) == 0) return nullptr;
    switch (key.form) {
      case Form::any:
        return anything(2);
      case Form::string:
        if (key.name == "version" && depth == 1) return "1.0.0";
        if (key.name == "id") return "n" + std::to_string(++ids_);
        return key.choices.empty() ? json::Value(word()) : json::Value(choice(key.choices));
      case Form::integer:
        return static_cast<std::int64_t>(key.least + (key.most > 1e5 ? 4096 : 0));
      case Form::number:
        return key.most < 1e18 ? json::Value(0.5) : number();
      case Form::boolean:
        return below(2) == 0;
      case Form::map: {
        auto map = json::Value::object();
        for (auto left = below(4); left > 0; --left) map.set(word(), anything(3));
        return map;
      }
      case Form::object:
        return object(*key.shape, depth);
      case Form::objects: {
        auto map = json::Value::object();
        for (auto left = below(4); left > 0; --left)
          map.set("n" + std::to_string(1 + below(5)), object(*key.shape, depth));
        return map;
      }
      case Form::list: {
        auto list = json::Value::array();
        ids_ = 0;
        for (auto left = below(5); left > 0; --left) list.push(object(*key.shape, depth));
        return list;
      }
      case Form::strings: {
        auto list = json::Value::array();
        for (auto left = below(4); left > 0; --left) list.push(word());
        return list;
      }
    }
    return nullptr;
  }
  json::Value shuffled(json::Value value) {
    auto& members = *value.asObject();
    for (std::size_t i = members.size(); i > 1; --i) std::swap(members[i - 1], members[below(i)]);
    return value;
  }

  std::uint64_t state_;
  int ids_ = 0;  // of the list that is made; names in the layout meet them
};

}  // namespace

TEST_CASE("the canonical text is that of the canonical form, for documents of all shapes") {
  std::size_t expanded = 0, placed = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const auto given = json::write(Maker(seed * 7919).object(flowShape()));
    const auto flow = parseFlow(given);
    REQUIRE_MESSAGE(flow.has_value(), given);
    const auto text = formatFlow(*flow);
    REQUIRE(text == formatCanonical(canonicalFlow(*flow)));
    const auto source = parseSource(given);
    REQUIRE(source.has_value());
    CHECK(formatSource(source->root()) == text);
    CHECK(source->id() == flow->id);
    CHECK(source->description() == flow->description);
    const auto again = parseFlow(text);
    REQUIRE_MESSAGE(again.has_value(), text);
    CHECK(formatFlow(*again) == text);
    expanded += given.contains("\"preset\"") ? 1 : 0;
    placed += given.contains("\"position\"") ? 1 : 0;
  }
  CHECK(expanded > 20);
  CHECK(placed > 20);
}

TEST_CASE("a document that is only checked is refused as one that is read") {
  for (const auto* text :
       {"", "{", "[]", R"({"id": 1})", R"({"id": "a", "version": "99.0.0", "nodes": [], "edges": []})",
        R"({"id": "a", "version": "1.0.0", "nodes": [{"id": "n", "nope": 1}], "edges": [{}]})"}) {
    const auto read = parseFlow(text);
    const auto checked = parseSource(text);
    REQUIRE(!read.has_value());
    REQUIRE(!checked.has_value());
    REQUIRE(read.error().size() == checked.error().size());
    for (std::size_t i = 0; i < checked.error().size(); ++i) {
      CHECK(describe(checked.error().list()[i]) == describe(read.error().list()[i]));
    }
  }
}
