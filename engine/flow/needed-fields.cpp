// The rules by type of node.
#include "engine/flow/needed-fields.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/cel/column/expression.h"
#include "engine/flow/settings-walk.h"

namespace weir::flow {
namespace {

FieldSet ownReads(const BoundNode& node) {
  auto reads = FieldSet::none();
  eachExpression(node, [&](const std::string& source) {
    const auto compiled = cel::Expression::compile(source);
    reads.add(compiled ? compiled->fieldsRead() : FieldSet::everything());
  });
  return reads;
}

void addNames(FieldSet& fields, const json::Value* value) {
  if (value == nullptr) return;
  if (const auto* text = value->asString()) fields.add(*text);
  if (const auto* elements = value->asArray()) {
    for (const auto& element : *elements) {
      addNames(fields, &element);
      addNames(fields, element.find("field"));
    }
  }
}

// Keys of a group: names of fields, or objects whose `of` is an expression.
void addKeys(FieldSet& fields, const json::Value* keys) {
  addNames(fields, keys);
  if (keys == nullptr || keys->asArray() == nullptr) return;
  for (const auto& key : *keys->asArray()) {
    const auto* of = key.find("of");
    if (of != nullptr && of->isString() && !of->asString()->empty()) {
      const auto compiled = cel::Expression::compile(*of->asString());
      fields.add(compiled ? compiled->fieldsRead() : FieldSet::everything());
    } else {
      addNames(fields, key.find("name"));
    }
  }
}

bool isOneOf(std::string_view id, std::initializer_list<std::string_view> ids) {
  return std::ranges::find(ids, id) != ids.end();
}

// The names that `rename` gives belong to fields of other names; all that is named must be there to be renamed or kept.
FieldSet takenByMap(const BoundNode& node, const FieldSet& through) {
  auto reads = ownReads(node);
  const auto* set = node.settings.find("set");
  const auto* rename = node.settings.find("rename");
  const auto* keep = node.settings.find("keep");
  addNames(reads, node.settings.find("drop"));
  addNames(reads, keep);
  if (rename != nullptr && rename->isObject()) {
    for (const auto& member : *rename->asObject()) {
      reads.add(member.key);
      addNames(reads, &member.value);
    }
  }
  const bool keeps = keep != nullptr && keep->count() > 0;
  if (keeps) return reads;
  if (through.all) return FieldSet::everything();
  for (const auto& name : through.names) {
    const bool made = set != nullptr && set->find(name) != nullptr;
    if (!made) reads.add(name);
  }
  return reads;
}

// Rows: what passes, and their keys. Lookup: its keys, and what is added, by the names it has there.
FieldSet takenByJoin(const BoundNode& node, Port input, const FieldSet& through) {
  auto reads = FieldSet::none();
  if (input == 0) {
    reads = through;
    addNames(reads, node.settings.find("keys"));
    return reads;
  }
  const auto* select = node.settings.find("select");
  const bool chosen = select != nullptr && select->count() > 0;
  if (!chosen && through.all) return FieldSet::everything();
  if (const auto* keys = node.settings.find("keys"); keys != nullptr && keys->asArray() != nullptr) {
    for (const auto& key : *keys->asArray()) {
      const auto* there = key.find("lookup");
      addNames(reads, there != nullptr && there->isString() && !there->asString()->empty() ? there : key.find("field"));
    }
  }
  if (chosen) {
    addNames(reads, select);
    return reads;
  }
  const auto* prefix = node.settings.find("prefix");
  const std::string_view before = prefix != nullptr && prefix->isString() ? *prefix->asString() : std::string_view{};
  for (const std::string_view name : through.names) {
    if (name.starts_with(before)) reads.add(name.substr(before.size()));
  }
  return reads;
}

bool hasContext(const BoundNode& node) {
  return std::ranges::any_of(std::array{"contextBefore", "contextAfter"}, [&](const char* name) {
    const auto* value = node.settings.find(name);
    return value != nullptr && !(*value == json::Value(0));
  });
}

// Everything that passes, and besides it expressions, `field` and `keys`.
bool passesRows(const BoundNode& node) {
  const std::string_view id = node.type->id;
  if (id == "aggregate/distinct") {
    const auto* keys = node.settings.find("keys");
    return keys != nullptr && keys->count() > 0;  // without keys it compares whole rows
  }
  return isOneOf(
      id, {"logic/filter", "logic/switch", "flow/limit", "flow/throttle", "flow/merge", "flow/split", "flow/delay",
           "flow/debounce", "flow/deduplicate", "flow/rate-limit", "aggregate/sort", "text/grep", "text/parse"});
}

}  // namespace

FieldSet fieldsTaken(const BoundNode& node, Port input, std::span<const FieldSet> neededOfOutputs) {
  auto through = FieldSet::none();
  for (const auto& needed : neededOfOutputs) through.add(needed);
  if (node.node.bypass) return neededOfOutputs.front();
  const auto& error = neededOfOutputs.back();
  if (error.all || !error.names.empty()) return FieldSet::everything();  // an error packet holds the row
  const std::string_view id = node.type->id;
  if (id == "logic/map") return takenByMap(node, through);
  if (id == "data/join") return takenByJoin(node, input, through);
  auto reads = ownReads(node);
  if (id == "aggregate/group") {
    addKeys(reads, node.settings.find("keys"));
    return reads;
  }
  if (id == "aggregate/window") {
    addKeys(reads, node.settings.find("keys"));
    reads.add(neededOfOutputs[1]);  // late rows go on as they came
    return reads;
  }
  if (passesRows(node)) {
    reads.add(through);
    if (id == "text/grep" && hasContext(node)) reads.add("file");  // context ends where a file does
    addNames(reads, node.settings.find("field"));
    addNames(reads, node.settings.find("keys"));
    return reads;
  }
  if (isOneOf(id, {"files/text-write", "files/blob-write"})) {
    addNames(reads, node.settings.find("field"));
    return reads;
  }
  return FieldSet::everything();
}

}  // namespace weir::flow
