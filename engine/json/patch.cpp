// Does one operation after the other on a copy.
#include "engine/json/patch.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/json/cursor.h"

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
  auto* found = document.findPointer(pointer);
  if (found == nullptr) return wrong("there is nothing at '" + std::string(pointer) + "'");
  WEIR_ASSIGN(const auto place, placeOf(document, pointer));
  auto value = std::move(*found);
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

/// Bytes about as its text has them, and levels.
struct Extent {
  std::size_t bytes = 0;
  std::int32_t levels = 0;
};

Extent extentOf(const Value& value) {
  Extent extent{8, 0};
  const auto inside = [&extent](const Value& element) {
    const auto own = extentOf(element);
    extent.bytes += own.bytes;
    extent.levels = std::max(extent.levels, own.levels + 1);
  };
  if (const auto* text = value.asString()) extent.bytes += text->size();
  if (const auto* list = value.asArray()) {
    extent.levels = 1;
    for (const auto& element : *list) inside(element);
  }
  if (const auto* members = value.asObject()) {
    extent.levels = 1;
    for (const auto& member : *members) {
      extent.bytes += member.key.size() + 4;
      inside(member.value);
    }
  }
  return extent;
}

/// One patch on one document.
class Patching {
 public:
  Patching(Value& document, const PatchLimits& limits) : document_(document), limits_(limits) {}

  Result<void> apply(const Value& operation) {
    WEIR_ASSIGN(const auto op, textIn(operation, "op"));
    if (!std::ranges::contains(kOps, op)) return wrong("unknown op '" + op + "'; it is one of " + opsInWords());
    WEIR_ASSIGN(const auto path, textIn(operation, "path"));
    WEIR_TRY(walk(path));
    if (op == "remove") {
      WEIR_TRY(remove(document_, path));
      return {};
    }
    if (op == "move" || op == "copy") return bring(op == "move", operation, path);
    const auto* value = operation.find("value");
    if (value == nullptr) return wrong("it needs 'value'");
    auto* found = document_.findPointer(path);
    if (op == "test") {
      if (found != nullptr && *found == *value) return {};
      return wrong("'" + path + "' is not what the test expects");
    }
    WEIR_TRY(takes(path, *value));
    if (op == "add") return add(document_, path, *value);
    if (found == nullptr) return wrong("there is nothing at '" + path + "'");
    *found = *value;
    return {};
  }

 private:
  Result<void> bring(bool moves, const Value& operation, const std::string& path) {
    WEIR_ASSIGN(const auto from, textIn(operation, "from"));
    WEIR_TRY(walk(from));
    const auto* found = document_.findPointer(from);
    if (found == nullptr) return wrong("there is nothing at '" + from + "'");
    if (moves && path.starts_with(from + "/")) return wrong("'" + from + "' cannot be moved into itself");
    WEIR_TRY(takes(path, *found));
    if (!moves) return add(document_, path, Value(*found));
    WEIR_ASSIGN(auto value, remove(document_, from));
    return add(document_, path, std::move(value));
  }

  /// What goes to `path` is neither too deep there nor, with all before it, too much.
  Result<void> takes(std::string_view path, const Value& value) {
    const auto extent = extentOf(value);
    const auto levels = std::ranges::count(path, '/') + extent.levels;
    if (levels > kMaxDepth) {
      return fail("json.too_deep", "'" + std::string(path) + "' would be " + std::to_string(levels) + " levels deep; " +
                                       std::to_string(kMaxDepth) + " are allowed");
    }
    bytes_ += extent.bytes;
    if (bytes_ <= limits_.bytes) return {};
    return fail("json.too_large", "the patch puts more than " + std::to_string(limits_.bytes) +
                                      " bytes into the document; send the document itself");
  }

  /// Counts what is passed on the way to a place, and what stands beside it there.
  Result<void> walk(std::string_view pointer) {
    const Value* value = &document_;
    steps_ += pointer.size() + 1;
    for (std::size_t at = 0; value != nullptr && at < pointer.size();) {
      const auto end = std::min(pointer.find('/', at + 1), pointer.size());
      // A list is not searched, but what is put into it or taken out moves the others.
      if (value->isObject() || end == pointer.size()) steps_ += static_cast<std::size_t>(value->count());
      value = value->findPointer(pointer.substr(at, end - at));
      at = end;
    }
    if (steps_ <= limits_.steps) return {};
    return fail("json.too_large",
                "the patch takes too many steps in lists and objects this long; send the document itself");
  }

  Value& document_;
  const PatchLimits& limits_;
  std::size_t bytes_ = 0, steps_ = 0;
};

}  // namespace

Result<void> applyPatch(Value& document, const Value& patch, const PatchLimits& limits) {
  const auto* operations = patch.asArray();
  if (operations == nullptr) return wrong("a patch is a list of operations, not " + std::string(nameOf(patch.kind())));
  if (operations->size() > limits.operations) {
    return fail("json.too_large", "a patch has " + std::to_string(limits.operations) + " operations at most, not " +
                                      std::to_string(operations->size()) + "; send the document itself");
  }
  auto changed = document;
  Patching patching(changed, limits);
  for (std::size_t i = 0; i < operations->size(); ++i) {
    if (auto done = patching.apply((*operations)[i]); !done) {
      return fail(done.error().code, "operation " + std::to_string(i + 1) + " cannot be done: " + done.error().message);
    }
  }
  document = std::move(changed);
  return {};
}

}  // namespace weir::json
