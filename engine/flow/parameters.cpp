// Checks parameter values and puts them into settings.
#include "engine/flow/parameters.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <span>
#include <vector>

#include "engine/json/writer.h"
#include "engine/node/setting-values.h"
#include "engine/text/suggest.h"

namespace weir::flow {
namespace {

std::string trimmed(std::string suggestion) {
  if (suggestion.starts_with(" ")) suggestion.erase(0, 1);
  return suggestion;
}

std::vector<std::string> namesOf(const FlowDocument& document) {
  std::vector<std::string> names;
  for (const auto& parameter : document.parameters) names.push_back(parameter.name);
  return names;
}

// A text from the command line, as a value of the parameter's type.
json::Value fromText(const FlowParameter& parameter, const json::Value& given) {
  const auto* text = given.asString();
  if (text == nullptr) return given;
  const auto& type = parameter.type;
  if (type != "integer" && type != "number" && type != "boolean" && type != "list" && type != "map") return given;
  if (auto parsed = json::parse(*text)) return parsed->root();
  return given;
}

bool fits(const FlowParameter& parameter, const json::Value& value) {
  const auto& type = parameter.type;
  if (type == "integer") return value.kind() == json::ValueKind::int64 || value.kind() == json::ValueKind::uint64;
  if (type == "number") return value.isNumber();
  if (type == "boolean") return value.asBool() != nullptr;
  if (type == "list") return value.isArray();
  if (type == "map") return value.isObject();
  if (type == "duration" || type == "bytesize") return value.isString() || value.isNumber();
  return value.isString();
}

void checkValue(const FlowParameter& parameter, const json::Value& value, const std::string& pointer,
                Problems& problems) {
  if (!fits(parameter, value)) {
    problems.error("flow.parameter_type", pointer,
                   "the parameter '" + parameter.name + "' is of type " + parameter.type + ", found " +
                       std::string(json::nameOf(value.kind())) + ".");
    return;
  }
  const bool spelt = value.isString() && (parameter.type == "duration" || parameter.type == "bytesize");
  if (spelt) {
    const auto read =
        parameter.type == "duration" ? setting::readDuration(value, "") : setting::readByteSize(value, "");
    if (!read) {
      const auto& said = read.error().message;
      problems.error("flow.parameter_value", pointer,
                     "the parameter '" + parameter.name + "'" + (said.starts_with(": ") ? said : ": " + said) + ".");
    }
    return;
  }
  double number = 0;
  if (value.toDouble(number) &&
      ((parameter.min && number < *parameter.min) || (parameter.max && number > *parameter.max))) {
    problems.error("flow.parameter_value", pointer,
                   "the value of the parameter '" + parameter.name + "' is out of its range.");
  }
  if (const auto* text = value.asString(); text != nullptr && !parameter.options.empty() &&
                                           std::ranges::find(parameter.options, *text) == parameter.options.end()) {
    problems.error("flow.parameter_value", pointer,
                   "'" + *text + "' is no value of the parameter '" + parameter.name + "'.",
                   trimmed(didYouMean(*text, std::span<const std::string>(parameter.options))));
  }
}

bool isName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

class Resolver {
 public:
  Resolver(const FlowDocument& document, const ParameterValues& values, Problems& problems)
      : values_(values), problems_(problems), names_(namesOf(document)), known_(names_.begin(), names_.end()) {}

  json::Value any(const json::Value& value, const SettingSpec* spec, const std::string& pointer) {
    if (const auto* text = value.asString()) return this->text(value, *text, spec, pointer);
    if (const auto* elements = value.asArray()) {
      auto out = json::Value::array();
      std::size_t index = 0;
      for (const auto& element : *elements) out.push(any(element, inside(spec, value), below(pointer, index++)));
      out.setOffset(value.offset());
      return out;
    }
    if (const auto* members = value.asObject()) {
      json::Value::Object made;
      made.reserve(members->size());
      for (const auto& member : *members) {
        made.push_back({member.key, any(member.value, memberOf(spec, member.key), below(pointer, member.key))});
      }
      auto out = json::Value::object(std::move(made));
      out.setOffset(value.offset());
      return out;
    }
    return value;
  }

 private:
  // The elements of a list of objects are looked up by memberOf, those of a list of scalars have one nameless spec.
  static const SettingSpec* inside(const SettingSpec* spec, const json::Value& list) {
    if (spec == nullptr || spec->items.empty()) return spec;
    return list.at(0) != nullptr && list.at(0)->isObject() ? spec : &spec->items.front();
  }
  static const SettingSpec* memberOf(const SettingSpec* spec, std::string_view key) {
    if (spec == nullptr) return nullptr;
    for (const auto& item : spec->items) {
      if (item.name == key) return &item;
    }
    return spec->items.size() == 1 && spec->items.front().name.empty() ? &spec->items.front() : nullptr;
  }

  const json::Value* lookUp(std::string_view name, const std::string& pointer) {
    if (const auto at = values_.find(name); at != values_.end()) return &at->second;
    // What is too much to be told is not looked for either.
    if (known_.contains(name) || problems_.size() >= Problems::kMost) return nullptr;
    auto suggestion = trimmed(didYouMean(name, std::span<const std::string>(names_)));
    if (suggestion.empty()) suggestion = "Declare it in `parameters`, or write $${ for a literal ${.";
    problems_.error("flow.unknown_parameter", pointer, "there is no parameter '" + std::string(name) + "'.",
                    suggestion);
    return nullptr;
  }

  json::Value text(const json::Value& value, const std::string& text, const SettingSpec* spec,
                   const std::string& pointer) {
    if (text.find("${") == std::string::npos) return value;
    const bool code = spec != nullptr && (spec->type == SettingType::expression || spec->type == SettingType::code);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      if (!code && text.compare(at, 3, "$${") == 0) {
        out += "${";
        at += 3;
        continue;
      }
      const auto close = text.compare(at, 2, "${") == 0 ? text.find('}', at) : std::string::npos;
      if (close == std::string::npos) {
        out += text[at++];
        continue;
      }
      const std::string_view name(text.data() + at + 2, close - at - 2);
      const std::string_view whole(text.data() + at, close + 1 - at);
      at = close + 1;
      if (name.starts_with("secret:")) {
        secret(name, spec, pointer);
        out += whole;
      } else if (!isName(name)) {
        out += whole;
      } else if (code) {
        problems_.error("flow.parameter_in_expression", pointer,
                        "'" + std::string(whole) + "' does not work inside an expression.",
                        "Write params." + std::string(name) + ".");
        return value;
      } else if (const auto* found = lookUp(name, pointer)) {
        if (whole.size() == text.size()) return *found;
        out += found->isString() ? *found->asString() : json::write(*found);
      } else {
        out += whole;
      }
    }
    json::Value made(std::move(out));
    made.setOffset(value.offset());
    return made;
  }

  void secret(std::string_view name, const SettingSpec* spec, const std::string& pointer) {
    if (spec != nullptr && (spec->type == SettingType::secret || spec->acceptsSecret)) return;
    problems_.error("flow.secret_not_accepted", pointer, "this setting takes no secret ('" + std::string(name) + "').",
                    "Secrets go only into settings of type secret, or those that say acceptsSecret.");
  }

  const ParameterValues& values_;
  Problems& problems_;
  const std::vector<std::string> names_;
  const std::set<std::string_view> known_;
};

// A JSON value as rows and expressions know it.
Value plain(const json::Value& value) {
  if (const auto* flag = value.asBool()) return Value::boolean(*flag);
  if (const auto* number = value.asInt64()) return Value::int64(*number);
  if (const auto* text = value.asString()) return Value::string(*text);
  if (const auto* elements = value.asArray()) {
    std::vector<Value> items;
    for (const auto& element : *elements) items.push_back(plain(element));
    return Value::list(std::move(items));
  }
  if (const auto* members = value.asObject()) {
    std::vector<MapEntry> entries;
    for (const auto& member : *members) entries.push_back({Value::string(member.key), plain(member.value)});
    return Value::map(std::move(entries));
  }
  double number = 0;
  return value.toDouble(number) ? Value::float64(number) : Value::null();
}

Value durationOf(std::int64_t millis) {
  return Value::duration(millis / 1000, static_cast<std::int32_t>(millis % 1000 * 1'000'000));
}

}  // namespace

ParameterValues parameterValues(const FlowDocument& document, const ParameterValues& given, bool open,
                                const std::string& pointer, Problems& problems) {
  ParameterValues values;
  std::size_t index = 0;
  std::set<std::string_view> seen;
  for (const auto& parameter : document.parameters) {
    const auto at = pointer.empty() ? below("/parameters", index) : pointer;
    ++index;
    if (!seen.insert(parameter.name).second) {
      problems.error("flow.duplicate_id", at, "there are two parameters '" + parameter.name + "'.",
                     "Rename one of them.");
    }
    if (parameter.defaultValue && !parameter.defaultValue->isNull())
      checkValue(parameter, *parameter.defaultValue, at, problems);
    if (const auto found = given.find(parameter.name); found != given.end()) {
      auto value = fromText(parameter, found->second);
      checkValue(parameter, value, at, problems);
      values[parameter.name] = std::move(value);
    } else if (parameter.defaultValue) {
      values[parameter.name] = *parameter.defaultValue;
    } else if (!open) {
      problems.error("flow.missing_parameter", at, "the parameter '" + parameter.name + "' has no value.",
                     "Give it with --set " + parameter.name + "=…, or give it a default.");
    }
  }
  const auto names = namesOf(document);
  for (const auto& [name, value] : given) {
    if (seen.contains(name) || problems.size() >= Problems::kMost) continue;
    auto suggestion = trimmed(didYouMean(name, std::span<const std::string>(names)));
    problems.error("flow.unknown_parameter", pointer, "the flow has no parameter '" + name + "'.", suggestion);
  }
  return values;
}

json::Value resolveSettings(const NodeType& type, const json::Value& settings, const FlowDocument& document,
                            const ParameterValues& values, const std::string& pointer, Problems& problems) {
  Resolver resolver(document, values, problems);
  json::Value::Object made;
  if (const auto* members = settings.asObject()) {
    made.reserve(members->size());
    for (const auto& member : *members) {
      const auto spec = std::ranges::find(type.settings, member.key, &SettingSpec::name);
      const auto* known = spec == type.settings.end() ? nullptr : &*spec;
      made.push_back({member.key, resolver.any(member.value, known, below(pointer, member.key))});
    }
  }
  auto out = json::Value::object(std::move(made));
  out.setOffset(settings.offset());
  return out;
}

Value toValue(const FlowParameter& parameter, const json::Value& value) {
  if (parameter.type == "duration") {
    const auto millis = setting::readDuration(value, "");
    return millis ? durationOf(*millis) : standIn(parameter);  // what is no duration was said
  } else if (parameter.type == "bytesize") {
    const auto bytes = setting::readByteSize(value, "");
    return bytes ? Value::int64(*bytes) : standIn(parameter);
  } else if (double number = 0; parameter.type == "number" && value.toDouble(number)) {
    return Value::float64(number);
  }
  return plain(value);
}

Value standIn(const FlowParameter& parameter) {
  const auto& type = parameter.type;
  if (type == "integer" || type == "bytesize") return Value::int64(1);
  if (type == "number") return Value::float64(1);
  if (type == "boolean") return Value::boolean(false);
  if (type == "duration") return durationOf(1000);
  if (type == "list") return Value::list({});
  if (type == "map") return Value::map({});
  return Value::string("");
}

}  // namespace weir::flow
