// Compiles a JSON Schema and checks values against it.
#include "nodes/logic/validate/row-schema.h"

#include <algorithm>
#include <array>

#include "engine/data/value-json.h"
#include "engine/node/setting-values.h"
#include "engine/text/suggest.h"

namespace weir::nodes::validate {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::array<std::string_view, 6> kNotes{"$schema", "$id", "title", "description", "default", "examples"};
constexpr std::array<std::string_view, 8> kTypes{"object",  "array",   "string", "number",
                                                 "integer", "boolean", "null",   "timestamp"};

constexpr std::array<std::string_view, 19> kKeywords{"type",
                                                     "required",
                                                     "properties",
                                                     "additionalProperties",
                                                     "items",
                                                     "enum",
                                                     "const",
                                                     "minimum",
                                                     "maximum",
                                                     "minLength",
                                                     "maxLength",
                                                     "exclusiveMinimum",
                                                     "exclusiveMaximum",
                                                     "minItems",
                                                     "maxItems",
                                                     "pattern",
                                                     "anyOf",
                                                     "allOf",
                                                     "not"};

std::unexpected<Error> wrong(const std::string& pointer, std::string message) {
  return fail("settings.invalid", pointer + ": " + std::move(message));
}

std::string textOf(const Value& value) {
  std::string text;
  appendJson(text, value);
  return text;
}

bool isOf(std::string_view type, const Value& value) {
  switch (value.kind()) {
    case ValueKind::null:
      return type == "null";
    case ValueKind::boolean:
      return type == "boolean";
    case ValueKind::int64:
    case ValueKind::uint64:
      return type == "integer" || type == "number";
    case ValueKind::float64:
      // JSON Schema counts 1.0 as an integer.
      return type == "number" || (type == "integer" && value.float64() >= -9e15 && value.float64() <= 9e15 &&
                                  static_cast<double>(static_cast<std::int64_t>(value.float64())) == value.float64());
    case ValueKind::list:
      return type == "array";
    case ValueKind::map:
      return type == "object";
    case ValueKind::timestamp:
      return type == "timestamp" || type == "string";
    default:
      return type == "string";
  }
}

std::int64_t charactersOf(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; });
}

Result<std::int64_t> countAt(const json::Value& value, const std::string& pointer) {
  const auto* count = value.asInt64();
  if (count == nullptr || *count < 0) return wrong(pointer, "expected a count");
  return *count;
}

Result<Value> numberAt(const json::Value& value, const std::string& pointer) {
  if (!value.isNumber()) return wrong(pointer, "expected a number");
  return fromJson(value);
}

}  // namespace

Result<RowSchema> RowSchema::compile(const json::Value& schema, const std::string& pointer, int depth) {
  RowSchema result;
  if (depth > kMaxDepth) return wrong(pointer, "the schema is nested too deep");
  if (const auto* truth = schema.asBool(); truth != nullptr) {
    result.never_ = !*truth;
    return result;
  }
  const auto* members = schema.asObject();
  if (members == nullptr) return wrong(pointer, "expected a JSON Schema: an object, true or false");
  for (const auto& member : *members) {
    if (std::ranges::find(kNotes, std::string_view(member.key)) != kNotes.end() || member.key.starts_with("x-"))
      continue;
    WEIR_TRY(readKeyword(result, member.key, member.value, setting::below(pointer, member.key), depth));
  }
  return result;
}

Result<void> RowSchema::readTypes(RowSchema& into, const json::Value& value, const std::string& pointer) {
  json::Value list = value;
  if (value.isString()) {
    list = json::Value::array();
    list.push(value);
  }
  const auto* elements = list.asArray();
  if (elements == nullptr) return wrong(pointer, "expected a type or a list of types");
  for (const auto& element : *elements) {
    const auto* name = element.asString();
    if (name == nullptr || std::ranges::find(kTypes, std::string_view(*name)) == kTypes.end()) {
      return wrong(pointer, "expected object, array, string, number, integer, boolean, null or timestamp");
    }
    into.types_.push_back(*name);
  }
  return {};
}

Result<void> RowSchema::readChildren(RowSchema& into, const std::string& key, const json::Value& value,
                                     const std::string& pointer, int depth) {
  if (key == "properties") {
    const auto* members = value.asObject();
    if (members == nullptr) return wrong(pointer, "expected an object");
    for (const auto& member : *members) {
      WEIR_ASSIGN(auto child, compile(member.value, setting::below(pointer, member.key), depth + 1));
      into.properties_.emplace_back(member.key, std::move(child));
    }
    return {};
  }
  if (key == "anyOf" || key == "allOf") {
    const auto* elements = value.asArray();
    if (elements == nullptr || elements->empty()) return wrong(pointer, "expected a list of schemas");
    for (std::size_t i = 0; i < elements->size(); ++i) {
      WEIR_ASSIGN(auto child, compile((*elements)[i], setting::below(pointer, std::to_string(i)), depth + 1));
      (key == "anyOf" ? into.anyOf_ : into.allOf_).push_back(std::move(child));
    }
    return {};
  }
  WEIR_ASSIGN(auto child, compile(value, pointer, depth + 1));
  auto shared = std::make_shared<const RowSchema>(std::move(child));
  if (key == "items")
    into.items_ = std::move(shared);
  else if (key == "not")
    into.not_ = std::move(shared);
  else
    into.additional_ = std::move(shared);
  return {};
}

Result<void> RowSchema::readKeyword(RowSchema& into, const std::string& key, const json::Value& value,
                                    const std::string& pointer, int depth) {
  constexpr std::array<std::string_view, 6> kChildren{"properties", "additionalProperties", "items", "anyOf", "allOf",
                                                      "not"};
  if (std::ranges::find(kChildren, std::string_view(key)) != kChildren.end()) {
    return readChildren(into, key, value, pointer, depth);
  }
  if (key == "type") return readTypes(into, value, pointer);
  if (key == "required") {
    WEIR_ASSIGN(into.required_, setting::readList<std::string>(value, pointer, setting::readText));
  } else if (key == "enum") {
    if (!value.isArray()) return wrong(pointer, "expected a list of values");
    into.options_.emplace();
    for (const auto& option : *value.asArray()) into.options_->push_back(fromJson(option));
  } else if (key == "const") {
    into.options_ = std::vector<Value>{fromJson(value)};
  } else if (key == "minimum" || key == "maximum" || key == "exclusiveMinimum" || key == "exclusiveMaximum") {
    WEIR_ASSIGN(auto bound, numberAt(value, pointer));
    (key == "minimum"            ? into.minimum_
     : key == "maximum"          ? into.maximum_
     : key == "exclusiveMinimum" ? into.above_
                                 : into.below_) = std::move(bound);
  } else if (key == "minLength" || key == "maxLength" || key == "minItems" || key == "maxItems") {
    WEIR_ASSIGN(const auto count, countAt(value, pointer));
    (key == "minLength"   ? into.minLength_
     : key == "maxLength" ? into.maxLength_
     : key == "minItems"  ? into.minItems_
                          : into.maxItems_) = count;
  } else if (key == "pattern") {
    WEIR_ASSIGN(const auto text, setting::readText(value, pointer));
    auto compiled = regex::Regex::compile(text);
    if (!compiled) return fail(compiled.error().code, pointer + ": " + compiled.error().message);
    into.pattern_ = std::move(*compiled);
  } else {
    return wrong(pointer, "the keyword is not known." + didYouMean(key, std::span(kKeywords)));
  }
  return {};
}

void RowSchema::check(const Value& value, const std::string& pointer, std::vector<Value>& reasons) const {
  const auto say = [&](const std::string& what) {
    if (reasons.size() < kMaxReasons) reasons.push_back(Value::string((pointer.empty() ? "/" : pointer) + ": " + what));
  };
  if (never_) return say("is not allowed");
  if (!types_.empty() && std::ranges::none_of(types_, [&](const auto& type) { return isOf(type, value); })) {
    std::string names;
    for (const auto& type : types_) names += (names.empty() ? "" : " or ") + type;
    return say("expected " + names + ", found " + textOf(value));
  }
  if (options_ && std::ranges::none_of(*options_, [&](const auto& option) { return equalValues(option, value); })) {
    say(textOf(value) + " is not one of the allowed values");
  }
  if (value.kind() == ValueKind::map) checkObject(value, pointer, reasons);
  if (value.isNumber()) checkNumber(value, pointer, reasons);
  checkLengths(value, pointer, reasons);
  checkCombined(value, pointer, reasons);
}

// Columns hold a null where the row had no such field, so a null is an absent field unless it is asked for.
bool RowSchema::takesNull(const std::string& name) const {
  const auto known = std::ranges::find(properties_, name, &std::pair<std::string, RowSchema>::first);
  if (known == properties_.end()) return false;
  const auto& schema = known->second;
  return std::ranges::contains(schema.types_, "null") ||
         (schema.options_ && std::ranges::any_of(*schema.options_, [](const Value& each) { return each.isNull(); }));
}

void RowSchema::checkObject(const Value& value, const std::string& pointer, std::vector<Value>& reasons) const {
  for (const auto& name : required_) {
    const auto* found = value.find(name);
    if ((found == nullptr || (found->isNull() && !takesNull(name))) && reasons.size() < kMaxReasons) {
      reasons.push_back(Value::string(setting::below(pointer, name) + ": is missing"));
    }
  }
  for (const auto& entry : value.entries()) {
    if (entry.value.isNull()) continue;
    const std::string name(entry.key.kind() == ValueKind::string ? entry.key.text() : std::string_view());
    const auto known = std::ranges::find(properties_, name, &std::pair<std::string, RowSchema>::first);
    const auto below = setting::below(pointer, name);
    if (known != properties_.end()) {
      known->second.check(entry.value, below, reasons);
    } else if (additional_) {
      additional_->check(entry.value, below, reasons);
    }
  }
}

void RowSchema::checkNumber(const Value& value, const std::string& pointer, std::vector<Value>& reasons) const {
  const auto say = [&](std::string_view what, const Value& bound) {
    if (reasons.size() < kMaxReasons) {
      reasons.push_back(Value::string(pointer + ": " + textOf(value) + std::string(what) + textOf(bound)));
    }
  };
  const auto order = [&](const Value& bound) { return compareValues(value, bound); };
  if (minimum_ && order(*minimum_) != Ordering::greater && order(*minimum_) != Ordering::equal)
    say(" is less than ", *minimum_);
  if (maximum_ && order(*maximum_) != Ordering::less && order(*maximum_) != Ordering::equal)
    say(" is more than ", *maximum_);
  if (above_ && order(*above_) != Ordering::greater) say(" is not more than ", *above_);
  if (below_ && order(*below_) != Ordering::less) say(" is not less than ", *below_);
}

void RowSchema::checkLengths(const Value& value, const std::string& pointer, std::vector<Value>& reasons) const {
  const auto say = [&](const std::string& what) {
    if (reasons.size() < kMaxReasons) reasons.push_back(Value::string(pointer + ": " + what));
  };
  if (value.kind() == ValueKind::string) {
    const auto length = charactersOf(value.text());
    if (minLength_ && length < *minLength_) say("is shorter than " + std::to_string(*minLength_));
    if (maxLength_ && length > *maxLength_) say("is longer than " + std::to_string(*maxLength_));
    if (pattern_) {
      regex::Regex::Scratch scratch;
      if (!pattern_->search(value.text(), scratch)) say(textOf(value) + " does not match " + pattern_->pattern());
    }
  }
  if (value.kind() == ValueKind::list) {
    if (minItems_ && value.size() < *minItems_) say("has fewer than " + std::to_string(*minItems_) + " elements");
    if (maxItems_ && value.size() > *maxItems_) say("has more than " + std::to_string(*maxItems_) + " elements");
    std::int64_t index = 0;
    for (const auto& item : value.items()) {
      if (items_) items_->check(item, pointer + "/" + std::to_string(index), reasons);
      ++index;
    }
  }
}

bool RowSchema::holds(const Value& value) const {
  std::vector<Value> reasons;
  check(value, "", reasons);
  return reasons.empty();
}

void RowSchema::checkCombined(const Value& value, const std::string& pointer, std::vector<Value>& reasons) const {
  const auto say = [&](std::string_view what) {
    if (reasons.size() < kMaxReasons) {
      reasons.push_back(Value::string((pointer.empty() ? "/" : pointer) + ": " + std::string(what)));
    }
  };
  for (const auto& part : allOf_) part.check(value, pointer, reasons);
  if (!anyOf_.empty() && std::ranges::none_of(anyOf_, [&](const auto& part) { return part.holds(value); })) {
    say("fits none of the allowed forms");
  }
  if (not_ && not_->holds(value)) say("fits what is not allowed");
}

}  // namespace weir::nodes::validate
