// Reads the parts of a schema.json and collects what is wrong with them.
#include "engine/node/schema-reader.h"

#include <algorithm>
#include <array>
#include <set>

#include "engine/node/parse-node-type.h"
#include "engine/node/setting-values.h"
#include "engine/node/settings-check.h"
#include "engine/text/suggest.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, 15> kSettingTypes{"string", "text",     "integer",  "number",     "boolean",
                                                         "enum",   "duration", "bytesize", "expression", "schema",
                                                         "path",   "secret",   "list",     "map",        "code"};
constexpr int kMaxItemDepth = 4;

bool isSettingName(std::string_view name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

}  // namespace

std::string_view nameOf(SettingType type) { return kSettingTypes[static_cast<std::size_t>(type)]; }

void SchemaReader::wrong(std::string pointer, std::string message, std::string suggestion) {
  problems_.push_back({std::move(pointer), "node.schema", std::move(message), std::move(suggestion)});
}

void SchemaReader::wrongKind(const json::Value& value, const std::string& pointer, std::string_view expected) {
  wrong(pointer, "expected " + std::string(expected) + ", found " + std::string(json::nameOf(value.kind())));
}

void SchemaReader::unknownOption(const std::string& pointer, std::string_view found,
                                 std::span<const std::string_view> options) {
  std::string names;
  for (const auto option : options) names += (names.empty() ? "" : ", ") + std::string(option);
  wrong(pointer, "expected one of " + names + ", found '" + std::string(found) + "'",
        std::string(nearestName(found, options)));
}

std::string SchemaReader::below(std::string_view pointer, std::string_view key) { return setting::below(pointer, key); }

bool SchemaReader::object(const json::Value& value, const std::string& at, std::span<const std::string_view> keys) {
  const auto* members = value.asObject();
  if (members == nullptr) {
    wrongKind(value, at, "an object");
    return false;
  }
  for (const auto& member : *members) {
    if (member.key.starts_with("x-") || std::ranges::find(keys, std::string_view(member.key)) != keys.end()) continue;
    wrong(below(at, member.key), "there is no such key", std::string(nearestName(member.key, keys)));
  }
  return true;
}

void SchemaReader::required(const json::Value& object, std::string_view at,
                            std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) {
    if (object.find(key) == nullptr) wrong(std::string(at), "'" + std::string(key) + "' is missing");
  }
}

bool SchemaReader::text(const json::Value& object, std::string_view key, std::string_view at, std::string& into) {
  const auto* value = object.find(key);
  if (value == nullptr) return false;
  if (value->asString() == nullptr) {
    wrongKind(*value, below(at, key), "a string");
    return false;
  }
  into = *value->asString();
  return true;
}

bool SchemaReader::texts(const json::Value& object, std::string_view key, std::string_view at,
                         std::vector<std::string>& into) {
  const auto* value = object.find(key);
  if (value == nullptr) return false;
  const auto pointer = below(at, key);
  const auto* elements = value->asArray();
  if (elements == nullptr) {
    wrongKind(*value, pointer, "a list of strings");
    return false;
  }
  std::set<std::string> seen;
  for (const auto& element : *elements) {
    const auto one = below(pointer, std::to_string(&element - elements->data()));
    if (element.asString() == nullptr || element.asString()->empty()) {
      wrongKind(element, one, "a string that is not empty");
    } else if (!seen.insert(*element.asString()).second) {
      wrong(one, "'" + *element.asString() + "' comes twice");
    } else {
      into.push_back(*element.asString());
    }
  }
  return true;
}

bool SchemaReader::boolean(const json::Value& object, std::string_view key, std::string_view at, bool& into) {
  const auto* value = object.find(key);
  if (value == nullptr) return false;
  if (value->asBool() == nullptr) {
    wrongKind(*value, below(at, key), "a boolean");
    return false;
  }
  into = *value->asBool();
  return true;
}

bool SchemaReader::integer(const json::Value& object, std::string_view key, std::string_view at, std::int64_t least,
                           std::int64_t most, std::int64_t& into) {
  const auto* value = object.find(key);
  if (value == nullptr) return false;
  const auto* number = value->asInt64();
  if (number == nullptr) {
    wrongKind(*value, below(at, key), "an integer");
    return false;
  }
  if (*number < least || *number > most) {
    wrong(below(at, key),
          std::to_string(*number) + " is outside " + std::to_string(least) + " to " + std::to_string(most));
    return false;
  }
  into = *number;
  return true;
}

std::int64_t SchemaReader::optionIndex(const json::Value& object, std::string_view key, std::string_view at,
                                       std::span<const std::string_view> options) {
  std::string name;
  if (!text(object, key, at, name)) return -1;
  const auto found = std::ranges::find(options, std::string_view(name));
  if (found != options.end()) return found - options.begin();
  unknownOption(below(at, key), name, options);
  return -1;
}

void SchemaReader::settingTexts(const json::Value& node, const std::string& at, SettingSpec& spec) {
  text(node, "label", at, spec.label);
  text(node, "help", at, spec.help);
  text(node, "pattern", at, spec.pattern);
  text(node, "format", at, spec.format);
  text(node, "visibleWhen", at, spec.visibleWhen);
  text(node, "gives", at, spec.expressionType);
  boolean(node, "required", at, spec.required);
  boolean(node, "acceptsSecret", at, spec.acceptsSecret);
  texts(node, "options", at, spec.options);
  if (spec.type == SettingType::enumeration && spec.options.empty()) wrong(at, "an enum needs 'options'");
}

void SchemaReader::limit(const json::Value& node, std::string_view key, const std::string& at, SettingSpec& spec,
                         std::optional<double>& into) {
  const auto* value = node.find(key);
  if (value == nullptr) return;
  const auto pointer = below(at, key);
  double number = 0;
  if (value->toDouble(number)) {
    into = number;
    return;
  }
  auto read = spec.type == SettingType::duration   ? setting::readDuration(*value, pointer)
              : spec.type == SettingType::bytesize ? setting::readByteSize(*value, pointer)
                                                   : Result<std::int64_t>(fail("node.schema", ""));
  if (read) {
    into = static_cast<double>(*read);
  } else {
    wrongKind(*value, pointer, "a number");
  }
}

void SchemaReader::settingRange(const json::Value& node, const std::string& at, SettingSpec& spec) {
  limit(node, "min", at, spec, spec.min);
  limit(node, "max", at, spec, spec.max);
  if (spec.min && spec.max && *spec.min > *spec.max) wrong(at, "'min' is above 'max'");
}

void SchemaReader::settingItems(const json::Value& node, const std::string& at, SettingSpec& spec) {
  const auto* items = node.find("items");
  if (items == nullptr) return;
  const auto pointer = below(at, "items");
  if (depth_ >= kMaxItemDepth) return wrong(pointer, "lists are nested too deep");
  ++depth_;
  if (items->isArray()) {
    spec.items = settings(*items, pointer);
  } else {
    spec.items.push_back(setting(*items, pointer, false));
  }
  --depth_;
}

SettingSpec SchemaReader::setting(const json::Value& node, const std::string& at, bool named) {
  static constexpr std::array<std::string_view, 15> kKeys{
      "name",    "type",   "label",   "help",  "required",    "default",       "min",  "max",
      "pattern", "format", "options", "items", "visibleWhen", "acceptsSecret", "gives"};
  SettingSpec spec;
  if (!object(node, at, kKeys)) return spec;
  if (named) {
    required(node, at, {"name", "type"});
    if (text(node, "name", at, spec.name) && !isSettingName(spec.name)) {
      wrong(below(at, "name"), "'" + spec.name + "' is no setting name; write it in camelCase");
    }
  } else {
    required(node, at, {"type"});
  }
  option(node, "type", at, kSettingTypes, spec.type);
  settingTexts(node, at, spec);
  settingRange(node, at, spec);
  settingItems(node, at, spec);
  if (const auto* value = node.find("default"); value != nullptr && !value->isNull()) {
    spec.defaultValue = value;
    Problems found;
    checkSetting(spec, *value, below(at, "default"), {}, found);
    for (auto& problem : found) wrong(problem.pointer, "the default does not fit: " + problem.message);
  }
  return spec;
}

std::vector<SettingSpec> SchemaReader::settings(const json::Value& list, const std::string& at) {
  std::vector<SettingSpec> result;
  const auto* elements = list.asArray();
  if (elements == nullptr) {
    wrongKind(list, at, "a list");
    return result;
  }
  std::set<std::string> taken;
  for (const auto& element : *elements) {
    const auto one = below(at, std::to_string(result.size()));
    result.push_back(setting(element, one, true));
    const auto& name = result.back().name;
    if (!name.empty() && !taken.insert(name).second) wrong(one, "the setting '" + name + "' comes twice");
  }
  return result;
}

}  // namespace weir
