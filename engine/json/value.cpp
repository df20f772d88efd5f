// Values: access, change, comparison.
#include "engine/json/value.h"

#include <algorithm>
#include <limits>

#include "engine/data/check.h"

namespace weir::json {
namespace {

// The next key of a pointer, unescaped; false if it is wrong.
bool takeKey(std::string_view& pointer, std::string& key) {
  if (pointer.empty() || pointer.front() != '/') return false;
  pointer.remove_prefix(1);
  key.clear();
  while (!pointer.empty() && pointer.front() != '/') {
    char c = pointer.front();
    pointer.remove_prefix(1);
    if (c == '~') {
      if (pointer.empty() || (pointer.front() != '0' && pointer.front() != '1')) return false;
      c = pointer.front() == '0' ? '~' : '/';
      pointer.remove_prefix(1);
    }
    key += c;
  }
  return true;
}

// An index as RFC 6901 writes it: no sign, no leading zero.
std::int64_t indexOf(std::string_view key) {
  if (key.empty() || key.size() > 10 || (key.front() == '0' && key.size() > 1)) return -1;
  std::int64_t index = 0;
  for (const char c : key) {
    if (c < '0' || c > '9') return -1;
    index = index * 10 + (c - '0');
  }
  return index;
}

bool sameMembers(const Value::Object& a, const Value::Object& b) {
  if (a.size() != b.size()) return false;
  const auto sorted = [](const Value::Object& object) {
    std::vector<const Member*> members;
    members.reserve(object.size());
    for (const auto& member : object) members.push_back(&member);
    std::stable_sort(members.begin(), members.end(), [](const auto* x, const auto* y) { return x->key < y->key; });
    return members;
  };
  const auto left = sorted(a), right = sorted(b);
  for (std::size_t i = 0; i < left.size(); ++i)
    if (left[i]->key != right[i]->key || !Value::equal(left[i]->value, right[i]->value)) return false;
  return true;
}

}  // namespace

std::string_view nameOf(ValueKind kind) {
  switch (kind) {
    case ValueKind::null:
      return "null";
    case ValueKind::boolean:
      return "a boolean";
    case ValueKind::int64:
    case ValueKind::uint64:
      return "an integer";
    case ValueKind::float64:
      return "a number";
    case ValueKind::string:
      return "a string";
    case ValueKind::array:
      return "a list";
    case ValueKind::object:
      return "an object";
  }
  return "a value";
}

Value::Value(std::uint64_t value) {
  if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    data_ = static_cast<std::int64_t>(value);
  else
    data_ = value;
}

Value::Value(const Value& other) = default;
Value& Value::operator=(const Value& other) = default;

Value Value::array() { return array(Array()); }
Value Value::object() { return object(Object()); }

Value Value::array(Array elements) {
  Value value;
  value.data_ = std::move(elements);
  return value;
}

Value Value::object(Object members) {
  Value value;
  value.data_ = std::move(members);
  return value;
}

Value Value::exactNumber(double value, std::string text) {
  Value number;
  number.data_ = Float{value, std::move(text)};
  return number;
}

bool Value::toDouble(double& value) const {
  if (const auto* i = std::get_if<std::int64_t>(&data_)) value = static_cast<double>(*i);
  if (const auto* u = std::get_if<std::uint64_t>(&data_)) value = static_cast<double>(*u);
  if (const auto* f = std::get_if<Float>(&data_)) value = f->value;
  return isNumber();
}

bool Value::toUint64(std::uint64_t& value) const {
  if (const auto* u = std::get_if<std::uint64_t>(&data_)) {
    value = *u;
    return true;
  }
  const auto* i = std::get_if<std::int64_t>(&data_);
  if (i == nullptr || *i < 0) return false;
  value = static_cast<std::uint64_t>(*i);
  return true;
}

std::string_view Value::exactText() const {
  const auto* f = std::get_if<Float>(&data_);
  return f == nullptr ? std::string_view() : std::string_view(f->text);
}

const Value* Value::find(std::string_view key) const {
  const auto* members = asObject();
  if (members == nullptr) return nullptr;
  for (auto i = members->size(); i-- > 0;)
    if ((*members)[i].key == key) return &(*members)[i].value;
  return nullptr;
}

Value* Value::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

const Value* Value::at(std::int64_t index) const {
  const auto* elements = asArray();
  if (elements == nullptr || index < 0 || index >= static_cast<std::int64_t>(elements->size())) return nullptr;
  return &(*elements)[static_cast<std::size_t>(index)];
}

const Value* Value::findPointer(std::string_view pointer) const {
  const Value* value = this;
  std::string key;
  while (value != nullptr && !pointer.empty()) {
    if (!takeKey(pointer, key)) return nullptr;
    value = value->isArray() ? value->at(indexOf(key)) : value->find(key);
  }
  return value;
}

Value* Value::findPointer(std::string_view pointer) {
  return const_cast<Value*>(std::as_const(*this).findPointer(pointer));
}

std::int64_t Value::count() const {
  if (const auto* elements = asArray()) return static_cast<std::int64_t>(elements->size());
  if (const auto* members = asObject()) return static_cast<std::int64_t>(members->size());
  return 0;
}

Value& Value::set(std::string key, Value value) {
  if (isNull()) data_ = Object();
  auto* members = asObject();
  WEIR_CHECK(members != nullptr);
  if (auto* found = find(key)) {
    *found = std::move(value);
    return *found;
  }
  return members->emplace_back(Member{std::move(key), std::move(value)}).value;
}

bool Value::remove(std::string_view key) {
  auto* members = asObject();
  return members != nullptr && std::erase_if(*members, [&](const Member& member) { return member.key == key; }) > 0;
}

Value& Value::push(Value value) {
  if (isNull()) data_ = Array();
  auto* elements = asArray();
  WEIR_CHECK(elements != nullptr);
  return elements->emplace_back(std::move(value));
}

bool Value::equal(const Value& a, const Value& b) {
  if (a.isNumber() && b.isNumber()) {
    if (a.kind() != ValueKind::float64 && b.kind() != ValueKind::float64) {
      std::uint64_t x = 0, y = 0;
      const bool bothUnsigned = a.toUint64(x) && b.toUint64(y);
      if (bothUnsigned) return x == y;
      return a.asInt64() != nullptr && b.asInt64() != nullptr && *a.asInt64() == *b.asInt64();
    }
    if (!a.exactText().empty() && !b.exactText().empty() && a.exactText() != b.exactText()) return false;
    double x = 0, y = 0;
    return a.toDouble(x) && b.toDouble(y) && x == y;
  }
  if (a.kind() != b.kind()) return false;
  if (const auto* value = a.asBool()) return *value == *b.asBool();
  if (const auto* text = a.asString()) return *text == *b.asString();
  if (const auto* elements = a.asArray()) {
    const auto& others = *b.asArray();
    if (elements->size() != others.size()) return false;
    for (std::size_t i = 0; i < others.size(); ++i)
      if (!equal((*elements)[i], others[i])) return false;
    return true;
  }
  return a.isNull() || sameMembers(*a.asObject(), *b.asObject());
}

void appendPointer(std::string& pointer, std::string_view key) {
  pointer += '/';
  for (const char c : key) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
}

}  // namespace weir::json
