// Types of values, and the schema of rows that may disagree.
#include <algorithm>
#include <map>

#include "engine/data/batch-builder.h"

namespace weir {
namespace {

/// Deeper than this everything is `any`.
constexpr int kMaxInferenceDepth = 24;

TypeRef common(const TypeRef& a, const TypeRef& b, int depth);

TypeRef commonMap(const TypeRef& a, const TypeRef& b, int depth) {
  auto fields = a->fields;
  std::map<std::string, std::size_t, std::less<>> byName;
  for (std::size_t i = 0; i < fields.size(); ++i) byName.emplace(fields[i].name, i);
  std::vector<bool> seen(fields.size(), false);
  const auto known = fields.size();
  for (const auto& other : b->fields) {
    const auto at = byName.find(other.name);
    if (at == byName.end()) {
      fields.push_back(other);
      fields.back().nullable = true;
      continue;
    }
    auto& mine = fields[at->second];
    mine.nullable = mine.nullable || other.nullable || mine.type->kind == Kind::null || other.type->kind == Kind::null;
    mine.type = common(mine.type, other.type, depth + 1);
    seen[at->second] = true;
  }
  for (std::size_t i = 0; i < known; ++i) fields[i].nullable = fields[i].nullable || !seen[i];
  return Type::map(std::move(fields));
}

TypeRef common(const TypeRef& a, const TypeRef& b, int depth) {
  if (a == b) return a;
  if (a->kind == Kind::null) return b;
  if (b->kind == Kind::null) return a;
  const auto number = [](Kind kind) { return kind == Kind::int64 || kind == Kind::uint64 || kind == Kind::float64; };
  if (number(a->kind) && number(b->kind) && (a->kind == Kind::float64 || b->kind == Kind::float64))
    return Type::float64();
  if (a->kind != b->kind || depth > kMaxInferenceDepth) return Type::any();
  if (a->kind == Kind::timestamp) return Type::timestamp(TimeUnit::nanos);
  if (a->kind == Kind::duration) return Type::duration(TimeUnit::nanos);
  if (a->kind == Kind::list) return Type::list(common(a->element, b->element, depth + 1));
  if (a->kind == Kind::map) return commonMap(a, b, depth);
  return Type::any();
}

TypeRef inferred(const Value& value, int depth) {
  if (depth > kMaxInferenceDepth) return Type::any();
  switch (value.kind()) {
    case ValueKind::null:
      return Type::null();
    case ValueKind::boolean:
      return Type::boolean();
    case ValueKind::int64:
      return Type::int64();
    case ValueKind::uint64:
      return Type::uint64();
    case ValueKind::float64:
      return Type::float64();
    case ValueKind::string:
      return Type::string();
    case ValueKind::bytes:
      return Type::bytes();
    case ValueKind::blob:
      return Type::blob();
    case ValueKind::timestamp:
      return Type::timestamp(value.nanos() % 1000 != 0 ? TimeUnit::nanos : TimeUnit::micros);
    case ValueKind::duration:
      return Type::duration(value.nanos() % 1000 != 0 ? TimeUnit::nanos : TimeUnit::micros);
    case ValueKind::list: {
      auto element = Type::null();
      for (const auto& item : value.items()) {
        element = common(element, inferred(item, depth + 1), depth + 1);
        if (element->kind == Kind::any) break;
      }
      return Type::list(std::move(element));
    }
    case ValueKind::map: {
      std::vector<Field> fields;
      for (const auto& entry : value.entries()) {
        if (entry.key.kind() != ValueKind::string) return Type::any();
        auto type = inferred(entry.value, depth + 1);
        const bool absent = type->kind == Kind::null || type->kind == Kind::any;
        fields.push_back({.name = std::string(entry.key.text()), .type = std::move(type), .nullable = absent});
      }
      return Type::map(std::move(fields));
    }
    case ValueKind::type:
    case ValueKind::optional:
    case ValueKind::opaque:
      return Type::any();
  }
  return Type::any();
}

}  // namespace

TypeRef commonType(const TypeRef& a, const TypeRef& b) { return common(a, b, 0); }

TypeRef typeOf(const Value& value) { return inferred(value, 0); }

Result<Batch> batchOfRows(std::span<const Value> rows, MemoryAccount& account) {
  auto type = Type::map({});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto found = typeOf(rows[i]);
    if (found->kind != Kind::map)
      return fail("schema.mismatch", "Row " + std::to_string(i + 1) + " is not a map with text keys; found " +
                                         std::string(rows[i].typeText()) + ".");
    type = i == 0 ? std::move(found) : commonType(type, found);
  }
  BatchBuilder builder(Schema::of(type->fields), account);
  for (const auto& row : rows) WEIR_TRY(builder.appendRow(row));
  return builder.finish();
}

}  // namespace weir
