// What samples say about columns.
#include "nodes/files/json-read/read-plan.h"

#include <algorithm>

#include "engine/data/batch-builder.h"
#include "engine/data/value-codec.h"
#include "engine/data/value-json.h"
#include "engine/json/document.h"
#include "engine/text/base64.h"
#include "engine/time/instant.h"

namespace weir::nodes::json_read {
namespace {

constexpr std::size_t kMostDistinct = 512;
constexpr int kDeepestType = 32;
/// A list with one value in so many (or more) that is no object is a list of any values.
constexpr std::int64_t kListMix = 16;

/// Types with nothing known inside hold anything.
bool isOpen(const Type& type, int depth = 0) {
  if (depth > kDeepestType) return true;
  if (type.kind == Kind::null) return true;
  if (type.kind == Kind::list) return isOpen(*type.element, depth + 1);
  if (type.kind != Kind::map) return false;
  if (type.fields.empty()) return true;
  return std::ranges::any_of(type.fields, [&](const Field& field) { return isOpen(*field.type, depth + 1); });
}

bool isNumber(const Type& type) { return type.kind == Kind::int64 || type.kind == Kind::float64; }

bool textFits(const Type& type, Value& value) {
  const auto text = value.text();
  switch (type.kind) {
    case Kind::string:
      return true;
    case Kind::timestamp:
      if (const auto instant = tryParseInstant(text)) {
        value = Value::timestamp(instant->seconds, instant->nanos);
        return true;
      }
      return false;
    case Kind::duration:
      if (const auto span = parseSpan(text)) {
        value = Value::duration(span->seconds, span->nanos);
        return true;
      }
      return false;
    case Kind::bytes:
      if (auto bytes = decodeBase64(text)) {
        value = Value::bytes(*bytes);
        return true;
      }
      return false;
    default:
      return false;
  }
}

bool mapFits(const Type& type, Value& value, std::string& dropped, int depth) {
  if (value.kind() != ValueKind::map) return false;
  std::vector<MapEntry> entries;
  entries.reserve(type.fields.size());
  std::size_t known = 0;
  for (const auto& field : type.fields) {
    const auto* found = value.find(field.name);
    known += found != nullptr ? 1 : 0;
    Value member = found != nullptr ? *found : Value::null();
    if (member.isNull() ? !field.nullable : !coerce(*field.type, member, dropped, depth + 1)) return false;
    entries.push_back({Value::string(field.name), std::move(member)});
  }
  if (known < value.entries().size()) {
    for (const auto& entry : value.entries()) {
      const auto key = entry.key.text();
      if (std::ranges::none_of(type.fields, [&](const Field& field) { return field.name == key; })) dropped = key;
    }
  }
  value = Value::map(std::move(entries));
  return true;
}

/// The digits of a whole number that its double does not hold.
std::string lostDigits(const json::Value& value) {
  const auto digits = value.exactText();
  std::uint64_t whole = 0;
  std::string exact(digits);
  if (value.kind() == json::ValueKind::uint64 && value.toUint64(whole)) {
    exact = std::to_string(whole);
  } else if (digits.empty() || digits.find_first_of(".eE") != std::string_view::npos) {
    return {};
  }
  double rounded = 0;
  static_cast<void>(value.toDouble(rounded));
  std::string again;
  json::appendDouble(again, rounded);
  return again == exact ? std::string() : exact;
}

int depthOf(const Value& value, int most) {
  int deepest = 0;
  if (most <= 0) return 1;
  if (value.kind() == ValueKind::list) {
    for (const auto& item : value.items()) deepest = std::max(deepest, depthOf(item, most - 1));
  } else if (value.kind() == ValueKind::map) {
    for (const auto& entry : value.entries()) deepest = std::max(deepest, depthOf(entry.value, most - 1));
  }
  return deepest + 1;
}

}  // namespace

void keepDigits(const Type& type, json::Value& value) {
  if (auto* items = value.asArray()) {
    if (type.kind != Kind::list && type.kind != Kind::any) return;
    for (auto& item : *items) keepDigits(type.kind == Kind::list ? *type.element : type, item);
  } else if (auto* members = value.asObject()) {
    for (auto& member : *members) {
      if (type.kind == Kind::any) keepDigits(type, member.value);
      if (type.kind != Kind::map) continue;
      const auto field = std::ranges::find(type.fields, member.key, &Field::name);
      if (field != type.fields.end()) keepDigits(*field->type, member.value);
    }
  } else if (type.kind == Kind::any && value.isNumber()) {
    if (auto digits = lostDigits(value); !digits.empty()) value = json::Value(std::move(digits));
  }
}

bool coerce(const Type& type, Value& value, std::string& dropped, int depth) {
  if (value.isNull()) return true;
  switch (type.kind) {
    case Kind::any:
      return depth + depthOf(value, kMaxValueDepth) < kMaxValueDepth;
    case Kind::boolean:
      return value.kind() == ValueKind::boolean;
    case Kind::int64:
      return value.kind() == ValueKind::int64;
    case Kind::uint64:
      if (value.kind() != ValueKind::int64 || value.int64() < 0) return false;
      value = Value::uint64(static_cast<std::uint64_t>(value.int64()));
      return true;
    case Kind::float64:
      if (value.kind() == ValueKind::int64) value = Value::float64(static_cast<double>(value.int64()));
      return value.kind() == ValueKind::float64;
    case Kind::blob:
      return value.kind() == ValueKind::blob;
    case Kind::map:
      return mapFits(type, value, dropped, depth);
    case Kind::tensor:
      return false;
    case Kind::list: {
      if (value.kind() != ValueKind::list) return false;
      std::vector<Value> items(value.items().begin(), value.items().end());
      for (auto& item : items) {
        if (!coerce(*type.element, item, dropped, depth + 1)) return false;
      }
      value = Value::list(std::move(items));
      return true;
    }
    case Kind::null:
      return false;
    case Kind::string:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration:
      return value.kind() == ValueKind::string && textFits(type, value);
  }
  return false;
}

ReadPlan::ReadPlan(const ReadOptions& options) : options_(options) {
  for (const auto& field : options.schema) {
    fields_.push_back({.name = field.name, .type = field.type, .given = true});
    if (field.name == "value") {
      value_.type = field.type;
      value_.given = true;
    }
  }
}

void ReadPlan::learn(std::string_view row, bool ofList) {
  json::ParseOptions options;
  options.duplicateKeys = json::DuplicateKeys::keepLast;
  const auto document = json::parse(row, options);
  if (!document) return;
  const auto value = fromJson(document->root());
  learnField(value_, value);
  if (value.kind() != ValueKind::map) {
    ++others_;
    if (ofList) ++othersOfLists_;
    return;
  }
  ++objects_;
  std::size_t guess = 0;
  for (const auto& entry : value.entries()) {
    const auto name = entry.key.text();
    auto at = fields_.end();
    if (guess < fields_.size() && fields_[guess].name == name) {
      at = fields_.begin() + static_cast<std::ptrdiff_t>(guess);
    } else {
      at = std::ranges::find_if(fields_, [&](const Learned& field) { return field.name == name; });
    }
    if (at == fields_.end()) at = fields_.insert(fields_.end(), Learned{.name = std::string(name), .type = {}});
    guess = static_cast<std::size_t>(at - fields_.begin()) + 1;
    learnField(*at, entry.value);
  }
}

void ReadPlan::learnField(Learned& field, const Value& value) {
  if (value.kind() == ValueKind::string && field.distinct.size() < kMostDistinct) {
    ++field.texts;
    const auto text = value.text();
    if (std::ranges::find(field.distinct, text) == field.distinct.end()) field.distinct.emplace_back(text);
  }
  if (field.given || value.isNull()) return;
  if (depthOf(value, kMaxValueDepth) + 1 >= kMaxValueDepth) field.deep = true;
  auto type = typeOf(value);
  if (!field.type) {
    field.type = std::move(type);
    return;
  }
  if (field.type == type) return;
  auto common = commonType(field.type, type);
  if (common->kind != field.type->kind && !(isNumber(*field.type) && isNumber(*type))) field.mixed = true;
  field.type = std::move(common);
}

PlanColumn ReadPlan::settled(const Learned& field) const {
  PlanColumn column{field.name, field.type ? field.type : Type::any()};
  if (!field.given) {
    if (isOpen(*column.type)) column.type = Type::any();
    column.rawText = field.deep;
    if (field.deep) column.type = Type::string();
    if (field.mixed && options_.onDrift == Drift::string) column.type = Type::string();
    if (options_.onDrift == Drift::widen && column.type->kind == Kind::int64) column.type = Type::float64();
  }
  const auto distinct = static_cast<std::int64_t>(field.distinct.size());
  column.dictionary = column.type->kind == Kind::string && distinct < static_cast<std::int64_t>(kMostDistinct) &&
                      field.texts >= 16 && distinct * 8 <= field.texts;
  return column;
}

void ReadPlan::settle(const FieldSet& needed) {
  // Columns that the person named are those of objects.
  const bool named = std::ranges::any_of(options_.schema, [](const Field& field) { return field.name != "value"; });
  // A stray value among objects is an error row, but a list may well be of mixed values.
  const bool mixed = others_ > objects_ || (othersOfLists_ > 0 && othersOfLists_ * kListMix >= objects_);
  valueRows_ = !named && (objects_ == 0 ? fields_.empty() || value_.given : mixed);
  complete_ = needed.all;
  std::vector<Field> fields;
  const auto add = [&](const Learned& learned) {
    allNames_.push_back(learned.name);
    if (!needed.contains(learned.name)) return;
    auto column = settled(learned);
    fields.push_back({column.name, column.type});
    names_.push_back(column.name);
    emitted_.push_back(std::move(column));
  };
  if (valueRows_) {
    add(value_);
  } else {
    for (const auto& field : fields_) add(field);
  }
  schema_ = Schema::of(std::move(fields));
}

}  // namespace weir::nodes::json_read
