// Checks a node's settings and fills in defaults.
#include "engine/node/settings-check.h"

#include <algorithm>

#include "engine/cel/column/expression.h"
#include "engine/json/writer.h"
#include "engine/node/file-source.h"
#include "engine/node/parse-node-type.h"
#include "engine/node/setting-values.h"
#include "engine/regex/regex.h"
#include "engine/text/suggest.h"
#include "engine/time/cron.h"
#include "engine/time/date-pattern.h"
#include "engine/time/schedule.h"

namespace weir {
namespace {

std::string numberText(double value) {
  const auto whole = static_cast<std::int64_t>(std::max(-9e15, std::min(9e15, value)));
  if (static_cast<double>(whole) == value) return std::to_string(whole);
  return json::write(json::Value(value));
}

std::vector<std::string> namesOf(std::span<const SettingSpec> specs) {
  std::vector<std::string> names;
  for (const auto& spec : specs) names.push_back(spec.name);
  return names;
}

/// The value of one spec within one check.
class Check {
 public:
  Check(const SettingSpec& spec, const json::Value& value, const std::string& pointer,
        const SettingsCheckOptions& options, Problems& problems)
      : spec_(spec), value_(value), pointer_(pointer), options_(options), problems_(problems) {}

  void run() {
    if (options_.parametersOpen && isParameter()) return;
    switch (spec_.type) {
      case SettingType::string:
      case SettingType::text:
      case SettingType::path:
      case SettingType::secret:
      case SettingType::code:
        return text();
      case SettingType::integer:
      case SettingType::number:
      case SettingType::duration:
      case SettingType::bytesize:
        return number();
      case SettingType::boolean:
        if (value_.asBool() == nullptr) wrongKind("a boolean");
        return;
      case SettingType::enumeration:
        return option();
      case SettingType::expression:
        return expression();
      case SettingType::schema:
        if (!value_.isObject() && !value_.isString() && !value_.isArray()) wrongKind("a schema: an object or a text");
        return;
      case SettingType::list:
        return list();
      case SettingType::map:
        return map();
    }
  }

 private:
  void problem(std::string_view code, std::string message, std::string suggestion = {}) {
    problems_.push_back({pointer_, code, std::move(message), std::move(suggestion)});
  }
  void wrongKind(std::string_view expected) {
    problem("settings.type",
            "expected " + std::string(expected) + ", found " + std::string(json::nameOf(value_.kind())));
  }
  [[nodiscard]] bool isParameter() const {
    const auto* text = value_.asString();
    return text != nullptr && text->starts_with("${") && text->ends_with('}') && text->find('}') == text->size() - 1;
  }

  void text() {
    const auto* found = value_.asString();
    if (found == nullptr) return wrongKind("a string");
    const auto length = static_cast<double>(found->size());
    if (spec_.min && length < *spec_.min) {
      return problem("settings.range",
                     found->empty() ? "must not be empty" : "is shorter than " + numberText(*spec_.min));
    }
    if (spec_.max && length > *spec_.max) return problem("settings.range", "is longer than " + numberText(*spec_.max));
    if (auto good = format(*found); !good) return problem(good.error().code, std::move(good).error().message);
    pattern(*found);
  }

  /// Texts in a language of their own. What a parameter without value would be put into is not judged.
  [[nodiscard]] Result<void> format(const std::string& found) const {
    if (found.empty() || (options_.parametersOpen && found.contains("${"))) return {};
    if (spec_.format == "regex") WEIR_TRY(regex::Regex::compile(found));
    if (spec_.format == "glob") WEIR_TRY(checkPathPattern(found));
    if (spec_.format == "date-pattern") WEIR_TRY(DatePattern::compile(found));
    if (spec_.format == "cron") WEIR_TRY(Cron::parse(found));
    if (spec_.format == "time-zone") WEIR_TRY(checkZoneName(found));
    return {};
  }

  void pattern(const std::string& found) {
    if (spec_.pattern.empty()) return;
    auto compiled = regex::Regex::compile(spec_.pattern);
    if (!compiled) return problem(compiled.error().code, std::move(compiled).error().message);
    regex::Regex::Scratch scratch;
    if (!compiled->search(found, scratch)) {
      problem("settings.pattern", "\"" + found + "\" does not have the form " + spec_.pattern);
    }
  }

  void number() {
    // The readers check type and form; limits are checked here, where several problems may be told.
    double found = 0;
    if (spec_.type == SettingType::number) {
      if (!value_.toDouble(found)) return wrongKind("a number");
    } else {
      auto read = spec_.type == SettingType::integer    ? setting::readInteger(value_, "")
                  : spec_.type == SettingType::duration ? setting::readDuration(value_, "")
                                                        : setting::readByteSize(value_, "");
      if (!read) {
        auto message = std::move(read).error().message;
        return problem("settings.type", message.starts_with(": ") ? message.substr(2) : message);
      }
      found = static_cast<double>(*read);
    }
    if (spec_.min && found < *spec_.min) {
      problem("settings.range", numberText(found) + " is less than " + numberText(*spec_.min));
    }
    if (spec_.max && found > *spec_.max) {
      problem("settings.range", numberText(found) + " is more than " + numberText(*spec_.max));
    }
  }

  void option() {
    const auto* found = value_.asString();
    if (found == nullptr) return wrongKind("a string");
    if (std::ranges::find(spec_.options, *found) != spec_.options.end()) return;
    std::string names;
    for (const auto& name : spec_.options) names += (names.empty() ? "" : ", ") + name;
    problem("settings.option", "expected one of " + names + ", found \"" + *found + "\"",
            std::string(nearestName(*found, std::span<const std::string>(spec_.options))));
  }

  void expression() {
    const auto* found = value_.asString();
    if (found == nullptr) return wrongKind("a CEL expression, as a string");
    cel::ExpressionOptions options;
    options.rowSchema = options_.rowSchema;
    options.params = options_.params;
    if (!spec_.expressionType.empty() && spec_.expressionType != "any") {
      options.expected = parseTypeName(spec_.expressionType);
    }
    if (auto compiled = cel::Expression::compile(*found, options); !compiled) {
      problem(compiled.error().code, std::move(compiled).error().message);
    }
  }

  void list() {
    const auto* elements = value_.asArray();
    if (elements == nullptr) return wrongKind("a list");
    const auto count = static_cast<double>(elements->size());
    if (spec_.min && count < *spec_.min) {
      problem("settings.range",
              "needs at least " + numberText(*spec_.min) + (*spec_.min == 1 ? " element" : " elements"));
    }
    if (spec_.max && count > *spec_.max) {
      problem("settings.range", "takes at most " + numberText(*spec_.max) + " elements");
    }
    if (spec_.items.empty()) return;
    const bool scalars = spec_.items.size() == 1 && spec_.items[0].name.empty();
    for (std::size_t i = 0; i < elements->size(); ++i) {
      const auto below = setting::below(pointer_, std::to_string(i));
      if (scalars) {
        checkSetting(spec_.items[0], (*elements)[i], below, options_, problems_);
      } else {
        auto found = checkSettings(spec_.items, (*elements)[i], below, options_);
        std::ranges::move(found, std::back_inserter(problems_));
      }
    }
  }

  void map() {
    const auto* members = value_.asObject();
    if (members == nullptr) return wrongKind("an object");
    if (spec_.items.size() != 1 || !spec_.items[0].name.empty()) return;
    for (const auto& member : *members) {
      checkSetting(spec_.items[0], member.value, setting::below(pointer_, member.key), options_, problems_);
    }
  }

  const SettingSpec& spec_;
  const json::Value& value_;
  const std::string& pointer_;
  const SettingsCheckOptions& options_;
  Problems& problems_;
};

/// Of settings that nobody knows so many are told.
constexpr std::size_t kMostUnknown = 1'000;

json::Value completedValue(const SettingSpec& spec, const json::Value& value) {
  const bool objects = spec.type == SettingType::list && !spec.items.empty() && !spec.items[0].name.empty();
  if (!objects || !value.isArray()) return value;
  json::Value result = json::Value::array();
  for (const auto& element : *value.asArray()) {
    result.push(element.isObject() ? completed(spec.items, element) : element);
  }
  return result;
}

}  // namespace

void checkSetting(const SettingSpec& spec, const json::Value& value, const std::string& pointer,
                  const SettingsCheckOptions& options, Problems& problems) {
  Check(spec, value, pointer, options, problems).run();
}

Problems checkSettings(std::span<const SettingSpec> specs, const json::Value& settings, const std::string& pointer,
                       const SettingsCheckOptions& options) {
  Problems problems;
  if (!settings.isNull() && !settings.isObject()) {
    problems.push_back(
        {pointer, "settings.type", "expected an object, found " + std::string(json::nameOf(settings.kind())), {}});
    return problems;
  }
  if (const auto* members = settings.asObject(); members != nullptr) {
    const auto names = namesOf(specs);
    for (const auto& member : *members) {
      if (member.key.starts_with("x-") || std::ranges::find(names, member.key) != names.end()) continue;
      if (problems.size() >= kMostUnknown) break;
      problems.push_back({setting::below(pointer, member.key), "settings.unknown",
                          "there is no setting '" + member.key + "'",
                          std::string(nearestName(member.key, std::span<const std::string>(names)))});
    }
  }
  for (const auto& spec : specs) {
    const auto below = setting::below(pointer, spec.name);
    const auto* value = setting::find(settings, spec.name);
    if (value != nullptr) {
      checkSetting(spec, *value, below, options, problems);
    } else if (spec.required && spec.defaultValue == nullptr) {
      problems.push_back({below, "settings.missing", "'" + spec.name + "' is required; give it a value", {}});
    }
  }
  return problems;
}

json::Value completed(std::span<const SettingSpec> specs, const json::Value& settings) {
  json::Value::Object result;
  for (const auto& spec : specs) {
    const auto* value = setting::find(settings, spec.name);
    if (value == nullptr) value = spec.defaultValue;
    if (value != nullptr) result.push_back({spec.name, completedValue(spec, *value)});
  }
  if (const auto* members = settings.asObject(); members != nullptr) {
    for (const auto& member : *members) {
      if (!member.value.isNull() && !std::ranges::contains(specs, member.key, &SettingSpec::name))
        result.push_back(member);
    }
  }
  return json::Value::object(std::move(result));
}

}  // namespace weir
