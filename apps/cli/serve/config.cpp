// Settings from flags, variables and a file.
#include "apps/cli/serve/config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "engine/data/check.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/node/setting-values.h"
#include "engine/text/suggest.h"

namespace weir::cli {
namespace {

using Kind = Setting::Kind;

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find(at);
    auto part = text.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return parts;
}

std::unexpected<Error> unfit(const Setting& setting, const std::string& origin, const std::string& found,
                             const std::string& expected) {
  const auto shown = setting.secret ? std::string() : " '" + found + "'";
  return fail("config.value",
              origin + ":" + shown + " is no value for '" + std::string(setting.name) + "'; expected " + expected);
}

std::optional<bool> boolOf(std::string_view text) {
  for (const auto* yes : {"true", "1", "yes", "on"}) {
    if (text == yes) return true;
  }
  for (const auto* no : {"false", "0", "no", "off"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> wholeOf(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// `2w`, `90d`, `1d12h`, `90s`; no number without a unit but 0.
std::optional<std::int64_t> durationOf(std::string_view text) {
  constexpr std::int64_t kDayMs = 86'400'000, kMostDays = 1'000'000;
  std::int64_t days = 0;
  for (const auto& [unit, length] : {std::pair{'w', 7}, std::pair{'d', 1}}) {
    const auto end = text.find_first_not_of("0123456789");
    if (end == 0 || end == std::string_view::npos || text[end] != unit) continue;
    const auto number = wholeOf(text.substr(0, end));
    if (!number || *number > kMostDays) return std::nullopt;
    days += *number * length;
    text.remove_prefix(end + 1);
    if (text.empty()) return days * kDayMs;
  }
  if (wholeOf(text).value_or(0) != 0) return std::nullopt;
  const auto read = setting::readDuration(json::Value(std::string(text)), "");
  return read ? std::optional(days * kDayMs + *read) : std::nullopt;
}

std::optional<std::int64_t> numberOf(Kind kind, const std::string& text) {
  if (kind == Kind::flag) return boolOf(text);
  if (kind == Kind::duration) return durationOf(text);
  const auto whole = wholeOf(text);
  if (kind == Kind::number) return whole;
  const auto read = setting::readByteSize(whole ? json::Value(*whole) : json::Value(text), "");
  return read ? std::optional(*read) : std::nullopt;
}

/// The choice that is meant, whatever the case, or by another word for it.
std::string choiceOf(const Setting& setting, std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const auto& pair : split(setting.alike, ' ')) {
    const auto equals = pair.find('=');
    if (pair.substr(0, equals) == text) return pair.substr(equals + 1);
  }
  return text;
}

std::string rangeOf(const Setting& setting, const std::string& found) {
  std::string text(formOf(setting.kind));
  if (setting.kind == Kind::flag) return text;
  if (setting.kind == Kind::duration && wholeOf(found))
    return "a duration with its unit: " + found + " what? Write " + found + "s, " + found + "m, " + found + "h or " +
           found + "d";
  const auto unit = setting.kind == Kind::duration ? " ms" : setting.kind == Kind::size ? " bytes" : "";
  if (setting.least != 0) text += ", " + std::to_string(setting.least) + unit + " or more";
  if (setting.most != std::numeric_limits<std::int64_t>::max())
    text += ", " + std::to_string(setting.most) + unit + " at most";
  return text;
}

std::string homePath(std::string text, const Environment& environment) {
  if (text != "~" && !text.starts_with("~/")) return text;
  const auto home = environment.find("HOME");
  return home == environment.end() ? text : home->second + text.substr(1);
}

/// The texts of a value in the file; nothing if it is none of the setting's kind: a text is no number there, and a
/// number no path.
std::optional<std::vector<std::string>> textsOf(const json::Value& value, Kind kind) {
  if (value.isString())
    return kind == Kind::number || kind == Kind::flag ? std::nullopt : std::optional(std::vector{*value.asString()});
  if (value.asBool() != nullptr)
    return kind == Kind::flag ? std::optional(std::vector<std::string>{*value.asBool() ? "true" : "false"})
                              : std::nullopt;
  if (value.isNumber()) {
    const bool fits = kind == Kind::number || kind == Kind::size || kind == Kind::duration;
    return fits ? std::optional(std::vector{json::write(value)}) : std::nullopt;
  }
  if (kind != Kind::list || value.asArray() == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const auto& element : *value.asArray()) {
    if (!element.isString()) return std::nullopt;
    texts.push_back(*element.asString());
  }
  return texts;
}

std::string unknownName(std::span<const Setting> settings, const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& setting : settings) names.push_back(setting.name);
  return "there is no setting '" + name + "'." + didYouMean(name, names);
}

Result<json::Document> readFile(std::span<const Setting> settings, const ConfigSources& sources) {
  if (sources.file.empty()) return json::Document("{}", json::Value::object());
  auto document = json::parse(sources.file);
  if (!document) return fail("config.value", sources.fileName + ": " + document.error().message);
  if (!document->root().isObject()) {
    return fail("config.value", sources.fileName + " is " + std::string(json::nameOf(document->root().kind())) +
                                    "; expected a JSON object of settings");
  }
  for (const auto& member : *document->root().asObject()) {
    if (member.key.starts_with("x-") || std::ranges::contains(settings, member.key, &Setting::name)) continue;
    const auto line = std::to_string(document->locate(member.keyOffset).place.line);
    return fail("config.unknown", sources.fileName + ":" + line + ": " + unknownName(settings, member.key));
  }
  return document;
}

/// The variables that stand for a setting, ours first.
std::vector<std::string> variablesOf(const Setting& setting) {
  std::vector names{variableOf(setting)};
  for (auto& alias : split(setting.aliases, ' ')) names.push_back(std::move(alias));
  return names;
}

}  // namespace

Result<Config> Config::make(std::span<const Setting> settings, const ConfigSources& sources) {
  for (const auto& [name, texts] : sources.flags) {
    if (!std::ranges::contains(settings, name, &Setting::name))
      return fail("config.unknown", unknownName(settings, name));
  }
  WEIR_ASSIGN(const auto file, readFile(settings, sources));
  Config config;
  config.file_ = sources.fileName;
  for (const auto& setting : settings) {
    const bool list = setting.kind == Kind::list;
    Value value{.setting = &setting, .texts = {}, .number = 0, .origin = {}};
    if (const auto flag = sources.flags.find(setting.name); flag != sources.flags.end() && !flag->second.empty()) {
      value.texts = flag->second;
      value.origin = "--" + std::string(setting.name);
    }
    for (const auto& variable : variablesOf(setting)) {
      const auto found = sources.environment.find(variable);
      if (!value.origin.empty() || found == sources.environment.end() || found->second.empty()) continue;
      value.texts = list ? split(found->second, ',') : std::vector{found->second};
      value.origin = variable;
    }
    if (const auto* member = file.root().find(setting.name); member != nullptr && value.origin.empty()) {
      const auto line = std::to_string(file.locate(*member).place.line);
      value.origin = sources.fileName + ":" + line;
      auto texts = textsOf(*member, setting.kind);
      if (!texts) return unfit(setting, value.origin, json::write(*member), rangeOf(setting, {}));
      value.texts = std::move(*texts);
    }
    if (value.origin.empty()) {
      value.origin = "default";
      if (list) value.texts = split(setting.otherwise, ',');
      if (!list && !setting.otherwise.empty()) value.texts = {std::string(setting.otherwise)};
    }
    if (!list && value.texts.size() > 1) value.texts.erase(value.texts.begin(), value.texts.end() - 1);
    WEIR_TRY(check(value, sources.environment));
    config.values_.push_back(std::move(value));
  }
  return config;
}

Result<void> Config::check(Value& value, const Environment& environment) {
  const auto& setting = *value.setting;
  if (setting.kind == Kind::list) return {};
  if (value.texts.empty()) {
    value.texts.emplace_back();
    return {};
  }
  auto& text = value.texts.front();
  switch (setting.kind) {
    case Kind::text:
    case Kind::list:
      break;
    case Kind::path:
      text = homePath(std::move(text), environment);
      break;
    case Kind::choice:
      if (const auto known = split(setting.choices, ' '); std::ranges::contains(known, choiceOf(setting, text))) {
        text = choiceOf(setting, text);
      } else {
        return unfit(setting, value.origin, text,
                     "one of: " + std::string(setting.choices) + "." + didYouMean(text, known));
      }
      break;
    case Kind::number:
    case Kind::flag:
    case Kind::duration:
    case Kind::size: {
      const auto number = numberOf(setting.kind, text);
      if (!number || *number < setting.least || *number > setting.most)
        return unfit(setting, value.origin, text, rangeOf(setting, text));
      value.number = *number;
      break;
    }
  }
  return {};
}

const Config::Value& Config::find(std::string_view name) const {
  const auto found = std::ranges::find(values_, name, [](const Value& value) { return value.setting->name; });
  WEIR_CHECK(found != values_.end());
  return *found;
}

const std::string& Config::text(std::string_view name) const {
  const auto& value = find(name);
  WEIR_CHECK(value.setting->kind != Kind::list);
  return value.texts.front();
}

std::int64_t Config::number(std::string_view name) const {
  const auto& value = find(name);
  const auto kind = value.setting->kind;
  WEIR_CHECK(kind == Kind::number || kind == Kind::duration || kind == Kind::size);
  return value.number;
}

bool Config::flag(std::string_view name) const {
  const auto& value = find(name);
  WEIR_CHECK(value.setting->kind == Kind::flag);
  return value.number != 0;
}

const std::vector<std::string>& Config::list(std::string_view name) const {
  const auto& value = find(name);
  WEIR_CHECK(value.setting->kind == Kind::list);
  return value.texts;
}

bool Config::given(std::string_view name) const { return find(name).origin != "default"; }

const std::string& Config::origin(std::string_view name) const { return find(name).origin; }

bool Config::byAlias(std::string_view name) const {
  const auto& value = find(name);
  return std::ranges::contains(split(value.setting->aliases, ' '), value.origin);
}

void Config::put(std::string_view name, std::string text) {
  const auto found = std::ranges::find_if(values_, [&](const Value& value) { return value.setting->name == name; });
  WEIR_CHECK(found != values_.end());
  found->texts = {std::move(text)};
}

std::vector<std::string_view> Config::secrets() const {
  std::vector<std::string_view> names;
  for (const auto& value : values_) {
    if (value.setting->secret) names.push_back(value.setting->name);
  }
  return names;
}

std::string Config::describe() const {
  std::string out;
  for (const auto& value : values_) {
    std::string text;
    for (const auto& one : value.texts) text += (text.empty() ? "" : ", ") + one;
    if (value.setting->secret && !text.empty()) text = "***";
    out.append(value.setting->name).append(" = ").append(text.empty() ? "(none)" : text);
    out.append("  (").append(value.origin).append(")\n");
  }
  return out;
}

}  // namespace weir::cli
