// Goes down two values at once.
#include "engine/flow/value-diff.h"

#include <algorithm>
#include <map>

#include "engine/flow/named-elements.h"
#include "engine/json/text.h"

namespace weir::flow {
namespace {

using json::Value;

bool plainWord(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

class Descent {
 public:
  Descent(std::vector<Difference>& out, DiffRoom& room) : out_(out), room_(room) {}

  void any(const Value* before, const Value* after, const std::string& path, const std::string& was,
           const std::string& is) {
    if (before == nullptr && after == nullptr) return;
    const bool objects = (before == nullptr || before->isObject()) && (after == nullptr || after->isObject());
    const bool filled = (before != nullptr && before->count() > 0) || (after != nullptr && after->count() > 0);
    if (objects && filled) return members(before, after, path, was, is);
    if (before != nullptr && after != nullptr) {
      if (*before == *after) return;
      if (before->isArray() && after->isArray()) {
        if (const auto key = namingKey({before, after}); !key.empty() && before->count() > 0 && after->count() > 0)
          return elements(*before, *after, key, path, was, is);
      }
    }
    add(before, after, path, after != nullptr ? is : was);
  }

 private:
  using ByName = std::map<std::string_view, const Value*>;

  static const Value* in(const ByName& values, std::string_view name) {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second;
  }
  /// Of equal keys the last, as Value::find has it.
  static ByName membersOf(const Value* object) {
    ByName values;
    if (object == nullptr) return values;
    for (const auto& member : *object->asObject()) values.insert_or_assign(member.key, &member.value);
    return values;
  }
  static ByName elementsOf(const Value& list, std::string_view key) {
    ByName values;
    for (const auto& element : *list.asArray()) values.emplace(textMember(element, key), &element);
    return values;
  }

  void add(const Value* before, const Value* after, const std::string& path, const std::string& pointer) {
    const auto taken = path.size() + pointer.size();
    if (taken > room_.bytes) {
      room_.cut = true;
      return;
    }
    room_.bytes -= taken;
    Difference found{path, pointer, {}, {}};
    if (before != nullptr) found.before = *before;
    if (after != nullptr) found.after = *after;
    out_.push_back(std::move(found));
  }

  void members(const Value* before, const Value* after, const std::string& path, const std::string& was,
               const std::string& is) {
    const auto old = membersOf(before), now = membersOf(after);
    const auto one = [&](const std::string& key) {
      const auto* was_ = in(old, key);
      const auto* is_ = in(now, key);
      // Its place is not written down for nothing.
      if (room_.cut || (was_ != nullptr && is_ != nullptr && *was_ == *is_)) return;
      any(was_, is_, pathBelow(path, key), below(was, key), below(is, key));
    };
    if (after != nullptr) {
      for (const auto& member : *after->asObject()) one(member.key);
    }
    if (before == nullptr) return;
    for (const auto& member : *before->asObject()) {
      if (in(now, member.key) == nullptr) one(member.key);
    }
  }

  void elements(const Value& before, const Value& after, std::string_view key, const std::string& path,
                const std::string& was, const std::string& is) {
    std::vector<std::string_view> oldOrder, newOrder;
    const auto olds = elementsOf(before, key), news = elementsOf(after, key);
    const auto inside = [&](std::string_view name) { return path + "[" + std::string(name) + "]"; };
    for (std::size_t i = 0; i < after.asArray()->size(); ++i) {
      const auto& element = (*after.asArray())[i];
      const auto name = textMember(element, key);
      const auto* old = in(olds, name);
      if (old != nullptr) newOrder.push_back(name);
      const auto place = old == nullptr ? std::size_t{0} : static_cast<std::size_t>(old - before.asArray()->data());
      if (old == nullptr) {
        add(nullptr, &element, inside(name), below(is, i));
      } else {
        any(old, &element, inside(name), below(was, place), below(is, i));
      }
    }
    for (std::size_t i = 0; i < before.asArray()->size(); ++i) {
      const auto& element = (*before.asArray())[i];
      const auto name = textMember(element, key);
      if (in(news, name) != nullptr) {
        oldOrder.push_back(name);
      } else {
        add(&element, nullptr, inside(name), below(was, i));
      }
    }
    if (oldOrder != newOrder) addOrder(oldOrder, newOrder, path, is);
  }

  void addOrder(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after,
                const std::string& path, const std::string& pointer) {
    auto was = Value::array(), is = Value::array();
    for (const auto name : before) was.push(name);
    for (const auto name : after) is.push(name);
    add(&was, &is, "order of " + path, pointer);
  }

  std::vector<Difference>& out_;
  DiffRoom& room_;
};

}  // namespace

std::string pathBelow(const std::string& path, std::string_view key) {
  if (!plainWord(key)) {
    std::string quoted;
    json::appendQuoted(quoted, key);
    return path + "[" + quoted + "]";
  }
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

void addDifferences(const Value* before, const Value* after, const std::string& path, const std::string& beforePointer,
                    const std::string& afterPointer, std::vector<Difference>& out, DiffRoom& room) {
  Descent(out, room).any(before, after, path, beforePointer, afterPointer);
}

}  // namespace weir::flow
