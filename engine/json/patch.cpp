// Does one operation after the other on a copy.
#include "engine/json/patch.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::json {
namespace {

std::unexpected<Error> wrong(std::string what) { return fail("json.patch", std::move(what)); }

std::optional<std::string> decoded(std::string_view part) {
  std::string text;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '~') {
      text += part[i];
      continue;
    }
    if (++i == part.size() || (part[i] != '0' && part[i] != '1')) return std::nullopt;
    text += part[i] == '0' ? '~' : '/';
  }
  return text;
}

/// Where a pointer leads: the value around it, and its name in there.
struct Place {
  Value* parent = nullptr;  // null: the document itself
  std::string name{};
};

Result<Place> placeOf(Value& document, std::string_view pointer) {
  if (pointer.empty()) return Place{};
  const auto end = pointer.rfind('/');
  auto* parent = end == std::string_view::npos ? nullptr : document.findPointer(pointer.substr(0, end));
  auto name = end == std::string_view::npos ? std::nullopt : decoded(pointer.substr(end + 1));
  if (parent == nullptr || !name || (!parent->isObject() && !parent->isArray())) {
    return wrong("nothing is around '" + std::string(pointer) + "'");
  }
  return Place{parent, std::move(*name)};
}

/// An index into a list, up to `most`.
std::optional<std::size_t> indexOf(std::string_view name, std::size_t most) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
  const bool plain = name == "0" || !name.starts_with('0');
  if (error != std::errc() || end != name.data() + name.size() || !plain || index > most) return std::nullopt;
  return index;
}

Result<void> add(Value& document, std::string_view pointer, Value value) {
  WEIR_ASSIGN(const auto place, placeOf(document, pointer));
  if (place.parent == nullptr) {
    document = std::move(value);
    return {};
  }
  if (place.parent->isObject()) {
    place.parent->set(place.name, std::move(value));
    return {};
  }
  auto& list = *place.parent->asArray();
  const auto index = place.name == "-" ? std::optional(list.size()) : indexOf(place.name, list.size());
  if (!index) return wrong("'" + std::string(pointer) + "' is no place in a list of " + std::to_string(list.size()));
  list.insert(list.begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
  return {};
}

Result<Value> remove(Value& document, std::string_view pointer) {
  const auto* found = document.findPointer(pointer);
  if (found == nullptr) return wrong("there is nothing at '" + std::string(pointer) + "'");
  auto value = *found;
  WEIR_ASSIGN(const auto place, placeOf(document, pointer));
  if (place.parent == nullptr) {
    document = Value();
  } else if (place.parent->isObject()) {
    place.parent->remove(place.name);
  } else {
    auto& list = *place.parent->asArray();
    const auto index = indexOf(place.name, list.size() - 1);
    if (!index) return wrong("'" + std::string(pointer) + "' is no place in a list");
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(*index));
  }
  return value;
}

Result<std::string> textIn(const Value& operation, std::string_view key) {
  const auto* found = operation.find(key);
  if (found == nullptr || !found->isString()) return wrong("it needs '" + std::string(key) + "', a text");
  return *found->asString();
}

constexpr std::array<std::string_view, 6> kOps = {"add", "remove", "replace", "move", "copy", "test"};

std::string opsInWords() {
  std::string all;
  for (const auto op : kOps) all.append(all.empty() ? "" : ", ").append(op);
  return all;
}

Result<void> apply(Value& document, const Value& operation) {
  WEIR_ASSIGN(const auto op, textIn(operation, "op"));
  if (!std::ranges::contains(kOps, op)) return wrong("unknown op '" + op + "'; it is one of " + opsInWords());
  WEIR_ASSIGN(const auto path, textIn(operation, "path"));
  if (op == "remove") {
    WEIR_TRY(remove(document, path));
    return {};
  }
  if (op == "move" || op == "copy") {
    WEIR_ASSIGN(const auto from, textIn(operation, "from"));
    const auto* found = document.findPointer(from);
    if (found == nullptr) return wrong("there is nothing at '" + from + "'");
    if (op == "move" && path.starts_with(from + "/")) return wrong("'" + from + "' cannot be moved into itself");
    auto value = *found;
    if (op == "move") WEIR_TRY(remove(document, from));
    return add(document, path, std::move(value));
  }
  const auto* value = operation.find("value");
  if (value == nullptr) return wrong("it needs 'value'");
  if (op == "add") return add(document, path, *value);
  auto* found = document.findPointer(path);
  if (op == "test") {
    if (found != nullptr && *found == *value) return {};
    return wrong("'" + path + "' is not what the test expects");
  }
  if (found == nullptr) return wrong("there is nothing at '" + path + "'");
  *found = *value;
  return {};
}

}  // namespace

Result<void> applyPatch(Value& document, const Value& patch) {
  const auto* operations = patch.asArray();
  if (operations == nullptr) return wrong("a patch is a list of operations, not " + std::string(nameOf(patch.kind())));
  auto changed = document;
  for (std::size_t i = 0; i < operations->size(); ++i) {
    if (auto done = apply(changed, (*operations)[i]); !done) {
      return wrong("operation " + std::to_string(i + 1) + " cannot be done: " + done.error().message);
    }
  }
  document = std::move(changed);
  return {};
}

}  // namespace weir::json
