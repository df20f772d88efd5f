// The rules by type of node.
#include "engine/flow/known-fields.h"

#include <algorithm>
#include <utility>

#include "engine/cel/column/expression.h"
#include "engine/regex/regex.h"

namespace weir::flow {
namespace {

bool isOneOf(std::string_view id, std::initializer_list<std::string_view> ids) {
  return std::ranges::find(ids, id) != ids.end();
}

std::string_view textOf(const json::Value& object, std::string_view name) {
  const auto* found = object.find(name);
  return found != nullptr && found->isString() ? std::string_view(*found->asString()) : std::string_view{};
}

bool flagOf(const json::Value& object, std::string_view name) {
  const auto* found = object.find(name);
  return found != nullptr && found->asBool() != nullptr && *found->asBool();
}

/// The texts of a list; other elements are left out.
std::vector<std::string_view> textsOf(const json::Value& object, std::string_view name) {
  std::vector<std::string_view> texts;
  const auto* found = object.find(name);
  if (found == nullptr || found->asArray() == nullptr) return texts;
  for (const auto& element : *found->asArray()) {
    if (element.isString()) texts.emplace_back(*element.asString());
  }
  return texts;
}

std::span<const json::Value> elementsOf(const json::Value& object, std::string_view name) {
  const auto* found = object.find(name);
  if (found == nullptr || found->asArray() == nullptr) return {};
  return *found->asArray();
}

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

TypeRef typeIn(const KnownRows& rows, std::string_view name) {
  const auto* field = rows.find(name);
  return field != nullptr ? field->type : Type::any();
}

TypeRef typeOfExpression(const std::string& source, const KnownRows& rows, const Value* params) {
  cel::ExpressionOptions options;
  options.params = params;
  const auto compiled = cel::Expression::compile(source, options);
  if (!compiled) return Type::any();
  const auto schema = rows.schemaFor(compiled->fieldsRead());
  if (schema == nullptr) return Type::any();
  auto type = compiled->typeFor(schema);
  return type && *type ? *type : Type::any();
}

/// Of the setting `schema` of a reader: a list of {name, type}, an object, or a text.
KnownRows givenSchema(const json::Value& settings) {
  KnownRows rows;
  const auto* schema = settings.find("schema");
  if (schema == nullptr) return rows;
  const auto add = [&](std::string_view name, std::string_view type) {
    if (type.ends_with('?')) type.remove_suffix(1);
    if (const auto parsed = parseTypeName(type)) rows.place(name, parsed);
  };
  if (const auto* text = schema->asString()) {
    const auto type = parseTypeName(text->starts_with('{') ? "map" + *text : *text);
    if (type && type->kind == Kind::map) {
      for (const auto& field : type->fields) rows.place(field.name, field.type);
    }
  } else if (const auto* members = schema->asObject()) {
    for (const auto& member : *members) {
      if (member.value.isString()) add(member.key, *member.value.asString());
    }
  } else if (const auto* list = schema->asArray()) {
    for (const auto& element : *list) add(textOf(element, "name"), textOf(element, "type"));
  }
  return rows;
}

KnownRows ofMap(const json::Value& settings, const KnownRows& in, const Value* params) {
  const auto drop = textsOf(settings, "drop"), keep = textsOf(settings, "keep");
  const auto* rename = settings.find("rename");
  const auto nameOf = [&](std::string_view name) {
    const auto renamed = rename != nullptr ? textOf(*rename, name) : std::string_view{};
    return renamed.empty() ? name : renamed;
  };
  KnownRows out;
  out.closed = in.closed || !keep.empty();
  for (const auto& field : in.fields) {
    if (contains(drop, field.name) || (!keep.empty() && !contains(keep, field.name))) continue;
    out.place(nameOf(field.name), field.type);
  }
  for (const auto name : keep) {
    if (in.find(name) == nullptr && !contains(drop, name)) out.place(nameOf(name), Type::any());
  }
  const auto* set = settings.find("set");
  if (set == nullptr || set->asObject() == nullptr) return out;
  for (const auto& member : *set->asObject()) {
    const auto* source = member.value.asString();
    out.place(member.key, source != nullptr ? typeOfExpression(*source, in, params) : Type::any());
  }
  return out;
}

KnownRows ofGroup(const json::Value& settings, const KnownRows& in) {
  KnownRows out;
  out.closed = true;
  for (const auto& key : elementsOf(settings, "keys")) {
    const auto name = key.isString() ? std::string_view(*key.asString()) : textOf(key, "name");
    const bool plain = key.isString() || textOf(key, "of").empty();
    out.place(name, plain ? typeIn(in, name) : Type::any());
  }
  for (const auto& measure : elementsOf(settings, "measures")) {
    const auto function = textOf(measure, "function");
    auto type = Type::any();
    if (function.starts_with("count")) type = Type::int64();
    if (isOneOf(function, {"mean", "stddev", "variance", "quantile"})) type = Type::float64();
    out.place(textOf(measure, "name"), std::move(type));
  }
  return out;
}

KnownRows ofWindow(const json::Value& settings, const KnownRows& in) {
  KnownRows out;
  out.closed = true;
  out.place("windowStart", Type::timestamp());
  out.place("windowEnd", Type::timestamp());
  const auto* early = settings.find("earlyEvery");
  const bool never = early == nullptr || early->isNull() || *early == json::Value(0);
  if (!never) out.place("windowFinal", Type::boolean());
  for (const auto& field : ofGroup(settings, in).fields) out.place(field.name, field.type);
  return out;
}

KnownRows ofJoin(const json::Value& settings, Port output, const KnownRows& rows, const KnownRows& lookup) {
  if (output != 0 || isOneOf(textOf(settings, "kind"), {"semi", "anti"})) return rows;
  const auto select = textsOf(settings, "select");
  const std::string prefix(textOf(settings, "prefix"));
  KnownRows out = rows;
  const auto add = [&](std::string_view name) {
    const auto added = prefix + std::string(name);
    out.place(added, out.find(added) != nullptr ? Type::any() : typeIn(lookup, name));
  };
  for (const auto name : select) add(name);
  if (!select.empty()) return out;
  out.closed = rows.closed && lookup.closed;
  std::vector<std::string_view> keys;
  for (const auto& key : elementsOf(settings, "keys")) {
    const auto there = textOf(key, "lookup");
    keys.push_back(there.empty() ? textOf(key, "field") : there);
  }
  for (const auto& field : lookup.fields) {
    if (!contains(keys, field.name)) add(field.name);
  }
  return out;
}

KnownRows ofSplit(const json::Value& settings, const KnownRows& in) {
  const auto name = textOf(settings, "field");
  const auto as = textOf(settings, "as").empty() ? name : textOf(settings, "as");
  const auto index = textOf(settings, "index");
  KnownRows out;
  out.closed = in.closed;
  for (const auto& field : in.fields) {
    if (field.name != name) {
      out.place(field.name, field.type);
    } else {
      out.place(as, field.type->kind == Kind::list && field.type->element ? field.type->element : Type::any());
    }
  }
  if (in.find(name) == nullptr) out.place(as, Type::any());
  if (!index.empty()) out.place(index, Type::int64());
  return out;
}

KnownRows ofParse(const json::Value& settings, const KnownRows& in) {
  const auto pattern = regex::Regex::compile(textOf(settings, "pattern"));
  KnownRows out;
  if (flagOf(settings, "keepFields")) out = in;
  if (!pattern) return {};
  if (!flagOf(settings, "keepFields")) out.closed = true;
  for (const auto& name : pattern->groupNames()) {
    if (name.empty()) continue;
    auto type = Type::string();
    for (const auto& given : elementsOf(settings, "fields")) {
      if (textOf(given, "name") == name) {
        const auto parsed = parseTypeName(textOf(given, "type"));
        type = parsed ? parsed : Type::any();
      }
    }
    out.place(name, std::move(type));
  }
  return out;
}

}  // namespace

const Field* KnownRows::find(std::string_view name) const {
  const auto at = std::ranges::find(fields, name, &Field::name);
  return at != fields.end() ? &*at : nullptr;
}

void KnownRows::place(std::string_view name, TypeRef type) {
  const auto at = std::ranges::find(fields, name, &Field::name);
  if (at == fields.end()) {
    fields.push_back(Field{std::string(name), std::move(type)});
  } else {
    at->type = std::move(type);
  }
}

void KnownRows::join(const KnownRows& other) {
  closed = closed && other.closed;
  for (auto& field : fields) {
    const auto* there = other.find(field.name);
    if (there == nullptr || there->type != field.type) field.type = Type::any();
  }
  for (const auto& field : other.fields) {
    if (find(field.name) == nullptr) place(field.name, Type::any());
  }
}

SchemaRef KnownRows::schemaFor(const FieldSet& reads) const {
  const bool known =
      closed ||
      (!reads.all && std::ranges::all_of(reads.names, [&](const std::string& name) { return find(name) != nullptr; }));
  return known ? Schema::of(fields) : nullptr;
}

KnownRows rowsTransformed(const std::string& transform, const KnownRows& rows, const Value* params) {
  const auto type = typeOfExpression(transform, rows, params);
  KnownRows out;
  if (type->kind != Kind::map) return out;
  out.closed = true;
  for (const auto& field : type->fields) out.place(field.name, field.type ? field.type : Type::any());
  return out;
}

KnownRows rowsGiven(const BoundNode& node, Port output, std::span<const KnownRows> inputs, const Value* params) {
  const auto& type = *node.type;
  const std::string_view id = type.id;
  if (node.node.bypass) return output == 0 && !inputs.empty() ? inputs.front() : KnownRows{};
  if (output + 1U >= node.outputs.size()) return {};  // errors
  if (isOneOf(id, {"files/csv-read", "files/json-read"})) return givenSchema(node.settings);
  if (type.cardinality == Cardinality::source || inputs.empty()) {
    KnownRows out;
    for (const auto& field : node.outputs[output].fields) out.place(field.name, field.type ? field.type : Type::any());
    out.closed = type.cardinality == Cardinality::source && !out.fields.empty();
    return out;
  }
  const auto& in = inputs.front();
  if (isOneOf(id, {"logic/filter", "logic/switch", "flow/limit", "flow/throttle", "flow/delay", "flow/debounce",
                   "flow/deduplicate", "flow/rate-limit", "aggregate/sort", "aggregate/distinct", "debug/log"})) {
    return in;
  }
  if (id == "flow/merge") {
    auto out = in;
    for (const auto& other : inputs.subspan(1)) out.join(other);
    return out;
  }
  if (id == "logic/map") return ofMap(node.settings, in, params);
  if (id == "aggregate/group") return ofGroup(node.settings, in);
  if (id == "aggregate/window") return output == 0 ? ofWindow(node.settings, in) : in;
  if (id == "data/join" && inputs.size() > 1) return ofJoin(node.settings, output, in, inputs[1]);
  if (id == "flow/split") return ofSplit(node.settings, in);
  if (id == "text/parse") return ofParse(node.settings, in);
  if (id == "logic/validate" || id == "text/grep") {
    auto out = in;
    if (id == "logic/validate" && output == 1) out.place(textOf(node.settings, "reasons"), Type::list(Type::string()));
    if (id == "text/grep" && output == 0) out.place("group", Type::any());  // there only with context
    return out;
  }
  KnownRows out;
  for (const auto& field : node.outputs[output].fields) out.place(field.name, field.type ? field.type : Type::any());
  return out;
}

}  // namespace weir::flow
